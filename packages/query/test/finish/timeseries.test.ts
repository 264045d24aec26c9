/** Timeseries answers, whole texts. */
import { describe, expect, it } from 'vitest';
import { answerOf, april, grouped, longs, query, sums } from '../make-query.ts';

const aggregations = [
  { type: 'count', name: 'n' },
  { type: 'doubleSum', name: 's', fieldName: 'x' },
];
const postAggregations = [
  {
    type: 'arithmetic',
    name: 'avg',
    fn: '/',
    fields: [
      { type: 'fieldAccess', fieldName: 's' },
      { type: 'fieldAccess', fieldName: 'n' },
    ],
  },
];
const days = () => [
  grouped([april(2), april(1)], [], [longs(1, 2), sums(0.5, 3)]),
  grouped([april(3), april(2)], [], [longs(0, 3), sums(null, 1)]),
];
const none = { visibleIntervals: [] };

describe('a timeseries', () => {
  it('has one row a bucket in order of time; empty buckets have 0 and null', () => {
    const parsed = query('timeseries', { granularity: 'day', aggregations, postAggregations });
    expect(answerOf(parsed, days())).toBe(
      '[{"timestamp":"2011-04-01T00:00:00.000Z","result":{"n":2,"s":3.0,"avg":1.5}},' +
        '{"timestamp":"2011-04-02T00:00:00.000Z","result":{"n":4,"s":1.5,"avg":0.375}},' +
        '{"timestamp":"2011-04-03T00:00:00.000Z","result":{"n":0,"s":null,"avg":null}}]',
    );
  });

  it('goes down, stops at the limit, and totals the rows that it shows', () => {
    const parsed = query('timeseries', {
      granularity: 'day',
      aggregations,
      postAggregations,
      descending: true,
      limit: 2,
      context: { grandTotal: true },
    });
    expect(answerOf(parsed, days())).toBe(
      '[{"timestamp":"2011-04-03T00:00:00.000Z","result":{"n":0,"s":null,"avg":null}},' +
        '{"timestamp":"2011-04-02T00:00:00.000Z","result":{"n":4,"s":1.5,"avg":0.375}},' +
        '{"timestamp":null,"result":{"n":4,"s":1.5,"avg":0.375}}]',
    );
  });

  it('writes times in the zone of its granularity', () => {
    const granularity = { type: 'period', period: 'P1D', timeZone: 'America/Los_Angeles' };
    const parsed = query('timeseries', { granularity, aggregations: [aggregations[0]] });
    expect(answerOf(parsed, [grouped([april(1) + 7 * 3_600_000], [], [longs(1)])])).toBe(
      '[{"timestamp":"2011-04-01T00:00:00.000-07:00","result":{"n":1}}]',
    );
  });

  it('puts the time of a bucket under a name, which post-aggregators see', () => {
    const parsed = query('timeseries', {
      granularity: 'day',
      context: { timestampResultField: 't' },
      postAggregations: [{ type: 'fieldAccess', name: 'p', fieldName: 't' }],
    });
    expect(answerOf(parsed, [grouped([april(1)], [], [])])).toBe(
      '[{"timestamp":"2011-04-01T00:00:00.000Z","result":{"t":1301616000000,"p":1301616000000}}]',
    );
  });

  const nothing: [name: string, parts: Record<string, unknown>, text: string][] = [
    [
      'granularity all still answers a row of empty aggregates',
      { granularity: 'all' },
      '[{"timestamp":"2011-04-01T00:00:00.000Z","result":{"n":0,"s":null}}]',
    ],
    ['unless empty buckets are skipped', { context: { skipEmptyBuckets: true } }, '[]'],
    ['other granularities answer nothing', { granularity: 'day' }, '[]'],
    [
      'a grand total of nothing is there too',
      { granularity: 'day', context: { grandTotal: true } },
      '[{"timestamp":null,"result":{"n":null,"s":null}}]',
    ],
  ];
  it.each(nothing)('without any segment: %s', (_name, parts, text) => {
    expect(answerOf(query('timeseries', { aggregations, ...parts }), [], none)).toBe(text);
  });
});
