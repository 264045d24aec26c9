/** Keys of a query whose filter names few of many values: ids for those alone, the same groups. */
import { kernelMemory } from '@isotherm/kernels';
import { type DimensionSpec, type GroupedPartial, parseQuery } from '@isotherm/query';
import { type Segment, memorySource, openSegment, writeSegment } from '@isotherm/segment';
import { describe, expect, it } from 'vitest';
import { SharedDictionaries, neededColumns, runSegments } from '../src/index.ts';
import { planFilter } from '../src/plan-filter.ts';
import { narrowPart, passingIds } from '../src/narrow-part.ts';
import { dimensionPart } from '../src/key-part.ts';
import { segmentInput } from './memory-segment.ts';

const dayMs = 86_400_000;
const memory = kernelMemory();
const dictionaries = () => new SharedDictionaries({ memory, limitBytes: 2 ** 24 });

interface Row {
  readonly ad: string | null;
  readonly country: string;
  readonly clicks: bigint;
  readonly __time: number;
}

/** Rows of 1,500 ads from `first` on, one a day for three days, with a null and an empty text. */
function rowsFrom(first: number): Row[] {
  const names = Array.from({ length: 1500 }, (_none, i) => `ad${first + i * 7}`);
  return [null, '', ...names].flatMap((ad, i) =>
    Array.from({ length: 3 }, (_none, n) => ({
      ad,
      country: n === 1 ? 'DE' : 'FR',
      clicks: BigInt(i + n + first),
      __time: n * dayMs,
    })),
  );
}

async function segmentOf(rows: readonly Row[]): Promise<Segment> {
  const types = { ad: 'string', country: 'string', clicks: 'long' } as const;
  const input = segmentInput({ types, rows: rows.map((row) => ({ ...row })) });
  return openSegment(memorySource(writeSegment(input).bytes), { memory });
}

/** Clicks by ad and, with a granularity of days, by day; a row at a time. */
function expected(rows: readonly Row[], byDay: boolean): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { ad, clicks, __time } of rows) {
    const key = `${byDay ? __time : 0} ${ad}`;
    sums.set(key, (sums.get(key) ?? 0n) + clicks);
  }
  return sums;
}

function sumsOf({ rowCount, times, dimensions, states }: GroupedPartial): Map<string, bigint> {
  const [[keys], [sums]] = [dimensions, states];
  if (keys?.type !== 'string' || sums?.type !== 'long') throw new Error('no sums by text');
  const found = new Map<string, bigint>();
  for (let row = 0; row < rowCount; row++) {
    const text = keys.dictionary.textAt(keys.ids[row]);
    found.set(`${times[row]} ${text}`, sums.values[row]);
  }
  expect(found.size).toBe(rowCount);
  return found;
}

const base = {
  dataSource: 'ads',
  queryType: 'groupBy',
  granularity: 'all',
  intervals: ['1970-01-01/1970-02-01'],
  dimensions: ['ad'],
  aggregations: [{ type: 'longSum', name: 'clicks', fieldName: 'clicks' }],
};

async function answerOf(segments: readonly Segment[], json: object): Promise<GroupedPartial> {
  const query = parseQuery({ ...base, ...json }, { queryId: 'test', timeoutMs: 1000 });
  const { intervals } = query;
  for (const segment of segments) await segment.load(neededColumns(query, segment, intervals));
  const [partial] = runSegments({
    query,
    segments: segments.map((segment, i) => ({ segmentId: String(i), segment, intervals })),
    batchRows: 1000,
    checkpoint: () => undefined,
    dictionaries: dictionaries(),
  });
  if (partial?.kind !== 'grouped') throw new Error('no groups');
  return partial;
}

describe('a key whose filter names few values', () => {
  const rows = [rowsFrom(0), rowsFrom(5250)];
  const made = Promise.all(rows.map(segmentOf));
  const named = ['ad7', 'ad5257', 'ad7000', 'ad15743', 'ad1', '', null];
  const byAd = { type: 'in', dimension: 'ad', values: named };
  const byCountry = { type: 'selector', dimension: 'country', value: 'DE' };

  for (const [name, count] of [
    ['one segment', 1],
    ['two segments', 2],
  ] as const) {
    for (const granularity of ['all', 'day']) {
      it(`has the groups of the rows, of ${name} by ${granularity}`, async () => {
        const given = rows.slice(0, count);
        const segments = (await made).slice(0, count);
        const passing = given.flat().filter(({ ad }) => named.includes(ad));
        const byDay = granularity === 'day';
        const whole = await answerOf(segments, { granularity, filter: byAd });
        expect(sumsOf(whole)).toEqual(expected(passing, byDay));
        const filter = { type: 'and', fields: [byAd, byCountry] };
        const some = await answerOf(segments, { granularity, filter });
        const german = passing.filter(({ country }) => country === 'DE');
        expect(sumsOf(some)).toEqual(expected(german, byDay));
      });
    }
  }

  it('has ids for them alone, unless most pass or another value may', async () => {
    const segments = await made;
    for (const segment of segments) await segment.load();
    const spec: DimensionSpec = {
      type: 'default',
      dimension: 'ad',
      outputName: 'ad',
      outputType: 'STRING',
    };
    const part = dimensionPart(spec, segments, dictionaries());
    const narrowed = (filter: object): number => {
      const query = parseQuery({ ...base, filter }, { queryId: 'test', timeoutMs: 1000 });
      if (query.queryType !== 'groupBy') throw new Error(query.queryType);
      const passing = segments.map((segment) =>
        passingIds(planFilter(query.filter, segment), 'ad'),
      );
      return narrowPart(part, passing).size;
    };
    expect(part.size).toBe(2252);
    expect(narrowed(byAd)).toBe(6);
    expect(narrowed({ type: 'not', field: byAd })).toBe(part.size);
    expect(narrowed({ type: 'or', fields: [byAd, byCountry] })).toBe(part.size);
    expect(narrowed(byCountry)).toBe(part.size);
  });
});
