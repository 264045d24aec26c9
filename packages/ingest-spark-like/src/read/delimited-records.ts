/**
 * Cuts delimited text into fields, in bytes. Fields are places in the buffer, so no text is made:
 *
 *   a,"b ""x""",,""⏎     →   starts  0  3  -1  14      -1 = null (nothing between two delimiters)
 *                            ends    1  8      14      an escaped quote is squeezed out in place
 *
 * csv follows RFC 4180 with `\n` or `\r\n`; a quoted field may hold delimiters and line ends. tsv has no
 * quotes. Only the columns that are wanted are kept.
 */
import { isUtf8 } from 'node:buffer';

/** What a scan of one buffer found. Arrays have room for more rows than there are. */
export interface DelimitedRecords {
  rowCount: number;
  /** Shape [columnCount][rows]; null for a column that is not wanted. */
  readonly starts: readonly (Int32Array | null)[];
  readonly ends: readonly (Int32Array | null)[];
  readonly lines: Int32Array;
  /** Bytes that whole records took; the rest belongs before the next chunk. */
  consumed: number;
  /** Line of the first byte that was not consumed. */
  nextLine: number;
}

/** How the text is cut. `delimiter` is a byte. */
export interface DelimitedRules {
  readonly delimiter: number;
  readonly hasQuotes: boolean;
}

/** A record that cannot be read. A quote out of place swallows lines: they are counted, for each may be a row. */
export type RecordFault = (line: number, reason: string, lineCount: number) => void;

const quote = 0x22;
const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Scans whole records.
 *
 * @param bytes    changed in place where quotes are escaped
 * @param wanted   per column whether its places are kept
 * @param isLast   no bytes follow: the last record may lack its line end
 * @param maxRows  stops after so many rows
 * @param spare    what an earlier scan with equal `wanted` and `maxRows` gave, to be overwritten; null = none
 */
export function scanRecords(
  bytes: Uint8Array,
  first: { readonly at: number; readonly line: number },
  wanted: readonly boolean[],
  rules: DelimitedRules,
  isLast: boolean,
  maxRows: number,
  fault: RecordFault,
  spare: DelimitedRecords | null,
): DelimitedRecords {
  const records: DelimitedRecords = {
    rowCount: 0,
    starts: spare?.starts ?? wanted.map((isWanted) => (isWanted ? new Int32Array(maxRows) : null)),
    ends: spare?.ends ?? wanted.map((isWanted) => (isWanted ? new Int32Array(maxRows) : null)),
    lines: spare?.lines ?? new Int32Array(maxRows),
    consumed: first.at,
    nextLine: first.line,
  };
  const isValid = isUtf8(bytes);
  while (records.rowCount < maxRows && records.consumed < bytes.length) {
    const start = records.consumed;
    const record =
      scanPlainRecord(bytes, start, records, rules) ??
      scanRecord(bytes, start, records, rules, isLast);
    if (record === null) break;
    const line = records.nextLine;
    records.consumed = record.end;
    records.nextLine = line + record.lineEnds;
    if (record.isEmpty) continue;
    const isText = isValid || isUtf8(bytes.subarray(start, record.end));
    const reason = isText ? record.reason : 'The text is not UTF-8.';
    if (reason !== null) fault(line, reason, Math.max(1, records.nextLine - line));
    else records.lines[records.rowCount++] = line;
  }
  return records;
}

/** Where the scan of a record stands; one object a call, so that fields cost no allocation. */
interface Cursor {
  at: number;
  /** Line ends passed inside quotes. */
  lineEnds: number;
  field: number;
  /** The field just passed: bytes[from, to). */
  from: number;
  to: number;
  isNull: boolean;
  hasEscapes: boolean;
  reason: string | null;
  /** Columns of this record whose doubled quotes are still to be squeezed. */
  readonly escaped: number[];
}

interface ScannedRecord {
  /** Behind the line end. */
  readonly end: number;
  readonly lineEnds: number;
  readonly isEmpty: boolean;
  readonly reason: string | null;
}

/**
 * The usual record in one tight loop: no quotes, as many columns as expected, its line end at hand. Null
 * for any other, which `scanRecord` then reads from its start.
 */
function scanPlainRecord(
  bytes: Uint8Array,
  start: number,
  records: DelimitedRecords,
  rules: DelimitedRules,
): ScannedRecord | null {
  const { delimiter, hasQuotes } = rules;
  const { starts, ends, rowCount: row } = records;
  const last = starts.length - 1;
  const opening = hasQuotes ? quote : -1;
  let from = start;
  let field = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === delimiter) {
      if (field >= last) return null;
    } else if (byte === newline) {
      if (field !== last || last === 0) return null;
    } else if (byte === opening && at === from) return null;
    else continue;
    const to = byte === newline && at > from && bytes[at - 1] === carriageReturn ? at - 1 : at;
    const columnStarts = starts[field];
    const columnEnds = ends[field];
    if (columnStarts !== null && columnEnds !== null) {
      columnStarts[row] = to === from ? -1 : from;
      columnEnds[row] = to;
    }
    if (byte === newline) return { end: at + 1, lineEnds: 1, isEmpty: false, reason: null };
    field++;
    from = at + 1;
  }
  return null;
}

/** Null when the record goes on in the next chunk; then nothing was changed. */
function scanRecord(
  bytes: Uint8Array,
  start: number,
  records: DelimitedRecords,
  rules: DelimitedRules,
  isLast: boolean,
): ScannedRecord | null {
  const cursor: Cursor = {
    at: start,
    lineEnds: 0,
    field: 0,
    from: start,
    to: start,
    isNull: false,
    hasEscapes: false,
    reason: null,
    escaped: [],
  };
  for (;;) {
    const isClosed = scanField(bytes, cursor, rules);
    if (!isLast && (!isClosed || cursor.at >= bytes.length)) return null;
    if (!isClosed) cursor.reason ??= `Column ${cursor.field + 1} has a quote that is not closed.`;
    keepField(records, cursor);
    cursor.field++;
    if (cursor.at < bytes.length && bytes[cursor.at] === rules.delimiter) cursor.at++;
    else return finishRecord(bytes, records, cursor);
  }
}

/** Passes one field; false when its quote is not closed in this buffer. */
function scanField(bytes: Uint8Array, cursor: Cursor, rules: DelimitedRules): boolean {
  const { delimiter, hasQuotes } = rules;
  cursor.hasEscapes = false;
  if (hasQuotes && bytes[cursor.at] === quote) return scanQuoted(bytes, cursor, delimiter);
  const from = cursor.at;
  let at = from;
  while (at < bytes.length && bytes[at] !== delimiter && bytes[at] !== newline) at++;
  const endsLine = at >= bytes.length || bytes[at] === newline;
  cursor.from = from;
  cursor.to = endsLine && at > from && bytes[at - 1] === carriageReturn ? at - 1 : at;
  cursor.isNull = cursor.to === from;
  cursor.at = at;
  return true;
}

function scanQuoted(bytes: Uint8Array, cursor: Cursor, delimiter: number): boolean {
  let close = cursor.at + 1;
  cursor.from = close;
  cursor.isNull = false;
  for (;;) {
    while (close < bytes.length && bytes[close] !== quote) {
      if (bytes[close] === newline) cursor.lineEnds++;
      close++;
    }
    if (close >= bytes.length) {
      cursor.at = bytes.length;
      cursor.to = bytes.length;
      return false;
    }
    if (bytes[close + 1] !== quote) break;
    cursor.hasEscapes = true;
    close += 2;
  }
  cursor.to = close;
  let at = close + 1;
  if (bytes[at] === carriageReturn && (at + 1 >= bytes.length || bytes[at + 1] === newline)) at++;
  while (at < bytes.length && bytes[at] !== delimiter && bytes[at] !== newline) {
    cursor.reason ??= `Column ${cursor.field + 1} has text behind its closing quote.`;
    at++;
  }
  cursor.at = at;
  return true;
}

function keepField(records: DelimitedRecords, cursor: Cursor): void {
  const { field } = cursor;
  const columnCount = records.starts.length;
  if (field >= columnCount) {
    // A delimiter at the end of the line, as dbgen writes it, is no column.
    if (!cursor.isNull) {
      cursor.reason ??= `The row has more than the ${columnCount} columns that are expected.`;
    }
    return;
  }
  const starts = records.starts[field];
  const ends = records.ends[field];
  if (starts === null || ends === null) return;
  starts[records.rowCount] = cursor.isNull ? -1 : cursor.from;
  ends[records.rowCount] = cursor.to;
  if (cursor.hasEscapes) cursor.escaped.push(field);
}

function finishRecord(bytes: Uint8Array, records: DelimitedRecords, cursor: Cursor): ScannedRecord {
  const row = records.rowCount;
  const isEmpty = cursor.field === 1 && cursor.isNull;
  for (let field = cursor.field; field < records.starts.length; field++) {
    const starts = records.starts[field];
    if (starts !== null) starts[row] = -1;
  }
  for (const field of cursor.escaped) {
    const starts = records.starts[field];
    const ends = records.ends[field];
    if (starts !== null && ends !== null) ends[row] = squeeze(bytes, starts[row], ends[row]);
  }
  const hasEnd = cursor.at < bytes.length;
  return {
    end: hasEnd ? cursor.at + 1 : bytes.length,
    lineEnds: cursor.lineEnds + (hasEnd ? 1 : 0),
    isEmpty,
    reason: cursor.reason,
  };
}

/** Moves text left over doubled quotes; returns its new end. */
function squeeze(bytes: Uint8Array, start: number, end: number): number {
  let to = start;
  for (let from = start; from < end; from++) {
    if (bytes[from] === quote) from++;
    bytes[to++] = bytes[from];
  }
  return to;
}
