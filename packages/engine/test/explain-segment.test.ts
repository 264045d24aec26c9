/** How filters find their rows, as explained and as run: the way taken, and what is left to test. */
import { describe, expect, it } from 'vitest';
import type { Segment } from '@isotherm/segment';
import { memorySource, openSegment, writeSegment } from '@isotherm/segment';
import { parseQuery } from '@isotherm/query';
import { explainSegment, neededColumns } from '../src/index.ts';
import { planRunRows } from '../src/group-rows.ts';
import { visitBatches } from '../src/visit-batches.ts';

const rowCount = 50_000;
const dayMs = 86_400_000;
const start = Date.UTC(2026, 0, 1);

/** 500 ads of 100 rows each in order, 1,000 campaigns, 3 countries, longs that rise, doubles. */
async function adsSegment(): Promise<Segment> {
  const rows = Array.from({ length: rowCount }, (_none, row) => row);
  const names = (prefix: string, count: number) =>
    Array.from({ length: count }, (_none, i) => `${prefix}${String(i).padStart(4, '0')}`);
  const text = (name: string) => ({ name, type: 'string', multiValueHandling: 'ARRAY' }) as const;
  const { bytes } = writeSegment({
    schema: {
      dataSource: 'ads',
      namespace: 'default',
      interval: { start, end: start + 31 * dayMs },
      dimensions: [
        text('ad'),
        text('campaign'),
        text('country'),
        { name: 'rising', type: 'long', multiValueHandling: 'ARRAY' },
        { name: 'share', type: 'double', multiValueHandling: 'ARRAY' },
      ],
      metrics: [],
      sortOrder: ['ad', '__time'],
      rollup: false,
      queryGranularity: 'none',
      timestampSpec: { column: 'ts', format: 'iso' },
    },
    rowCount,
    time: Float64Array.from(rows, (row) => start + (row % 30) * dayMs),
    columns: new Map([
      [
        'ad',
        {
          type: 'string',
          dictionary: names('ad', 500),
          ids: Uint32Array.from(rows, (row) => Math.floor(row / 100)),
        },
      ],
      [
        'campaign',
        {
          type: 'string',
          dictionary: [null, ...names('c', 999)],
          ids: Uint32Array.from(rows, (row) => (row * 7) % 1000),
        },
      ],
      [
        'country',
        {
          type: 'string',
          dictionary: ['DE', 'FR', 'JP'],
          ids: Uint32Array.from(rows, (row) => row % 3),
        },
      ],
      ['rising', { type: 'long', values: BigInt64Array.from(rows, BigInt), nulls: null }],
      [
        'share',
        {
          type: 'double',
          values: Float64Array.from(rows, (row) => (row % 9 === 0 ? Number.NaN : row / 2)),
          nulls: Uint8Array.from(rows, (row) => Number(row % 1000 < 5)),
        },
      ],
    ]),
  });
  return openSegment(memorySource(bytes));
}

const segment = await adsSegment();
const month = '2026-01-01/2026-02-01';

function queryOf(filter: unknown, interval = month) {
  const query = parseQuery(
    {
      queryType: 'timeseries',
      dataSource: 'ads',
      granularity: 'day',
      intervals: [interval],
      aggregations: [{ type: 'count', name: 'rows' }],
      filter,
    },
    { queryId: 'q', timeoutMs: 1000 },
  );
  if (query.queryType !== 'timeseries') throw new Error('wrong type');
  return query;
}

async function explain(filter: unknown, interval = month) {
  const query = queryOf(filter, interval);
  await segment.load(neededColumns(query, segment, query.intervals));
  return explainSegment(query, segment, query.intervals);
}

/** Rows that a filter finds, and how many it looked at. */
async function find(filter: unknown, interval = month, batchRows = 8192) {
  const query = queryOf(filter, interval);
  await segment.load(neededColumns(query, segment, query.intervals));
  const plan = planRunRows({ segment, segmentId: '', intervals: query.intervals }, query.filter);
  const rows: number[] = [];
  const scanned = visitBatches({ batchRows, checkpoint: () => undefined }, plan, (batch) => {
    for (let i = 0; i < batch.count; i++) rows.push(batch.rows?.[i] ?? batch.start + i);
    return true;
  });
  return { rows, scanned };
}

const all = Array.from({ length: rowCount }, (_none, row) => row);
const ad = (value: string) => ({ type: 'selector', dimension: 'ad', value });
const between = (lower: number, upper: number) => ({
  type: 'bound',
  dimension: 'rising',
  lower: String(lower),
  upper: String(upper),
  ordering: 'numeric',
});

describe('explainSegment', () => {
  it('names the ranges of a clustered column, and the conditions left to test in order', async () => {
    const filter = {
      type: 'and',
      fields: [ad('ad0007'), { type: 'in', dimension: 'country', values: ['DE', 'JP'] }],
    };
    const { access, index, candidateRows, columns, conditions, why } = await explain(
      filter,
      '2026-01-01/2026-01-11',
    );
    expect({ access, index, candidateRows, columns }).toEqual({
      access: 'ranges',
      index: 'ad',
      candidateRows: 100,
      columns: ['__time', 'ad', 'country'],
    });
    expect(conditions.map((each) => [...each.columns, each.test])).toEqual([
      ['__time', '10 of 30 ids'],
      ['country', '2 of 3 ids'],
    ]);
    expect(why).toMatch(
      /^By ranges of "ad": 100 candidate rows, estimated [\d.]+ times cheaper than by scan\.$/,
    );
  });

  it.each([
    [
      'postings of a column of many values',
      { type: 'selector', dimension: 'campaign', value: 'c0003' },
      'postings',
      'campaign',
      50,
    ],
    ['no rows for a value that is nowhere', ad('none'), 'none', null, 0],
    [
      'all rows where no condition has an index',
      { type: 'selector', dimension: 'country', value: 'DE' },
      'scan',
      null,
      rowCount,
    ],
    [
      'all rows where an index names most of them',
      { type: 'not', field: ad('ad0001') },
      'ranges',
      'ad',
      rowCount - 100,
    ],
  ])('names %s', async (_name, filter, access, index, candidateRows) => {
    expect(await explain(filter)).toMatchObject({
      access,
      index,
      candidateRows,
      segmentRows: rowCount,
    });
  });

  it('says that figures answer where no row is looked at', async () => {
    const query = { ...queryOf(null), granularity: { type: 'all' } as const };
    expect(explainSegment(query, segment, query.intervals)).toMatchObject({
      access: 'figures',
      columns: [],
      ways: [],
    });
  });

  it('describes tests of numbers and of alternatives', async () => {
    const filter = {
      type: 'or',
      fields: [
        between(3, 9),
        { type: 'not', field: { type: 'selector', dimension: 'share', value: '2' } },
      ],
    };
    const { conditions } = await explain(filter);
    expect(conditions.map(({ columns, test }) => [columns, test])).toEqual([
      [['rising', 'share'], '(rising: from 3 to 9) or (share: not one of 1 numbers)'],
    ]);
  });
});

describe('zone maps', () => {
  it('spare batches in which no value can match, and testing those in which all do', async () => {
    const { conditions } = await explain(between(10_000, 39_999));
    expect(conditions.map(({ usesZones }) => usesZones)).toEqual([true]);
    const found = await find(between(10_000, 39_999));
    expect(found).toEqual({ rows: all.slice(10_000, 40_000), scanned: rowCount });
  });

  it.each([1, 4096, 8192])('change no answer, in batches of %d', async (batchRows) => {
    for (const [low, high] of [
      [4095, 4096],
      [0, 0],
      [8192, 12_287],
      [49_999, 60_000],
      [-5, -1],
    ] as const) {
      const { rows } = await find(between(low, high), month, batchRows);
      expect(rows).toEqual(all.filter((row) => row >= low && row <= high));
      const others = await find({ type: 'not', field: between(low, high) }, month, batchRows);
      expect(others.rows).toEqual(all.filter((row) => row < low || row > high));
    }
  });

  it('do not decide for nulls and not-a-number', async () => {
    const isNull = (row: number) => row % 1000 < 5;
    const filter = {
      type: 'bound',
      dimension: 'share',
      lower: '0',
      upper: '20000',
      ordering: 'numeric',
    };
    const value = (row: number) => (row % 9 === 0 ? Number.NaN : row / 2);
    const inside = (row: number) => !isNull(row) && value(row) <= 20_000;
    expect((await find(filter)).rows).toEqual(all.filter(inside));
    expect((await find({ type: 'not', field: filter })).rows).toEqual(
      all.filter((row) => !isNull(row) && !inside(row)),
    );
    expect((await find({ type: 'null', column: 'share' })).rows).toEqual(all.filter(isNull));
    expect((await find({ type: 'not', field: { type: 'null', column: 'share' } })).rows).toEqual(
      all.filter((row) => !isNull(row)),
    );
  });
});

describe('rows', () => {
  const campaigns = (count: number) => ({
    type: 'in',
    dimension: 'campaign',
    values: Array.from({ length: count }, (_none, i) => `c${String(i * 2).padStart(4, '0')}`),
  });
  const campaignOf = (row: number) => ((row * 7) % 1000) - 1;
  const isEven = (row: number, count: number) =>
    campaignOf(row) % 2 === 0 && campaignOf(row) < count * 2;

  it.each([
    [2, 8192],
    [100, 8192],
    [100, 100],
  ])('of the postings of %d values come in order, in batches of %d', async (count, batchRows) => {
    const { rows, scanned } = await find(campaigns(count), month, batchRows);
    expect(rows).toEqual(all.filter((row) => isEven(row, count)));
    expect(scanned).toBe(rows.length);
    const days = await find(
      { type: 'and', fields: [campaigns(count), between(1000, 30_000)] },
      '2026-01-03/2026-01-05',
      batchRows,
    );
    expect(days.rows).toEqual(
      rows.filter((row) => row >= 1000 && row <= 30_000 && (row % 30 === 2 || row % 30 === 3)),
    );
  });

  it('of short ranges are taken several a batch, with the time tested on the way', async () => {
    const filter = {
      type: 'in',
      dimension: 'ad',
      values: ['ad0003', 'ad0004', 'ad0100', 'ad0499', 'nowhere'],
    };
    const wanted = all.filter((row) => [3, 4, 100, 499].includes(Math.floor(row / 100)));
    expect(await find(filter, month, 64)).toEqual({ rows: wanted, scanned: 400 });
    const days = await find(
      { type: 'and', fields: [filter, { type: 'selector', dimension: 'country', value: 'FR' }] },
      '2026-01-03/2026-01-09',
      64,
    );
    expect(days.rows).toEqual(
      wanted.filter((row) => row % 3 === 1 && row % 30 >= 2 && row % 30 < 8),
    );
  });

  it.each([
    ['ad001%', 10],
    ['ad0%', 500],
    ['ad0017', 1],
    ['ad_017', 1],
    ['b%', 0],
  ])('of ads like %s are those of %d ads', async (pattern, ads) => {
    expect((await find({ type: 'like', dimension: 'ad', pattern })).rows).toHaveLength(ads * 100);
  });

  it('that a null makes unknown satisfy neither a filter nor its opposite', async () => {
    const filter = campaigns(1000);
    const [{ rows }, others] = [await find(filter), await find({ type: 'not', field: filter })];
    const known = all.filter((row) => campaignOf(row) >= 0);
    expect([...rows, ...others.rows].sort((a, b) => a - b)).toEqual(known);
  });
});
