/**
 * Reads native queries: JSON in, the closed types of `model.ts` out. One reader per query type here;
 * the parts they share are in the files beside this one.
 */
import { JsonFields } from '@isotherm/errors';
import { eternity } from '@isotherm/timeline';
import type {
  GroupByQuery,
  Query,
  QueryBase,
  ScanQuery,
  TimeBoundaryQuery,
  TimeseriesQuery,
  TopNQuery,
} from '../model.ts';
import { checkDepth } from './check-depth.ts';
import { checkMetric, checkOrder, checkOutputs } from './check-names.ts';
import { ignoreKeys, queryFault, refuseKeys, unsupported, wrongType } from './fault.ts';
import { readAggregations } from './parse-aggregation.ts';
import type { QueryDefaults } from './parse-context.ts';
import { readContext, timestampResultField } from './parse-context.ts';
import { readDimension } from './parse-dimension.ts';
import { optionalFilter } from './parse-filter.ts';
import { optionalHaving } from './parse-having.ts';
import { readLimitSpec } from './parse-limit.ts';
import { readPostAggregations } from './parse-post-aggregation.ts';
import {
  readDataSource,
  readGranularity,
  readIntervals,
  requiredIntervals,
} from './parse-source.ts';
import { readSegmentMetadata } from './parse-segment-metadata.ts';
import { readTopNMetric } from './parse-top-n-metric.ts';

const queryTypes = {
  supported: ['timeseries', 'topN', 'groupBy', 'scan', 'timeBoundary', 'segmentMetadata'],
  later: ['search', 'dataSourceMetadata', 'windowOperator', 'union', 'select'],
};
/** Rows of one scan batch unless the query says otherwise, as in Druid. */
const scanBatchSize = 20_480;

/**
 * Validates a native query.
 *
 * @param json what `JSON.parse` gave; integers beyond 2^53 may come as bigint or text
 * @throws InvalidQueryError naming the path of what is wrong; code UNSUPPORTED for what Druid has and we do not yet
 */
export function parseQuery(json: unknown, defaults: QueryDefaults): Query {
  checkDepth(json);
  const fields = new JsonFields(json, '', queryFault);
  const queryType = fields.string('queryType');
  refuseKeys(fields, ['virtualColumns']);
  const query = queryOfType(fields, queryType, defaults);
  fields.end();
  return query;
}

function queryOfType(fields: JsonFields, queryType: string, defaults: QueryDefaults): Query {
  switch (queryType) {
    case 'timeseries':
      return readTimeseries(fields, defaults);
    case 'topN':
      return readTopN(fields, defaults);
    case 'groupBy':
      return readGroupBy(fields, defaults);
    case 'scan':
      return readScan(fields, defaults);
    case 'timeBoundary':
      return readTimeBoundary(fields, defaults);
    case 'segmentMetadata':
      return readSegmentMetadata(fields, defaults);
    default:
      throw wrongType(fields, queryType, queryTypes, 'queryType');
  }
}

function readBase(fields: JsonFields, defaults: QueryDefaults): QueryBase {
  return {
    dataSource: readDataSource(fields),
    intervals: requiredIntervals(fields),
    context: readContext(fields, defaults),
  };
}

function readTimeseries(fields: JsonFields, defaults: QueryDefaults): TimeseriesQuery {
  const query: TimeseriesQuery = {
    queryType: 'timeseries',
    ...readBase(fields, defaults),
    granularity: readGranularity(fields),
    filter: optionalFilter(fields),
    aggregations: readAggregations(fields),
    postAggregations: readPostAggregations(fields),
    descending: fields.optionalBoolean('descending') ?? false,
    limit: fields.optionalInteger('limit', { min: 0 }) || null,
  };
  const timeName = timestampResultField(query.context);
  checkOutputs({ dimensionNames: timeName === null ? [] : [timeName], ...query });
  return query;
}

function readTopN(fields: JsonFields, defaults: QueryDefaults): TopNQuery {
  fields.required('threshold');
  const query: TopNQuery = {
    queryType: 'topN',
    ...readBase(fields, defaults),
    granularity: readGranularity(fields),
    filter: optionalFilter(fields),
    dimension: readDimension(fields.required('dimension'), fields.pathOf('dimension')),
    metric: readTopNMetric(fields.required('metric'), fields.pathOf('metric')),
    threshold: fields.optionalInteger('threshold', { min: 1 }) ?? 1,
    aggregations: readAggregations(fields),
    postAggregations: readPostAggregations(fields),
  };
  // Druid lets a topN answer the time under its own name; a groupBy must rename it.
  const dimensionNames = [query.dimension.outputName].filter((name) => name !== '__time');
  const outputs = { dimensionNames, ...query };
  checkOutputs(outputs);
  if (query.metric.type === 'numeric') checkMetric(query.metric.metric, outputs);
  return query;
}

function readGroupBy(fields: JsonFields, defaults: QueryDefaults): GroupByQuery {
  refuseKeys(fields, ['subtotalsSpec']);
  const dimensions = fields.optionalArray('dimensions') ?? [];
  const query: GroupByQuery = {
    queryType: 'groupBy',
    ...readBase(fields, defaults),
    granularity: readGranularity(fields),
    filter: optionalFilter(fields),
    dimensions: dimensions.map((item, index) =>
      readDimension(item, `${fields.pathOf('dimensions')}[${index}]`),
    ),
    aggregations: readAggregations(fields),
    postAggregations: readPostAggregations(fields),
    having: optionalHaving(fields),
    limitSpec: readLimitSpec(fields),
  };
  const dimensionNames = query.dimensions.map(({ outputName }) => outputName);
  checkOrder(query.limitSpec.columns, checkOutputs({ dimensionNames, ...query }));
  return query;
}

function readScan(fields: JsonFields, defaults: QueryDefaults): ScanQuery {
  ignoreKeys(fields, [
    'granularity',
    'legacy',
    'columnTypes',
    'maxRowsQueuedForOrdering',
    'maxSegmentPartitionsOrderedInMemory',
  ]);
  refuseKeys(fields, ['orderBy']);
  const resultFormat = fields.optionalString('resultFormat') ?? 'list';
  if (resultFormat === 'valueVector') throw unsupported('"resultFormat" of "valueVector"');
  const columns = fields.has('columns') ? fields.stringArray('columns') : [];
  return {
    queryType: 'scan',
    ...readBase(fields, defaults),
    filter: optionalFilter(fields),
    columns: columns.length === 0 ? null : [...new Set(columns)],
    resultFormat: fields.optionalOneOf('resultFormat', ['list', 'compactedList']) ?? 'list',
    order: readScanOrder(fields),
    limit: fields.optionalInteger('limit', { min: 1 }),
    offset: fields.optionalInteger('offset', { min: 0 }) ?? 0,
    batchSize: fields.optionalInteger('batchSize', { min: 1 }) ?? scanBatchSize,
  };
}

function readScanOrder(fields: JsonFields): ScanQuery['order'] {
  const order = fields.optionalString('order')?.toLowerCase() ?? 'none';
  if (order === 'ascending' || order === 'descending' || order === 'none') return order;
  throw fields.fault(
    'order',
    `is "${order}"`,
    'Expected ascending, descending or none.',
    'UNKNOWN_VALUE',
  );
}

function readTimeBoundary(fields: JsonFields, defaults: QueryDefaults): TimeBoundaryQuery {
  ignoreKeys(fields, ['granularity']);
  return {
    queryType: 'timeBoundary',
    dataSource: readDataSource(fields),
    intervals: readIntervals(fields) ?? [eternity],
    context: readContext(fields, defaults),
    bound: readBound(fields),
    filter: optionalFilter(fields),
  };
}

function readBound(fields: JsonFields): TimeBoundaryQuery['bound'] {
  const text = fields.optionalString('bound') ?? '';
  if (text === '') return null;
  const found = (['minTime', 'maxTime'] as const).find(
    (bound) => bound.toLowerCase() === text.toLowerCase(),
  );
  if (found !== undefined) return found;
  throw fields.fault('bound', `is "${text}"`, 'Expected minTime or maxTime.', 'UNKNOWN_VALUE');
}
