import {
  addHyperUniqueText,
  compareCodePoints,
  encodeHyperUnique,
  hyperUniqueRegisterCount,
} from '@isotherm/kernels';
import { describe, expect, it } from 'vitest';
import {
  memorySource,
  mergeSegments,
  type MetricSchema,
  openSegment,
  type Segment,
  type SegmentSchema,
  writeSegment,
} from '../src/index.ts';
import {
  inputOf,
  openAtOddOffset,
  type PlainTable,
  type PlainValue,
  readValues,
  seededNumbers,
} from './tables.ts';

/** One row before it is aggregated: two dimensions, time, and what the metrics add up. */
interface Row {
  readonly time: number;
  readonly country: string | null;
  readonly tags: readonly (string | null)[];
  readonly clicks: bigint | null;
  readonly spend: number | null;
  readonly user: string;
}

function sketchOf(users: readonly string[]): string {
  const registers = new Uint8Array(hyperUniqueRegisterCount);
  for (const user of users) addHyperUniqueText(registers, 0, user);
  return Buffer.from(encodeHyperUnique(registers, 0)).toString('hex');
}

function compareTexts(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return compareCodePoints(a, b);
}

function compareRows(a: Row, b: Row): number {
  const byCountry = compareTexts(a.country, b.country);
  if (byCountry !== 0) return byCountry;
  const shared = Math.min(a.tags.length, b.tags.length);
  for (let item = 0; item < shared; item++) {
    const byTag = compareTexts(a.tags[item] ?? null, b.tags[item] ?? null);
    if (byTag !== 0) return byTag;
  }
  return a.tags.length - b.tags.length || a.time - b.time;
}

/** Rolls rows up one by one, the plain way. */
function rollUp(rows: readonly Row[]): PlainTable {
  const sorted = rows.toSorted(compareRows);
  const groups: Row[][] = [];
  for (const row of sorted) {
    const last = groups.at(-1)?.[0];
    if (last !== undefined && compareRows(last, row) === 0) groups.at(-1)?.push(row);
    else groups.push([row]);
  }
  const firsts = groups.map((group) => group[0]).filter((row) => row !== undefined);
  return {
    time: firsts.map((row) => row.time),
    columns: {
      country: { type: 'string', values: firsts.map((row) => row.country) },
      tags: { type: 'strings', values: firsts.map((row) => row.tags) },
      clicks: {
        type: 'long',
        values: groups.map((group) =>
          sum(
            group.map((row) => row.clicks),
            0n,
          ),
        ),
      },
      spend: {
        type: 'double',
        values: groups.map((group) =>
          sum(
            group.map((row) => row.spend),
            0,
          ),
        ),
      },
      users: {
        type: 'hyperUnique',
        values: groups.map((group) => sketchOf(group.map((row) => row.user))),
      },
    },
  };
}

function sum<T extends bigint | number>(values: readonly (T | null)[], zero: T): T | null {
  const present = values.filter((value) => value !== null);
  // Both kinds add the same way, which the operator's type does not know.
  return present.length === 0
    ? null
    : present.reduce((a, b) => ((a as number) + (b as number)) as T, zero);
}

function randomRows(count: number, next: () => number): Row[] {
  const below = (limit: number) => Math.floor(next() * limit);
  const text = () => (next() < 0.2 ? null : ['', 'de', 'us', '\uff5e', '\u{1f600}'][below(5)]);
  return Array.from({ length: count }, () => ({
    time: below(3) * 3_600_000,
    country: text() ?? null,
    tags: Array.from({ length: below(3) }, () => text() ?? null),
    clicks: next() < 0.2 ? null : BigInt(below(1000) - 300),
    // Eighths, whose sums are exact in any order.
    spend: next() < 0.2 ? null : below(1000) / 8,
    user: `user-${below(50)}`,
  }));
}

const { schema } = inputOf(rollUp([]), true);

async function openTable(table: PlainTable): Promise<Segment> {
  return openSegment(memorySource(writeSegment(inputOf(table, true)).bytes));
}

async function mergedValues(
  runs: readonly PlainTable[],
  as: SegmentSchema = schema,
): Promise<Record<string, PlainValue[]>> {
  const merged = await mergeSegments(await Promise.all(runs.map(openTable)), as);
  return readValues(await openAtOddOffset(writeSegment(merged).bytes));
}

describe('merging sorted runs', () => {
  it('equals rolling all rows up at once, however they were divided', async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    console.log(`seed of the merged rows: ${seed}`);
    const next = seededNumbers(seed);
    for (let round = 0; round < 25; round++) {
      const rows = randomRows(Math.floor(next() * 200), next);
      const runCount = 1 + Math.floor(next() * 5);
      const runs: Row[][] = Array.from({ length: runCount }, () => []);
      for (const row of rows) runs[Math.floor(next() * runCount)]?.push(row);
      const whole = await openAtOddOffset(writeSegment(inputOf(rollUp(rows), true)).bytes);
      expect(await mergedValues(runs.map(rollUp))).toEqual(readValues(whole));
    }
  });

  it('keeps equal rows apart without roll-up, those of an earlier run first', async () => {
    const run = (clicks: bigint): PlainTable => ({
      time: [0, 5],
      columns: {
        country: { type: 'string', values: ['de', 'de'] },
        clicks: { type: 'long', values: [clicks, clicks + 1n] },
      },
    });
    const plain = inputOf(run(0n), false).schema;
    expect(await mergedValues([run(1n), run(5n)], plain)).toEqual({
      __time: [0, 0, 5, 5],
      country: ['de', 'de', 'de', 'de'],
      clicks: [1n, 5n, 2n, 6n],
    });
  });

  it('merges nothing into an empty segment', async () => {
    const merged = await mergeSegments([], schema);
    expect([merged.rowCount, merged.time.length]).toEqual([0, 0]);
    expect(writeSegment(merged).timeRange).toBeNull();
  });

  it('reads a column that a run lacks as null', async () => {
    const run: PlainTable = { time: [0], columns: { clicks: { type: 'long', values: [4n] } } };
    expect(await mergedValues([run, rollUp([])])).toEqual({
      __time: [0],
      country: [null],
      tags: [[]],
      clicks: [4n],
      spend: [null],
      users: [null],
    });
  });

  it('turns texts into lists when some run has lists, and a null into an empty list', async () => {
    const single: PlainTable = {
      time: [0, 0],
      columns: {
        country: { type: 'string', values: [null, null] },
        tags: { type: 'string', values: [null, 'b'] },
        clicks: { type: 'long', values: [1n, 2n] },
      },
    };
    const lists: PlainTable = {
      time: [0, 0, 0],
      columns: {
        country: { type: 'string', values: [null, null, null] },
        tags: { type: 'strings', values: [[], ['a', 'b'], ['b']] },
        clicks: { type: 'long', values: [10n, 20n, 30n] },
      },
    };
    const found = await mergedValues([single, lists]);
    expect([found['tags'], found['clicks']]).toEqual([
      [[], ['a', 'b'], ['b']],
      [11n, 20n, 32n],
    ]);
  });

  it('sorts by numbers: null first, then by value, NaN last', async () => {
    const numbers = (values: (number | null)[]): PlainTable => ({
      time: values.map(() => 0),
      columns: { price: { type: 'double', values } },
    });
    const byPrice: SegmentSchema = {
      ...schema,
      dimensions: [{ name: 'price', type: 'double', multiValueHandling: 'SORTED_ARRAY' }],
      metrics: [],
      sortOrder: ['price', '__time'],
    };
    const runs = [numbers([null, -Infinity, 1, NaN]), numbers([null, -0, 1, Infinity, NaN])];
    const segments = await Promise.all(runs.map(openTable));
    const merged = await mergeSegments(segments, byPrice);
    expect(merged.columns.get('price')).toEqual({
      type: 'double',
      values: Float64Array.of(0, -Infinity, -0, 1, Infinity, NaN),
      nulls: Uint8Array.of(1, 0, 0, 0, 0, 0),
    });
  });
});

describe('combining metrics', () => {
  const cases: [type: string, column: 'long' | 'double' | 'float', values: number[], number][] = [
    ['count', 'long', [2, 3], 5],
    ['longSum', 'long', [2, -3], -1],
    ['longMin', 'long', [2, -3], -3],
    ['longMax', 'long', [2, -3], 2],
    ['doubleSum', 'double', [0.5, 0.25], 0.75],
    ['doubleMin', 'double', [0.5, 0.25], 0.25],
    ['doubleMax', 'double', [0.5, 0.25], 0.5],
    ['floatSum', 'float', [16_777_216, 1], 16_777_216],
    ['floatMin', 'float', [0.5, 0.25], 0.25],
    ['floatMax', 'float', [0.5, 0.25], 0.5],
  ];

  function metricRuns(type: 'long' | 'double' | 'float', values: readonly (bigint | number)[]) {
    return values.map((value): PlainTable => {
      const column =
        type === 'long' ? { type, values: [BigInt(value)] } : { type, values: [Number(value)] };
      return { time: [0], columns: { metric: column } };
    });
  }

  function metricSchema(metric: MetricSchema): SegmentSchema {
    return { ...schema, dimensions: [], metrics: [metric], sortOrder: ['__time'] };
  }

  it.each(cases)('%s', async (type, column, values, result) => {
    const as = metricSchema({ name: 'metric', type: column, aggregator: { type } });
    const found = await mergedValues(metricRuns(column, values), as);
    expect(found['metric']).toEqual([column === 'long' ? BigInt(result) : result]);
  });

  it('a filtered aggregator combines as the one inside it', async () => {
    const aggregator = { type: 'filtered', aggregator: { type: 'longMax' } };
    const as = metricSchema({ name: 'metric', type: 'long', aggregator });
    expect((await mergedValues(metricRuns('long', [4, 9]), as))['metric']).toEqual([9n]);
  });

  it('sums beyond 2^53 are exact', async () => {
    const as = metricSchema({ name: 'metric', type: 'long', aggregator: { type: 'longSum' } });
    const found = await mergedValues(metricRuns('long', [2n ** 62n, 2n ** 62n - 1n]), as);
    expect(found['metric']).toEqual([2n ** 63n - 1n]);
  });

  it('a sum that leaves 64 bits is an error', async () => {
    const as = metricSchema({ name: 'metric', type: 'long', aggregator: { type: 'longSum' } });
    await expect(mergedValues(metricRuns('long', [2n ** 62n, 2n ** 62n]), as)).rejects.toThrow(
      'The sum of metric "metric" leaves the 64 bits of a long. Use a doubleSum for it.',
    );
  });

  it('an aggregator that cannot be merged is named', async () => {
    const as = metricSchema({ name: 'metric', type: 'long', aggregator: { type: 'longFirst' } });
    await expect(mergedValues(metricRuns('long', [1]), as)).rejects.toThrow(
      'Metric "metric" has the aggregator "longFirst", which cannot be merged yet. Expected count, hyperUnique, or a long, double or float Sum, Min or Max.',
    );
  });

  it('a run that is not sorted is a bug and stops the merge', async () => {
    const run: PlainTable = {
      time: [0, 0],
      columns: { country: { type: 'string', values: ['us', 'de'] } },
    };
    await expect(mergedValues([run])).rejects.toThrow('Run 0 of a merge is not sorted at row 1.');
  });
});
