/** What makes the oracle one: it is small enough to be read, and shares no code with the engine. */
import { readFileSync } from 'node:fs';
import { parseQuery } from '@isotherm/query';
import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import type { Row, Types } from './evaluate.ts';

const source = readFileSync(new URL('evaluate.ts', import.meta.url), 'utf8');
const types: Types = { site: 'string', clicks: 'long' };
const rows: readonly Row[] = [
  { __time: 0, site: 'a', clicks: 2n },
  { __time: 1, site: 'b', clicks: null },
  { __time: 2, site: null, clicks: 5n },
  { __time: 86_400_000, site: 'a', clicks: 3n },
];

function answer(json: object): unknown[] {
  const base = { dataSource: 'ads', intervals: ['1970-01-01/1970-01-05'], granularity: 'all' };
  const query = parseQuery({ ...base, ...json }, { queryId: 'oracle', timeoutMs: 1000 });
  return evaluate(query, [[...rows]], types);
}

describe('the oracle', () => {
  it('has at most 200 lines of at most 100 columns', () => {
    const lines = source.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(200);
    // The formatter does not break comments.
    expect(lines.filter((line) => line.length > 104)).toEqual([]);
  });

  it('runs no code of the project but the calendar', () => {
    const imports = [...source.matchAll(/^import (?!type ).*from '(.+)';$/gm)];
    expect(imports.map((match) => match[1])).toEqual(['@isotherm/timeline']);
  });

  it('adds up groups, passing over nulls, and keeps what having asks for', () => {
    const aggregations = [
      { type: 'count', name: 'rows' },
      { type: 'longSum', name: 'clicks', fieldName: 'clicks' },
    ];
    const groupBy = { queryType: 'groupBy', dimensions: ['site'], aggregations };
    expect(answer(groupBy)).toEqual([
      { time: 0, event: { site: null, rows: 1n, clicks: 5n } },
      { time: 0, event: { site: 'a', rows: 2n, clicks: 5n } },
      { time: 0, event: { site: 'b', rows: 1n, clicks: null } },
    ]);
    const having = { type: 'greaterThan', aggregation: 'rows', value: 1 };
    expect(answer({ ...groupBy, having })).toEqual([
      { time: 0, event: { site: 'a', rows: 2n, clicks: 5n } },
    ]);
  });

  it('takes not of unknown for unknown', () => {
    const field = { type: 'selector', dimension: 'clicks', value: '2' };
    const scan = { queryType: 'scan', columns: ['clicks'], granularity: undefined };
    expect(answer({ ...scan, filter: { type: 'not', field } })).toEqual([
      { clicks: [5n] },
      { clicks: [3n] },
    ]);
  });

  it('refuses what it does not know', () => {
    const post = { type: 'constant', name: 'one', value: 1 };
    const timeseries = { queryType: 'timeseries', aggregations: [], postAggregations: [post] };
    expect(() => answer(timeseries)).toThrow('The oracle knows no arithmetic.');
    const aggregations = [{ type: 'hyperUnique', name: 'users', fieldName: 'users' }];
    expect(() => answer({ queryType: 'timeseries', aggregations })).toThrow(
      'The oracle does not estimate.',
    );
  });
});
