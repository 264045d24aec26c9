/** Timeseries from sums by time against the same file without them, and what they must not answer. */
import { kernelMemory } from '@isotherm/kernels';
import type { PartialResult, TimeseriesQuery } from '@isotherm/query';
import { parseQuery } from '@isotherm/query';
import {
  type Segment,
  memorySource,
  openSegment,
  timeSumsPart,
  writeSegment,
} from '@isotherm/segment';
import { describe, expect, it } from 'vitest';
import { SharedDictionaries, neededColumns, runSegments } from '../src/index.ts';
import { type MemoryOptions, type MemoryRow, segmentInput } from './memory-segment.ts';

const hourMs = 3_600_000;

const rows: MemoryRow[] = Array.from({ length: 700 }, (_none, i) => ({
  __time: ((i * 7) % 61) * hourMs,
  country: ['de', 'us', null][i % 3] ?? null,
  views: BigInt((i * 31) % 1000) - 200n,
  clicks: i % 5 === 0 || i % 61 === 9 ? null : BigInt(i) * 1_000_000_007n,
  huge: i % 2 === 0 ? 2n ** 62n : -(2n ** 62n),
  spend: i % 4 === 1 ? null : (i - 350) / 7,
  odd: [0.5, NaN, Infinity, 1][i % 4] ?? 0,
  ratio: i / 3,
}));

const options: MemoryOptions = {
  types: {
    country: 'string',
    views: 'long',
    clicks: 'long',
    huge: 'long',
    spend: 'double',
    odd: 'double',
    ratio: 'float',
  },
  rows: rows.toSorted((a, b) => String(a['country']).localeCompare(String(b['country']))),
};

async function open(leastRowsPerTime: number): Promise<Segment> {
  const { bytes } = writeSegment(segmentInput(options), { leastRowsPerTime });
  return openSegment(memorySource(bytes), { memory: kernelMemory() });
}

const allSums = [
  { type: 'count', name: 'n' },
  { type: 'longSum', name: 'v', fieldName: 'views' },
  { type: 'longSum', name: 'c', fieldName: 'clicks' },
  { type: 'doubleSum', name: 's', fieldName: 'spend' },
  { type: 'doubleSum', name: 'o', fieldName: 'odd' },
  { type: 'floatSum', name: 'r', fieldName: 'ratio' },
  { type: 'doubleSum', name: 'd', fieldName: 'ratio' },
  { type: 'longSum', name: 'm', fieldName: 'missing' },
  { type: 'doubleMin', name: 'l', fieldName: 'missing' },
];

function queryOf(json: object): TimeseriesQuery {
  const query = parseQuery(
    {
      queryType: 'timeseries',
      dataSource: 'ads',
      granularity: 'day',
      intervals: ['1970-01-01/1970-02-01'],
      aggregations: allSums,
      ...json,
    },
    { queryId: 'test', timeoutMs: 1000 },
  );
  if (query.queryType !== 'timeseries') throw new Error(query.queryType);
  return query;
}

async function run(query: TimeseriesQuery, segment: Segment): Promise<PartialResult[]> {
  const { intervals } = query;
  await segment.load(neededColumns(query, segment, intervals));
  return runSegments({
    query,
    segments: [{ segment, segmentId: 's', intervals }],
    batchRows: 64,
    checkpoint: () => undefined,
    dictionaries: new SharedDictionaries({ limitBytes: 2 ** 20 }),
    seesAllRows: false,
  });
}

/** Times, and the values of all states with double-doubles added up; rounding hides their split. */
function figures([partial]: readonly PartialResult[]) {
  if (partial?.kind !== 'grouped') throw new Error('no groups');
  const states = partial.states.map((state) => {
    switch (state.type) {
      case 'long':
        return Array.from(state.values, (value, i) => (state.nulls?.[i] ? null : value));
      case 'doubleSum':
      case 'floatSum':
        return Array.from(state.values, (value, i) =>
          state.nulls?.[i] ? null : value + state.errors[i],
        );
      default:
        return state;
    }
  });
  return { times: [...partial.times], states };
}

describe('a timeseries without a filter on other columns', () => {
  const time = { type: 'range', column: '__time', matchValueType: 'LONG' };
  it.each([
    ['by day', {}],
    ['by hour', { granularity: 'hour' }],
    ['all of it', { granularity: 'all' }],
    ['cut inside days', { intervals: ['1970-01-01T05/1970-01-01T07', '1970-01-02T09/1970-01-04'] }],
    ['cut inside days, as one bucket', { granularity: 'all', intervals: ['1970-01-01T05/P1D'] }],
    ['cut to an hour without rows', { intervals: ['1970-01-01T05:30/1970-01-01T05:40'] }],
    [
      'the same without empty buckets',
      { intervals: ['1970-01-01T05:30/1970-01-01T05:40'], context: { skipEmptyBuckets: true } },
    ],
    [
      'in a time zone',
      { granularity: { type: 'period', period: 'P1D', timeZone: 'America/Los_Angeles' } },
    ],
    [
      'by quarter of an hour, empty ones skipped',
      {
        granularity: 'fifteen_minute',
        context: { skipEmptyBuckets: true },
      },
    ],
    ['by quarter of an hour', { granularity: 'fifteen_minute' }],
    ['where time is in a range', { filter: { ...time, lower: 5 * hourMs, upper: 30 * hourMs } }],
    [
      'where time is not in a range',
      { filter: { type: 'not', field: { ...time, lower: 5 * hourMs, upper: 30 * hourMs } } },
    ],
    [
      'where a missing column is null',
      { granularity: 'hour', filter: { type: 'null', column: 'missing' } },
    ],
    [
      'where a missing column is something',
      { filter: { type: 'equals', column: 'missing', matchValueType: 'STRING', matchValue: 'a' } },
    ],
  ])('%s: answers from sums as from rows', async (_name, json) => {
    const query = queryOf(json);
    const [summed, plain] = [await open(1), await open(Infinity)];
    const needed = neededColumns(query, summed, query.intervals);
    expect(needed.filter((name) => name !== timeSumsPart)).toEqual([]);
    expect(neededColumns(query, plain, query.intervals)).not.toContain(timeSumsPart);
    expect(figures(await run(query, summed))).toEqual(figures(await run(query, plain)));
    summed.unload();
    plain.unload();
  });

  it('fails where a sum leaves 64 bits, as over rows, and cancels out where it does not', async () => {
    const aggregations = [{ type: 'longSum', name: 'h', fieldName: 'huge' }];
    const [summed, plain] = [await open(1), await open(Infinity)];
    expect(summed.timeSummed.has('huge')).toBe(true);
    const day = queryOf({ aggregations });
    expect(figures(await run(day, summed))).toEqual(figures(await run(day, plain)));
    const filter = { ...time, lower: 0, upper: 100 * hourMs };
    const outcomes = [summed, plain].map(async (segment) => {
      const query = queryOf({ aggregations, filter, granularity: 'hour' });
      return run(query, segment).then(figures, (error: Error) => error.message);
    });
    const [ofSums, ofRows] = await Promise.all(outcomes);
    expect(ofSums).toEqual(ofRows);
  });

  it.each([
    ['a filter on another column', { filter: { type: 'null', column: 'country' } }],
    ['a least value', { aggregations: [{ type: 'longMin', name: 'x', fieldName: 'views' }] }],
    ['a long as doubles', { aggregations: [{ type: 'doubleSum', name: 'x', fieldName: 'views' }] }],
    ['a double as floats', { aggregations: [{ type: 'floatSum', name: 'x', fieldName: 'spend' }] }],
    ['a double as longs', { aggregations: [{ type: 'longSum', name: 'x', fieldName: 'spend' }] }],
    [
      'a filtered aggregator',
      {
        aggregations: [
          {
            type: 'filtered',
            filter: { type: 'null', column: 'country' },
            aggregator: { type: 'count', name: 'x' },
          },
        ],
      },
    ],
    ['a text', { aggregations: [{ type: 'longSum', name: 'x', fieldName: 'country' }] }],
  ])('%s needs rows', async (_name, json) => {
    const query = queryOf({ granularity: 'hour', ...json });
    const segment = await open(1);
    expect(neededColumns(query, segment, query.intervals)).toContain('__time');
  });
});
