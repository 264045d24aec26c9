/**
 * Druid's own native queries and answers, through everything of this package: parse, merge of partial
 * results (made a row at a time, from rows dealt out at random), finish and write.
 */
import { IsothermError } from '@isotherm/errors';
import { describe, expect, it } from 'vitest';
import type { Query } from '../../src/index.ts';
import { finishQuery, parseQuery, writeResult } from '../../src/index.ts';
import { sharedCases } from '../shared-cases.ts';
import { sameAnswer } from './same-answer.ts';
import { partialOf } from './row-partials.ts';
import type { RowTable } from './row-table.ts';
import { testingTable, wikipediaTable } from './row-table.ts';

interface NativeCase {
  readonly name: string;
  readonly dataset: string;
  readonly query: unknown;
  readonly expected: unknown;
  readonly tolerance?: { readonly rel?: number };
}

// The files' forms are fixed by their README.
const cases = (sharedCases('native_cases.json') ?? []) as readonly NativeCase[];
const errors = (sharedCases('error_cases.json') ?? []) as readonly NativeCase[];
const seed = 20110401;

describe.skipIf(cases.length === 0)('native queries', () => {
  it('answer what Druid answers wherever all that they use is supported', () => {
    const tables = new Map([
      ['testing', testingTable()],
      ['wikipedia', wikipediaTable()],
    ]);
    const wrong = new Array<unknown>();
    let agreed = 0;
    for (const nativeCase of cases) {
      const query = supportedQuery(nativeCase.query);
      const table = tables.get(nativeCase.dataset);
      if (query === null || table === undefined) continue;
      const found: unknown = JSON.parse(answer(query, table));
      const difference = sameAnswer(found, nativeCase.expected, nativeCase.tolerance?.rel ?? 1e-9);
      if (difference === null) agreed++;
      else wrong.push(`${nativeCase.name}: ${difference}`);
    }
    console.log(`${agreed} of ${cases.length} cases agree, seed ${seed}`);
    expect(wrong).toEqual([]);
    expect(agreed).toBeGreaterThan(0);
  });

  it('fail where Druid fails', () => {
    const accepted = errors.filter(({ query }) => {
      try {
        parseQuery(query, { queryId: 'q', timeoutMs: 1000 });
        return true;
      } catch (error) {
        return !(error instanceof IsothermError && error.status === 400);
      }
    });
    expect(accepted.map(({ name }) => name)).toEqual([]);
  });
});

function supportedQuery(json: unknown): Query | null {
  try {
    const query = parseQuery(json, { queryId: 'q', timeoutMs: 1000 });
    return query.queryType === 'segmentMetadata' ? null : query;
  } catch (error) {
    if (error instanceof IsothermError && error.code === 'UNSUPPORTED') return null;
    throw error;
  }
}

function answer(query: Query, table: RowTable): string {
  // A scan is one partial a segment; other queries are split over three.
  const parts = query.queryType === 'scan' ? 1 : 3;
  let state = seed;
  const dealt = Array.from({ length: parts }, () => new Array<RowTable['rows'][number]>());
  for (const row of table.rows) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    dealt[state % parts]?.push(row);
  }
  const partials = dealt.map((rows) => partialOf(query, table, rows));
  const isVisible = query.intervals.some(
    ({ start, end }) => start < table.interval.end && end > table.interval.start,
  );
  const facts = { visibleIntervals: isVisible ? [table.interval] : [] };
  const finished = finishQuery(query, isVisible ? partials : [], facts);
  return [...writeResult(query, finished)].join('');
}
