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
import type { StringIndex } from '../columns.ts';
import { checkOffsets, type LoadedBlocks } from '../column/loaded.ts';
import { mapArray } from '../typed-arrays.ts';
import { buildStarts } from './ranges.ts';

const leastEntries = 65;
const leastRowsPerEntry = 2;
/** Says that the low and the high half of a step follow. */
const longStep = 0xffff;

/** Both blocks. */
interface Postings {
  readonly offsets: Uint32Array;
  readonly steps: Uint16Array;
}

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

/** Adds the steps up. @throws CorruptSegmentError if a list leaves the rows or its own steps */
export function decodeSteps(
  blocks: LoadedBlocks,
  dictionarySize: number,
  rowCount: number,
): StringIndex {
  const name = blocks.nameOf('indexRows');
  const bytes = blocks.bytes('indexRows');
  const steps = mapArray(bytes, 'uint16', Math.floor(bytes.length / 2), name);
  const starts = decodeOffsets(blocks, dictionarySize, steps.length);
  const offsets = new Uint32Array(starts.length);
  const rows = new Uint32Array(steps.length);
  let [at, found, leaves] = [0, 0, false];
  for (let id = 0; id < dictionarySize; id++) {
    const end = starts[id + 1];
    for (let row = 0; at < end; found++) {
      const step = steps[at++];
      row += step;
      if (step === longStep) {
        row += steps[at] + steps[at + 1] * 65_536 - longStep;
        at += 2;
      }
      rows[found] = row;
      if (!(row < rowCount)) leaves = true;
    }
    if (at !== end) leaves = true;
    offsets[id + 1] = found;
  }
  if (leaves) throw wrongRows(name);
  return { type: 'postings', offsets, rows: rows.subarray(0, found) };
}

/** The same of format 1. @throws CorruptSegmentError if a list leaves the rows or does not rise */
export function decodePostings(
  blocks: LoadedBlocks,
  dictionarySize: number,
  rowCount: number,
): StringIndex {
  const rowsName = blocks.nameOf('indexRows');
  const bytes = blocks.bytes('indexRows');
  const steps = mapArray(bytes, 'uint32', Math.floor(bytes.length / 4), rowsName);
  const offsets = decodeOffsets(blocks, dictionarySize, steps.length);
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
  if (wrong) throw wrongRows(rowsName);
  return { type: 'postings', offsets, rows };
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
