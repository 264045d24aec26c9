/** Native JSON to the model: shorthands and leniencies. */
import { describe, expect, it } from 'vitest';
import { parseQuery } from '../../src/index.ts';
import { april, defaults, query } from '../make-query.ts';

describe('a timeseries', () => {
  it('becomes the model with all defaults filled in', () => {
    expect(query('timeseries', { aggregations: [{ type: 'count', name: 'rows' }] })).toEqual({
      queryType: 'timeseries',
      dataSource: { type: 'table', name: 'ads' },
      intervals: [{ start: april(1), end: april(31) }],
      context: {
        queryId: 'default-id',
        timeoutMs: 300_000,
        priority: 0,
        skipEmptyBuckets: false,
        grandTotal: false,
        resultAsArray: false,
        finalize: true,
        sortByDimsFirst: false,
        allowPartial: false,
        raw: {},
      },
      granularity: { type: 'all' },
      filter: null,
      aggregations: [{ type: 'count', name: 'rows' }],
      postAggregations: [],
      descending: false,
      limit: null,
    });
  });
});

describe('dataSource', () => {
  it('is a name or a table', () => {
    const table = query('scan', { dataSource: { type: 'table', name: 'ads' } });
    expect(table.dataSource).toEqual(query('scan').dataSource);
  });
});

describe('intervals', () => {
  const forms: [name: string, intervals: unknown, days: [number, number][]][] = [
    ['one text', '2011-04-01/2011-04-03', [[1, 3]]],
    [
      'texts divided by commas',
      '2011-04-01/2011-04-03,2011-04-05/P1D',
      [
        [1, 3],
        [5, 6],
      ],
    ],
    [
      'a list, sorted and merged',
      ['2011-04-05/2011-04-07', '2011-04-01/P1D', '2011-04-06/2011-04-09'],
      [
        [1, 2],
        [5, 9],
      ],
    ],
    ['an object', { type: 'intervals', intervals: ['2011-04-01/2011-04-03'] }, [[1, 3]]],
    ['the old object', { type: 'LegacySegmentSpec', intervals: '2011-04-01/2011-04-03' }, [[1, 3]]],
    ['an empty span keeps its start', ['2011-04-03/2011-04-03'], [[3, 3]]],
  ];
  it.each(forms)('%s', (_name, intervals, days) => {
    expect(query('scan', { intervals }).intervals).toEqual(
      days.map(([start, end]) => ({ start: april(start), end: april(end) })),
    );
  });

  it('may be left out of timeBoundary and segmentMetadata only', () => {
    const parse = (queryType: string) => parseQuery({ queryType, dataSource: 'ads' }, defaults);
    expect(parse('timeBoundary').intervals).toEqual([{ start: -8.64e15, end: 8.64e15 }]);
    expect(parse('segmentMetadata')).toMatchObject({ intervalsGiven: false });
    expect(() => parse('scan')).toThrow(
      '"intervals" is missing. Add a list such as ["2011-01-01/2011-02-01"].',
    );
  });
});

describe('the context', () => {
  it('takes booleans and numbers as text, keeps unknown keys, and means the maximum by timeout 0', () => {
    const context = {
      timeout: '0',
      priority: '5',
      queryId: 'q7',
      skipEmptyBuckets: 'true',
      grandTotal: 'false',
      vectorize: 'force',
    };
    expect(query('timeseries', { context }).context).toEqual({
      queryId: 'q7',
      timeoutMs: 300_000,
      priority: 5,
      skipEmptyBuckets: true,
      grandTotal: false,
      resultAsArray: false,
      finalize: true,
      sortByDimsFirst: false,
      allowPartial: false,
      raw: context,
    });
  });
});

describe('a topN', () => {
  it('may answer the time under its own name, which a groupBy must rename', () => {
    const metric = { type: 'lexicographic' };
    const topN = query('topN', { dimension: '__time', metric, threshold: 5 });
    expect(topN).toMatchObject({ dimension: { dimension: '__time', outputName: '__time' } });
    expect(() => query('groupBy', { dimensions: ['__time'] })).toThrow(
      "'__time' cannot be used as an output name",
    );
  });

  const metrics: [json: unknown, metric: unknown][] = [
    ['n', { type: 'numeric', metric: 'n', descending: true }],
    [
      { type: 'numeric', metric: 'n' },
      { type: 'numeric', metric: 'n', descending: true },
    ],
    [
      { type: 'inverted', metric: 'n' },
      { type: 'numeric', metric: 'n', descending: false },
    ],
    [
      { type: 'dimension', ordering: 'Numeric', previousStop: '5' },
      { type: 'dimension', ordering: 'numeric', previousStop: '5', descending: false },
    ],
    [
      { type: 'inverted', metric: { type: 'dimension', ordering: { type: 'strlen' } } },
      { type: 'dimension', ordering: 'strlen', previousStop: null, descending: true },
    ],
    [
      { type: 'lexicographic', previousStop: 'b' },
      { type: 'dimension', ordering: 'lexicographic', previousStop: 'b', descending: false },
    ],
    [
      { type: 'alphaNumeric' },
      { type: 'dimension', ordering: 'alphanumeric', previousStop: null, descending: false },
    ],
  ];
  it.each(metrics)('orders by %j', (json, metric) => {
    const parts = {
      dimension: 'country',
      threshold: '3',
      metric: json,
      aggregations: [{ type: 'count', name: 'n' }],
    };
    expect(query('topN', parts)).toMatchObject({
      metric,
      threshold: 3,
      dimension: {
        type: 'default',
        dimension: 'country',
        outputName: 'country',
        outputType: 'STRING',
      },
    });
  });
});

describe('a cardinality aggregator', () => {
  const plain = { type: 'cardinality', name: 'n', fields: ['a', 'b'], byRow: false, round: false };
  const forms: [name: string, json: object, parsed: object][] = [
    ['names columns', { fields: ['a', 'b'] }, {}],
    ['takes dimensions for their columns', { fields: ['a', { dimension: 'b' }] }, {}],
    ['has an older form', { fieldNames: ['a', 'b'] }, {}],
    [
      'counts rows, and rounds',
      { fields: ['a', 'b'], byRow: true, round: 'true' },
      { byRow: true, round: true },
    ],
  ];
  it.each(forms)('%s', (_name, json, parsed) => {
    const parts = { aggregations: [{ type: 'cardinality', name: 'n', ...json }] };
    expect(query('timeseries', parts).aggregations).toEqual([{ ...plain, ...parsed }]);
  });
});

describe('a filtered aggregator', () => {
  const filter = { type: 'selector', dimension: 'country', value: 'AT' };
  const inner = { type: 'longSum', name: 'clicks', fieldName: 'clicks' };
  const forms: [name: string, json: object, parsed: object][] = [
    ['is the one inside, with a filter', { filter, aggregator: inner }, { ...inner, filter }],
    [
      'has its own name if it gives one',
      { name: 'austrian', filter, aggregator: inner },
      { ...inner, name: 'austrian', filter },
    ],
    ['has the inner name if its own is empty', { name: '', filter, aggregator: inner }, { filter }],
    [
      'in another one counts rows that pass both',
      {
        filter,
        aggregator: { type: 'filtered', filter: { type: 'true' }, aggregator: inner, name: 'both' },
      },
      { ...inner, name: 'both', filter: { type: 'and', fields: [filter, { type: 'true' }] } },
    ],
  ];
  it.each(forms)('%s', (_name, json, parsed) => {
    const parts = { aggregations: [{ type: 'filtered', ...json }] };
    expect(query('timeseries', parts).aggregations).toEqual([{ ...inner, ...parsed }]);
  });
});

describe('a groupBy', () => {
  it('reads dimensions and orders in every form', () => {
    const parsed = query('groupBy', {
      dimensions: [
        'a',
        { dimension: 'b' },
        { type: 'default', dimension: 'c', outputName: 'd', outputType: 'long' },
      ],
      aggregations: [{ type: 'count', name: 'n' }],
      limitSpec: {
        type: 'default',
        limit: 2147483647,
        offset: 3,
        columns: ['a', { dimension: 'n', direction: 'DESC', dimensionOrder: { type: 'numeric' } }],
      },
    });
    expect(parsed.dimensions).toEqual([
      { type: 'default', dimension: 'a', outputName: 'a', outputType: 'STRING' },
      { type: 'default', dimension: 'b', outputName: 'b', outputType: 'STRING' },
      { type: 'default', dimension: 'c', outputName: 'd', outputType: 'LONG' },
    ]);
    expect(parsed.limitSpec).toEqual({
      columns: [
        { dimension: 'a', descending: false, dimensionOrder: 'lexicographic' },
        { dimension: 'n', descending: true, dimensionOrder: 'numeric' },
      ],
      limit: null,
      offset: 3,
    });
  });
});

describe('filters', () => {
  it('turn numbers into text and sort lists once', () => {
    const filter = {
      type: 'and',
      fields: [
        { type: 'in', dimension: 'a', values: ['b', 10, null, 'a', 'b'] },
        { type: 'bound', dimension: 'a', lower: 1, upper: '5', ordering: { type: 'numeric' } },
        { type: 'selector', dimension: 'a', value: 7, extractionFn: null },
        { type: 'range', column: 'a', matchValueType: 'LONG', lower: '9007199254740993' },
      ],
    };
    expect(query('scan', { filter, virtualColumns: [] }).filter).toEqual({
      type: 'and',
      fields: [
        { type: 'in', dimension: 'a', values: [null, '10', 'a', 'b'] },
        {
          type: 'bound',
          dimension: 'a',
          lower: '1',
          upper: '5',
          lowerStrict: false,
          upperStrict: false,
          ordering: 'numeric',
        },
        { type: 'selector', dimension: 'a', value: '7' },
        {
          type: 'range',
          column: 'a',
          matchValueType: 'LONG',
          lower: 9007199254740993n,
          upper: null,
          lowerOpen: false,
          upperOpen: false,
        },
      ],
    });
  });

  it('read a list of 100,000 values at once', () => {
    const values = Array.from({ length: 100_000 }, (_, index) => `v${(index * 7919) % 100_000}`);
    const { filter } = query('scan', { filter: { type: 'in', dimension: 'a', values } });
    expect(filter).toMatchObject({ type: 'in', values: values.toSorted() });
  });
});

describe('scan and segmentMetadata', () => {
  it('no columns are all columns; legacy is ignored', () => {
    expect(query('scan', { columns: [], legacy: true })).toMatchObject({
      columns: null,
      resultFormat: 'list',
      order: 'none',
      limit: null,
      offset: 0,
      batchSize: 20_480,
    });
  });

  it('toInclude names columns; analysis types are found in any case', () => {
    const parsed = query('segmentMetadata', {
      toInclude: { type: 'list', columns: ['a'] },
      analysisTypes: ['MINMAX', 'aggregators'],
      merge: 'true',
    });
    expect(parsed).toMatchObject({
      toInclude: ['a'],
      analysisTypes: ['minmax', 'aggregators'],
      merge: true,
      intervalsGiven: true,
    });
    expect(query('segmentMetadata', { toInclude: { type: 'all' } }).toInclude).toBeNull();
    expect(query('segmentMetadata', { toInclude: { type: 'none' } }).toInclude).toEqual([]);
  });
});
