/**
 * Conditions on the rows of a batch, as bits: bit i, least significant first, is row i of the batch,
 * and bits behind the last row are 0. A condition holds or does not: what a null makes unknown does
 * not hold. Several conditions join in place, so a filter needs no array of its own for each.
 */
import type { Batch, IdArray } from './batch.ts';
import { addressOf, kernelsFor } from './wasm/module.ts';

/** What becomes of the bits that are there: replaced, or joined by `and` or `or`. */
export type BitsJoin = 0 | 1 | 2;
/** Replaces them. */
export const replaceBits = 0;
/** Keeps those that hold as well. */
export const andBits = 1;
/** Adds those that hold. */
export const orBits = 2;

/** Integers of at most 32 bits. */
type SmallIntegers = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;
/** Numbers that are tested as doubles. */
type WideNumbers = BigInt64Array | Float32Array | Float64Array;

/** Words that hold the bits of `count` rows. */
export function wordsOf(count: number): number {
  return (count + 31) >>> 5;
}

/** Bytes of a set of ids below `size`: whole words, and at least the 32 that a vector loop reads. */
export function setBytes(size: number): number {
  return Math.max(32, wordsOf(size) * 4);
}

/**
 * Holds where bit `ids[row]` of `set` is 1.
 *
 * @param set shape [setBytes(number of ids)]
 */
export function testIdSet(
  ids: IdArray,
  batch: Batch,
  set: Uint8Array,
  bits: Uint32Array,
  how: BitsJoin,
): void {
  const { rows, start, count } = batch;
  const kernels = kernelsFor(ids, set, bits, rows ?? bits);
  if (kernels !== null) {
    const [width, at] = [ids.BYTES_PER_ELEMENT, addressOf(rows)];
    kernels.testIdSet(
      width,
      ids.byteOffset,
      at,
      start,
      count,
      set.byteOffset,
      bits.byteOffset,
      how,
    );
    return;
  }
  testEach(batch, bits, how, (row) => (set[ids[row] >>> 3] >>> (ids[row] & 7)) & 1);
}

/**
 * Holds where a value is in low … low + last, wrapping around in the width of the value: for signed
 * ones as well, and a run that wraps is what lies outside of another.
 */
export function testRun(
  values: SmallIntegers,
  batch: Batch,
  run: { readonly low: number; readonly last: number },
  bits: Uint32Array,
  how: BitsJoin,
): void {
  const { rows, start, count } = batch;
  const [low, last] = [run.low | 0, run.last | 0];
  const kernels = kernelsFor(values, bits, rows ?? bits);
  if (kernels !== null) {
    const [width, at] = [values.BYTES_PER_ELEMENT, addressOf(rows)];
    kernels.testRun(width, values.byteOffset, at, start, count, low, last, bits.byteOffset, how);
    return;
  }
  const unused = 32 - 8 * values.BYTES_PER_ELEMENT;
  const limit = (last << unused) >>> unused;
  testEach(batch, bits, how, (row) => +(((values[row] - low) << unused) >>> unused <= limit));
}

/**
 * Holds where `low ≤ value ≤ high`, or with `outside` where a value is below or above; for
 * not-a-number neither. `flip` turns the answer around. 64-bit integers are rounded to doubles.
 */
export function testBetween(
  values: WideNumbers,
  batch: Batch,
  range: {
    readonly low: number;
    readonly high: number;
    readonly outside: boolean;
    readonly flip: boolean;
  },
  bits: Uint32Array,
  how: BitsJoin,
): void {
  const { rows, start, count } = batch;
  const { low, high } = range;
  const [outside, flip] = [range.outside ? 1 : 0, range.flip ? 1 : 0];
  const kernels = kernelsFor(values, bits, rows ?? bits);
  if (kernels !== null) {
    kernels.testBetween(
      widthOf(values),
      values.byteOffset,
      addressOf(rows),
      start,
      count,
      low,
      high,
      outside,
      flip,
      bits.byteOffset,
      how,
    );
    return;
  }
  testEach(batch, bits, how, (row) => {
    const value = Number(values[row]);
    const holds = range.outside ? value < low || value > high : value >= low && value <= high;
    return Number(holds) ^ flip;
  });
}

/** Holds where `sorted` (ascending, not empty) has the value; O(log length) a row. `flip` turns it around. */
export function testSorted(
  values: WideNumbers | SmallIntegers,
  batch: Batch,
  set: { readonly sorted: Float64Array; readonly flip: boolean },
  bits: Uint32Array,
  how: BitsJoin,
): void {
  const { rows, start, count } = batch;
  const { sorted } = set;
  const flip = set.flip ? 1 : 0;
  const kernels =
    values.BYTES_PER_ELEMENT < 4 ? null : kernelsFor(values, sorted, bits, rows ?? bits);
  if (kernels !== null) {
    kernels.testSorted(
      widthOf(values),
      values.byteOffset,
      addressOf(rows),
      start,
      count,
      sorted.byteOffset,
      sorted.length,
      flip,
      bits.byteOffset,
      how,
    );
    return;
  }
  testEach(batch, bits, how, (row) => Number(has(sorted, Number(values[row]))) ^ flip);
}

/**
 * Holds where a row has a value (`wanted` true) or is null.
 *
 * @param validity bit r, least significant first, is 0 where row r is null
 */
export function testValidity(
  validity: Uint8Array,
  batch: Batch,
  wanted: boolean,
  bits: Uint32Array,
  how: BitsJoin,
): void {
  const { rows, start, count } = batch;
  const kernels = kernelsFor(validity, bits, rows ?? bits);
  const one = wanted ? 1 : 0;
  if (kernels !== null) {
    const [at, to] = [addressOf(rows), bits.byteOffset];
    kernels.testValidity(validity.byteOffset, at, start, count, one, to, how);
    return;
  }
  testEach(batch, bits, how, (row) => ((validity[row >> 3] >> (row & 7)) & 1) ^ one ^ 1);
}

/**
 * Tests rows that hold lists: whether any entry is in the set (`any`), or none is; a row without
 * entries holds as `emptyHolds` says.
 *
 * @param offsets row r has ids[offsets[r] … offsets[r + 1])
 */
export function testLists(
  column: { readonly offsets: Int32Array; readonly ids: IdArray },
  batch: Batch,
  test: { readonly set: Uint8Array; readonly any: boolean; readonly emptyHolds: boolean },
  bits: Uint32Array,
  how: BitsJoin,
): void {
  const { offsets, ids } = column;
  const { set, any, emptyHolds } = test;
  testEach(batch, bits, how, (row) => {
    const end = offsets[row + 1];
    if (offsets[row] === end) return Number(emptyHolds);
    let found = 0;
    for (let at = offsets[row]; at < end; at++) found |= set[ids[at] >>> 3] >>> (ids[at] & 7);
    return (found & 1) ^ (any ? 0 : 1);
  });
}

/**
 * Tests rows one by one with a function that gives 0 or 1; the twin of every kernel here, and what
 * conditions without one use.
 */
export function testEach(
  { rows, start, count }: Batch,
  bits: Uint32Array,
  how: BitsJoin,
  holds: (row: number) => number,
): void {
  for (let from = 0; from < count; from += 32) {
    const end = Math.min(count, from + 32);
    let word = 0;
    for (let i = from; i < end; i++)
      word |= holds(rows === null ? start + i : rows[i]) << (i - from);
    joinWord(bits, from >>> 5, word, how);
  }
}

/** Joins the bits of `count` rows with others. */
export function joinBits(
  bits: Uint32Array,
  other: Uint32Array,
  count: number,
  how: BitsJoin,
): void {
  for (let at = 0; at < wordsOf(count); at++) joinWord(bits, at, other[at], how);
}

function joinWord(bits: Uint32Array, at: number, word: number, how: BitsJoin): void {
  if (how === replaceBits) bits[at] = word;
  else if (how === andBits) bits[at] &= word;
  else bits[at] |= word;
}

function has(sorted: Float64Array, value: number): boolean {
  let base = 0;
  for (let left = sorted.length; left > 1; left -= left >> 1) {
    const half = left >> 1;
    if (sorted[base + half] <= value) base += half;
  }
  return sorted[base] === value;
}

/** Bytes of a value as kernels are told them: negative if signed, floats above 100. */
function widthOf(values: WideNumbers | SmallIntegers): number {
  if (values instanceof Float64Array) return 108;
  if (values instanceof Float32Array) return 104;
  return values instanceof Int32Array ? -4 : values.BYTES_PER_ELEMENT;
}
