/** Reads csv and tsv: skips the first lines, takes the header, and hands on batches of columns. */
import { InvalidInputError } from '@isotherm/errors';
import type { DelimitedFormat } from '../spec/ingestion-spec.ts';
import type { DelimitedRecords, RecordFault } from './delimited-records.ts';
import { scanRecords } from './delimited-records.ts';
import type { BadRowSink, InputBatch, InputColumn } from './input-batch.ts';

/** Rows of one batch at most. */
const batchRows = 16_384;
/** A record longer than this has a quote that is never closed. */
const maxRecordBytes = 64 << 20;

/**
 * @param file     as messages name it
 * @param isWanted tells of a column whether anything reads it
 * @throws InvalidInputError code BAD_HEADER or RECORD_TOO_LONG
 */
export async function* readDelimited(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  format: DelimitedFormat,
  isWanted: (column: string) => boolean,
  bad: BadRowSink,
): AsyncGenerator<InputBatch> {
  const rules = { delimiter: format.delimiter.charCodeAt(0), hasQuotes: format.type === 'csv' };
  const fault = (line: number, reason: string, lineCount: number): void =>
    bad.add(file, line, reason, lineCount);
  let columns = format.columns;
  let skip = format.skipHeaderRows;
  let position = { at: 0, line: 1 };
  let spare: DelimitedRecords | null = null;
  for await (const { bytes, isLast } of joinRecords(chunks, () => position, file)) {
    position = { at: 0, line: position.line };
    for (; skip > 0; skip--) {
      const next = skipLine(bytes, position, isLast);
      if (next === null) break;
      position = next;
    }
    if (skip > 0) continue;
    if (columns === null) {
      const header = readHeader(bytes, position, rules, isLast, file);
      if (header === null) continue;
      columns = header.columns;
      position = header.position;
    }
    const wanted = columns.map(isWanted);
    for (;;) {
      const records = scanRecords(bytes, position, wanted, rules, isLast, batchRows, fault, spare);
      spare = records;
      const isDone = records.consumed === position.at;
      position = { at: records.consumed, line: records.nextLine };
      if (records.rowCount > 0) yield batchOf(file, bytes, columns, records, format);
      if (isDone || position.at >= bytes.length) break;
    }
  }
  if (columns === null && format.hasHeader) {
    throw new InvalidInputError(
      `Input file "${file}" has no header. Expected a first line with the names of the columns.`,
      { code: 'BAD_HEADER' },
    );
  }
}

/**
 * Puts what is left of a chunk before the next one; strips the byte order mark. A record that is larger
 * than a chunk is tried again only when twice as many bytes are there, so that its length costs no square.
 */
async function* joinRecords(
  chunks: AsyncIterable<Uint8Array>,
  consumed: () => Position,
  file: string,
): AsyncGenerator<{ bytes: Uint8Array; isLast: boolean }> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let enoughBytes = 0;
  let isFirst = true;
  for await (const chunk of chunks) {
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes < enoughBytes) continue;
    const joined: Uint8Array = held.length === 1 ? chunk : Buffer.concat(held);
    const bytes: Uint8Array = isFirst ? withoutMark(joined) : joined;
    isFirst = isFirst && bytes.length < 3;
    yield { bytes, isLast: false };
    const { at, line } = consumed();
    held = [bytes.subarray(at)];
    heldBytes = bytes.length - at;
    enoughBytes = at === 0 ? 2 * heldBytes : 0;
    if (heldBytes > maxRecordBytes) throw tooLong(file, line);
  }
  if (heldBytes > 0) {
    const rest = Buffer.concat(held);
    yield { bytes: isFirst ? withoutMark(rest) : rest, isLast: true };
  }
}

function tooLong(file: string, line: number): InvalidInputError {
  return new InvalidInputError(
    `Input file "${file}" has a record of more than ${maxRecordBytes >> 20} MiB that starts in line ${line}. Expected lines; close its quote, if it has one.`,
    { code: 'RECORD_TOO_LONG' },
  );
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return hasMark ? bytes.subarray(3) : bytes;
}

interface Position {
  readonly at: number;
  readonly line: number;
}

function skipLine(bytes: Uint8Array, from: Position, isLast: boolean): Position | null {
  const end = bytes.indexOf(0x0a, from.at);
  if (end < 0) return isLast ? { at: bytes.length, line: from.line + 1 } : null;
  return { at: end + 1, line: from.line + 1 };
}

function readHeader(
  bytes: Uint8Array,
  from: Position,
  rules: { readonly delimiter: number; readonly hasQuotes: boolean },
  isLast: boolean,
  file: string,
): { columns: string[]; position: Position } | null {
  const lineEnd = bytes.indexOf(0x0a, from.at);
  const limit = lineEnd < 0 ? bytes.length : lineEnd;
  let columnCount = 1;
  for (let at = from.at; at < limit; at++) if (bytes[at] === rules.delimiter) columnCount++;
  const wanted = Array.from({ length: columnCount }, () => true);
  const records = scanRecords(bytes, from, wanted, rules, isLast, 1, headerFault(file), null);
  if (records.rowCount === 0) return null;
  const columns = records.starts.flatMap((starts, field) => {
    const [start, end] = [starts?.[0] ?? -1, records.ends[field]?.[0] ?? 0];
    return start < 0 ? [''] : [Buffer.from(bytes.subarray(start, end)).toString()];
  });
  // A quoted name may hold delimiters: then the count above was too high.
  while (columns.at(-1) === '') columns.pop();
  if (columns.some((name) => name.includes('\r'))) throw onlyReturns(file);
  checkDistinct(columns, file);
  return { columns, position: { at: records.consumed, line: records.nextLine } };
}

function headerFault(file: string): RecordFault {
  return (_, reason) => {
    throw new InvalidInputError(`The header of input file "${file}" cannot be read. ${reason}`, {
      code: 'BAD_HEADER',
    });
  };
}

function onlyReturns(file: string): InvalidInputError {
  return new InvalidInputError(
    `The header of input file "${file}" holds carriage returns. Expected lines that end in a line feed, with or without a carriage return before it. Convert the file.`,
    { code: 'BAD_HEADER' },
  );
}

function checkDistinct(columns: readonly string[], file: string): void {
  const twice = columns.find((name, index) => name !== '' && columns.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new InvalidInputError(
    `The header of input file "${file}" names column "${twice}" twice. Expected each name once.`,
    { code: 'BAD_HEADER' },
  );
}

function batchOf(
  file: string,
  bytes: Uint8Array,
  columns: readonly string[],
  records: DelimitedRecords,
  format: DelimitedFormat,
): InputBatch {
  const listDelimiter = format.listDelimiter.charCodeAt(0);
  return {
    file,
    rowCount: records.rowCount,
    line: (row) => records.lines[row],
    columnNames: () => columns.filter((name) => name !== ''),
    column(name): InputColumn | null {
      const field = columns.indexOf(name);
      const starts = records.starts[field] ?? null;
      const ends = records.ends[field] ?? null;
      if (starts === null || ends === null) return null;
      return { type: 'text', bytes, starts, ends, listDelimiter, words: null };
    },
  };
}
