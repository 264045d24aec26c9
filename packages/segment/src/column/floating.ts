/**
 * Double and float columns.
 *
 *   validity  one bit a row, 1 = value; absent without nulls
 *   values    float64 or float32, [rowCount]; 0 under a null
 *   zones     f64 min[zoneCount], f64 max[zoneCount]; min above max where a zone has only nulls,
 *             -Infinity and Infinity where it has a NaN, so that no comparison skips it
 */
import type { ColumnStatistics, FloatingColumn } from '../columns.ts';
import { zoneRows } from '../format.ts';
import type { ColumnInput } from '../input.ts';
import { bytesOf, mapArray, packValidity } from '../typed-arrays.ts';
import { blocksOf, type EncodedColumn } from './encoded.ts';
import type { LoadedBlocks } from './loaded.ts';

/** Encodes a double or float column; floats are rounded first, so that figures and values agree. */
export function encodeFloating(
  name: string,
  input: Extract<ColumnInput, { type: 'double' | 'float' }>,
): EncodedColumn {
  const nulls = input.nulls?.includes(1) === true ? input.nulls : null;
  const values = input.type === 'float' ? new Float32Array(input.values) : input.values.slice();
  if (nulls !== null) {
    for (let row = 0; row < nulls.length; row++) if (nulls[row] !== 0) values[row] = 0;
  }
  const { zones, statistics } = measure(values, nulls);
  return {
    name,
    layout: { type: input.type },
    statistics,
    blocks: blocksOf({
      validity: nulls === null ? null : packValidity(nulls),
      values: bytesOf(values),
      zones: bytesOf(zones),
    }),
  };
}

/** Maps the blocks of a double or float column. @throws CorruptSegmentError if a length is wrong */
export function decodeFloating(
  blocks: LoadedBlocks,
  type: 'double' | 'float',
  rowCount: number,
): FloatingColumn {
  const width = type === 'float' ? 'float32' : 'float64';
  const values = mapArray(blocks.bytes('values'), width, rowCount, blocks.nameOf('values'));
  return { type, values, validity: blocks.validity(rowCount) };
}

/** Takes minimum, maximum and a double-double sum (Knuth's two-sum), zone by zone. */
function measure(
  values: Float64Array | Float32Array,
  nulls: Uint8Array | null,
): { zones: Float64Array; statistics: ColumnStatistics } {
  const zoneCount = Math.ceil(values.length / zoneRows);
  const zones = new Float64Array(zoneCount * 2);
  let [min, max, sum, error, nullCount, nanCount] = [Infinity, -Infinity, 0, 0, 0, 0];
  for (let zone = 0; zone < zoneCount; zone++) {
    const end = Math.min(values.length, (zone + 1) * zoneRows);
    let [zoneMin, zoneMax, zoneNans] = [Infinity, -Infinity, 0];
    for (let row = zone * zoneRows; row < end; row++) {
      if (nulls !== null && nulls[row] !== 0) {
        nullCount++;
        continue;
      }
      const value = values[row];
      if (value < zoneMin) zoneMin = value;
      if (value > zoneMax) zoneMax = value;
      if (value !== value) zoneNans++;
      const next = sum + value;
      const shift = next - sum;
      error += sum - (next - shift) + (value - shift);
      sum = next;
    }
    zones[zone] = zoneNans > 0 ? -Infinity : zoneMin;
    zones[zoneCount + zone] = zoneNans > 0 ? Infinity : zoneMax;
    nanCount += zoneNans;
    min = Math.min(min, zoneMin);
    max = Math.max(max, zoneMax);
  }
  const empty = nullCount === values.length;
  const total = Number.isFinite(sum) ? sum + error : sum;
  return {
    zones,
    statistics: {
      nullCount,
      distinctCount: null,
      min: empty ? null : nanCount > 0 ? NaN : min,
      max: empty ? null : nanCount > 0 ? NaN : max,
      sum: empty ? null : total,
      sumError: empty ? null : Number.isFinite(sum) ? sum - total + error : 0,
    },
  };
}
