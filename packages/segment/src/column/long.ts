/**
 * Long columns: exact 64-bit integers, stored in the narrowest width that holds all of them.
 *
 *   validity  one bit a row, 1 = value; absent without nulls
 *   values    int8 … int64, [rowCount]; 0 under a null
 *   zones     i64 min[zoneCount], i64 max[zoneCount]; min above max where a zone has only nulls
 *
 * The input is read as pairs of 32-bit halves: BigInt loads cost five times as much here.
 */
import type { ColumnStatistics, LongColumn, NarrowInteger } from '../columns.ts';
import { type IntegerWidth, zoneRows } from '../format.ts';
import type { ColumnInput } from '../input.ts';
import { bytesOf, mapArray, packValidity, widthBytes, widthOf } from '../typed-arrays.ts';
import { blocksOf, type EncodedColumn } from './encoded.ts';
import type { LoadedBlocks } from './loaded.ts';

/** Least and greatest value, both inclusive; 0 without values. */
type LongRange = { readonly min: bigint; readonly max: bigint };

const leastLong = -(2n ** 63n);
const greatestLong = 2n ** 63n - 1n;

/** Encodes a long column. */
export function encodeLong(
  name: string,
  input: Extract<ColumnInput, { type: 'long' }>,
): EncodedColumn {
  const nulls = input.nulls?.includes(1) === true ? input.nulls : null;
  const source = nulls === null ? input.values : zeroNulls(input.values, nulls);
  const { zones, statistics, range } = measure(source, nulls);
  const values = narrow(source, range);
  return {
    name,
    layout: { type: 'long', width: widthOf(values) },
    statistics,
    blocks: blocksOf({
      validity: nulls === null ? null : packValidity(nulls),
      values: bytesOf(values),
      zones: bytesOf(zones),
    }),
  };
}

/**
 * Maps the blocks of a long column.
 *
 * @param constant  the value of all rows, whose block was not read; it is written out when asked for
 * @throws CorruptSegmentError if a length is wrong
 */
export function decodeLong(
  blocks: LoadedBlocks,
  width: IntegerWidth,
  rowCount: number,
  constant: bigint | null,
): LongColumn {
  if (constant !== null) return constantLong(blocks, width, rowCount, constant);
  const values = mapArray(blocks.bytes('values'), width, rowCount, blocks.nameOf('values'));
  return { type: 'long', values, validity: blocks.validity(rowCount) };
}

function constantLong(
  blocks: LoadedBlocks,
  width: IntegerWidth,
  rowCount: number,
  constant: bigint,
): LongColumn {
  const map = (bytes: Uint8Array) => mapArray(bytes, width, rowCount, blocks.nameOf('values'));
  let values: NarrowInteger | null = null;
  return {
    type: 'long',
    validity: null,
    get values() {
      values ??= map(
        blocks.derive('values', rowCount * widthBytes(width), (bytes) => {
          const array = map(bytes);
          if (array instanceof BigInt64Array) array.fill(constant);
          else array.fill(Number(constant));
        }),
      );
      return values;
    },
  };
}

function zeroNulls(values: BigInt64Array, nulls: Uint8Array): BigInt64Array {
  const copy = values.slice();
  for (let row = 0; row < nulls.length; row++) if (nulls[row] !== 0) copy[row] = 0n;
  return copy;
}

/** Takes minimum, maximum and sum, zone by zone. Values under nulls are 0. */
function measure(
  values: BigInt64Array,
  nulls: Uint8Array | null,
): { zones: BigInt64Array; statistics: ColumnStatistics; range: LongRange } {
  const zoneCount = Math.ceil(values.length / zoneRows);
  const zones = new BigInt64Array(zoneCount * 2);
  let sum = 0n;
  let nullCount = 0;
  let min = greatestLong;
  let max = leastLong;
  for (let zone = 0; zone < zoneCount; zone++) {
    const start = zone * zoneRows;
    const end = Math.min(values.length, start + zoneRows);
    const figures = measureZone(values, nulls, start, end);
    zones[zone] = figures.min;
    zones[zoneCount + zone] = figures.max;
    sum += figures.sum;
    nullCount += figures.nullCount;
    if (figures.min < min) min = figures.min;
    if (figures.max > max) max = figures.max;
  }
  const empty = nullCount === values.length;
  const fits = sum >= leastLong && sum <= greatestLong;
  return {
    zones,
    range: empty ? { min: 0n, max: 0n } : { min, max },
    statistics: {
      nullCount,
      distinctCount: null,
      min: empty ? null : min,
      max: empty ? null : max,
      sum: empty || !fits ? null : sum,
      sumError: null,
    },
  };
}

/** Halves are compared as (high signed, low unsigned); a zone's sums of halves stay exact in doubles. */
function measureZone(
  values: BigInt64Array,
  nulls: Uint8Array | null,
  start: number,
  end: number,
): { min: bigint; max: bigint; sum: bigint; nullCount: number } {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  let [minHigh, minLow, maxHigh, maxLow] = [0x7fffffff, 0xffffffff, -0x80000000, 0];
  let [sumHigh, sumLow, nullCount] = [0, 0, 0];
  for (let row = start; row < end; row++) {
    if (nulls !== null && nulls[row] !== 0) {
      nullCount++;
      continue;
    }
    const low = halves[row * 2] >>> 0;
    const high = halves[row * 2 + 1];
    sumLow += low;
    sumHigh += high;
    if (high < minHigh || (high === minHigh && low < minLow)) {
      minHigh = high;
      minLow = low;
    }
    if (high > maxHigh || (high === maxHigh && low > maxLow)) {
      maxHigh = high;
      maxLow = low;
    }
  }
  return {
    min: joinHalves(minHigh, minLow),
    max: joinHalves(maxHigh, maxLow),
    sum: joinHalves(sumHigh, sumLow),
    nullCount,
  };
}

function joinHalves(high: number, low: number): bigint {
  return (BigInt(high) << 32n) + BigInt(low);
}

/** Copies into the narrowest width; the 0 under a null fits in every one. */
function narrow(values: BigInt64Array, range: LongRange): NarrowInteger {
  const make = narrowArray(range.min, range.max);
  if (make === null) return values;
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const out = new make(values.length);
  for (let row = 0; row < out.length; row++) out[row] = halves[row * 2];
  return out;
}

function narrowArray(min: bigint, max: bigint) {
  if (min >= 0n) {
    if (max <= 0xffn) return Uint8Array;
    if (max <= 0xffffn) return Uint16Array;
    return max <= 0xffffffffn ? Uint32Array : null;
  }
  if (min >= -0x80n && max <= 0x7fn) return Int8Array;
  if (min >= -0x8000n && max <= 0x7fffn) return Int16Array;
  return min >= -0x80000000n && max <= 0x7fffffffn ? Int32Array : null;
}
