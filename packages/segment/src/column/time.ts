/**
 * `__time`: dictionary<uintN, timestamp(ms, UTC)>. Rolled-up rows share few times, usually under 256.
 *
 *   dictionaryValues  i64 epoch milliseconds, ascending, [distinct]
 *   values            ids, [rowCount]
 *   zones             f64 min[zoneCount], f64 max[zoneCount], epoch milliseconds
 */
import { CorruptSegmentError, InvariantError } from '@isotherm/errors';
import type { NarrowUnsigned, TimeColumn } from '../columns.ts';
import { type IdWidth, zoneRows } from '../format.ts';
import { bytesOf, idWidth, mapArray, narrowIds, widthBytes } from '../typed-arrays.ts';
import { blocksOf, type EncodedColumn } from './encoded.ts';
import { checkIds, type LoadedBlocks } from './loaded.ts';

/** The name of the time column everywhere. */
export const timeName = '__time';

/** Encodes the times of all rows. */
export function encodeTime(time: Float64Array): EncodedColumn {
  const { distinct, ids } = assignTimes(time);
  const narrow = narrowIds(ids, distinct.length);
  const width = idWidth(distinct.length);
  return {
    name: timeName,
    layout: { type: 'time', distinctCount: distinct.length, width },
    statistics: {
      nullCount: 0,
      distinctCount: distinct.length,
      min: distinct.length === 0 ? null : distinct[0],
      max: distinct.length === 0 ? null : distinct[distinct.length - 1],
      sum: null,
      sumError: null,
    },
    blocks: blocksOf({
      dictionaryValues: bytesOf(BigInt64Array.from(distinct, (ms) => BigInt(ms))),
      values: bytesOf(narrow),
      zones: bytesOf(zonesOf(narrow, distinct)),
    }),
  };
}

/** The ids of an encoded `__time`, shape [rowCount], and how many distinct times there are. */
export function timeIdsOf({ blocks, layout }: EncodedColumn): {
  readonly ids: NarrowUnsigned;
  readonly timeCount: number;
} {
  const bytes = blocks.get('values');
  if (bytes === undefined || layout.type !== 'time') {
    throw new InvariantError('The first column of a segment is not its time.');
  }
  const { width, distinctCount } = layout;
  const rowCount = bytes.length / widthBytes(width);
  return { ids: mapArray(bytes, width, rowCount, timeName), timeCount: distinctCount };
}

/** Maps the blocks of `__time`. @throws CorruptSegmentError if a length, an order or an id is wrong */
export function decodeTime(
  blocks: LoadedBlocks,
  layout: { readonly distinctCount: number; readonly width: IdWidth },
  rowCount: number,
): TimeColumn {
  const distinct = decodeTimes(blocks, layout.distinctCount);
  const valuesName = blocks.nameOf('values');
  const ids = mapArray(blocks.bytes('values'), layout.width, rowCount, valuesName);
  checkIds(ids, layout.distinctCount, valuesName);
  return { type: 'time', distinct, ids };
}

/** Reads the distinct times. @throws CorruptSegmentError if they do not ascend */
export function decodeTimes(blocks: LoadedBlocks, timeCount: number): Float64Array {
  const name = blocks.nameOf('dictionaryValues');
  const stored = mapArray(blocks.bytes('dictionaryValues'), 'int64', timeCount, name);
  const distinct = Float64Array.from(stored, Number);
  for (let index = 1; index < distinct.length; index++) {
    if (distinct[index] <= distinct[index - 1]) {
      throw new CorruptSegmentError(`Block "${name}" is not ascending.`);
    }
  }
  return distinct;
}

/** Numbers the distinct times in ascending order. */
function assignTimes(time: Float64Array): { distinct: Float64Array; ids: Uint32Array } {
  const ids = new Uint32Array(time.length);
  const seen = new Map<number, number>();
  let last = NaN;
  let lastId = 0;
  for (let row = 0; row < time.length; row++) {
    const ms = time[row];
    if (ms !== last) {
      if (!Number.isSafeInteger(ms)) {
        throw new InvariantError('A time given to the segment writer is not a whole millisecond.');
      }
      last = ms;
      lastId = seen.get(ms) ?? seen.size;
      if (lastId === seen.size) seen.set(ms, lastId);
    }
    ids[row] = lastId;
  }
  const distinct = Float64Array.from(seen.keys()).sort();
  const rank = new Uint32Array(distinct.length);
  for (const [index, ms] of distinct.entries()) rank[seen.get(ms) ?? 0] = index;
  for (let row = 0; row < ids.length; row++) ids[row] = rank[ids[row]];
  return { distinct, ids };
}

function zonesOf(ids: NarrowUnsigned, distinct: Float64Array): Float64Array {
  const zoneCount = Math.ceil(ids.length / zoneRows);
  const zones = new Float64Array(zoneCount * 2);
  for (let zone = 0; zone < zoneCount; zone++) {
    const end = Math.min(ids.length, (zone + 1) * zoneRows);
    let min = 0xffffffff;
    let max = 0;
    for (let row = zone * zoneRows; row < end; row++) {
      if (ids[row] < min) min = ids[row];
      if (ids[row] > max) max = ids[row];
    }
    zones[zone] = distinct[min];
    zones[zoneCount + zone] = distinct[max];
  }
  return zones;
}
