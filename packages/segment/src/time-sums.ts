/**
 * Sums by time: for each distinct time of a segment its rows and the exact sum of every numeric
 * column, so that a timeseries without a filter on other columns reads a few thousand numbers in
 * place of all rows, for any granularity and any intervals.
 *
 *   __time    timeCounts  u32 [distinct], rows of each time
 *   long      timeSums    i64 [distinct]; 0 where no row has a value
 *   double,   timeSums    f64 high[distinct], f64 low[distinct]: double-doubles, low 0 where high is
 *   float                 infinite or NaN
 *   columns   timeCounts  u32 [distinct], rows with a value; absent without nulls
 *
 * They are written when a time has at least 64 rows on average, so that they take at most a 64th of
 * the rows' 8 bytes, and there are at most 65,536 times. A long column of which a time's sum leaves
 * 64 bits gets none.
 */
import { CorruptSegmentError } from '@isotherm/errors';
import type { LoadedBlocks } from './column/loaded.ts';
import type { ColumnEntry, ColumnLayout } from './format.ts';
import type { ColumnInput } from './input.ts';
import { bytesOf, mapArray } from './typed-arrays.ts';

/** The name by which `load` and `unload` know the sums by time; no column is called so. */
export const timeSumsPart = '\0timeSums';

/** Rows that a time must have on average. */
const leastRowsPerTime = 64;
const mostTimes = 65_536;
const twoToThe32 = 2 ** 32;
/** Rows after which low halves are carried: their sums stay below 2^53. */
const carryRows = 2 ** 20;
const laneLimit = 2 ** 52;

/** Sums of a column, shape [times] each. */
export type ColumnTimeSums = {
  /** Rows with a value; null when all have one. */
  readonly valueCounts: Uint32Array | null;
} & (
  | {
      readonly type: 'long';
      readonly sums: BigInt64Array;
      /** The same as doubles, if adding up any of them stays exact; else null. */
      readonly exact: Float64Array | null;
    }
  | {
      readonly type: 'double' | 'float';
      readonly sums: Float64Array;
      /** Low parts of the double-doubles. */
      readonly errors: Float64Array;
    }
);

/** Rows and sums of every distinct time of a segment. */
export interface TimeSums {
  /** Ascending epoch milliseconds. */
  readonly times: Float64Array;
  /** Rows of each time. */
  readonly rowCounts: Uint32Array;
  /** By name, those that have sums. */
  readonly columns: ReadonlyMap<string, ColumnTimeSums>;
}

/** Whether a segment of this shape gets sums by time. */
export function deservesTimeSums(
  timeCount: number,
  rowCount: number,
  leastRows = leastRowsPerTime,
): boolean {
  return timeCount > 0 && timeCount <= mostTimes && rowCount >= timeCount * leastRows;
}

/** Counts the rows of each time: the block `timeCounts` of `__time`. */
export function countTimes(ids: ArrayLike<number>, timeCount: number): Uint8Array {
  const counts = new Uint32Array(timeCount);
  for (let row = 0; row < ids.length; row++) counts[ids[row]]++;
  return bytesOf(counts);
}

/** The blocks of a column; null for what has no sums. */
export function encodeTimeSums(
  column: ColumnInput,
  ids: ArrayLike<number>,
  timeCount: number,
): { readonly timeSums: Uint8Array; readonly timeCounts: Uint8Array | null } | null {
  if (column.type !== 'long' && column.type !== 'double' && column.type !== 'float') return null;
  const nulls = column.nulls?.includes(1) === true ? column.nulls : null;
  const sums =
    column.type === 'long'
      ? sumLongs(column.values, nulls, ids, timeCount)
      : sumDoubles(column.values, column.type, nulls, ids, timeCount);
  if (sums === null) return null;
  if (nulls === null) return { timeSums: bytesOf(sums), timeCounts: null };
  const counts = new Uint32Array(timeCount);
  for (let row = 0; row < ids.length; row++) counts[ids[row]] += nulls[row] === 0 ? 1 : 0;
  return { timeSums: bytesOf(sums), timeCounts: bytesOf(counts) };
}

/** Adds halves apart, which doubles hold exactly between two carries. */
function sumLongs(
  values: BigInt64Array,
  nulls: Uint8Array | null,
  ids: ArrayLike<number>,
  timeCount: number,
): BigInt64Array | null {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const high = new Float64Array(timeCount);
  const low = new Float64Array(timeCount);
  for (let start = 0; start < ids.length; start += carryRows) {
    const end = Math.min(ids.length, start + carryRows);
    for (let row = start; row < end; row++) {
      if (nulls !== null && nulls[row] !== 0) continue;
      low[ids[row]] += halves[row * 2] >>> 0;
      high[ids[row]] += halves[row * 2 + 1];
    }
    for (let time = 0; time < timeCount; time++) {
      const carried = Math.floor(low[time] / twoToThe32);
      low[time] -= carried * twoToThe32;
      high[time] += carried;
      if (Math.abs(high[time]) > laneLimit) return null;
    }
  }
  const sums = new BigInt64Array(timeCount);
  for (let time = 0; time < timeCount; time++) {
    const sum = BigInt(high[time]) * BigInt(twoToThe32) + BigInt(low[time]);
    if (BigInt.asIntN(64, sum) !== sum) return null;
    sums[time] = sum;
  }
  return sums;
}

/** Adds by Knuth's two-sum: high parts, then low ones. */
function sumDoubles(
  values: Float64Array,
  type: 'double' | 'float',
  nulls: Uint8Array | null,
  ids: ArrayLike<number>,
  timeCount: number,
): Float64Array {
  const both = new Float64Array(timeCount * 2);
  for (let row = 0; row < ids.length; row++) {
    if (nulls !== null && nulls[row] !== 0) continue;
    const value = type === 'float' ? Math.fround(values[row]) : values[row];
    const time = ids[row];
    const sum = both[time];
    const next = sum + value;
    const shift = next - sum;
    both[timeCount + time] += sum - (next - shift) + (value - shift);
    both[time] = next;
  }
  for (let time = 0; time < timeCount; time++) {
    if (!Number.isFinite(both[time])) both[timeCount + time] = 0;
  }
  return both;
}

/** Maps the counts of `__time`. @throws CorruptSegmentError if they are not all rows */
export function decodeTimeCounts(
  blocks: LoadedBlocks,
  timeCount: number,
  rowCount: number,
): Uint32Array {
  const name = blocks.nameOf('timeCounts');
  const counts = mapArray(blocks.bytes('timeCounts'), 'uint32', timeCount, name);
  if (counts.reduce((sum, count) => sum + count, 0) !== rowCount) {
    throw new CorruptSegmentError(`Block "${name}" does not count ${rowCount} rows.`);
  }
  return counts;
}

/** Maps the sums of a column. @throws CorruptSegmentError if a length is wrong */
export function decodeTimeSums(
  blocks: LoadedBlocks,
  type: ColumnLayout['type'],
  timeCount: number,
): ColumnTimeSums {
  const [bytes, name] = [blocks.bytes('timeSums'), blocks.nameOf('timeSums')];
  const valueCounts = blocks.has('timeCounts')
    ? mapArray(blocks.bytes('timeCounts'), 'uint32', timeCount, blocks.nameOf('timeCounts'))
    : null;
  if (type === 'long') {
    const sums = mapArray(bytes, 'int64', timeCount, name);
    return { type, valueCounts, sums, exact: exactDoubles(sums) };
  }
  if (type !== 'double' && type !== 'float') {
    throw new CorruptSegmentError(`Block "${name}" has sums of what is no number.`);
  }
  const both = mapArray(bytes, 'float64', timeCount * 2, name);
  return {
    type,
    valueCounts,
    sums: both.subarray(0, timeCount),
    errors: both.subarray(timeCount),
  };
}

function exactDoubles(sums: BigInt64Array): Float64Array | null {
  const doubles = Float64Array.from(sums, Number);
  const most = doubles.reduce((all, sum) => all + Math.abs(sum), 0);
  // Rounding on the way cannot bring a total of 2^53 or more below half of it.
  return most < 2 ** 52 ? doubles : null;
}

/** Names of the columns that have sums by time. */
export function timeSummedNames(columns: readonly ColumnEntry[]): ReadonlySet<string> {
  const hasCounts = columns[0]?.blocks.timeCounts !== undefined;
  const summed = columns.filter(({ blocks }) => hasCounts && blocks.timeSums !== undefined);
  return new Set(summed.map(({ name }) => name));
}
