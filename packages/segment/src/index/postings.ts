/**
 * Postings: ascending row numbers of each entry, for columns whose rows lie scattered.
 *
 *   indexOffsets  u32 [size + 1]
 *   indexRows     u32 [offsets[size]], as differences: the first row of an entry as it is, every
 *                 further one minus the row before it
 *
 * They cost 4 bytes a row in memory (in the file the small differences compress well) and pay where
 * an entry selects few rows: from 65 entries on (below, a scan of one-byte ids is as fast) and while
 * an entry has two rows on average (above, the offsets alone outweigh the ids).
 */
import { CorruptSegmentError } from '@isotherm/errors';
import type { StringIndex } from '../columns.ts';
import { checkOffsets, type LoadedBlocks } from '../column/loaded.ts';
import { mapArray } from '../typed-arrays.ts';
import { buildStarts } from './ranges.ts';

const leastEntries = 65;
const leastRowsPerEntry = 2;

/** Whether a column of this shape gets postings. `itemCount` is the number of values in all rows. */
export function deservesPostings(dictionarySize: number, itemCount: number): boolean {
  return dictionarySize >= leastEntries && dictionarySize * leastRowsPerEntry <= itemCount;
}

/** Builds both blocks for a column with one value a row. */
export function buildPostings(
  ids: Uint32Array,
  dictionarySize: number,
): { offsets: Uint32Array; rows: Uint32Array } {
  const offsets = buildStarts(ids, dictionarySize);
  const rows = new Uint32Array(ids.length);
  const next = offsets.slice();
  const last = new Uint32Array(dictionarySize);
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row];
    rows[next[id]++] = row - last[id];
    last[id] = row;
  }
  return { offsets, rows };
}

/** The same for a column with several values a row: a row that holds a value twice counts once. */
export function buildListPostings(
  rowOffsets: Uint32Array,
  ids: Uint32Array,
  dictionarySize: number,
): { offsets: Uint32Array; rows: Uint32Array } {
  const rowCount = rowOffsets.length - 1;
  const offsets = new Uint32Array(dictionarySize + 1);
  const lastPlusOne = new Uint32Array(dictionarySize);
  for (let row = 0; row < rowCount; row++) {
    for (let item = rowOffsets[row]; item < rowOffsets[row + 1]; item++) {
      const id = ids[item];
      if (lastPlusOne[id] !== row + 1) offsets[id + 1]++;
      lastPlusOne[id] = row + 1;
    }
  }
  for (let id = 0; id < dictionarySize; id++) offsets[id + 1] += offsets[id];
  const rows = new Uint32Array(offsets[dictionarySize]);
  const next = offsets.slice();
  lastPlusOne.fill(0);
  for (let row = 0; row < rowCount; row++) {
    for (let item = rowOffsets[row]; item < rowOffsets[row + 1]; item++) {
      const id = ids[item];
      if (lastPlusOne[id] === row + 1) continue;
      rows[next[id]++] = lastPlusOne[id] === 0 ? row : row - (lastPlusOne[id] - 1);
      lastPlusOne[id] = row + 1;
    }
  }
  return { offsets, rows };
}

/** Adds the differences up into a new array. @throws CorruptSegmentError if a list leaves the rows or does not rise */
export function decodePostings(
  blocks: LoadedBlocks,
  dictionarySize: number,
  rowCount: number,
): StringIndex {
  const name = blocks.nameOf('indexOffsets');
  const offsets = mapArray(blocks.bytes('indexOffsets'), 'uint32', dictionarySize + 1, name);
  const bytes = blocks.bytes('indexRows');
  const count = bytes.length / 4;
  const rowsName = blocks.nameOf('indexRows');
  const steps = mapArray(bytes, 'uint32', Math.floor(count), rowsName);
  checkOffsets(offsets, count, name);
  const rows = new Uint32Array(steps.length);
  let wrong = false;
  for (let id = 0; id < dictionarySize; id++) {
    const end = offsets[id + 1];
    let row = -1;
    for (let at = offsets[id]; at < end; at++) {
      const step = steps[at];
      if (step === 0 && row >= 0) wrong = true;
      row = row < 0 ? step : row + step;
      rows[at] = row;
    }
    if (row >= rowCount) wrong = true;
  }
  if (wrong) throw new CorruptSegmentError(`Block "${rowsName}" refers to rows that cannot be.`);
  return { type: 'postings', offsets, rows };
}
