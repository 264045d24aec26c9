/**
 * What a node leaves out of an answer changes nothing in it: random tables over workers that share
 * some keys, asked once for the answer and once for all groups.
 */
import { localStorage } from '@isotherm/deep-storage';
import { manualClock, memoryDisk, seededRandom } from '@isotherm/platform';
import {
  type GroupedPartial,
  type PartialResult,
  finishQuery,
  mergePartials,
  parseQuery,
  writeResult,
} from '@isotherm/query';
import { decodePartials } from '@isotherm/rpc';
import { type ColumnInput, writeSegment } from '@isotherm/segment';
import { describe, expect, it } from 'vitest';
import { inlinePool } from '../src/inline-pool.ts';
import { SegmentPool } from '../src/segment-pool.ts';

const dayMs = 86_400_000;
const interval = { start: 0, end: dayMs };
const never = new AbortController().signal;

interface Row {
  readonly key: string | null;
  readonly views: number | null;
}

/** A segment of these rows; views count twice as clicks. */
function segmentOf(rows: readonly Row[], startMs: number): Uint8Array {
  const sorted = rows.toSorted((a, b) => {
    if (a.key === null || b.key === null) return Number(b.key === null) - Number(a.key === null);
    return a.key < b.key ? -1 : Number(a.key > b.key);
  });
  const dictionary = [...new Set(sorted.map(({ key }) => key))];
  const longs = (of: (row: Row) => number | null) => ({
    type: 'long' as const,
    values: BigInt64Array.from(sorted, (row) => BigInt(of(row) ?? 0)),
    nulls: sorted.some((row) => of(row) === null)
      ? Uint8Array.from(sorted, (row) => Number(of(row) === null))
      : null,
  });
  const metric = (name: string) => {
    const aggregator = { type: 'longSum' as const, name, fieldName: name };
    return { name, type: 'long' as const, aggregator };
  };
  return writeSegment({
    schema: {
      dataSource: 'pages',
      namespace: 'default',
      interval,
      dimensions: [{ name: 'page', type: 'string', multiValueHandling: 'SORTED_ARRAY' }],
      metrics: [metric('views'), metric('clicks')],
      sortOrder: ['page', '__time'],
      rollup: true,
      queryGranularity: { type: 'none' },
      timestampSpec: null,
    },
    rowCount: rows.length,
    time: Float64Array.from(sorted, (_row, i) => startMs + i),
    columns: new Map<string, ColumnInput>([
      [
        'page',
        {
          type: 'string',
          dictionary,
          ids: Uint32Array.from(sorted, ({ key }) => dictionary.indexOf(key)),
        },
      ],
      ['views', longs(({ views }) => views)],
      ['clicks', longs(({ views }) => (views === null ? null : views * 2))],
    ]),
  }).bytes;
}

/** A pool with one segment a table, dealt to its workers in turn. */
async function poolOf(tables: readonly (readonly Row[])[], workerCount: number) {
  const disk = memoryDisk();
  const clock = manualClock(0);
  const random = seededRandom(1);
  const storage = localStorage(disk);
  const pool = inlinePool({ workerCount, disk, storage, clock, columnCacheBytes: 0 });
  const segments = new SegmentPool({
    pool,
    clock,
    random,
    queueLimit: 9,
    log: (line) => expect(line).toBe(''),
    onLost: () => {},
  });
  for (const [i, rows] of tables.entries()) {
    const bytes = segmentOf(rows, i * 1000);
    await disk.writeAtomic(`${i}`, bytes);
    const place = { type: 'file', path: `${i}`, byteLength: bytes.length } as const;
    await segments.loadSegment(`${i}`, { place, keepsColumns: true, weightBytes: 1, interval });
  }
  return segments;
}

async function answerOf(
  pool: SegmentPool,
  native: object,
  { isOnlyNode, keys }: { readonly isOnlyNode: boolean; readonly keys: readonly string[] },
) {
  const text = JSON.stringify({
    dataSource: 'pages',
    intervals: ['1970-01-01/1970-01-02'],
    granularity: 'all',
    ...native,
  });
  const segments = keys.map((segmentKey) => ({ segmentKey, intervals: [interval] }));
  const given = { query: text, queryId: 'q', segments, timeoutMs: 10_000, priority: 0 };
  const answer = await pool.run({ ...given, isOnlyNode }, never);
  const query = parseQuery(JSON.parse(text), { queryId: 'q', timeoutMs: 10_000 });
  const partials = answer.blocks.flatMap((bytes) => decodePartials(bytes));
  const finished = finishQuery(query, mergePartials(query, partials), {
    visibleIntervals: [interval],
  });
  const written = [...writeResult(query, finished)];
  const json = Buffer.concat(written.map((part) => Buffer.from(part))).toString();
  return { json, rowCount: countRows(partials), missingKeys: answer.missingKeys };
}

function countRows(partials: readonly PartialResult[]): number {
  return partials
    .filter((partial): partial is GroupedPartial => partial.kind === 'grouped')
    .reduce((sum, { rowCount }) => sum + rowCount, 0);
}

const aggregations = ['views', 'clicks'].map((name) => ({
  type: 'longSum',
  name,
  fieldName: name,
}));
const byViews = { dimension: 'views', direction: 'descending', dimensionOrder: 'numeric' };
const base = { aggregations };
const queries: [name: string, query: object][] = [
  ['a topN', { ...base, queryType: 'topN', dimension: 'page', metric: 'views', threshold: 5 }],
  [
    'a topN of its metric alone',
    {
      queryType: 'topN',
      dimension: 'page',
      metric: 'views',
      threshold: 4,
      aggregations: aggregations.slice(0, 1),
    },
  ],
  [
    'a topN by count with a filter',
    {
      queryType: 'topN',
      dimension: 'page',
      metric: 'rows',
      threshold: 3,
      filter: { type: 'bound', dimension: 'page', lower: 'p1' },
      aggregations: [{ type: 'count', name: 'rows' }, ...aggregations],
    },
  ],
  [
    'a groupBy with offset, ties by a second metric',
    {
      ...base,
      queryType: 'groupBy',
      dimensions: ['page'],
      limitSpec: {
        type: 'default',
        limit: 4,
        offset: 2,
        columns: [byViews, { dimension: 'clicks', direction: 'ascending' }],
      },
    },
  ],
];

/** Tables by what is special in their views. Keys repeat in and over the tables, null among them. */
const kinds: [name: string, viewsOf: (below: (limit: number) => number) => number | null][] = [
  ['skewed', (below) => Math.floor(2000 / (1 + below(300)))],
  ['tied', (below) => below(3)],
  ['all zero', () => 0],
  ['partly negative', (below) => below(40) - 15],
  ['partly missing', (below) => (below(5) === 0 ? null : below(50))],
];

describe.each([1, 2, 3])('%i workers', (workerCount) => {
  it.each(kinds)('answer over %s metrics as if no group was left out', async (_name, viewsOf) => {
    for (let seed = 1; seed <= 4; seed++) {
      const random = seededRandom(seed);
      const below = (limit: number): number => Math.floor(random.next() * limit);
      const keyCount = 8 + below(300);
      const tables = Array.from({ length: 1 + below(6) }, () =>
        Array.from({ length: 1 + below(400) }, (): Row => {
          const key = below(40) === 0 ? null : `p${below(keyCount)}`;
          return { key, views: viewsOf(below) };
        }),
      );
      const pool = await poolOf(tables, workerCount);
      const keys = [...tables.keys()].map(String);
      for (const [about, query] of queries) {
        const all = await answerOf(pool, query, { isOnlyNode: false, keys });
        const answer = await answerOf(pool, query, { isOnlyNode: true, keys });
        expect({ seed, about, json: answer.json }).toEqual({ seed, about, json: all.json });
        expect(answer.rowCount).toBeLessThanOrEqual(all.rowCount);
      }
      await pool.close();
    }
  });
});

describe('two workers', () => {
  const rowsOf = (from: number, count: number): Row[] =>
    Array.from({ length: count }, (_none, i) => ({
      key: `p${from + i}`,
      views: Math.floor(10_000 / (1 + i)),
    }));
  const topN = { ...base, queryType: 'topN', dimension: 'page', metric: 'views', threshold: 3 };

  it('send the groups that can be in the answer, once each', async () => {
    const pool = await poolOf([rowsOf(0, 1000), rowsOf(5000, 1000)], 2);
    const keys = ['0', '1'];
    const answer = await answerOf(pool, topN, { isOnlyNode: true, keys });
    expect([answer.rowCount, answer.missingKeys]).toEqual([4, []]);
    const all = await answerOf(pool, topN, { isOnlyNode: false, keys });
    expect([all.rowCount, all.json]).toEqual([2000, answer.json]);
    await pool.close();
  });

  it('find a group that is first over both and in the lead nowhere', async () => {
    const lead = (name: string): Row[] =>
      [0, 1, 2].map((i) => ({ key: `${name}${i}`, views: 100 }));
    const both = [{ key: 'both', views: 60 }];
    const rest = rowsOf(0, 500).map(({ key }, i) => ({ key, views: i % 20 }));
    const tables = [
      [...lead('a'), ...both, ...rest],
      [...lead('b'), ...both, ...rest],
    ];
    const pool = await poolOf(tables, 2);
    const answer = await answerOf(pool, topN, { isOnlyNode: true, keys: ['0', '1'] });
    expect(JSON.parse(answer.json)).toMatchObject([
      {
        result: [
          { page: 'both', views: 120, clicks: 240 },
          { page: 'a0', views: 100 },
          { page: 'a1', views: 100 },
        ],
      },
    ]);
    await pool.close();
  });

  it('leave no group out when a segment is missing: a replica may have more of any', async () => {
    const pool = await poolOf([rowsOf(0, 1000), rowsOf(500, 1000)], 2);
    const answer = await answerOf(pool, topN, { isOnlyNode: true, keys: ['0', '1', 'gone'] });
    expect([answer.rowCount, answer.missingKeys]).toEqual([2000, ['gone']]);
    await pool.close();
  });

  it('answer over segments that were dropped and loaded again', async () => {
    const pool = await poolOf([rowsOf(0, 3000), rowsOf(1000, 3000)], 2);
    const keys = ['0', '1'];
    const before = await answerOf(pool, topN, { isOnlyNode: true, keys });
    for (let round = 0; round < 3; round++) {
      pool.dropSegment('1');
      const alone = await answerOf(pool, topN, { isOnlyNode: true, keys: ['0'] });
      expect(JSON.parse(alone.json)).toMatchObject([
        { result: [{ page: 'p0', views: 10_000 }, { views: 5000 }, { views: 3333 }] },
      ]);
      const bytes = segmentOf(rowsOf(1000, 3000), 1000);
      const place = { type: 'file', path: '1', byteLength: bytes.length } as const;
      await pool.loadSegment('1', { place, keepsColumns: true, weightBytes: 1, interval });
      expect((await answerOf(pool, topN, { isOnlyNode: true, keys })).json).toBe(before.json);
    }
    await pool.close();
  });
});
