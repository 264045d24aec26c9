/** Aggregators with filters of their own: what groups answer that no row passed for. Values: test/oracle. */
import { hyperUniqueRegisterCount, kernelMemory } from '@isotherm/kernels';
import type { PartialColumn } from '@isotherm/query';
import { parseQuery } from '@isotherm/query';
import { memorySource, openSegment, writeSegment } from '@isotherm/segment';
import { describe, expect, it } from 'vitest';
import { SharedDictionaries, neededColumns, runSegments } from '../src/index.ts';
import type { MemoryOptions } from './memory-segment.ts';
import { segmentInput } from './memory-segment.ts';

const hourMs = 3_600_000;
const table: MemoryOptions = {
  types: { ad: 'string', tags: 'strings', clicks: 'long', cost: 'double', user: 'string' },
  rows: [
    { __time: 0, ad: 'a', tags: ['x', 'y'], clicks: 1n, cost: 0.5, user: 'u1' },
    { __time: 0, ad: 'a', tags: ['y'], clicks: 2n, cost: null, user: 'u2' },
    { __time: hourMs, ad: 'b', tags: [], clicks: 3n, cost: 1.5, user: 'u1' },
    { __time: 3 * hourMs, ad: 'c', tags: ['x'], clicks: 4n, cost: 2.5, user: null },
  ],
};
const isA = { type: 'selector', dimension: 'ad', value: 'a' };
const inner = [
  { type: 'count', name: 'rows' },
  { type: 'longSum', name: 'clicks', fieldName: 'clicks' },
  { type: 'longMax', name: 'most', fieldName: 'clicks' },
  { type: 'doubleSum', name: 'cost', fieldName: 'cost' },
  { type: 'longSum', name: 'none', fieldName: 'no such column' },
  { type: 'hyperUnique', name: 'users', fieldName: 'user', round: true },
];

function filtered(filter: object, prefix = ''): object[] {
  return inner.map((aggregator) => ({
    type: 'filtered',
    filter,
    aggregator,
    name: prefix + aggregator.name,
  }));
}

/** Rows of an answer as lists, from a segment in kernel memory. */
async function answer(json: object, batchRows: number): Promise<unknown[][]> {
  const source = memorySource(writeSegment(segmentInput(table)).bytes);
  const segment = await openSegment(source, { memory: kernelMemory() });
  const base = { dataSource: 'ads', intervals: ['1970-01-01/P1D'], granularity: 'all' };
  const query = parseQuery({ ...base, ...json }, { queryId: 'test', timeoutMs: 1000 });
  const { intervals } = query;
  await segment.load(neededColumns(query, segment, intervals));
  const [partial] = runSegments({
    query,
    segments: [{ segment, segmentId: 'ads_1', intervals }],
    batchRows,
    checkpoint: () => undefined,
    dictionaries: new SharedDictionaries({ limitBytes: 2 ** 20 }),
  });
  segment.unload();
  if (partial?.kind !== 'grouped') throw new Error('The answer has no groups.');
  const columns = [...partial.dimensions, ...partial.states].map(valuesOf);
  return Array.from({ length: partial.rowCount }, (_none, row) => columns.map((all) => all[row]));
}

function valuesOf(column: PartialColumn): unknown[] {
  switch (column.type) {
    case 'string':
      return Array.from(column.ids, (id) => column.dictionary.textAt(id));
    case 'hyperUnique':
      return Array.from(
        { length: column.registers.length / hyperUniqueRegisterCount },
        (_none, row) =>
          column.registers
            .subarray(row * hyperUniqueRegisterCount, (row + 1) * hyperUniqueRegisterCount)
            .filter((value) => value > 0).length,
      );
    case 'long':
      return Array.from(column.values, (value, row) => (column.nulls?.[row] === 1 ? null : value));
    case 'double':
    case 'doubleSum':
      return Array.from(column.values, (value, row) => (column.nulls?.[row] === 1 ? null : value));
    default:
      throw new Error(`No column of this test is "${column.type}".`);
  }
}

const empty = [0n, null, null, null, null, 0];

describe.each([1, 2, 8192])('in batches of %d rows', (batchRows) => {
  it('groups that no row passed for have counts of 0, no sums, and no distinct values', async () => {
    const query = { queryType: 'groupBy', dimensions: ['ad'], aggregations: filtered(isA) };
    expect(await answer(query, batchRows)).toEqual([
      ['a', 2n, 3n, 2n, 0.5, null, 2],
      ['b', ...empty],
      ['c', ...empty],
    ]);
  });

  it('buckets without rows have the same, and groups after the last row that passed', async () => {
    const query = { queryType: 'timeseries', granularity: 'hour', aggregations: filtered(isA) };
    expect(await answer(query, batchRows)).toEqual([
      [2n, 3n, 2n, 0.5, null, 2],
      empty,
      empty,
      empty,
    ]);
  });

  it('several filters stand beside aggregators without one, in the order of the query', async () => {
    const aggregations = [
      ...filtered({ type: 'not', field: isA }, 'not '),
      { type: 'count', name: 'all' },
      ...filtered({ type: 'selector', dimension: 'user', value: 'u1' }, 'u1 '),
    ];
    expect(await answer({ queryType: 'timeseries', aggregations }, batchRows)).toEqual([
      [2n, 7n, 4n, 4, null, 1, 4n, 2n, 4n, 3n, 2, null, 1],
    ]);
  });

  it.each([
    ['every row', { type: 'true' }, [4n, 10n, 4n, 4.5, null, 2]],
    ['no row', { type: 'false' }, empty],
    ['no row of a missing column', { type: 'selector', dimension: 'no', value: 'x' }, empty],
  ])('a filter that %s passes is not run', async (_name, filter, row) => {
    const query = { queryType: 'timeseries', aggregations: filtered(filter) };
    expect(await answer(query, batchRows)).toEqual([row]);
  });

  it('a row whose list was exploded passes or not as a whole', async () => {
    const query = {
      queryType: 'groupBy',
      dimensions: ['tags'],
      aggregations: [
        { type: 'count', name: 'rows' },
        {
          type: 'filtered',
          filter: { type: 'selector', dimension: 'tags', value: 'x' },
          aggregator: { type: 'longSum', name: 'clicks', fieldName: 'clicks' },
        },
      ],
    };
    const rows = await answer(query, batchRows);
    expect(rows.toSorted((a, b) => String(a[0]).localeCompare(String(b[0])))).toEqual([
      [null, 1n, null],
      ['x', 2n, 5n],
      ['y', 2n, 1n],
    ]);
  });
});

it('the columns of filters are needed like those of aggregators', async () => {
  const segment = await openSegment(memorySource(writeSegment(segmentInput(table)).bytes));
  const json = { queryType: 'timeseries', dataSource: 'ads', intervals: ['1970-01-01/P1D'] };
  const query = parseQuery(
    { ...json, granularity: 'all', aggregations: [filtered(isA)[0]] },
    { queryId: 'test', timeoutMs: 1000 },
  );
  expect(neededColumns(query, segment, query.intervals)).toEqual(['__time', 'ad']);
});
