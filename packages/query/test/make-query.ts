/** Short forms for tests: queries with the boring parts filled in, and partial results by hand. */
import type { GroupedPartial, PartialColumn, Query } from '../src/index.ts';
import { TextDictionary, finishQuery, parseQuery, writeResult } from '../src/index.ts';

/** What holds when a query does not say. */
export const defaults = { queryId: 'default-id', timeoutMs: 300_000 };

/** Parses a query on datasource `ads` over April 2011. */
export function query<Type extends Query['queryType']>(
  queryType: Type,
  parts: Record<string, unknown> = {},
): Extract<Query, { queryType: Type }> {
  const json = {
    queryType,
    dataSource: 'ads',
    intervals: ['2011-04-01/2011-05-01'],
    granularity: 'all',
    ...parts,
  };
  // parseQuery keeps the type that it is asked for.
  return parseQuery(json, defaults) as Extract<Query, { queryType: Type }>;
}

/** Milliseconds of a day in April 2011. */
export function april(day: number): number {
  return Date.UTC(2011, 3, day);
}

/** The interval that tests take for visible: April 2011. */
export const visible = { visibleIntervals: [{ start: april(1), end: april(31) }] };

/** A column of longs; null = null. */
export function longs(...values: readonly (number | bigint | null)[]): PartialColumn {
  return {
    type: 'long',
    values: BigInt64Array.from(values, (value) => BigInt(value ?? 0)),
    nulls: nullsOf(values),
  };
}

/** A column of doubles. */
export function doubles(...values: readonly (number | null)[]): PartialColumn {
  return { type: 'double', values: numbersOf(values), nulls: nullsOf(values) };
}

/** Sums of doubles without error. */
export function sums(...values: readonly (number | null)[]): PartialColumn {
  const numbers = numbersOf(values);
  return {
    type: 'doubleSum',
    values: numbers,
    errors: new Float64Array(numbers.length),
    nulls: nullsOf(values),
  };
}

/** A column of texts with a dictionary in the order of the rows. */
export function texts(...values: readonly (string | null)[]): PartialColumn {
  const dictionary = [...new Set(values)];
  const ids = Uint32Array.from(values, (value) => dictionary.indexOf(value));
  return { type: 'string', dictionary: TextDictionary.fromTexts(dictionary), ids };
}

/** Groups by hand. */
export function grouped(
  times: readonly number[],
  dimensions: readonly PartialColumn[],
  states: readonly PartialColumn[],
): GroupedPartial {
  return {
    kind: 'grouped',
    rowCount: times.length,
    times: Float64Array.from(times),
    dimensions,
    states,
    scannedRows: times.length,
  };
}

/** The whole JSON text of an answer. */
export function answerOf(
  parsed: Query,
  partials: Parameters<typeof finishQuery>[1],
  facts: Parameters<typeof finishQuery>[2] = visible,
): string {
  return [...writeResult(parsed, finishQuery(parsed, partials, facts))].join('');
}

function numbersOf(values: readonly (number | null)[]): Float64Array {
  return Float64Array.from(values, (value) => value ?? 0);
}

function nullsOf(values: readonly unknown[]): Uint8Array | null {
  return values.includes(null) ? Uint8Array.from(values, (value) => Number(value === null)) : null;
}
