/** Zone maps: the least and greatest value of every 4096 rows, so that a scan can skip what cannot match. */
import type { LoadedBlocks } from './column/loaded.ts';
import { type ColumnLayout, zoneRows } from './format.ts';
import { mapArray } from './typed-arrays.ts';

/** Zone z covers rows [z * rowsPerZone, (z + 1) * rowsPerZone). */
export interface ZoneMap {
  readonly rowsPerZone: number;
  /**
   * Shape [zoneCount]; int64 for long columns, else float64 (epoch milliseconds for `__time`). A zone
   * of nulls has min above max; one with a NaN spans -Infinity … Infinity.
   */
  readonly min: BigInt64Array | Float64Array;
  readonly max: BigInt64Array | Float64Array;
}

/** Maps the zone map of a column, null for kinds without one. @throws CorruptSegmentError if its length is wrong */
export function decodeZones(
  layout: ColumnLayout,
  blocks: LoadedBlocks,
  rowCount: number,
): ZoneMap | null {
  switch (layout.type) {
    case 'string':
    case 'strings':
    case 'hyperUnique':
      return null;
    case 'time':
    case 'long':
    case 'double':
    case 'float': {
      const zoneCount = Math.ceil(rowCount / zoneRows);
      const width = layout.type === 'long' ? 'int64' : 'float64';
      const both = mapArray(blocks.bytes('zones'), width, zoneCount * 2, blocks.nameOf('zones'));
      return {
        rowsPerZone: zoneRows,
        min: both.subarray(0, zoneCount),
        max: both.subarray(zoneCount),
      };
    }
  }
}
