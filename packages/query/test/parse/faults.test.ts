/** Queries that are refused: what is wrong, where, and what to do. */
import { InvalidQueryError } from '@isotherm/errors';
import { describe, expect, it } from 'vitest';
import { parseQuery } from '../../src/index.ts';
import { defaults } from '../make-query.ts';

const count = { type: 'count', name: 'n' };
const field = (fieldName: string) => ({ type: 'fieldAccess', fieldName });

function base(parts: Record<string, unknown>): Record<string, unknown> {
  return { queryType: 'timeseries', dataSource: 'ads', intervals: '2011/2012', ...parts };
}

function groupBy(parts: Record<string, unknown>): Record<string, unknown> {
  return base({ queryType: 'groupBy', granularity: 'all', dimensions: ['a'], ...parts });
}

function faultOf(json: unknown): { code: string; message: string } {
  try {
    parseQuery(json, defaults);
  } catch (error) {
    if (error instanceof InvalidQueryError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('The query was accepted.');
}

const faults: [json: unknown, code: string, message: string][] = [
  [[], 'NOT_AN_OBJECT', 'The document is a list. Expected an object in braces.'],
  [
    base({ queryType: 'timeserie' }),
    'UNKNOWN_TYPE',
    '"queryType" is "timeserie", which does not exist. Supported: timeseries, topN, groupBy, scan, timeBoundary, segmentMetadata. Did you mean "timeseries"?',
  ],
  [
    base({ queryType: 'search' }),
    'UNSUPPORTED',
    '"queryType" of "search" is not supported yet. Supported: timeseries, topN, groupBy, scan, timeBoundary, segmentMetadata.',
  ],
  [
    base({ agregations: [] }),
    'UNKNOWN_FIELD',
    '"agregations" is not a known field. Known here: aggregations, context, dataSource, descending, filter, granularity, intervals, limit, postAggregations, queryType, virtualColumns. Did you mean "aggregations"?',
  ],
  [
    { queryType: 'timeseries', intervals: '2011/2012' },
    'MISSING_FIELD',
    '"dataSource" is missing; dataSource can\'t be null. Add the name of a datasource.',
  ],
  [
    base({ dataSource: { type: 'union', dataSources: [] } }),
    'UNSUPPORTED',
    '"dataSource.type" of "union" is not supported yet. Supported: table.',
  ],
  [base({ intervals: [] }), 'EMPTY_INTERVALS', '"intervals" is empty. Name at least one interval.'],
  [
    base({ intervals: ['2011-04-01'] }),
    'INVALID_INTERVAL',
    '"intervals[0]" is not valid. Interval "2011-04-01" has no slash. Expected start/end, start/period or period/end, such as "2011-01-01/2011-02-01" or "2011-01-01/P1M".',
  ],
  [
    base({ context: { timeout: 'soon' } }),
    'INVALID_CONTEXT',
    '"context.timeout" is "soon". Expected a number.',
  ],
  [
    base({ context: { queryId: 'q'.repeat(256) } }),
    'INVALID_CONTEXT',
    '"context.queryId" has 256 characters. Expected 255 at most.',
  ],
  [
    base({ context: { bySegment: true } }),
    'UNSUPPORTED',
    '"context.bySegment" is not supported yet. Remove it.',
  ],
  [
    base({ virtualColumns: [{ type: 'expression' }] }),
    'UNSUPPORTED',
    '"virtualColumns" is not supported yet. Remove it.',
  ],
  [
    base({ filter: { type: 'not', field: { type: 'regex', dimension: 'a', pattern: '.' } } }),
    'UNSUPPORTED',
    '"filter.field.type" of "regex" is not supported yet. Supported: selector, in, bound, range, like, and, or, not, true, false, null, equals.',
  ],
  [
    base({
      filter: { type: 'selector', dimension: 'a', value: '1', extractionFn: { type: 'upper' } },
    }),
    'UNSUPPORTED',
    '"filter.extractionFn" is not supported yet. Remove it.',
  ],
  [
    base({ filter: { type: 'or', fields: [] } }),
    'OUT_OF_RANGE',
    '"filter.fields" is empty. A filter "or" needs at least one.',
  ],
  [
    base({ filter: { type: 'bound', dimension: 'a' } }),
    'MISSING_FIELD',
    '"filter" has neither "lower" nor "upper"; both cannot be null at the same time. Add one.',
  ],
  [
    base({ aggregations: [{ type: 'longSun', name: 's', fieldName: 's' }] }),
    'UNKNOWN_TYPE',
    '"aggregations[0].type" is "longSun", which does not exist. Supported: count, longSum, longMin, longMax, floatSum, floatMin, floatMax, doubleSum, doubleMin, doubleMax, hyperUnique, cardinality, filtered. Did you mean "longSum"?',
  ],
  [
    base({ aggregations: [{ type: 'filterd', aggregator: count }] }),
    'UNKNOWN_TYPE',
    '"aggregations[0].type" is "filterd", which does not exist. Supported: count, longSum, longMin, longMax, floatSum, floatMin, floatMax, doubleSum, doubleMin, doubleMax, hyperUnique, cardinality, filtered. Did you mean "filtered"?',
  ],
  [
    base({ aggregations: [{ type: 'cardinality', name: 'n' }] }),
    'MISSING_FIELD',
    '"aggregations[0].fields" is missing. Add it.',
  ],
  [
    base({ aggregations: [{ type: 'filtered', aggregator: count }] }),
    'MISSING_FIELD',
    '"aggregations[0].filter" is missing. Add it.',
  ],
  [
    base({ aggregations: [{ type: 'filtered', filter: { type: 'true' }, name: 'n' }] }),
    'MISSING_FIELD',
    '"aggregations[0].aggregator" is missing. Add it.',
  ],
  [
    base({
      aggregations: [
        { type: 'filtered', filter: { type: 'selectr' }, aggregator: count, name: 'n' },
      ],
    }),
    'UNKNOWN_TYPE',
    '"aggregations[0].filter.type" is "selectr", which does not exist. Supported: selector, in, bound, range, like, and, or, not, true, false, null, equals. Did you mean "selector"?',
  ],
  [
    base({
      aggregations: [{ type: 'filtered', filter: { type: 'true' }, agregator: count, name: 'n' }],
    }),
    'MISSING_FIELD',
    '"aggregations[0].aggregator" is missing. The unknown field "agregator" is near it: rename that.',
  ],
  [
    base({
      aggregations: [
        count,
        {
          type: 'filtered',
          filter: { type: 'true' },
          aggregator: { ...count, name: 'm' },
          name: 'n',
        },
      ],
    }),
    'DUPLICATE_NAME',
    'Duplicate output name "n" in "aggregations". Names of dimensions, aggregators and post-aggregators must differ. Rename one.',
  ],
  [
    base({ aggregations: [{ type: 'longSum', name: 's', expression: 'a + 1' }] }),
    'UNSUPPORTED',
    '"aggregations[0].expression" is not supported yet. Remove it.',
  ],
  [
    base({ aggregations: [count, count] }),
    'DUPLICATE_NAME',
    'Duplicate output name "n" in "aggregations". Names of dimensions, aggregators and post-aggregators must differ. Rename one.',
  ],
  [
    groupBy({ dimensions: ['__time'] }),
    'RESERVED_NAME',
    '\'__time\' cannot be used as an output name for dimensions, aggregators, or post-aggregators. Give it another name in "dimensions".',
  ],
  [
    base({
      aggregations: [{ type: 'count', name: 'rows' }],
      postAggregations: [
        { type: 'arithmetic', name: 'p', fn: '+', fields: [field('row'), field('rows')] },
      ],
    }),
    'UNKNOWN_OUTPUT',
    'Missing fields [[row]] for postAggregator [p]. Known before it: rows. Did you mean "rows"?',
  ],
  [
    base({ postAggregations: [{ type: 'arithmetic', name: 'p', fn: '+', fields: [] }] }),
    'OUT_OF_RANGE',
    '"postAggregations[0].fields" has 0 entries. Expected at least 2.',
  ],
  [
    base({
      queryType: 'topN',
      granularity: 'all',
      dimension: 'a',
      metric: 'n',
      threshold: 0,
      aggregations: [count],
    }),
    'OUT_OF_RANGE',
    '"threshold" is 0. Expected a whole number from 1 to 9007199254740991.',
  ],
  [
    base({
      queryType: 'topN',
      granularity: 'all',
      dimension: 'a',
      metric: 'm',
      threshold: 5,
      aggregations: [count],
    }),
    'UNKNOWN_OUTPUT',
    '"metric" is "m", which is no output of the query. Must have an aggregator or post-aggregator of that name. Known: n. Did you mean "n"?',
  ],
  [
    groupBy({ limitSpec: { type: 'default', columns: ['b'] } }),
    'UNKNOWN_OUTPUT',
    'Unknown column in order clause: "b". Expected an output of the query: a. Did you mean "a"?',
  ],
  [
    groupBy({ limitSpec: { columns: [{ dimension: 'a', direction: 'up' }] } }),
    'UNKNOWN_VALUE',
    '"limitSpec.columns[0].direction" is "up". Expected ascending or descending.',
  ],
  [
    groupBy({ dimensions: [{ type: 'extraction', dimension: 'a' }] }),
    'UNSUPPORTED',
    '"dimensions[0].type" of "extraction" is not supported yet. Supported: default.',
  ],
  [
    groupBy({ subtotalsSpec: [['a'], []] }),
    'UNSUPPORTED',
    '"subtotalsSpec" is not supported yet. Remove it.',
  ],
];

describe('parseQuery', () => {
  it.each(faults)('refuses %j', (json, code, message) => {
    expect(faultOf(json)).toEqual({ code, message });
  });

  it('takes 60 nested filters and refuses 64 levels and more', () => {
    const nested = (depth: number): unknown =>
      depth === 0 ? { type: 'true' } : { type: 'and', fields: [nested(depth - 1)] };
    expect(() =>
      parseQuery(base({ granularity: 'all', filter: nested(60) }), defaults),
    ).not.toThrow();
    expect(faultOf(base({ filter: nested(64) }))).toEqual({
      code: 'TOO_DEEP',
      message:
        'The query is nested more than 64 levels deep. Flatten its filters or post-aggregators, such as nested "or" into one "in".',
    });
  });
});
