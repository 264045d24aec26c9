/**
 * Tests of one batch of values, written as three-valued masks (mask.ts). Text and time are tested
 * once per dictionary entry beforehand: a row only looks its entry up.
 */
import type { Batch, IdArray } from './batch.ts';
import { addressOf, kernelsFor } from './wasm/module.ts';

/** `mask[i] = table[ids[row i]]`, the truth of each row's dictionary entry. */
export function testTable(ids: IdArray, batch: Batch, table: Uint8Array, mask: Uint8Array): void {
  const { rows, start, count } = batch;
  const kernels = kernelsFor(ids, table, mask, rows ?? mask);
  if (kernels !== null) {
    const [width, size] = [ids.BYTES_PER_ELEMENT, table.length];
    const at = addressOf(rows);
    kernels.testIds(
      width,
      ids.byteOffset,
      at,
      start,
      count,
      table.byteOffset,
      size,
      mask.byteOffset,
    );
  } else if (rows === null) {
    const part = ids.subarray(start, start + count);
    for (let i = 0; i < count; i++) mask[i] = table[part[i]];
  } else for (let i = 0; i < count; i++) mask[i] = table[ids[rows[i]]];
}

/**
 * Tests rows that hold lists: true if any entry is, else unknown if any is, else false; a row
 * without entries has the truth `emptyTruth` of a null.
 *
 * @param offsets row r has ids[offsets[r] … offsets[r + 1])
 */
export function testLists(
  offsets: Int32Array,
  ids: IdArray,
  batch: Batch,
  table: Uint8Array,
  emptyTruth: number,
  mask: Uint8Array,
): void {
  const { rows, start, count } = batch;
  for (let i = 0; i < count; i++) {
    const row = rows === null ? start + i : rows[i];
    const end = offsets[row + 1];
    let truth = offsets[row] === end ? emptyTruth : 0;
    for (let at = offsets[row]; at < end; at++) truth = Math.max(truth, table[ids[at]]);
    mask[i] = truth;
  }
}

/** True where `low ≤ values[i] ≤ high`, else false; not-a-number has the truth `nanTruth`. */
export function testRange(
  values: Float64Array,
  count: number,
  range: { readonly low: number; readonly high: number; readonly nanTruth: number },
  mask: Uint8Array,
): void {
  const { low, high, nanTruth } = range;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    const inside = (+(value >= low) & +(value <= high)) << 1;
    mask[i] = value === value ? inside : nanTruth;
  }
}

/** True where `sorted` (ascending, not empty) holds values[i], else false; O(log length) a row. */
export function testSet(
  values: Float64Array,
  count: number,
  sorted: Float64Array,
  mask: Uint8Array,
): void {
  for (let i = 0; i < count; i++) {
    const value = values[i];
    let base = 0;
    let length = sorted.length;
    while (length > 1) {
      const half = length >> 1;
      base += sorted[base + half] <= value ? half : 0;
      length -= half;
    }
    mask[i] = +(sorted[base] === value) << 1;
  }
}

/**
 * Overwrites the truth of null rows.
 *
 * @param validity bit r, least significant first, is 0 where row r is null
 */
export function testNulls(
  validity: Uint8Array,
  batch: Batch,
  nullTruth: number,
  mask: Uint8Array,
): void {
  const { rows, start, count } = batch;
  for (let i = 0; i < count; i++) {
    const row = rows === null ? start + i : rows[i];
    if (((validity[row >> 3] >> (row & 7)) & 1) === 0) mask[i] = nullTruth;
  }
}
