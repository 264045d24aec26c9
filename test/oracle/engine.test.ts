/**
 * Random queries over random tables: engine, merging and finishing must give exactly what the
 * oracle gives. Each table lies in one segment and in three, sorted by time and by a dimension first,
 * in memory, in files, or in files whose columns are loaded into kernel memory, where the loops are
 * those in WebAssembly; it is read in batches of 2, 3 or the default number of rows.
 */
import { SharedDictionaries, defaultBatchRows, neededColumns, runSegments } from '@isotherm/engine';
import { compareCodePoints, kernelMemory } from '@isotherm/kernels';
import type { Query } from '@isotherm/query';
import { finishQuery, mergePartials, parseQuery, writeResult } from '@isotherm/query';
import type { Segment } from '@isotherm/segment';
import { memorySource, openSegment, writeSegment } from '@isotherm/segment';
import { formatInstant, granularityTimeZone } from '@isotherm/timeline';
import { describe, expect, it } from 'vitest';
import type { MemoryOptions } from '../../packages/engine/test/memory-segment.ts';
import { memorySegment, segmentInput } from '../../packages/engine/test/memory-segment.ts';
import { evaluate } from './evaluate.ts';
import type { Row } from './evaluate.ts';
import { randomQuery, randomRows, seededBelow, types } from './random-table.ts';

const firstSeed = 7_000;
/** In memory, and as many in files. */
const tableCount = 84;
const queriesPerTable = 12;
/** Of three sizes each query takes two in each order of rows, so that every size meets every order. */
const batchSizes = [2, 3, defaultBatchRows];

/** How the rows of a table lie. */
interface Layout {
  readonly segmentCount: 1 | 3;
  readonly place: 'memory' | 'files' | 'kernel memory';
}

const layouts: readonly Layout[] = [
  { segmentCount: 1, place: 'memory' },
  { segmentCount: 3, place: 'memory' },
  { segmentCount: 1, place: 'files' },
  { segmentCount: 3, place: 'files' },
  { segmentCount: 1, place: 'kernel memory' },
  { segmentCount: 3, place: 'kernel memory' },
];

const dictionaries = new SharedDictionaries({ memory: kernelMemory(), limitBytes: 2 ** 28 });

describe('the engine agrees with the oracle', () => {
  it.each(layouts)('over tables cut into $segmentCount, in $place', async (layout) => {
    // Tables and queries are the same for one segment and for three.
    const first = layout.place === 'memory' ? firstSeed : firstSeed + tableCount;
    const last = first + tableCount - 1;
    console.log(`seeds ${first} to ${last}: ${tableCount * queriesPerTable} queries`);
    let compared = 0;
    for (let seed = first; seed <= last; seed++) compared += await compareTable(seed, layout);
    expect(compared).toBe(tableCount * queriesPerTable * 2 * (batchSizes.length - 1));
  });
});

/** Asks the queries of one table. Returns the number of answers compared. */
async function compareTable(seed: number, layout: Layout): Promise<number> {
  const below = seededBelow(seed);
  const rows = randomRows(below, 3 + below(60));
  const queries = Array.from({ length: queriesPerTable }, () => randomQuery(below));
  let compared = 0;
  for (const timeFirst of [true, false]) {
    const parts = partsOf(rows, layout, timeFirst);
    const segments = await Promise.all(
      parts.map((part) => segmentOf(part, layout.place, timeFirst)),
    );
    for (const [i, json] of queries.entries()) {
      const query = parseQuery(json, { queryId: 'oracle', timeoutMs: 1000 });
      const expected = comparable(query, ofOracle(query, evaluate(query, parts, types)));
      await load(query, segments);
      const skipped = (i + Number(timeFirst)) % batchSizes.length;
      for (const batchRows of batchSizes.toSpliced(skipped, 1)) {
        const result = comparable(query, answerOf(query, segments, batchRows));
        compared++;
        if (result === expected) continue;
        const about = { seed, ...layout, timeFirst, batchRows, query: json };
        expect({ ...about, result: JSON.parse(result) as unknown }).toEqual({
          ...about,
          result: JSON.parse(expected) as unknown,
        });
      }
    }
  }
  return compared;
}

/** Deals rows to the segments of a layout in turn, and sorts each segment by time or by country. */
function partsOf(rows: readonly Row[], { segmentCount }: Layout, timeFirst: boolean): Row[][] {
  const order = (a: Row, b: Row): number =>
    (timeFirst ? 0 : compareTexts(a['country'], b['country'])) || a.__time - b.__time;
  return Array.from({ length: segmentCount }, (_none, part) =>
    rows.filter((_row, i) => i % segmentCount === part).sort(order),
  );
}

function compareTexts(a: Row[string] | undefined, b: Row[string] | undefined): number {
  if (typeof a !== 'string' || typeof b !== 'string')
    return Number(b === null) - Number(a === null);
  return compareCodePoints(a, b);
}

async function segmentOf(
  rows: Row[],
  place: Layout['place'],
  timeFirst: boolean,
): Promise<Segment> {
  const clustered = timeFirst ? {} : { clusteredBy: 'country' };
  const options: MemoryOptions = {
    types,
    rows,
    postings: ['tags', 'code'],
    timeFirst,
    ...clustered,
  };
  if (place === 'memory') return memorySegment(options);
  const source = memorySource(writeSegment(segmentInput(options), { leastRowsPerTime: 1 }).bytes);
  return openSegment(source, place === 'files' ? {} : { memory: kernelMemory() });
}

/** Loads what the query needs, and nothing that another query left behind. */
async function load(query: Query, segments: readonly Segment[]): Promise<void> {
  for (const segment of segments) {
    segment.unload();
    await segment.load(neededColumns(query, segment, query.intervals));
  }
}

function answerOf(query: Query, segments: readonly Segment[], batchRows: number): unknown[] {
  const { intervals } = query;
  const checkpoint = (): void => undefined;
  const partials = runSegments({
    query,
    segments: segments.map((segment) => ({ segment, segmentId: 's', intervals })),
    batchRows,
    checkpoint,
    dictionaries,
    // The run has all rows of the query; that it is told so must change nothing.
    seesAllRows: batchRows !== 2,
  });
  const visibleIntervals = segments.map(({ schema }) => schema.interval);
  const finished = finishQuery(query, mergePartials(query, partials), { visibleIntervals });
  return ofDruid(query, readExactly([...writeResult(query, finished)].join('')));
}

/** JSON with its integers as they stand: bigints where a double would round them. */
function readExactly(text: string): Entry[] {
  // The library's types do not know of the third argument yet.
  const parse = JSON.parse as (text: string, reviver: Reviver) => Entry[];
  return parse(text, (_key, value, { source = '' }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
      ? BigInt(source)
      : value,
  );
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

type Cells = Readonly<Record<string, unknown>>;

/** What the entries of Druid's results have, each type of query some of it. */
interface Entry {
  readonly timestamp: string;
  readonly result: Cells | readonly Cells[];
  readonly event: Cells;
  /** Of a scan: names of columns, and a batch's rows. */
  readonly columns: readonly string[];
  readonly events: readonly (readonly unknown[])[];
}

/** Druid's result in the oracle's form: rows alone, a topN without buckets that are empty. */
function ofDruid(query: Query, entries: readonly Entry[]): unknown[] {
  switch (query.queryType) {
    case 'timeseries':
      return entries.map(({ timestamp, result }) => ({ timestamp, event: result }));
    case 'topN':
      return entries.flatMap(({ timestamp, result }) =>
        [result].flat().map((event) => ({ timestamp, event })),
      );
    case 'groupBy':
      return entries.map(({ timestamp, event }) => ({ timestamp, event }));
    case 'timeBoundary':
      return entries.flatMap(({ result }) =>
        Object.values(result).map(String).sort(compareCodePoints),
      );
    case 'scan':
    case 'segmentMetadata':
      return entries.flatMap(({ columns, events }) =>
        events.map((row) =>
          Object.fromEntries(columns.map((name, i) => [name, [row[i]].flat()] as const)),
        ),
      );
  }
}

/** The oracle's answer with its times as text. */
function ofOracle(query: Query, answer: readonly unknown[]): unknown[] {
  return answer.map((entry) => {
    if (typeof entry === 'number') return formatInstant(entry);
    if (!('granularity' in query) || !isGroup(entry)) return entry;
    const timestamp = formatInstant(entry.time, granularityTimeZone(query.granularity));
    return { timestamp, event: entry.event };
  });
}

function isGroup(entry: unknown): entry is { readonly time: number; readonly event: Cells } {
  return typeof entry === 'object' && entry !== null && 'time' in entry && 'event' in entry;
}

/** JSON with integers in one form, infinities as text, and floats read from their text as floats. */
function comparable(query: Query, rows: readonly unknown[]): string {
  const floats = floatNames(query);
  const plain = (key: string, value: unknown): unknown => {
    if (floats.has(key))
      return [value].flat().map((v) => (v === null ? v : Math.fround(Number(v))));
    if (value === Infinity || value === -Infinity) return String(value);
    if (typeof value !== 'bigint') return value;
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  };
  return JSON.stringify(rows, plain);
}

/** Columns of an answer that hold floats. */
function floatNames(query: Query): ReadonlySet<string> {
  if (!('granularity' in query)) {
    return new Set(Object.keys(types).filter((name) => types[name] === 'float'));
  }
  const dimensions =
    query.queryType === 'groupBy'
      ? query.dimensions
      : query.queryType === 'topN'
        ? [query.dimension]
        : [];
  return new Set([
    ...dimensions.filter((d) => d.outputType === 'FLOAT').map((d) => d.outputName),
    ...query.aggregations.filter((a) => a.type.startsWith('float')).map((a) => a.name),
  ]);
}
