/** Segments that are ruled out by their texts' spans: never one that has an answer. */
import { kernelMemory } from '@isotherm/kernels';
import { type GroupedPartial, parseQuery } from '@isotherm/query';
import { type Segment, memorySource, openSegment, writeSegment } from '@isotherm/segment';
import { describe, expect, it } from 'vitest';
import { SharedDictionaries, isRuledOut, runSegments, textSpans } from '../src/index.ts';
import { type MemoryRow, segmentInput } from './memory-segment.ts';

const ends = ['b', 'é', '\u{10000}'];

function rowsOf(
  ads: readonly (string | null)[],
  tags: readonly (readonly string[])[],
): MemoryRow[] {
  return ads.map((ad, i) => ({ __time: i, ad, tags: tags[i] ?? [], empty: null, views: 1n }));
}

async function open(rows: readonly MemoryRow[]): Promise<Segment> {
  const types = { ad: 'string', tags: 'strings', empty: 'string', views: 'long' } as const;
  const metrics = [{ name: 'views', type: 'long', aggregator: {} }] as const;
  const { bytes } = writeSegment(segmentInput({ types, rows, metrics }));
  const segment = await openSegment(memorySource(bytes), { memory: kernelMemory() });
  await segment.load();
  return segment;
}

const plain = await open(rowsOf(ends, [['k', 'm'], ['m'], []]));
const withNulls = await open(rowsOf([null, ...ends], [['k', 'm'], [], ['m'], ['k']]));

const counts = { granularity: 'all', aggregations: [{ type: 'count', name: 'n' }] };
const groupBy = { ...counts, queryType: 'groupBy', dimensions: ['ad'] };

function queryOf(filter: object, asked: object = groupBy) {
  return parseQuery(
    {
      dataSource: 'ads',
      intervals: ['1970-01-01/1970-01-02'],
      filter,
      ...asked,
    },
    { queryId: 'q', timeoutMs: 1000 },
  );
}

function rowsFound(filter: object, segment: Segment): number {
  const intervals = [{ start: 0, end: 86_400_000 }];
  const partials = runSegments({
    query: queryOf(filter),
    segments: [{ segment, segmentId: 's', intervals }],
    dictionaries: new SharedDictionaries({ limitBytes: 1 << 20 }),
    batchRows: 8,
    checkpoint: () => {},
  });
  return (partials as GroupedPartial[]).reduce((sum, { rowCount }) => sum + rowCount, 0);
}

const selector = (value: string | null, dimension = 'ad') => ({
  type: 'selector',
  dimension,
  value,
});
const bound = (bounds: object, dimension = 'ad') => ({ type: 'bound', dimension, ...bounds });
const range = (bounds: object) => ({
  type: 'range',
  column: 'ad',
  matchValueType: 'STRING',
  ...bounds,
});

/** Below, at and above the ends; U+FFFD lies below U+10000 by code point, above it by UTF-16. */
const values = ['', 'a', 'b', 'ba', 'é', '\ufffd', '\u{10000}', '\u{10001}', '\ud800'];

const leaves = ['ad', 'tags', 'empty', 'views', 'absent'].flatMap((dimension) => [
  selector(null, dimension),
  ...values.flatMap((value) => [
    selector(value, dimension),
    { type: 'equals', column: dimension, matchValueType: 'STRING', matchValue: value },
    { type: 'in', dimension, values: [value, 'zz'] },
    { type: 'in', dimension, values: [value, null] },
    { type: 'like', dimension, pattern: `${value}%` },
    bound({ lower: value }, dimension),
    bound({ upper: value }, dimension),
    bound({ lower: value, lowerStrict: true, upper: '\u{10ffff}' }, dimension),
    bound({ lower: 'A', upper: value, upperStrict: true }, dimension),
    bound({ lower: value, ordering: 'numeric' }, dimension),
  ]),
]);

describe('a segment that is ruled out', () => {
  const filters = leaves.flatMap((leaf, i) => [
    leaf,
    { type: 'not', field: leaf },
    { type: 'and', fields: [leaf, leaves[(i * 7 + 3) % leaves.length]] },
    { type: 'or', fields: [leaf, leaves[(i * 5 + 1) % leaves.length]] },
  ]);

  for (const [name, segment] of Object.entries({ plain, withNulls })) {
    it(`has no rows of the query (${name})`, () => {
      const spans = textSpans(segment);
      const ruledOut = filters.filter((filter) => isRuledOut(queryOf(filter), spans));
      expect(ruledOut.length).toBeGreaterThan(filters.length / 10);
      expect(ruledOut.filter((filter) => rowsFound(filter, segment) > 0)).toEqual([]);
    });
  }

  it('is told at the edges of its span', () => {
    const ruled = (filter: object): boolean => isRuledOut(queryOf(filter), textSpans(withNulls));
    expect(['a', 'b', 'c', '\u{10000}', '\u{10001}'].map((ad) => ruled(selector(ad)))).toEqual([
      true,
      false,
      false,
      false,
      true,
    ]);
    expect(ruled(range({ lower: 'a', upper: 'aa' }))).toBe(true);
    expect(ruled(range({ lower: 'a', upper: 'b' }))).toBe(false);
    expect(ruled(range({ upper: 'a' }))).toBe(false);
    expect(ruled(selector('x', 'empty'))).toBe(true);
    expect(ruled(selector(null, 'empty'))).toBe(false);
    expect(ruled(selector('x', 'absent'))).toBe(false);
    expect(ruled({ type: 'not', field: selector('a') })).toBe(false);
    expect(ruled({ type: 'and', fields: [selector('b'), selector('a')] })).toBe(true);
    expect(ruled({ type: 'or', fields: [selector('b'), selector('a')] })).toBe(false);
  });

  it('is never one whose answer needs no rows', () => {
    const spans = textSpans(plain);
    const none = selector('a');
    const ruled = (asked: object): boolean => isRuledOut(queryOf(none, asked), spans);
    const timeseries = { ...counts, queryType: 'timeseries' };
    const topN = { ...counts, queryType: 'topN', dimension: 'ad', metric: 'n', threshold: 3 };
    expect(ruled({ ...timeseries, context: { skipEmptyBuckets: true } })).toBe(true);
    expect(ruled(timeseries)).toBe(false);
    expect(ruled(groupBy)).toBe(true);
    expect(ruled({ ...groupBy, dimensions: [] })).toBe(false);
    expect(ruled(topN)).toBe(true);
    expect(ruled({ ...topN, filter: undefined })).toBe(false);
    expect(ruled({ queryType: 'scan' })).toBe(false);
    expect(ruled({ queryType: 'timeBoundary' })).toBe(false);
  });
});
