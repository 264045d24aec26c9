/**
 * Copies one batch of a column into a scratch array of one fixed type. Every other kernel then
 * sees a single array type, which keeps its loop monomorphic; consecutive rows are copied by
 * `TypedArray.set` at 0.1 to 0.3 ns a value. Gathers are written out once per width for the same
 * reason: V8 compiles a function for the array types it has seen, and falls to slow generic loads
 * beyond four of them.
 */
import type { Batch, IdArray, NumberArray } from './batch.ts';
import { widthOf } from './integer-sums.ts';
import { addressOf, kernelsFor } from './wasm/module.ts';

/** Reads numbers of a batch as doubles into `out`, shape [≥ batch.count]. */
export function readNumbers(values: NumberArray, batch: Batch, out: Float64Array): void {
  const { rows, start, count } = batch;
  const kernels = kernelsFor(values, out, rows ?? out);
  if (kernels !== null) {
    const [width, at] = [numberWidth(values), addressOf(rows)];
    kernels.readNumbers(width, values.byteOffset, at, start, count, out.byteOffset);
  } else if (batch.rows === null) out.set(values.subarray(batch.start, batch.start + batch.count));
  else gatherNumbers(values, batch.rows, batch.count, out);
}

/** The kernels' code of a type: bytes of an integer, negative for signed ones; bits of others. */
function numberWidth(values: NumberArray): number {
  if (values instanceof Float64Array) return 64;
  return values instanceof Float32Array ? 32 : widthOf(values);
}

/** Reads dictionary ids of a batch, all moved up by `plus`, into `out`, shape [≥ batch.count]. */
export function readIds(ids: IdArray, batch: Batch, out: Uint32Array, plus = 0): void {
  const { rows, count } = batch;
  const kernels = kernelsFor(ids, out, rows ?? out);
  if (kernels !== null) {
    const [width, at] = [ids.BYTES_PER_ELEMENT, addressOf(rows)];
    kernels.readIds(width, ids.byteOffset, at, batch.start, count, plus, out.byteOffset);
    return;
  }
  if (rows === null) out.set(ids.subarray(batch.start, batch.start + count));
  else if (ids instanceof Uint8Array) gatherIds8(ids, rows, count, out);
  else if (ids instanceof Uint16Array) gatherIds16(ids, rows, count, out);
  else gatherIds32(ids, rows, count, out);
  if (plus === 0) return;
  for (let i = 0; i < count; i++) out[i] += plus;
}

/**
 * Reads 64-bit integers as `high * 2^32 + low`: high signed, low unsigned, both exact doubles, so
 * that no loop makes a bigint. Both outputs have shape [≥ batch.count].
 */
export function readLanes(
  values: BigInt64Array,
  batch: Batch,
  high: Float64Array,
  low: Float64Array,
): void {
  const kernels = kernelsFor(values, high, low, batch.rows ?? high);
  if (kernels !== null) {
    const of = [addressOf(batch.rows), batch.start, batch.count] as const;
    kernels.readLanes(values.byteOffset, ...of, high.byteOffset, low.byteOffset);
    return;
  }
  // Little-endian, as every machine that Node runs on: the low half comes first.
  const highs = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const lows = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const { rows, start, count } = batch;
  for (let i = 0; i < count; i++) {
    const at = (rows === null ? start + i : rows[i]) * 2;
    low[i] = lows[at];
    high[i] = highs[at + 1];
  }
}

/** Joins lanes to doubles; exact where the integer is within ±2^53. */
export function joinLanes(
  high: Float64Array,
  low: Float64Array,
  count: number,
  out: Float64Array,
): void {
  for (let i = 0; i < count; i++) out[i] = high[i] * 4294967296 + low[i];
}

/** Splits integral doubles into the lanes of `readLanes`; exact within 64 bits. */
export function splitLanes(
  values: Float64Array,
  count: number,
  high: Float64Array,
  low: Float64Array,
): void {
  for (let i = 0; i < count; i++) {
    const upper = Math.floor(values[i] / 4294967296);
    high[i] = upper;
    low[i] = values[i] - upper * 4294967296;
  }
}

/** Looks `ids` up in a table of numbers: `out[i] = table[ids[i]]`. */
export function lookUpNumbers(
  ids: Uint32Array,
  count: number,
  table: Float64Array,
  out: Float64Array,
): void {
  const kernels = kernelsFor(ids, table, out);
  if (kernels !== null) {
    kernels.lookUpNumbers(ids.byteOffset, count, table.byteOffset, out.byteOffset);
    return;
  }
  for (let i = 0; i < count; i++) out[i] = table[ids[i]];
}

/** Looks `ids` up in a table of other ids: `out[i] = table[ids[i]]`; `out` may be `ids`. */
export function lookUpIds(
  ids: Uint32Array,
  count: number,
  table: Uint32Array,
  out: Uint32Array,
): void {
  const kernels = kernelsFor(ids, table, out);
  if (kernels !== null) {
    kernels.mapIds(4, ids.byteOffset, 0, 0, count, table.byteOffset, out.byteOffset);
    return;
  }
  for (let i = 0; i < count; i++) out[i] = table[ids[i]];
}

/** Cuts doubles to integers toward zero within 64 bits; not-a-number gives 0, as a Java cast does. */
export function truncateNumbers(values: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const value = values[i];
    const whole = Math.trunc(value);
    values[i] =
      value !== value
        ? 0
        : Math.min(Math.max(whole, -9223372036854775808), 9223372036854775808) + 0;
  }
}

/** Rounds doubles to the nearest 32-bit float. */
export function roundToFloats(values: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) values[i] = Math.fround(values[i]);
}

function gatherNumbers(
  values: NumberArray,
  rows: Uint32Array,
  count: number,
  out: Float64Array,
): void {
  if (values instanceof Uint8Array) gatherU8(values, rows, count, out);
  else if (values instanceof Uint16Array) gatherU16(values, rows, count, out);
  else if (values instanceof Uint32Array) gatherU32(values, rows, count, out);
  else if (values instanceof Float64Array) gatherF64(values, rows, count, out);
  else if (values instanceof Int8Array) gatherI8(values, rows, count, out);
  else if (values instanceof Int16Array) gatherI16(values, rows, count, out);
  else if (values instanceof Int32Array) gatherI32(values, rows, count, out);
  else gatherF32(values, rows, count, out);
}

function gatherU8(values: Uint8Array, rows: Uint32Array, count: number, out: Float64Array): void {
  for (let i = 0; i < count; i++) out[i] = values[rows[i]];
}

function gatherU16(values: Uint16Array, rows: Uint32Array, count: number, out: Float64Array): void {
  for (let i = 0; i < count; i++) out[i] = values[rows[i]];
}

function gatherU32(values: Uint32Array, rows: Uint32Array, count: number, out: Float64Array): void {
  for (let i = 0; i < count; i++) out[i] = values[rows[i]];
}

function gatherI8(values: Int8Array, rows: Uint32Array, count: number, out: Float64Array): void {
  for (let i = 0; i < count; i++) out[i] = values[rows[i]];
}

function gatherI16(values: Int16Array, rows: Uint32Array, count: number, out: Float64Array): void {
  for (let i = 0; i < count; i++) out[i] = values[rows[i]];
}

function gatherI32(values: Int32Array, rows: Uint32Array, count: number, out: Float64Array): void {
  for (let i = 0; i < count; i++) out[i] = values[rows[i]];
}

function gatherF32(
  values: Float32Array,
  rows: Uint32Array,
  count: number,
  out: Float64Array,
): void {
  for (let i = 0; i < count; i++) out[i] = values[rows[i]];
}

function gatherF64(
  values: Float64Array,
  rows: Uint32Array,
  count: number,
  out: Float64Array,
): void {
  for (let i = 0; i < count; i++) out[i] = values[rows[i]];
}

function gatherIds8(ids: Uint8Array, rows: Uint32Array, count: number, out: Uint32Array): void {
  for (let i = 0; i < count; i++) out[i] = ids[rows[i]];
}

function gatherIds16(ids: Uint16Array, rows: Uint32Array, count: number, out: Uint32Array): void {
  for (let i = 0; i < count; i++) out[i] = ids[rows[i]];
}

function gatherIds32(ids: Uint32Array, rows: Uint32Array, count: number, out: Uint32Array): void {
  for (let i = 0; i < count; i++) out[i] = ids[rows[i]];
}
