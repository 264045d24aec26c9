/**
 * Reads JSON, one object a line. Whole numbers of 16 digits and more stay exact: lines that hold such a run
 * of digits are parsed with the source text of each number at hand.
 */
import { isUtf8 } from 'node:buffer';
import { InvalidInputError } from '@isotherm/errors';
import type { FlattenSpec } from '../spec/ingestion-spec.ts';
import { type BadRowSink, type InputBatch, type InputColumn, WholeDouble } from './input-batch.ts';

const batchRows = 8192;
/** A line longer than this is no row. */
const maxLineBytes = 64 << 20;

type JsonRow = Readonly<Record<string, unknown>>;

/** @throws InvalidInputError code RECORD_TOO_LONG */
export async function* readJson(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  flatten: FlattenSpec,
  bad: BadRowSink,
): AsyncGenerator<InputBatch> {
  let rows: JsonRow[] = [];
  let lines: number[] = [];
  let line = 0;
  for await (const block of lineBlocks(chunks, file)) {
    for (let start = 0; start < block.length;) {
      const newline = block.indexOf(0x0a, start);
      const end = newline < 0 ? block.length : newline;
      line++;
      const row = readLine(block, start, end, (reason) => bad.add(file, line, reason));
      start = end + 1;
      if (row === null) continue;
      rows.push(row);
      lines.push(line);
      if (rows.length < batchRows) continue;
      yield batchOf(file, rows, lines, flatten);
      [rows, lines] = [[], []];
    }
  }
  if (rows.length > 0) yield batchOf(file, rows, lines, flatten);
}

/** Blocks of whole lines. */
async function* lineBlocks(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let isFirst = true;
  for await (const chunk of chunks) {
    const cut = chunk.lastIndexOf(0x0a) + 1;
    if (cut > 0) {
      const block = Buffer.concat([...held, chunk.subarray(0, cut)]);
      yield isFirst ? withoutMark(block) : block;
      isFirst = false;
      [held, heldBytes] = [[], 0];
    }
    held.push(chunk.subarray(cut));
    heldBytes += chunk.length - cut;
    if (heldBytes > maxLineBytes) {
      throw new InvalidInputError(
        `Input file "${file}" has a line of more than ${maxLineBytes >> 20} MiB. Expected one JSON object a line.`,
        { code: 'RECORD_TOO_LONG' },
      );
    }
  }
  const rest = Buffer.concat(held);
  if (rest.length > 0) yield isFirst ? withoutMark(rest) : rest;
}

function withoutMark(block: Buffer): Buffer {
  return block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf ? block.subarray(3) : block;
}

/** Null for an empty line and for a bad one, which is told. */
function readLine(
  block: Buffer,
  start: number,
  end: number,
  fault: (reason: string) => void,
): JsonRow | null {
  const text = block.toString('utf8', start, end);
  if (text.includes('\uFFFD') && !isUtf8(block.subarray(start, end))) {
    fault('The text is not UTF-8.');
    return null;
  }
  if (text.length < 2 && text.trim() === '') return null;
  try {
    const value: unknown = mayLoseMeaning(block, start, end)
      ? parseExactly(text)
      : JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      // A JSON object is one.
      return value as JsonRow;
    }
    fault('The line is not a JSON object.');
  } catch {
    if (text.trim() === '') return null;
    fault('The line is not valid JSON.');
  }
  return null;
}

const quote = 0x22;
const backslash = 0x5c;
const point = 0x2e;
const zero = 0x30;
const exponent = 0x65;
const lowerCase = 0x20;
const inexactDigits = 16;

/** Whether a line has, outside its texts, a long run of digits or a double that is whole, such as 1.0 or 1e3. */
function mayLoseMeaning(bytes: Uint8Array, start: number, end: number): boolean {
  let digits = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte >= zero && byte <= zero + 9) {
      if (++digits === inexactDigits) return true;
      continue;
    }
    if (byte === quote) {
      for (at++; at < end && bytes[at] !== quote; at++) if (bytes[at] === backslash) at++;
    } else if (digits > 0) {
      if ((byte | lowerCase) === exponent) return true;
      if (byte === point && isZeroFraction(bytes, at + 1, end)) return true;
    }
    digits = 0;
  }
  return false;
}

/** Zeros and then no further digit. */
function isZeroFraction(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && bytes[at] === zero) at++;
  const isMore = at < end && bytes[at] > zero && bytes[at] <= zero + 9;
  return at > start && !isMore;
}

/** Keeps long whole numbers as bigints, and doubles as doubles where JavaScript sees a whole number. */
function parseExactly(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source;
    if (typeof value !== 'number' || source === undefined) return value;
    if (!/^-?\d+$/.test(source)) return Number.isInteger(value) ? new WholeDouble(value) : value;
    return Number.isSafeInteger(value) ? value : BigInt(source);
  });
}

/** Names that every object answers to; they count only as own fields. */
const inherited = new Set(Object.getOwnPropertyNames(Object.prototype));

function fieldOf(row: JsonRow, name: string): unknown {
  return inherited.has(name) && !Object.hasOwn(row, name) ? undefined : row[name];
}

function batchOf(
  file: string,
  rows: readonly JsonRow[],
  lines: readonly number[],
  flatten: FlattenSpec,
): InputBatch {
  return {
    file,
    rowCount: rows.length,
    line: (row) => lines[row] ?? 0,
    columnNames() {
      const names = new Set(flatten.fields.map(({ name }) => name));
      if (!flatten.discovers) return [...names];
      for (const row of rows) {
        for (const name of Object.keys(row)) {
          if (!names.has(name) && isPlain(row[name])) names.add(name);
        }
      }
      return [...names];
    },
    column(name): InputColumn | null {
      const field = flatten.fields.find((candidate) => candidate.name === name);
      if (field === undefined && !flatten.discovers) return null;
      const values = rows.map((row) =>
        field === undefined ? fieldOf(row, name) : follow(row, field.steps),
      );
      return values.every((value) => value === undefined) ? null : { type: 'values', values };
    },
  };
}

/** Only values and lists of values become columns by themselves. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null);
}

function follow(row: JsonRow, steps: readonly (string | number)[]): unknown {
  let value: unknown = row;
  for (const step of steps) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (typeof step === 'number') value = Array.isArray(value) ? value[step] : undefined;
    // Neither null nor a list: an object.
    else value = Array.isArray(value) ? undefined : fieldOf(value as JsonRow, step);
  }
  return value;
}
