/** What is left out while rows are chosen must not show: a cut answer is the beginning of the whole one. */
import { addHyperUniqueText, hyperUniqueRegisterCount } from '@isotherm/kernels';
import { describe, expect, it } from 'vitest';
import type { GroupedPartial, PartialColumn } from '../../src/index.ts';
import { answerOf, doubles, grouped, longs, query, sums, texts } from '../make-query.ts';

const rowCount = 600;
const dayMs = 86_400_000;

/** Values that repeat, so that orders have ties, with a null now and then. */
function cycle<Value>(values: readonly Value[], step: number): (Value | null)[] {
  return Array.from({ length: rowCount }, (_, row) => values[(row * step) % values.length] ?? null);
}

function sketches(): PartialColumn {
  const registers = new Uint8Array(rowCount * hyperUniqueRegisterCount);
  for (let row = 0; row < rowCount; row++) {
    for (let value = 0; value < row % 17; value++) {
      addHyperUniqueText(registers, row * hyperUniqueRegisterCount, `${row} ${value}`);
    }
  }
  return { type: 'hyperUnique', registers };
}

const groups: GroupedPartial = grouped(
  Array.from({ length: rowCount }, (_, row) => ((row * 7) % 3) * dayMs),
  [
    texts(
      ...Array.from({ length: rowCount }, (_, row) =>
        row === 5 ? null : `ad-${(row * 31) % rowCount}`,
      ),
    ),
    doubles(...cycle([1.5, -2, null, 0, 7], 3)),
  ],
  [
    longs(...cycle([3, null, 1_000_000, -4, 2 ** 40], 7)),
    sums(...cycle([0.5, 0.25, null, -8], 11)),
    sketches(),
  ],
);
const shared = {
  dimensions: ['ad', { dimension: 'price', outputName: 'price', outputType: 'DOUBLE' }],
  aggregations: [
    { type: 'longSum', name: 'n', fieldName: 'n' },
    { type: 'doubleSum', name: 'd', fieldName: 'd' },
    { type: 'hyperUnique', name: 'u', fieldName: 'u' },
  ],
  postAggregations: [
    {
      type: 'arithmetic',
      name: 'ratio',
      fn: '/',
      fields: [
        { type: 'fieldAccess', fieldName: 'd' },
        { type: 'hyperUniqueCardinality', fieldName: 'u' },
      ],
    },
  ],
};
const orders: [name: string, columns: unknown[]][] = [
  ['dimensions alone', []],
  ['a long', [{ dimension: 'n', direction: 'descending' }]],
  [
    'a sum of doubles, then text',
    [
      { dimension: 'd', direction: 'ascending' },
      { dimension: 'ad', direction: 'descending' },
    ],
  ],
  ['a sketch', [{ dimension: 'u', direction: 'descending' }]],
  ['a post-aggregator', [{ dimension: 'ratio', direction: 'ascending' }]],
  [
    'a number as text',
    [{ dimension: 'price', direction: 'ascending', dimensionOrder: 'lexicographic' }],
  ],
];
const havings: [name: string, having: unknown][] = [
  ['nothing', null],
  ['a long', { type: 'greaterThan', aggregation: 'n', value: 2 }],
  [
    'a post-aggregator or a text',
    {
      type: 'or',
      havingSpecs: [
        { type: 'lessThan', aggregation: 'ratio', value: 0 },
        { type: 'dimSelector', dimension: 'ad', value: 'ad-31' },
      ],
    },
  ],
  [
    'time',
    {
      type: 'filter',
      filter: { type: 'range', column: '__time', matchValueType: 'LONG', lower: dayMs },
    },
  ],
];

function rowsOf(
  limit: number | null,
  offset: number,
  columns: unknown[],
  having: unknown,
): unknown[] {
  const parsed = query('groupBy', {
    ...shared,
    granularity: 'day',
    ...(having === null ? {} : { having }),
    limitSpec: { type: 'default', columns, ...(limit === null ? {} : { limit, offset }) },
  });
  // A list, as every answer is.
  return JSON.parse(answerOf(parsed, [groups])) as unknown[];
}

describe.each(havings)('a groupBy that keeps rows by %s', (_kept, having) => {
  it.each(orders)('and orders by %s, cut anywhere', (_order, columns) => {
    const whole = rowsOf(null, 0, columns, having);
    expect(whole.length).toBeGreaterThan(0);
    for (const [limit, offset] of [
      [1, 0],
      [10, 3],
      [250, 0],
      [rowCount, 0],
      [5, rowCount],
    ] as const) {
      const cut = rowsOf(limit, offset, columns, having);
      expect(cut).toEqual(whole.slice(offset, offset + limit));
    }
  });
});
