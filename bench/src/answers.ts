/**
 * Brings answers of all engines to one form and compares them: a row of text keys and numbers, sorted.
 * Sums and counts must be equal; estimates must lie within the error of the exact count.
 */
import type { BenchQuery } from './queries.ts';
import { type PeerTable } from './peer.ts';
import { dimensionOf, textOf } from './table.ts';

/** A group: `keys` joined by tabs, and its values in the order of the query. */
export interface AnswerRow {
  readonly key: string;
  readonly values: readonly number[];
}

/** Five standard errors of a sketch of 2,048 registers, which is Druid's hyperUnique. */
export const hyperUniqueTolerance = (5 * 1.04) / Math.sqrt(2048);

/** Rows of a peer, with codes turned into text. */
export function peerAnswer(
  query: BenchQuery,
  table: PeerTable,
  rows: readonly (readonly unknown[])[],
): AnswerRow[] {
  const answer = rows.map((cells) => ({
    key: query.keys.map((name, at) => keyText(name, cells[at], table.isCoded)).join('\t'),
    values: query.values.map((_, at) => wholeNumber(cells[query.keys.length + at])),
  }));
  return answer.sort(byKey);
}

/** Rows of Druid's JSON of a timeseries, topN or groupBy. */
export function nativeAnswer(query: BenchQuery, json: string): AnswerRow[] {
  // The engine wrote it; only the parts that are read here matter.
  const items = JSON.parse(json) as NativeItem[];
  const rows = items.flatMap(({ timestamp, result, event }) => {
    const groups = Array.isArray(result) ? result : [result ?? event ?? {}];
    return groups.map((group) => ({
      key: query.keys
        .map((name) => (name === 'day' ? timestamp.slice(0, 10) : String(group[name])))
        .join('\t'),
      values: query.values.map((name) => wholeNumber(group[name])),
    }));
  });
  return rows.sort(byKey);
}

interface NativeItem {
  readonly timestamp: string;
  readonly result?: Group | readonly Group[];
  readonly event?: Group;
}

type Group = Readonly<Record<string, unknown>>;

/** @throws Error that names the query and the first difference */
export function checkAgree(
  query: BenchQuery,
  answers: Readonly<Record<string, readonly AnswerRow[]>>,
): void {
  const [first, ...others] = Object.entries(answers);
  if (first[1].length === 0) throw new Error(`${query.name}: the answer of ${first[0]} is empty.`);
  for (const [name, rows] of others) {
    const difference = differenceOf(settled(query, first[1]), settled(query, rows));
    if (difference !== null) {
      throw new Error(`${query.name}: ${first[0]} and ${name} disagree: ${difference}`);
    }
  }
}

/** @throws Error if an estimate is farther from the exact count than `tolerance` allows, as a share */
export function checkEstimates(
  query: BenchQuery,
  options: { readonly name: string; readonly tolerance: number },
  rows: readonly AnswerRow[],
  exact: readonly AnswerRow[],
): void {
  const { name, tolerance } = options;
  if (rows.length !== exact.length) {
    throw new Error(`${query.name}: ${name} gives ${rows.length} rows instead of ${exact.length}.`);
  }
  for (const [at, { key, values }] of exact.entries()) {
    const error = Math.abs(rows[at].values[0] / values[0] - 1);
    if (rows[at].key !== key || error > tolerance) {
      throw new Error(
        `${query.name}: ${name} estimates ${rows[at].values[0]} on ${rows[at].key}; exactly ${values[0]} on ${key}.`,
      );
    }
  }
}

/** Of a top list: the ordered values, and the rows whose value is above the last one, which may be tied. */
function settled(query: BenchQuery, rows: readonly AnswerRow[]): AnswerRow[] {
  const { top } = query;
  if (top === null) return [...rows];
  const at = query.values.indexOf(top.value);
  const ordered = rows.map(({ values }) => values[at]).sort((a, b) => b - a);
  const last = ordered.at(-1) ?? 0;
  const sums = { key: 'ordered', values: ordered };
  return [sums, ...rows.filter(({ values }) => values[at] > last)];
}

function differenceOf(a: readonly AnswerRow[], b: readonly AnswerRow[]): string | null {
  if (a.length !== b.length) return `${a.length} rows and ${b.length} rows.`;
  const at = a.findIndex((row, place) => !isSame(row, b[place]));
  return at === -1 ? null : `${JSON.stringify(a[at])} and ${JSON.stringify(b[at])}.`;
}

function isSame(a: AnswerRow, b: AnswerRow): boolean {
  return a.key === b.key && a.values.every((value, at) => value === b.values[at]);
}

function byKey(a: AnswerRow, b: AnswerRow): number {
  return a.key < b.key ? -1 : Number(a.key > b.key);
}

function keyText(name: BenchQuery['keys'][number], cell: unknown, isCoded: boolean): string {
  if (name === 'day' || !isCoded) return String(cell);
  return textOf(dimensionOf(name), Number(cell));
}

function wholeNumber(cell: unknown): number {
  const value = Number(cell);
  if (!Number.isSafeInteger(value)) throw new Error(`"${String(cell)}" is no whole number.`);
  return value;
}
