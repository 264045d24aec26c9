/** GroupBy answers, whole texts. */
import { describe, expect, it } from 'vitest';
import { answerOf, april, doubles, grouped, longs, query, texts } from '../make-query.ts';

const base = {
  dimensions: ['d', { dimension: 'k', outputName: 'k', outputType: 'LONG' }],
  aggregations: [
    { type: 'count', name: 'n' },
    { type: 'doubleMax', name: 'm', fieldName: 'x' },
  ],
};
const rows = () =>
  grouped(
    [april(2), april(1), april(1), april(1)],
    [texts('a', 'b', 'a', null), longs(1, 10, 9, null)],
    [longs(4, 3, 2, 1), doubles(0.25, 1e7, null, -2)],
  );
const keys = (parts: Record<string, unknown>) =>
  // Rows as arrays: with granularity all they begin with the dimensions.
  (
    JSON.parse(
      answerOf(query('groupBy', { ...base, context: { resultAsArray: true }, ...parts }), [rows()]),
    ) as unknown[][]
  ).map((row) => row.slice(0, 3).join(' '));

describe('a groupBy', () => {
  it('orders by time, then dimensions, nulls first, numbers by value', () => {
    expect(answerOf(query('groupBy', { ...base, granularity: 'day' }), [rows()])).toBe(
      '[{"version":"v1","timestamp":"2011-04-01T00:00:00.000Z","event":{"d":null,"k":null,"n":1,"m":-2.0}},' +
        '{"version":"v1","timestamp":"2011-04-01T00:00:00.000Z","event":{"d":"a","k":9,"n":2,"m":null}},' +
        '{"version":"v1","timestamp":"2011-04-01T00:00:00.000Z","event":{"d":"b","k":10,"n":3,"m":1.0E7}},' +
        '{"version":"v1","timestamp":"2011-04-02T00:00:00.000Z","event":{"d":"a","k":1,"n":4,"m":0.25}}]',
    );
  });

  it('with granularity all shows the start of the first interval', () => {
    const parsed = query('groupBy', { ...base, intervals: ['2010-01-01/2012-01-01'] });
    expect(
      answerOf(parsed, [grouped([april(3)], [texts('a'), longs(1)], [longs(1), doubles(1)])]),
    ).toBe(
      '[{"version":"v1","timestamp":"2010-01-01T00:00:00.000Z","event":{"d":"a","k":1,"n":1,"m":1.0}}]',
    );
  });

  it('as arrays begins with the time unless there is one bucket only', () => {
    const context = { resultAsArray: true };
    const [first] = [query('groupBy', { ...base, granularity: 'day', context })];
    expect(answerOf(first, [rows()])).toBe(
      '[[1301616000000,null,null,1,-2.0],[1301616000000,"a",9,2,null],[1301616000000,"b",10,3,1.0E7],[1301702400000,"a",1,4,0.25]]',
    );
  });

  const orders: [name: string, parts: Record<string, unknown>, expected: string[]][] = [
    [
      'by dimensions when they come first',
      { granularity: 'day', context: { resultAsArray: true, sortByDimsFirst: true } },
      ['1301616000000  ', '1301702400000 a 1', '1301616000000 a 9', '1301616000000 b 10'],
    ],
    [
      'by time right behind a metric when dimensions come first',
      {
        granularity: 'day',
        context: { resultAsArray: true, sortByDimsFirst: true },
        limitSpec: { columns: ['m'] },
      },
      ['1301616000000 a 9', '1301616000000  ', '1301702400000 a 1', '1301616000000 b 10'],
    ],
    [
      'by a metric downwards',
      { limitSpec: { columns: [{ dimension: 'n', direction: 'desc' }] } },
      ['a 1 4', 'b 10 3', 'a 9 2', '  1'],
    ],
    [
      'by a metric with null first',
      { limitSpec: { columns: ['m'] } },
      ['a 9 2', '  1', 'a 1 4', 'b 10 3'],
    ],
    [
      'a number by its text when nothing else is said',
      { limitSpec: { columns: ['k'] } },
      ['  1', 'a 1 4', 'b 10 3', 'a 9 2'],
    ],
    [
      'a number by its value',
      { limitSpec: { columns: [{ dimension: 'k', dimensionOrder: 'numeric' }] } },
      ['  1', 'a 1 4', 'a 9 2', 'b 10 3'],
    ],
    ['a limit with an offset', { limitSpec: { limit: 2, offset: 1 } }, ['a 1 4', 'a 9 2']],
    ['an offset alone', { limitSpec: { offset: 3 } }, ['b 10 3']],
    ['an offset beyond the end', { limitSpec: { offset: 30, limit: 5 } }, []],
  ];
  it.each(orders)('orders %s', (_name, parts, expected) => {
    expect(keys(parts)).toEqual(expected);
  });

  const havings: [having: unknown, expected: string[]][] = [
    [{ type: 'greaterThan', aggregation: 'n', value: '2' }, ['a 1 4', 'b 10 3']],
    [{ type: 'lessThan', aggregation: 'm', value: 0.3 }, ['  1', 'a 1 4']],
    [{ type: 'equalTo', aggregation: 'k', value: 10 }, ['b 10 3']],
    [
      { type: 'not', havingSpec: { type: 'greaterThan', aggregation: 'm', value: 0 } },
      ['  1', 'a 9 2'],
    ],
    [{ type: 'dimSelector', dimension: 'd', value: 'a' }, ['a 1 4', 'a 9 2']],
    [{ type: 'dimSelector', dimension: 'd', value: null }, ['  1']],
    [{ type: 'always' }, ['  1', 'a 1 4', 'a 9 2', 'b 10 3']],
    [{ type: 'never' }, []],
    [
      {
        type: 'or',
        havingSpecs: [
          { type: 'equalTo', aggregation: 'n', value: 1 },
          { type: 'equalTo', aggregation: 'n', value: 4 },
        ],
      },
      ['  1', 'a 1 4'],
    ],
    [{ type: 'greaterThan', aggregation: 'absent', value: 0 }, []],
    [
      {
        type: 'filter',
        filter: {
          type: 'not',
          field: { type: 'bound', dimension: 'm', lower: '1', ordering: 'numeric' },
        },
      },
      ['  1', 'a 1 4'],
    ],
  ];
  it.each(havings)('keeps groups having %j', (having, expected) => {
    expect(keys({ having })).toEqual(expected);
  });

  it('takes a null for an empty text in a dimSelector of a having', () => {
    const having = { type: 'dimSelector', dimension: 'd', value: '' };
    expect(keys({ having })).toEqual(['  1']);
  });

  it('applies having before the limit', () => {
    const having = { type: 'greaterThan', aggregation: 'n', value: 1 };
    expect(keys({ having, limitSpec: { limit: 1 } })).toEqual(['a 1 4']);
  });

  it('without dimensions and without a match is one row, segments or none', () => {
    const parsed = query('groupBy', { ...base, dimensions: [] });
    const text =
      '[{"version":"v1","timestamp":"2011-04-01T00:00:00.000Z","event":{"n":0,"m":null}}]';
    expect(answerOf(parsed, [])).toBe(text);
    expect(answerOf(parsed, [grouped([], [], [longs(), doubles()])])).toBe(text);
    expect(answerOf(parsed, [], { visibleIntervals: [] })).toBe(text);
    const byDay = query('groupBy', { ...base, dimensions: [], granularity: 'day' });
    expect(answerOf(byDay, [])).toBe('[]');
  });
});
