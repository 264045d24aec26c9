/** Numbers of a column: as ids of a numeric dimension, or as the input of a metric. */
import type { InputColumn } from '../read/input-batch.ts';
import { CellFault, doubleOfCell, longOfCell } from './cell-value.ts';
import type { NumberDictionary } from './number-dictionary.ts';
import { longOfBigint, longOfText, readDouble } from './number-text.ts';
import type { RowStatus } from './row-status.ts';

/** The type that numbers are brought into. */
export type NumberType = 'long' | 'float' | 'double';

/** Numbers of a batch, shape [rowCount]; `wide` has the longs beyond ±2^53 by row. */
export interface NumberRows {
  readonly values: Float64Array;
  readonly wide: Map<number, bigint> | null;
  /** 1 for null; null when there is none. */
  readonly nulls: Uint8Array | null;
}

const decoder = new TextDecoder();

/**
 * Brings a column into numbers. Kept rows that hold something else fail; empty text is null.
 *
 * @param cutsFractions  longs of metrics cut fractions off, those of dimensions refuse them
 */
export function readNumbers(
  name: string,
  column: InputColumn | null,
  type: NumberType,
  cutsFractions: boolean,
  status: RowStatus,
): NumberRows {
  const rowCount = status.states.length;
  const rows = new NumberBuffer(rowCount);
  if (column === null) return rows.allNull();
  if (column.type === 'long' && type !== 'float') return readLongs(column, type, rows);
  for (let row = 0; row < rowCount; row++) {
    if (!status.isKept(row)) continue;
    const usual = usualNumber(column, row, type);
    if (!Number.isNaN(usual)) {
      rows.values[row] = usual;
      continue;
    }
    try {
      readNumber(column, row, type, cutsFractions, rows);
    } catch (error) {
      if (!(error instanceof CellFault)) throw error;
      status.fail(row, `Column "${name}" ${error.message}. Expected a ${type}.`);
    }
  }
  return rows.finish();
}

/** Longs as the halves of 32 bits that they are (little-endian), which spares a bigint a row. */
function readLongs(
  { values, nulls }: Extract<InputColumn, { type: 'long' }>,
  type: 'long' | 'double',
  rows: NumberBuffer,
): NumberRows {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  for (let row = 0; row < values.length; row++) {
    const high = halves[2 * row + 1];
    if (nulls !== null && nulls[row] === 1) rows.set(row, null);
    else if (high > -0x20_0000 && high < 0x20_0000) {
      rows.values[row] = high * 0x1_0000_0000 + (halves[2 * row] >>> 0);
    } else rows.set(row, type === 'long' ? longOfBigint(values[row]) : Number(values[row]));
  }
  return rows.finish();
}

/** NaN unless the cell is a plain number that the type holds as it is; then `readNumber` says what it is. */
function usualNumber(column: InputColumn, row: number, type: NumberType): number {
  if (type === 'float') return Number.NaN;
  if (column.type === 'values') {
    const value = column.values[row];
    if (typeof value !== 'number') return Number.NaN;
    if (type === 'double') return Number.isFinite(value) ? value + 0 : Number.NaN;
    return Number.isSafeInteger(value) ? value + 0 : Number.NaN;
  }
  if (column.type !== 'text') return Number.NaN;
  const start = column.starts[row];
  const end = column.ends[row];
  // Fifteen digits at most are exact in a double.
  if (start < 0 || start === end || end - start > 15) return Number.NaN;
  const { bytes } = column;
  let sum = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    sum = sum * 10 + digit;
  }
  return sum;
}

/** Ids of the numbers of kept rows, those whose state is 0. */
export function encodeNumbers(
  rows: NumberRows,
  dictionary: NumberDictionary,
  states: Uint8Array,
  ids: Uint32Array,
): void {
  const { values, wide, nulls } = rows;
  for (let row = 0; row < ids.length; row++) {
    if (states[row] !== 0 || nulls?.[row] === 1) ids[row] = 0;
    else {
      const long = wide?.get(row);
      if (long !== undefined) ids[row] = dictionary.idOfWide(long);
      else ids[row] = dictionary.idOf(values[row]);
    }
  }
}

/** Gathers numbers; the null flags appear with the first null. */
class NumberBuffer {
  /** Set directly where a value is no null and not wide. */
  readonly values: Float64Array;
  #wide: Map<number, bigint> | null = null;
  #nulls: Uint8Array | null = null;

  constructor(rowCount: number) {
    this.values = new Float64Array(rowCount);
  }

  set(row: number, value: number | bigint | null): void {
    if (typeof value === 'number') this.values[row] = value;
    else if (value === null) {
      this.#nulls ??= new Uint8Array(this.values.length);
      this.#nulls[row] = 1;
    } else {
      this.#wide ??= new Map();
      this.#wide.set(row, value);
      this.values[row] = Number(value);
    }
  }

  allNull(): NumberRows {
    this.#nulls = new Uint8Array(this.values.length).fill(1);
    return this.finish();
  }

  finish(): NumberRows {
    return { values: this.values, wide: this.#wide, nulls: this.#nulls };
  }
}

const maxSafe = Number.MAX_SAFE_INTEGER;

function readNumber(
  column: InputColumn,
  row: number,
  type: NumberType,
  cutsFractions: boolean,
  rows: NumberBuffer,
): void {
  switch (column.type) {
    case 'text': {
      const start = column.starts[row];
      const end = column.ends[row];
      if (start < 0 || start === end) rows.set(row, null);
      else setNumber(rows, row, numberOfBytes(column.bytes, start, end, type, cutsFractions), type);
      return;
    }
    case 'long':
    case 'double': {
      if (column.nulls?.[row] === 1) rows.set(row, null);
      else setNumber(rows, row, numberOfCell(column.values[row], type, cutsFractions), type);
      return;
    }
    case 'values':
      setNumber(rows, row, numberOfCell(column.values[row], type, cutsFractions), type);
  }
}

/** Floats are rounded to 32 bits before anything is done with them, as in Druid. */
function setNumber(
  rows: NumberBuffer,
  row: number,
  value: number | bigint | null,
  type: NumberType,
): void {
  if (type !== 'float' || value === null) {
    rows.set(row, value);
    return;
  }
  const float = Math.fround(Number(value));
  if (!Number.isFinite(float)) throw new CellFault('holds a number beyond 32 bits');
  rows.set(row, float);
}

function numberOfBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  type: NumberType,
  cutsFractions: boolean,
): number | bigint | null {
  const double = readDouble(bytes, start, end);
  if (type !== 'long') {
    if (!Number.isNaN(double)) return double;
  } else if (Number.isInteger(double) && double <= maxSafe && double >= -maxSafe) return double;
  const text = decoder.decode(bytes.subarray(start, end));
  if (type === 'long') return longOfText(text) ?? longOfCell(text, cutsFractions);
  return doubleOfCell(text);
}

function numberOfCell(
  value: unknown,
  type: NumberType,
  cutsFractions: boolean,
): number | bigint | null {
  return type === 'long' ? longOfCell(value, cutsFractions) : doubleOfCell(value);
}
