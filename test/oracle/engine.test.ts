/**
 * Random queries over random tables: engine, merging and finishing must give exactly what the
 * oracle gives, with batches of 2, 3 and the default number of rows, over one to three segments in
 * memory or in files, sorted by a dimension or by time, read by loops in TypeScript or, where the
 * columns lie in kernel memory, in WebAssembly.
 */
import { defaultBatchRows, neededColumns, runSegment } from '@isotherm/engine';
import { compareCodePoints, kernelMemory } from '@isotherm/kernels';
import type { PartialResult, Query } from '@isotherm/query';
import { finishQuery, mergePartials, parseQuery, writeResult } from '@isotherm/query';
import type { Segment } from '@isotherm/segment';
import { memorySource, openSegment, writeSegment } from '@isotherm/segment';
import { describe, expect, it } from 'vitest';
import type { MemoryOptions } from '../../packages/engine/test/memory-segment.ts';
import { memorySegment, segmentInput } from '../../packages/engine/test/memory-segment.ts';
import { evaluate } from './evaluate.ts';
import type { Below } from './random-table.ts';
import { randomQuery, randomRows, seededBelow, types } from './random-table.ts';
import type { Row } from './values.ts';

const queriesPerTable = 12;
const tableCount = 12;
const firstSeed = 7_000;

/** How rows of a segment lie. */
const layouts = [
  'as they come',
  'by dimension',
  'by time',
  'file by dimension',
  'file by time',
  'kernel file by dimension',
  'kernel file by time',
];

describe('the engine agrees with the oracle', () => {
  it.each(layouts)('over segments sorted %s', async (layout) => {
    for (let table = 0; table < tableCount; table++) {
      const seed = firstSeed + table;
      const below = seededBelow(seed);
      const tables = Array.from({ length: 1 + below(3) }, () => randomTable(below, layout));
      const segments = await Promise.all(tables.map((rows) => segmentOf(rows, layout)));
      for (let i = 0; i < queriesPerTable; i++) {
        const json = randomQuery(below);
        const query = parseQuery(json, { queryId: 'oracle', timeoutMs: 1000 });
        const expected = comparable(query, evaluate(query, tables, types));
        for (const batchRows of [2, 3, defaultBatchRows]) {
          const result = comparable(query, await answerOf(query, segments, batchRows));
          const about = { seed, batchRows, query: json };
          expect({ ...about, result }).toEqual({ ...about, result: expected });
        }
      }
    }
  });
});

async function answerOf(
  query: Query,
  segments: readonly Segment[],
  batchRows: number,
): Promise<unknown[]> {
  const { intervals } = query;
  const partials: PartialResult[] = [];
  for (const segment of segments) {
    segment.unload();
    await segment.load(neededColumns(query, segment, intervals));
    const checkpoint = (): void => undefined;
    partials.push(runSegment({ query, segment, segmentId: 's', intervals, batchRows, checkpoint }));
  }
  const visibleIntervals = segments.map(({ schema }) => schema.interval);
  const finished = finishQuery(query, mergePartials(query, partials), { visibleIntervals });
  return readExactly([...writeResult(query, finished)].join(''));
}

function randomTable(below: Below, layout: string): Row[] {
  const rows = randomRows(below, 1 + below(60));
  if (layout.endsWith('by time')) return rows.sort((a, b) => a.__time - b.__time);
  if (!layout.endsWith('by dimension')) return rows;
  return rows.sort((a, b) => compareTexts(a['country'], b['country']) || a.__time - b.__time);
}

function compareTexts(a: Row[string] | undefined, b: Row[string] | undefined): number {
  if (typeof a !== 'string' || typeof b !== 'string')
    return Number(b === null) - Number(a === null);
  return compareCodePoints(a, b);
}

async function segmentOf(rows: Row[], layout: string): Promise<Segment> {
  const options: MemoryOptions = {
    types,
    rows,
    postings: ['tags', 'code'],
    ...(layout.endsWith('by dimension') ? { clusteredBy: 'country' } : {}),
    timeFirst: layout.endsWith('by time'),
  };
  if (!layout.includes('file')) return memorySegment(options);
  const source = memorySource(writeSegment(segmentInput(options)).bytes);
  return openSegment(source, layout.startsWith('kernel') ? { memory: kernelMemory() } : {});
}

/** JSON with its integers as they stand: bigints where a double would round them. */
function readExactly(text: string): unknown[] {
  // The library's types do not know of the third argument yet.
  const parse = JSON.parse as (text: string, reviver: Reviver) => unknown[];
  return parse(text, (_key, value, { source = '' }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
      ? BigInt(source)
      : value,
  );
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/**
 * Scans as their rows alone, topN without the empty buckets that hang on visible intervals, and
 * integers in one form.
 */
function comparable(query: Query, result: readonly unknown[]): unknown {
  const rows = result.flatMap((entry) => {
    if (query.queryType === 'scan') return isBatch(entry) ? entry.events : [entry];
    return query.queryType === 'topN' && isBucket(entry) && entry.result.length === 0
      ? []
      : [entry];
  });
  const plain = (_key: string, value: unknown): unknown => {
    if (typeof value !== 'bigint') return value;
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  };
  return JSON.parse(JSON.stringify(rows, plain));
}

function isBatch(entry: unknown): entry is { readonly events: readonly unknown[] } {
  return typeof entry === 'object' && entry !== null && 'events' in entry;
}

function isBucket(entry: unknown): entry is { readonly result: readonly unknown[] } {
  return typeof entry === 'object' && entry !== null && 'result' in entry;
}
