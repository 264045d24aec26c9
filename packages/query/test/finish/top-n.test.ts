/** TopN answers, whole texts. */
import { describe, expect, it } from 'vitest';
import { answerOf, april, grouped, longs, query, texts } from '../make-query.ts';

const base = {
  dimension: 'd',
  metric: 'n',
  threshold: 3,
  aggregations: [{ type: 'longSum', name: 'n', fieldName: 'x' }],
};
const rows = () =>
  grouped(
    [0, 0, 0, 0, 0].map(() => april(1)),
    [texts('b', 'a', null, 'c', 'd')],
    [longs(5, 5, 7, null, 1)],
  );
const ordered = (parts: Record<string, unknown>) =>
  // The answer is known to be one bucket of rows.
  (
    JSON.parse(answerOf(query('topN', { ...base, ...parts }), [rows()])) as {
      result: { d: string | null }[];
    }[]
  )[0]?.result.map(({ d }) => d);

describe('a topN', () => {
  it('takes the greatest; ties come in order of the dimension', () => {
    expect(answerOf(query('topN', base), [rows()])).toBe(
      '[{"timestamp":"2011-04-01T00:00:00.000Z","result":[{"d":null,"n":7},{"d":"a","n":5},{"d":"b","n":5}]}]',
    );
  });

  const orders: [name: string, parts: Record<string, unknown>, values: (string | null)[]][] = [
    ['null metrics come last', { threshold: 9 }, [null, 'a', 'b', 'd', 'c']],
    [
      'inverted takes the least, null metrics last all the same',
      { metric: { type: 'inverted', metric: 'n' }, threshold: 9 },
      ['d', 'a', 'b', null, 'c'],
    ],
    ['by dimension, null first', { metric: { type: 'lexicographic' } }, [null, 'a', 'b']],
    ['after a stop', { metric: { type: 'lexicographic', previousStop: 'a' } }, ['b', 'c', 'd']],
    [
      'by dimension downwards, null first all the same',
      { metric: { type: 'inverted', metric: { type: 'lexicographic' } } },
      [null, 'd', 'c'],
    ],
    [
      'by dimension downwards after a stop, which null never comes after',
      { metric: { type: 'inverted', metric: { type: 'lexicographic', previousStop: 'b' } } },
      ['a'],
    ],
  ];
  it.each(orders)('%s', (_name, parts, values) => {
    expect(ordered(parts)).toEqual(values);
  });

  it('keeps few of many as sorting all would', () => {
    const values = Array.from({ length: 5_000 }, (_, index) => (index * 7919) % 1_000);
    const many = grouped(
      values.map(() => 0),
      [texts(...values.map((_, index) => `v${index}`))],
      [longs(...values)],
    );
    const few = (threshold: number) =>
      answerOf(query('topN', { ...base, threshold }), [many])
        .split('},')
        .slice(0, 20);
    expect(few(20).slice(0, 19)).toEqual(few(5_000).slice(0, 19));
  });

  it('fills the buckets of visible segments with empty lists', () => {
    const parsed = query('topN', { ...base, granularity: 'day', intervals: ['2011-04-01/P3D'] });
    const partial = grouped([april(2)], [texts('a')], [longs(1)]);
    expect(answerOf(parsed, [partial])).toBe(
      '[{"timestamp":"2011-04-01T00:00:00.000Z","result":[]},' +
        '{"timestamp":"2011-04-02T00:00:00.000Z","result":[{"d":"a","n":1}]},' +
        '{"timestamp":"2011-04-03T00:00:00.000Z","result":[]}]',
    );
  });

  it('without a match is one empty list, without a segment nothing', () => {
    const parsed = query('topN', { ...base, intervals: ['2011-03-30/2011-04-03'] });
    expect(answerOf(parsed, [grouped([], [texts()], [longs()])])).toBe(
      '[{"timestamp":"2011-04-01T00:00:00.000Z","result":[]}]',
    );
    expect(answerOf(parsed, [], { visibleIntervals: [] })).toBe('[]');
  });
});
