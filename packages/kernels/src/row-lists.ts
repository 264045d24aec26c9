/** Lists of row numbers, ascending: of bits that are set, of ranges of rows, of posting lists. */
import type { Batch, IdArray } from './batch.ts';
import { addressOf, kernelsFor } from './wasm/module.ts';

/** Runs of ids or ranges of rows: starts[i] … ends[i] - 1 for i below count; ascending, disjoint, not empty. */
export interface Runs {
  readonly count: number;
  /** Shape [≥ count]. */
  readonly starts: Uint32Array;
  /** Shape [≥ count]. */
  readonly ends: Uint32Array;
}

/** Writes the rows of `batch` whose bit is set to `out` in order; returns how many. `out` may be `batch.rows`. */
export function selectRows(bits: Uint32Array, batch: Batch, out: Uint32Array): number {
  const { rows, start, count } = batch;
  const kernels = kernelsFor(bits, out, rows ?? out);
  if (kernels !== null) {
    return kernels.selectRows(bits.byteOffset, addressOf(rows), start, count, out.byteOffset);
  }
  let found = 0;
  for (let from = 0; from < count; from += 32) {
    // The lowest set bit is taken off until none is left.
    for (let left = bits[from >>> 5] | 0; left !== 0; left &= left - 1) {
      const i = from + 31 - Math.clz32(left & -left);
      out[found] = rows === null ? start + i : rows[i];
      found += 1;
    }
  }
  return found;
}

/** How far ranges were taken: range, rows taken of it, and rows that the last call took. Shape [3]. */
export type RangeCursor = Uint32Array;

/**
 * Takes the next `room` rows of ranges and writes them to `out`; with `test` only those whose id is in
 * low … low + last, both in the width of the ids. Returns how many were written; `cursor[2]` is how many were taken, 0 at the end.
 *
 * @param out shape [≥ room]
 */
export function takeRanges(
  ranges: Runs,
  cursor: RangeCursor,
  room: number,
  test: { readonly ids: IdArray; readonly low: number; readonly last: number } | null,
  out: Uint32Array,
): number {
  const { starts, ends, count } = ranges;
  const kernels = kernelsFor(starts, ends, cursor, out, test?.ids ?? out);
  if (kernels !== null) {
    return kernels.takeRanges(
      starts.byteOffset,
      ends.byteOffset,
      count,
      cursor.byteOffset,
      room,
      test?.ids.BYTES_PER_ELEMENT ?? 0,
      test?.ids.byteOffset ?? 0,
      test?.low ?? 0,
      test?.last ?? 0,
      out.byteOffset,
    );
  }
  let [range, skipped] = cursor;
  let left = room;
  let found = 0;
  while (range < count && left > 0) {
    const start = starts[range] + skipped;
    const rest = ends[range] - start;
    const end = start + Math.min(rest, left);
    for (let row = start; row < end; row++) {
      out[found] = row;
      found += test === null ? 1 : +((test.ids[row] - test.low) >>> 0 <= test.last);
    }
    left -= end - start;
    skipped = end === ends[range] ? 0 : skipped + end - start;
    range += skipped === 0 ? 1 : 0;
  }
  cursor.set([range, skipped, room - left]);
  return found;
}

/** A step of a posting list that says that its low and its high half follow. */
export const longStep = 0xffff;

/**
 * Posting lists: that of id i is steps[offsets[i] … offsets[i + 1]), the first row, then the difference
 * to each further one, which is at least 1. A step of `longStep` or more is `longStep` and its two
 * halves, the lower first; so a list of n steps has at most n rows.
 */
export interface Postings {
  readonly offsets: Uint32Array;
  readonly steps: Uint16Array;
}

/** Sets the bits of all rows in the posting lists of runs of ids: bit r, least significant first, is row r. */
export function markPostings(index: Postings, ids: Runs, bits: Uint32Array): void {
  const { offsets, steps } = index;
  const { starts, ends, count } = ids;
  const kernels = kernelsFor(offsets, steps, starts, ends, bits);
  if (kernels !== null) {
    const lists = [offsets.byteOffset, steps.byteOffset] as const;
    kernels.markPostings(...lists, starts.byteOffset, ends.byteOffset, count, bits.byteOffset);
    return;
  }
  for (let run = 0; run < count; run++) {
    for (let id = starts[run]; id < ends[run]; id++) {
      for (let at = offsets[id], row = 0; at < offsets[id + 1]; at++) {
        row += steps[at];
        if (steps[at] === longStep) row += longStepRest(steps, (at += 2));
        bits[row >>> 5] |= 1 << (row & 31);
      }
    }
  }
}

/** Writes the rows of one posting list; returns how many. */
export function listPostings({ offsets, steps }: Postings, id: number, out: Uint32Array): number {
  let found = 0;
  for (let at = offsets[id], row = 0; at < offsets[id + 1]; at++) {
    row += steps[at];
    if (steps[at] === longStep) row += longStepRest(steps, (at += 2));
    out[found] = row;
    found += 1;
  }
  return found;
}

/** What a long step is more than its mark. @param last where its high half stands */
function longStepRest(steps: Uint16Array, last: number): number {
  return steps[last] * 65_536 + steps[last - 1] - longStep;
}
