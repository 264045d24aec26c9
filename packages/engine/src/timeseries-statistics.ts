/**
 * A timeseries that covers a whole segment with one bucket and no filter, answered from the
 * figures that the segment keeps per column: no column is read.
 */
import type { Aggregation, GroupedPartial, PartialColumn, TimeseriesQuery } from '@isotherm/query';
import type { ColumnStatistics, Segment } from '@isotherm/segment';
import type { Interval } from '@isotherm/timeline';
import { bucketStart } from '@isotherm/timeline';
import { nothing } from './accumulator.ts';

/** The partial, or null if rows must be looked at. */
export function timeseriesFromStatistics(
  query: TimeseriesQuery,
  segment: Segment,
  intervals: readonly Interval[],
): GroupedPartial | null {
  const time = wholeBucketTime(query, segment, intervals);
  if (time === null) return null;
  const states: PartialColumn[] = [];
  for (const aggregation of query.aggregations) {
    const state = stateOf(aggregation, segment);
    if (state === null) return null;
    states.push(state);
  }
  const times = Float64Array.of(time);
  return { kind: 'grouped', rowCount: 1, times, dimensions: [], states, scannedRows: 0 };
}

/** Time of the one bucket that all rows are in; null if they are not all asked for, or in several. */
function wholeBucketTime(
  query: TimeseriesQuery,
  segment: Segment,
  intervals: readonly Interval[],
): number | null {
  const { filter, granularity } = query;
  const range = segment.timeRange;
  if (range === null || (filter !== null && filter.type !== 'true')) return null;
  const { minMs, maxMs } = range;
  const whole = intervals.find((interval) => interval.start <= minMs && maxMs < interval.end);
  if (whole === undefined) return null;
  if (granularity.type === 'all') return Math.max(whole.start, minMs);
  const bucket = bucketStart(granularity, minMs);
  return bucket === bucketStart(granularity, maxMs) ? bucket : null;
}

/** The state over all rows; null where the figures do not say it. */
function stateOf(aggregation: Aggregation, segment: Segment): PartialColumn | null {
  if (aggregation.filter !== undefined) return null;
  if (aggregation.type === 'count') return longColumn(BigInt(segment.rowCount));
  if (aggregation.type === 'cardinality') return null;
  const { fieldName } = aggregation;
  if (!segment.columnNames.includes(fieldName)) return nothing(aggregation, 1);
  const statistics = segment.statistics(fieldName);
  const type = storedType(fieldName, segment);
  if (statistics === null || type === null) return null;
  if (statistics.nullCount === segment.rowCount) return nothing(aggregation, 1);
  const { min, max, sum } = statistics;
  switch (aggregation.type) {
    case 'longSum':
      return typeof sum === 'bigint' ? longColumn(sum) : null;
    case 'longMin':
      return typeof min === 'bigint' ? longColumn(min) : null;
    case 'longMax':
      return typeof max === 'bigint' ? longColumn(max) : null;
    case 'doubleSum':
      return doubleSum('doubleSum', statistics);
    case 'doubleMin':
      return type === 'long' ? null : numberColumn('double', min);
    case 'doubleMax':
      return type === 'long' ? null : numberColumn('double', max);
    case 'floatSum':
      return type === 'float' ? doubleSum('floatSum', statistics) : null;
    case 'floatMin':
      return type === 'float' ? numberColumn('float', min) : null;
    case 'floatMax':
      return type === 'float' ? numberColumn('float', max) : null;
    case 'hyperUnique':
      return null;
  }
}

/** Type of a column of numbers; null for another, or none. */
export function storedType(name: string, segment: Segment): 'long' | 'float' | 'double' | null {
  const { dimensions, metrics } = segment.schema;
  const type = [...dimensions, ...metrics].find((column) => column.name === name)?.type;
  return type === 'long' || type === 'float' || type === 'double' ? type : null;
}

function longColumn(value: bigint): PartialColumn {
  return { type: 'long', values: BigInt64Array.of(value), nulls: null };
}

function numberColumn(
  type: 'float' | 'double',
  value: bigint | number | string | null,
): PartialColumn | null {
  if (typeof value !== 'number') return null;
  return { type, values: Float64Array.of(value), nulls: null };
}

function doubleSum(
  type: 'doubleSum' | 'floatSum',
  { sum, sumError }: ColumnStatistics,
): PartialColumn | null {
  if (typeof sum !== 'number' || sumError === null) return null;
  return { type, values: Float64Array.of(sum), errors: Float64Array.of(sumError), nulls: null };
}
