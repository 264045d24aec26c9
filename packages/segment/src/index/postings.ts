/**
 * Postings: ascending row numbers of each entry, for columns whose rows lie scattered.
 *
 *   indexOffsets  u32 [size + 1]; entry i has the steps at [offsets[i], offsets[i + 1])
 *   indexRows     u16 steps: the first row of an entry as it is, every further one minus the row
 *                 before it; a step of 65,535 or more is the mark ff ff and its low and high halves
 *
 * They cost 2 bytes a row, 6 where rows lie far apart, and pay where an entry selects few rows: from
 * 65 entries on (below, a scan of one-byte ids is as fast) and while an entry has two rows on average
 * (above, the offsets alone outweigh the ids). Format 1 has u32 steps without marks.
 */
import { CorruptSegmentError } from '@isotherm/errors';
import { longStep, type Postings, postingsFit } from '@isotherm/kernels';
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
export function buildPostings(ids: Uint32Array, dictionarySize: number): Postings {
  const offsets = buildStarts(ids, dictionarySize);
  const rows = new Uint32Array(ids.length);
  const next = offsets.slice();
  const last = new Uint32Array(dictionarySize);
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row];
    rows[next[id]++] = row - last[id];
    last[id] = row;
  }
  return shorten(offsets, rows);
}

/** The same for a column with several values a row: a row that holds a value twice counts once. */
export function buildListPostings(
  rowOffsets: Uint32Array,
  ids: Uint32Array,
  dictionarySize: number,
): Postings {
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
  return shorten(offsets, rows);
}

/** Writes steps of 32 bits as steps of 16 with marks. */
function shorten(offsets: Uint32Array, wide: Uint32Array): Postings {
  let longCount = 0;
  for (let at = 0; at < wide.length; at++) if (wide[at] >= longStep) longCount++;
  const steps = new Uint16Array(wide.length + longCount * 2);
  const starts = new Uint32Array(offsets.length);
  let out = 0;
  for (let id = 0; id + 1 < offsets.length; id++) {
    for (let at = offsets[id]; at < offsets[id + 1]; at++) {
      const step = wide[at];
      if (step < longStep) steps[out++] = step;
      else {
        steps[out++] = longStep;
        steps[out++] = step;
        steps[out++] = step >>> 16;
      }
    }
    starts[id + 1] = out;
  }
  return { offsets: starts, steps };
}

/** Maps both blocks. @throws CorruptSegmentError if a list leaves the rows or its own steps */
export function decodeSteps(
  blocks: LoadedBlocks,
  dictionarySize: number,
  rowCount: number,
): StringIndex {
  const bytes = blocks.bytes('indexRows');
  const name = blocks.nameOf('indexRows');
  const steps = mapArray(bytes, 'uint16', Math.floor(bytes.length / 2), name);
  const offsets = decodeOffsets(blocks, dictionarySize, steps.length);
  if (!postingsFit({ offsets, steps }, rowCount)) throw wrongRows(name);
  return { type: 'postings', offsets, steps };
}

/** Shortens the steps of format 1. @throws CorruptSegmentError if a list leaves the rows */
export function decodePostings(
  blocks: LoadedBlocks,
  dictionarySize: number,
  rowCount: number,
): StringIndex {
  const bytes = blocks.bytes('indexRows');
  const name = blocks.nameOf('indexRows');
  const wide = mapArray(bytes, 'uint32', Math.floor(bytes.length / 4), name);
  const postings = shorten(decodeOffsets(blocks, dictionarySize, wide.length), wide);
  if (!postingsFit(postings, rowCount)) throw wrongRows(name);
  return { type: 'postings', ...postings };
}

function decodeOffsets(blocks: LoadedBlocks, dictionarySize: number, last: number): Uint32Array {
  const name = blocks.nameOf('indexOffsets');
  const offsets = mapArray(blocks.bytes('indexOffsets'), 'uint32', dictionarySize + 1, name);
  checkOffsets(offsets, last, name);
  return offsets;
}

function wrongRows(name: string): CorruptSegmentError {
  return new CorruptSegmentError(`Block "${name}" refers to rows that cannot be.`);
}
