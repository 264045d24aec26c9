/**
 * Exact sums of integer columns per slot, read in their own width: up to three columns side by side
 * in one loop. The accumulators are 64-bit integers, so the caller proves from column statistics
 * that no sum leaves them. Rows are counted in the same additions, in a lane of their own or above
 * the bits of the first sum:
 *
 *   1 lane   { a + rows << shift }                 { a }
 *   2 lanes  { a + rows << shift, b }              { a, rows }
 *   4 lanes  { a, b, c, rows }                     { a, b, –, rows }
 */
import { InvariantError } from '@isotherm/errors';
import type { Batch, NumberArray } from './batch.ts';
import { addressOf, kernelsFor } from './wasm/module.ts';

/** Integers of any width. */
export type IntegerArray = Exclude<NumberArray, Float32Array | Float64Array> | BigInt64Array;

/** Where the sums of one to three columns, and the number of rows, lie in a slot. */
export interface SumLayout {
  /** 64-bit numbers a slot takes. */
  readonly lanes: 1 | 2 | 4;
  /** Lane and lowest bit of the number of rows; null where rows are not counted. */
  readonly counter: { readonly lane: number; readonly shift: number } | null;
}

/** Columns that one loop sums at most. */
export const sumPackSize = 3;
/** Narrow values are loaded over the lowest bits of what is added, up to this one. */
const narrowBits = 32;

/**
 * Plans the slots of some columns.
 *
 * @param options.firstSumBits  bits of the first column's greatest sum, if it is never negative; else null
 * @param options.rowBits       bits of the greatest number of rows of a slot; null not to count rows
 */
export function planSumLayout(
  columnCount: number,
  options: { readonly firstSumBits: number | null; readonly rowBits: number | null },
): SumLayout {
  const { firstSumBits, rowBits } = options;
  if (columnCount < 1 || columnCount > sumPackSize) {
    throw new InvariantError(`${columnCount} columns in one sum.`);
  }
  const plain = columnCount === 3 ? 4 : columnCount === 2 ? 2 : 1;
  if (rowBits === null) return { lanes: plain, counter: null };
  if (plain === 4) return { lanes: 4, counter: { lane: 3, shift: 0 } };
  const shift = Math.max(narrowBits, firstSumBits ?? Infinity);
  if (shift + rowBits <= 64) return { lanes: plain, counter: { lane: 0, shift } };
  return plain === 1
    ? { lanes: 2, counter: { lane: 1, shift: 0 } }
    : { lanes: 4, counter: { lane: 3, shift: 0 } };
}

/** What a row adds to the first lane and to the last besides its values. */
function plusOf({ lanes, counter }: SumLayout): readonly [first: bigint, last: bigint] {
  if (counter === null) return [0n, 0n];
  if (counter.lane === 0) return [1n << BigInt(counter.shift), 0n];
  return [0n, counter.lane === lanes - 1 ? 1n : 0n];
}

/**
 * Adds the rows of a batch: `sums[slots[i] * lanes + column] += columns[column][row i]`, and counts them.
 *
 * @param columns one to three, shape [rows of the segment]
 */
export function addIntegerSums(
  layout: SumLayout,
  columns: readonly IntegerArray[],
  batch: Batch,
  slots: Uint32Array,
  sums: BigInt64Array,
): void {
  const { rows, start, count } = batch;
  const kernels = kernelsFor(slots, sums, rows ?? slots, ...columns);
  if (kernels === null) {
    addOneByOne(layout, columns, batch, slots, sums);
    return;
  }
  const [first, last] = plusOf(layout);
  const [a, b, c] = columns;
  const to = [slots.byteOffset, addressOf(rows), start, count, sums.byteOffset] as const;
  if (layout.lanes === 1) kernels.addSums1(...to, first, ...placeOf(a));
  else if (layout.lanes === 2) kernels.addSums2(...to, first, last, ...placeOf(a), ...placeOf(b));
  else kernels.addSums4(...to, first, last, ...placeOf(a), ...placeOf(b), ...placeOf(c));
}

/** Runs of consecutive rows of which each belongs to one slot. */
export interface RowRuns {
  /** Run i has rows bounds[i] … bounds[i + 1] - 1, shape [≥ count + 1]. */
  readonly bounds: Uint32Array;
  readonly count: number;
  /** Runs are cut to rows from … to - 1. */
  readonly from: number;
  readonly to: number;
  /** Slot of each run, shape [≥ count]; a number where run i has slot `slots + i`. */
  readonly slots: Uint32Array | number;
}

/** Adds the rows of runs to slots, in one addition a run and column. */
export function addRunSums(
  layout: SumLayout,
  columns: readonly IntegerArray[],
  runs: RowRuns,
  sums: BigInt64Array,
): void {
  const { bounds, count, from, to } = runs;
  const { lanes, counter } = layout;
  const [slots, firstSlot] = typeof runs.slots === 'number' ? [null, runs.slots] : [runs.slots, 0];
  const kernels = kernelsFor(bounds, sums, slots ?? bounds, ...columns);
  if (kernels === null) {
    addRunsOneByOne(layout, columns, runs, sums);
    return;
  }
  const of = [bounds.byteOffset, count, from, to, addressOf(slots), firstSlot] as const;
  for (const [lane, column] of columns.entries()) {
    kernels.addRunSums(...placeOf(column), ...of, sums.byteOffset + lane * 8, lanes);
  }
  if (counter === null) return;
  const at = sums.byteOffset + counter.lane * 8;
  kernels.addRunLengths(...of, at, lanes, counter.shift);
}

/**
 * Adds slot i of `local` to slot `table[i]` of `sums` and empties it. A slot of zeros is left out,
 * whatever the table says of it.
 *
 * @param local slots of the same layout, shape [≥ lanes * table.length]
 */
export function foldSums(
  { lanes }: SumLayout,
  local: BigInt64Array,
  table: Uint32Array,
  sums: BigInt64Array,
): void {
  const kernels = kernelsFor(local, table, sums);
  if (kernels !== null) {
    const [from, to] = [local.byteOffset, sums.byteOffset];
    kernels.foldSums(from, table.length, table.byteOffset, lanes, to);
    return;
  }
  for (let slot = 0; slot < table.length; slot++) {
    const part = local.subarray(slot * lanes, (slot + 1) * lanes);
    if (part.every((number) => number === 0n)) continue;
    for (const [lane, number] of part.entries()) sums[table[slot] * lanes + lane] += number;
    part.fill(0n);
  }
}

/**
 * Copies the sums of one column.
 *
 * @param member place of the column in the layout
 * @param out    shape [slots.length]
 */
export function pickSums(
  layout: SumLayout,
  sums: BigInt64Array,
  member: number,
  slots: Uint32Array,
  out: BigInt64Array,
): void {
  const bits = layout.counter?.lane === member ? layout.counter.shift : 64;
  pickFields({ sums, lanes: layout.lanes, lane: member, shift: 0, bits }, slots, out);
}

/** Copies the numbers of rows. @throws InvariantError if the layout does not count them */
export function pickRowCounts(
  layout: SumLayout,
  sums: BigInt64Array,
  slots: Uint32Array,
  out: BigInt64Array,
): void {
  const { lanes, counter } = layout;
  if (counter === null) throw new InvariantError('These sums do not count rows.');
  pickFields({ sums, lanes, ...counter, bits: 64 }, slots, out);
}

function pickFields(
  field: {
    readonly sums: BigInt64Array;
    readonly lanes: number;
    readonly lane: number;
    readonly shift: number;
    readonly bits: number;
  },
  slots: Uint32Array,
  out: BigInt64Array,
): void {
  const { sums, lanes, lane, shift, bits } = field;
  const kernels = kernelsFor(sums, slots, out);
  if (kernels !== null) {
    const of = [sums.byteOffset, lanes, lane, shift, bits] as const;
    kernels.pickNumbers(...of, slots.byteOffset, slots.length, out.byteOffset);
    return;
  }
  for (let i = 0; i < slots.length; i++) {
    const whole = BigInt.asUintN(64, sums[slots[i] * lanes + lane]);
    out[i] = BigInt.asUintN(bits, whole >> BigInt(shift));
  }
}

/**
 * Writes the slots that have rows to `out` in ascending order; returns how many.
 *
 * @param out shape [≥ slotCount]
 * @throws InvariantError if the layout does not count rows
 */
export function findUsedSlots(
  layout: SumLayout,
  sums: BigInt64Array,
  slotCount: number,
  out: Uint32Array,
): number {
  const { lanes, counter } = layout;
  if (counter === null) throw new InvariantError('These sums do not count rows.');
  const kernels = kernelsFor(sums, out);
  if (kernels !== null) {
    const lane = sums.byteOffset + counter.lane * 8;
    return kernels.usedSlots(lane, lanes, counter.shift, slotCount, out.byteOffset);
  }
  let found = 0;
  for (let slot = 0; slot < slotCount; slot++) {
    const whole = BigInt.asUintN(64, sums[slot * lanes + counter.lane]);
    out[found] = slot;
    found += whole >> BigInt(counter.shift) === 0n ? 0 : 1;
  }
  return found;
}

function placeOf(column: IntegerArray | undefined): readonly [address: number, width: number] {
  return column === undefined ? [0, 0] : [column.byteOffset, widthOf(column)];
}

/** Bytes of a value, negative for signed ones. */
export function widthOf(column: IntegerArray): number {
  const bytes = column.BYTES_PER_ELEMENT;
  const isSigned =
    column instanceof Int8Array || column instanceof Int16Array || column instanceof Int32Array;
  return isSigned ? -bytes : bytes;
}

function addOneByOne(
  layout: SumLayout,
  columns: readonly IntegerArray[],
  { rows, start, count }: Batch,
  slots: Uint32Array,
  sums: BigInt64Array,
): void {
  const { lanes, counter } = layout;
  for (const [member, column] of columns.entries()) {
    for (let i = 0; i < count; i++) {
      sums[slots[i] * lanes + member] += BigInt(column[rows === null ? start + i : rows[i]]);
    }
  }
  if (counter === null) return;
  const one = 1n << BigInt(counter.shift);
  for (let i = 0; i < count; i++) sums[slots[i] * lanes + counter.lane] += one;
}

function addRunsOneByOne(
  { lanes, counter }: SumLayout,
  columns: readonly IntegerArray[],
  { bounds, count, from, to, slots }: RowRuns,
  sums: BigInt64Array,
): void {
  for (let run = 0; run < count; run++) {
    const at = (typeof slots === 'number' ? slots + run : slots[run]) * lanes;
    const [start, end] = [Math.max(bounds[run], from), Math.min(bounds[run + 1], to)];
    for (const [member, column] of columns.entries()) {
      for (let row = start; row < end; row++) sums[at + member] += BigInt(column[row]);
    }
    if (counter === null || start >= end) continue;
    sums[at + counter.lane] += BigInt(end - start) << BigInt(counter.shift);
  }
}
