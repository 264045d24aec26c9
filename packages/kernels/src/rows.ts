/**
 * Lists of row numbers in order of time, without nulls, or repeated for rows that hold several
 * values; those that filters make are in `row-lists.ts`.
 */
import type { Batch, IdArray } from './batch.ts';
import { addressOf, kernelsFor } from './wasm/module.ts';

/**
 * Orders rows by time, rows of one time as they came; a counting sort, O(rows + distinct times).
 *
 * @param timeIds   place of row r among the ascending times
 * @param timeCount number of distinct times
 * @param out       shape [rows.length]
 */
export function sortRowsByTime(
  rows: Uint32Array,
  timeIds: IdArray,
  timeCount: number,
  out: Uint32Array,
): void {
  const next = new Uint32Array(timeCount + 1);
  for (let i = 0; i < rows.length; i++) next[timeIds[rows[i]] + 1] += 1;
  for (let time = 0; time < timeCount; time++) next[time + 1] += next[time];
  for (let i = 0; i < rows.length; i++) {
    const time = timeIds[rows[i]];
    out[next[time]] = rows[i];
    next[time] += 1;
  }
}

/** Keeps rows that have a value, with their slots; returns how many. Outputs have shape [≥ batch.count]. */
export function dropNulls(
  validity: Uint8Array,
  batch: Batch,
  slots: Uint32Array,
  out: { readonly rows: Uint32Array; readonly slots: Uint32Array },
): number {
  const { rows, start, count } = batch;
  const { rows: outRows, slots: outSlots } = out;
  const kernels = kernelsFor(validity, slots, outRows, outSlots, rows ?? slots);
  if (kernels !== null) {
    const to = [outRows.byteOffset, outSlots.byteOffset] as const;
    const of = [addressOf(rows), start, count] as const;
    return kernels.dropNulls(validity.byteOffset, ...of, slots.byteOffset, ...to);
  }
  let found = 0;
  for (let i = 0; i < count; i++) {
    const row = rows === null ? start + i : rows[i];
    outRows[found] = row;
    outSlots[found] = slots[i];
    found += (validity[row >> 3] >> (row & 7)) & 1;
  }
  return found;
}

/** Counts what `explodeRows` writes for a batch. */
export function explodedCount(offsets: Int32Array, batch: Batch): number {
  const { rows, start, count } = batch;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const row = rows === null ? start + i : rows[i];
    total += Math.max(1, offsets[row + 1] - offsets[row]);
  }
  return total;
}

/**
 * Writes one element per value of rows that hold lists; a row without values gives one element
 * with `emptyId`. Outputs have shape [≥ explodedCount].
 *
 * @param out.rows  row number of each element
 * @param out.from  its place in the batch
 * @param out.ids   its value
 */
export function explodeRows(
  offsets: Int32Array,
  ids: IdArray,
  batch: Batch,
  emptyId: number,
  out: { readonly rows: Uint32Array; readonly from: Uint32Array; readonly ids: Uint32Array },
): void {
  const { rows, start, count } = batch;
  let at = 0;
  for (let i = 0; i < count; i++) {
    const row = rows === null ? start + i : rows[i];
    const first = offsets[row];
    const length = offsets[row + 1] - first;
    for (let k = 0; k < Math.max(1, length); k++) {
      out.rows[at] = row;
      out.from[at] = i;
      out.ids[at] = length === 0 ? emptyId : ids[first + k];
      at += 1;
    }
  }
}

/** Keeps elements whose id is known, with their slots; returns how many. `known` holds 0 or 1 per id. */
export function dropUnknownIds(
  ids: Uint32Array,
  slots: Uint32Array,
  count: number,
  known: Uint8Array,
  out: { readonly ids: Uint32Array; readonly slots: Uint32Array },
): number {
  const { ids: outIds, slots: outSlots } = out;
  const kernels = kernelsFor(ids, slots, known, outIds, outSlots);
  if (kernels !== null) {
    const from = [ids.byteOffset, slots.byteOffset, count, known.byteOffset] as const;
    return kernels.dropUnknownIds(...from, outIds.byteOffset, outSlots.byteOffset);
  }
  let found = 0;
  for (let i = 0; i < count; i++) {
    outIds[found] = ids[i];
    outSlots[found] = slots[i];
    found += known[ids[i]];
  }
  return found;
}
