/**
 * Exact sums of integer columns per slot, read in their own width: up to four columns side by side
 * in one loop. The accumulators are 64-bit integers, so the caller proves from column statistics
 * that no sum leaves them.
 */
import { InvariantError } from '@isotherm/errors';
import type { Batch } from './batch.ts';
import { addressOf, kernelsFor } from './wasm/module.ts';

/** Integers of any width. */
export type IntegerArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array;

/** Places of a slot for some columns: three are laid out as four, for a shift is cheaper than a product. */
export function sumStride(columnCount: number): number {
  return columnCount === 3 ? 4 : columnCount;
}

/**
 * Adds the rows of a batch: `sums[slots[i] * sumStride + column] += columns[column][row i]`.
 *
 * @param columns one to four, shape [rows of the segment]
 */
export function addIntegerSums(
  columns: readonly IntegerArray[],
  batch: Batch,
  slots: Uint32Array,
  sums: BigInt64Array,
): void {
  const { rows, start, count } = batch;
  const kernels = kernelsFor(slots, sums, rows ?? slots, ...columns);
  if (kernels === null) {
    addOneByOne(columns, batch, slots, sums);
    return;
  }
  const [a, b, c, d] = columns;
  const [from, at, to] = [slots.byteOffset, addressOf(rows), sums.byteOffset];
  if (b === undefined) kernels.addSums1(from, at, start, count, to, ...placeOf(a));
  else if (c === undefined) {
    kernels.addSums2(from, at, start, count, to, ...placeOf(a), ...placeOf(b));
  } else if (d === undefined) {
    kernels.addSums3(from, at, start, count, to, ...placeOf(a), ...placeOf(b), ...placeOf(c));
  } else {
    const places = [...placeOf(a), ...placeOf(b), ...placeOf(c)] as const;
    kernels.addSums4(from, at, start, count, to, ...places, ...placeOf(d));
  }
}

/** Copies `out[i] = sums[slots[i] * stride + member]`. */
export function pickSums(
  sums: BigInt64Array,
  stride: number,
  member: number,
  slots: Uint32Array,
  out: BigInt64Array,
): void {
  const kernels = kernelsFor(sums, slots, out);
  if (kernels !== null) {
    const [from, to] = [sums.byteOffset, out.byteOffset];
    kernels.pickNumbers(from, stride, member, slots.byteOffset, slots.length, to);
    return;
  }
  for (let i = 0; i < slots.length; i++) out[i] = sums[slots[i] * stride + member];
}

function placeOf(column: IntegerArray): readonly [address: number, width: number] {
  return [column.byteOffset, widthOf(column)];
}

/** Bytes of a value, negative for signed ones. */
function widthOf(column: IntegerArray): number {
  const bytes = column.BYTES_PER_ELEMENT;
  const isSigned =
    column instanceof Int8Array || column instanceof Int16Array || column instanceof Int32Array;
  return isSigned ? -bytes : bytes;
}

function addOneByOne(
  columns: readonly IntegerArray[],
  { rows, start, count }: Batch,
  slots: Uint32Array,
  sums: BigInt64Array,
): void {
  const stride = sumStride(columns.length);
  if (columns.length > 4) throw new InvariantError(`${columns.length} columns in one sum.`);
  for (const [member, column] of columns.entries()) {
    for (let i = 0; i < count; i++) {
      sums[slots[i] * stride + member] += BigInt(column[rows === null ? start + i : rows[i]]);
    }
  }
}
