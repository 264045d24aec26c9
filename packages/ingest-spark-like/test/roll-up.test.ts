/** Roll-up against a naive evaluator, and what the bytes of segments hang on. Random rows print their seed. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '@isotherm/platform';
import {
  ingest,
  inlineSpec,
  makeStores,
  readBack,
  type Row,
  segmentDigests,
} from './ingest-in-memory.ts';

const schema = {
  timestampSpec: { column: 't', format: 'millis' },
  dimensionsSpec: {
    dimensions: [
      'country',
      { type: 'long', name: 'size' },
      'tags',
      { type: 'double', name: 'bid' },
    ],
  },
  metricsSpec: [
    { type: 'count', name: 'count' },
    { type: 'longSum', name: 'clicks', fieldName: 'clicks' },
    { type: 'longMin', name: 'clicksMin', fieldName: 'clicks' },
    { type: 'longMax', name: 'clicksMax', fieldName: 'clicks' },
    { type: 'doubleSum', name: 'spend', fieldName: 'spend' },
    { type: 'doubleMax', name: 'spendMax', expression: 'spend * 2' },
    { type: 'floatMin', name: 'spendMin', fieldName: 'spend' },
    { type: 'hyperUnique', name: 'users', fieldName: 'user' },
  ],
  granularitySpec: { segmentGranularity: 'hour', queryGranularity: 'minute', rollup: true },
};

interface Input {
  readonly t: number;
  readonly country: string | null;
  readonly size: number | null;
  readonly tags: readonly string[];
  readonly bid: number | null;
  readonly clicks: number | string | null;
  readonly spend: number | null;
  readonly user: string;
}

function randomRows(seed: number, count: number): Input[] {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random.next() * limit);
  const orNull = <T>(value: T): T | null => (below(8) === 0 ? null : value);
  return Array.from({ length: count }, () => ({
    t: 1_600_002_000_000 + below(3 * 3_600_000),
    country: orNull(['DE', 'US', 'é', '😀', '\uFFFD', ''][below(6)] ?? ''),
    size: orNull(below(3) - 1),
    tags: Array.from({ length: below(3) }, () => 'abc'[below(3)] ?? ''),
    bid: orNull(below(4) / 10),
    clicks: orNull(below(20) === 0 ? '4611686018427387' : below(100)),
    spend: orNull(below(1_000_000) / 1000),
    user: `u${below(40)}`,
  }));
}

/** One row at a time, with objects and maps. */
function naive(inputs: readonly Input[]): Row[] {
  const groups = new Map<string, { row: Row; users: Set<string> }>();
  for (const input of inputs) {
    const tags = [...input.tags].sort();
    const time = Math.floor(input.t / 60_000) * 60_000;
    const dimensions: Row = {
      country: input.country,
      size: input.size === null ? null : BigInt(input.size),
      bid: input.bid,
    };
    const shownTags = tags.length === 1 ? (tags[0] ?? null) : tags.length === 0 ? null : tags;
    const key = JSON.stringify([time, input.country, input.size, tags, input.bid]);
    const group = groups.get(key) ?? {
      row: {
        __time: time,
        ...dimensions,
        tags: shownTags,
        count: 0n,
        clicks: null,
        clicksMin: null,
        clicksMax: null,
        spend: null,
        spendMax: null,
        spendMin: null,
      },
      users: new Set<string>(),
    };
    groups.set(key, group);
    const { row } = group;
    group.users.add(input.user);
    row['count'] = BigInt(Number(row['count'])) + 1n;
    if (input.clicks !== null) {
      const clicks = BigInt(input.clicks);
      row['clicks'] = ((row['clicks'] as bigint | null) ?? 0n) + clicks;
      row['clicksMin'] = least(row['clicksMin'] as bigint | null, clicks);
      row['clicksMax'] = greatest(row['clicksMax'] as bigint | null, clicks);
    }
    if (input.spend !== null) {
      row['spend'] = ((row['spend'] as number | null) ?? 0) + input.spend;
      row['spendMax'] = greatest(row['spendMax'] as number | null, input.spend * 2);
      row['spendMin'] = least(row['spendMin'] as number | null, Math.fround(input.spend));
    }
  }
  return [...groups.values()].map(({ row, users }) => ({ ...row, users: users.size }));
}

function least<T extends number | bigint>(a: T | null, b: T): T {
  return a === null || b < a ? b : a;
}

function greatest<T extends number | bigint>(a: T | null, b: T): T {
  return a === null || b > a ? b : a;
}

/** A multi-value column shows null as an empty list and one value as a list of one; sums are rounded. */
function comparable(rows: readonly Row[]): string[] {
  return rows
    .map((row) => {
      const tags = row['tags'];
      const list = tags === null ? [] : Array.isArray(tags) ? tags : [tags];
      const spend = row['spend'];
      const shown = {
        ...row,
        tags: list,
        spend: typeof spend === 'number' ? spend.toFixed(6) : spend,
      };
      return JSON.stringify(
        Object.fromEntries(Object.entries(shown).sort(([a], [b]) => (a < b ? -1 : 1))),
        (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value),
      );
    })
    .sort();
}

function lines(rows: readonly Input[]): string {
  return rows.map((row) => JSON.stringify(row)).join('\n');
}

describe('roll-up', () => {
  it.each([1, 2, 3, 4, 5, 6])('equals a naive evaluator, seed %i', async (seed) => {
    const rows = randomRows(seed, 2000);
    const stores = await makeStores();
    const report = await ingest(inlineSpec(lines(rows), schema, { type: 'json' }), stores);
    const expected = naive(rows);
    expect(comparable(await readBack(stores))).toEqual(comparable(expected));
    expect([report.rowsRead, report.rowsStored]).toEqual([2000, expected.length]);
  });

  it('keeps sums of longs exact and refuses one that leaves 64 bits', async () => {
    const one = '{"t":0,"clicks":9223372036854775807}';
    const stores = await makeStores();
    await ingest(inlineSpec(`${one}\n{"t":0,"clicks":-1}`, schema, { type: 'json' }), stores);
    expect((await readBack(stores)).map((row) => row['clicks'])).toEqual([9223372036854775806n]);
    await expect(
      ingest(inlineSpec(`${one}\n{"t":0,"clicks":1}`, schema, { type: 'json' }), stores),
    ).rejects.toThrow(
      'The sum of metric "clicks" leaves 64 bits. Use doubleSum, or a smaller unit.',
    );
  });

  it('sorts by dimensions and then time, or by time first where the spec says so', async () => {
    const data = '{"t":2,"d":"a"}\n{"t":1,"d":"b"}\n{"t":1,"d":"a"}';
    const orders: unknown[] = [];
    for (const forceSegmentSortByTime of [false, true]) {
      const stores = await makeStores();
      const sorted = {
        ...schema,
        metricsSpec: [],
        granularitySpec: { rollup: false },
        dimensionsSpec: { dimensions: ['d'], forceSegmentSortByTime },
      };
      await ingest(inlineSpec(data, sorted, { type: 'json' }), stores);
      orders.push((await readBack(stores)).map((row) => [row['d'], row['__time']]));
    }
    expect(orders).toEqual([
      [
        ['a', 1],
        ['a', 2],
        ['b', 1],
      ],
      [
        ['a', 1],
        ['b', 1],
        ['a', 2],
      ],
    ]);
  });
});

describe('the bytes of segments', () => {
  const variants: readonly (readonly [name: string, change: Record<string, unknown>])[] = [
    ['with roll-up', {}],
    ['without roll-up', { granularitySpec: { ...schema.granularitySpec, rollup: false } }],
    [
      'by time first',
      { dimensionsSpec: { ...schema.dimensionsSpec, forceSegmentSortByTime: true } },
    ],
  ];

  it.each(variants)(
    'hang neither on the order of rows nor on spills, %s',
    async (_name, change) => {
      const rows = randomRows(7, 18_000);
      const shuffled = rows.toReversed();
      const digests: string[][] = [];
      const spills: number[] = [];
      for (const [data, tuning] of [
        [rows, {}],
        [shuffled, {}],
        [rows, { maxRowsInMemory: 1000 }],
        [shuffled, { maxBytesInMemory: 400_000 }],
      ] as const) {
        const stores = await makeStores();
        const spec = inlineSpec(lines(data), { ...schema, ...change }, { type: 'json' }, tuning);
        const report = await ingest(spec, stores);
        digests.push(await segmentDigests(stores));
        spills.push(report.spills);
        expect(await stores.scratch.list('')).toEqual([]);
      }
      expect(digests).toEqual([digests[0], digests[0], digests[0], digests[0]]);
      expect(spills.map((count) => count > 1)).toEqual([false, false, true, true]);
    },
  );
});

describe('partitionsSpec', () => {
  const rows = randomRows(8, 3000);
  const cases: readonly (readonly [
    name: string,
    spec: Record<string, unknown>,
    check: (counts: number[]) => boolean,
  ])[] = [
    [
      'dynamic cuts at the greatest number of rows',
      { type: 'dynamic', maxRowsPerSegment: 300 },
      (counts) => counts.every((count) => count <= 300),
    ],
    [
      'hashed makes the wanted number of shards',
      { type: 'hashed', numShards: 3 },
      (counts) => counts.length === 9,
    ],
    [
      'hashed aims at a number of rows',
      { type: 'hashed', targetRowsPerSegment: 400, partitionDimensions: ['size', 'bid'] },
      (counts) => counts.length > 3,
    ],
    [
      'range keeps equal values together',
      { type: 'range', targetRowsPerSegment: 200, partitionDimensions: ['country'] },
      (counts) => counts.length > 9,
    ],
    [
      'single_dim is range over one',
      { type: 'single_dim', targetRowsPerSegment: 200, partitionDimension: 'country' },
      (counts) => counts.length > 9,
    ],
  ];

  it.each(cases)('%s', async (_name, partitionsSpec, check) => {
    const stores = await makeStores();
    const report = await ingest(
      inlineSpec(lines(rows), schema, { type: 'json' }, { partitionsSpec }),
      stores,
    );
    const counts = report.segments.map(({ rowCount }) => rowCount);
    expect([counts, check(counts)]).toEqual([counts, true]);
    expect(comparable(await readBack(stores))).toEqual(comparable(naive(rows)));
  });

  it('range puts each value of its dimension into one segment of a chunk', async () => {
    const stores = await makeStores();
    const partitionsSpec = {
      type: 'range',
      targetRowsPerSegment: 100,
      partitionDimensions: ['country'],
    };
    const report = await ingest(
      inlineSpec(lines(rows), schema, { type: 'json' }, { partitionsSpec }),
      stores,
    );
    const back = await readBack(stores);
    let at = 0;
    const places = report.segments.flatMap(({ interval, rowCount }, segment) => {
      const part = back.slice(at, (at += rowCount));
      return [...new Set(part.map((row) => `${interval} ${JSON.stringify(row['country'])}`))].map(
        (value) => ({ value, segment }),
      );
    });
    expect(new Set(places.map(({ value }) => value)).size).toBe(places.length);
  });
});
