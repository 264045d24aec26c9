/**
 * Ranges: the rows of each entry of a column by which the rows are sorted.
 *
 *   indexOffsets  u32 starts[size + 1]; id i has rows [starts[i], starts[i + 1])
 *
 * One entity's rows are then one slice: 4 bytes a value instead of a scan.
 */
import type { NarrowUnsigned, StringIndex } from '../columns.ts';
import { checkOffsets, type LoadedBlocks } from '../column/loaded.ts';
import { mapArray } from '../typed-arrays.ts';

/** Whether ids never fall, so that each has one range. */
export function isClustered(ids: NarrowUnsigned | Uint32Array): boolean {
  for (let row = 1; row < ids.length; row++) if (ids[row] < ids[row - 1]) return false;
  return true;
}

/** Counts the rows of each id up: `starts`, shape [size + 1]. */
export function buildStarts(ids: NarrowUnsigned | Uint32Array, size: number): Uint32Array {
  const starts = new Uint32Array(size + 1);
  for (let row = 0; row < ids.length; row++) starts[ids[row] + 1]++;
  for (let id = 0; id < size; id++) starts[id + 1] += starts[id];
  return starts;
}

/** Maps the block. @throws CorruptSegmentError if it does not divide the rows among the entries */
export function decodeRanges(
  blocks: LoadedBlocks,
  dictionarySize: number,
  rowCount: number,
): StringIndex {
  const name = blocks.nameOf('indexOffsets');
  const starts = mapArray(blocks.bytes('indexOffsets'), 'uint32', dictionarySize + 1, name);
  checkOffsets(starts, rowCount, name);
  return { type: 'ranges', starts };
}
