/** Which columns a run reads, so that they can be loaded before it starts. */
import type { Aggregation, DimensionSpec, Filter, Query } from '@isotherm/query';
import { filterColumns } from '@isotherm/query';
import { type Segment, timeSumsPart } from '@isotherm/segment';
import type { Interval } from '@isotherm/timeline';
import type { NeededColumns } from './engine.ts';
import { scanColumnNames } from './scan.ts';
import { metadataColumns } from './segment-metadata.ts';
import { boundaryIsKnown } from './time-boundary.ts';
import { isKnownByTime } from './timeseries-by-time.ts';
import { timeseriesFromStatistics } from './timeseries-statistics.ts';

/** Names of the columns that a run reads and the segment has, each once. */
export const neededColumns: NeededColumns = (query, segment, intervals) => {
  if (query.queryType === 'timeseries') {
    if (timeseriesFromStatistics(query, segment, intervals ?? []) !== null) return [];
    if (isKnownByTime(query, segment)) return [timeSumsPart];
  }
  const names = new Set(columnsOf(query, segment, intervals ?? []));
  return segment.columnNames.filter((name) => names.has(name));
};

function columnsOf(
  query: Query,
  segment: Segment,
  intervals: readonly Interval[],
): readonly string[] {
  switch (query.queryType) {
    case 'timeseries':
      return rowColumns(query.filter, aggregatedColumns(query.aggregations));
    case 'topN':
    case 'groupBy': {
      const dimensions = query.queryType === 'topN' ? [query.dimension] : query.dimensions;
      return rowColumns(query.filter, [
        ...dimensions.map(({ dimension }) => dimension),
        ...aggregatedColumns(query.aggregations),
      ]);
    }
    case 'scan':
      return rowColumns(query.filter, scanColumnNames(query, segment));
    case 'timeBoundary':
      return boundaryIsKnown(query, segment, intervals) ? [] : rowColumns(query.filter, []);
    case 'segmentMetadata':
      return metadataColumns(query, segment);
  }
}

/** Names of the columns that groups and their aggregators are made of. */
export function groupedColumns(
  aggregations: readonly Aggregation[],
  dimensions: readonly DimensionSpec[],
): readonly string[] {
  return [...dimensions.map(({ dimension }) => dimension), ...fieldNames(aggregations)];
}

function rowColumns(filter: Filter | null, columns: readonly string[]): string[] {
  return ['__time', ...columns, ...(filter === null ? [] : filterColumns(filter))];
}

/** Also those that aggregators' own filters look at. */
function aggregatedColumns(aggregations: readonly Aggregation[]): string[] {
  const filters = aggregations.flatMap(({ filter }) => filter ?? []);
  return [...fieldNames(aggregations), ...filters.flatMap(filterColumns)];
}

function fieldNames(aggregations: readonly Aggregation[]): string[] {
  return aggregations.flatMap((each) => {
    if (each.type === 'count') return [];
    return each.type === 'cardinality' ? each.fields : [each.fieldName];
  });
}
