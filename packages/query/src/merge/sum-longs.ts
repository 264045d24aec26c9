/**
 * Sums of 64-bit integers by group, in 32-bit words: a sum is exact or known to have left 64 bits.
 *
 *   low   a + b mod 2^32; the carry is the top bit of (a & b) | ((a | b) & ~low)
 *   high  a + b + carry mod 2^32; 64 bits are left where both signs differ from the sum's
 */
import type { PartialColumn } from '../partial.ts';

type LongColumn = Extract<PartialColumn, { type: 'long' }>;

/**
 * Adds up the rows of each group; a group is null when all its rows are.
 *
 * @param slots per column the group of each row
 * @returns null when a sum left 64 bits on the way, even if it came back
 */
export function sumLongs(
  columns: readonly LongColumn[],
  slots: readonly Uint32Array[],
  rowCount: number,
): LongColumn | null {
  const values = new BigInt64Array(rowCount);
  const sums = new Int32Array(values.buffer);
  const mayBeNull = columns.some(({ nulls }) => nulls !== null);
  const isNull = mayBeNull ? new Uint8Array(rowCount).fill(1) : null;
  let signs = 0;
  for (const [index, column] of columns.entries()) {
    const { buffer, byteOffset, length } = column.values;
    const words = new Int32Array(buffer, byteOffset, length * 2);
    const groups = slots[index] ?? new Uint32Array(0);
    signs |=
      column.nulls === null
        ? addWords(words, groups, sums)
        : addPresentWords(words, groups, sums, column.nulls);
    if (isNull !== null) markPresent(groups, column.nulls, isNull);
  }
  if (signs < 0) return null;
  return { type: 'long', values, nulls: isNull?.includes(1) === true ? isNull : null };
}

/** @returns negative when a sum left 64 bits */
function addWords(words: Int32Array, groups: Uint32Array, sums: Int32Array): number {
  let signs = 0;
  for (let row = 0; row < groups.length; row++) {
    const to = 2 * (groups[row] ?? 0);
    const a = sums[to] ?? 0;
    const b = words[2 * row] ?? 0;
    const low = (a + b) | 0;
    const carry = ((a & b) | ((a | b) & ~low)) >>> 31;
    const upperA = sums[to + 1] ?? 0;
    const upperB = words[2 * row + 1] ?? 0;
    const high = (upperA + upperB + carry) | 0;
    signs |= (upperA ^ high) & (upperB ^ high);
    sums[to] = low;
    sums[to + 1] = high;
  }
  return signs;
}

/** As `addWords`, but rows that are null add nothing, whatever stands there. */
function addPresentWords(
  words: Int32Array,
  groups: Uint32Array,
  sums: Int32Array,
  nulls: Uint8Array,
): number {
  const present = words.slice();
  for (let row = 0; row < groups.length; row++) {
    if (nulls[row] === 1) present[2 * row] = present[2 * row + 1] = 0;
  }
  return addWords(present, groups, sums);
}

function markPresent(groups: Uint32Array, nulls: Uint8Array | null, isNull: Uint8Array): void {
  for (let row = 0; row < groups.length; row++) {
    if (nulls?.[row] !== 1) isNull[groups[row] ?? 0] = 0;
  }
}
