/** Seeded random tables and native queries for the oracle test. */
import type { Row, Types } from './evaluate.ts';

/** A seeded source of whole numbers from 0 to below `limit`. */
export type Below = (limit: number) => number;

/** Mulberry32. */
export function seededBelow(seed: number): Below {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

/** One column of each kind: text, text that is often a number, lists, longs of three widths, doubles, floats. */
export const types: Types = {
  country: 'string',
  code: 'string',
  tags: 'strings',
  small: 'long',
  clicks: 'long',
  wide: 'long',
  price: 'double',
  rate: 'float',
};

const countries = [null, '', 'AT', 'DE', 'de', 'é', '日本', '😀'];
const codes = [null, '1', '2', '2.5', '10', '-3', '1.0', 'x', 'ten'];
const tags = [null, 'a', 'b', 'c', 'a b', '7'];
const hourMs = 3_600_000;
/** 2011-03-12T00:00Z: clocks in Los Angeles change on the second day. */
const startMs = 1_299_888_000_000;

function pick<Item>(below: Below, items: readonly Item[]): Item {
  // The index is below the length, and no list here is empty.
  return items[below(items.length)] as Item;
}

function some<Value>(below: Below, value: Value): Value | null {
  return below(6) === 0 ? null : value;
}

/** Rows of one segment, hours of four days, in no order. */
export function randomRows(below: Below, count: number): Row[] {
  const hasNulls = below(3) > 0;
  const maybe = <Value>(value: Value): Value | null => (hasNulls ? some(below, value) : value);
  return Array.from({ length: count }, () => ({
    __time: startMs + below(96) * hourMs + below(2) * 1000,
    country: pick(below, countries),
    code: pick(below, codes),
    tags: Array.from({ length: below(4) }, () => pick(below, tags)),
    small: maybe(BigInt(below(12) - 4)),
    clicks: maybe(BigInt(below(100_000) * (below(2) === 0 ? 1 : 30_000))),
    wide: maybe(
      BigInt(below(2) === 0 ? 1 : -1) * (BigInt(below(2 ** 30)) << 27n) + BigInt(below(9)),
    ),
    price: maybe((below(20_000) - 10_000) / 10),
    rate: maybe(Math.fround(below(500) / 8 + 0.1)),
  }));
}

const instant = (hours: number): string => new Date(startMs + hours * hourMs).toISOString();

function randomIntervals(below: Below): string[] {
  if (below(3) === 0) return ['2000-01-01/2030-01-01'];
  return Array.from({ length: 1 + below(2) }, () => {
    const start = below(110) - 10;
    return `${instant(start)}/${instant(start + 1 + below(60))}`;
  });
}

const granularities = [
  'all',
  'hour',
  'day',
  'six_hour',
  { type: 'period', period: 'P1D', timeZone: 'America/Los_Angeles' },
  { type: 'period', period: 'P1W' },
  { type: 'duration', duration: 36 * hourMs },
];

function literalOf(below: Below, column: string): string {
  if (column === 'country') return pick(below, countries) ?? 'AT';
  if (column === 'tags') return pick(below, tags) ?? 'a';
  if (column === 'code') return pick(below, codes) ?? '1';
  if (column === 'price') return String((below(20_000) - 10_000) / 10);
  if (column === 'rate') return String(Math.round(below(500) * 1.25) / 10 + 0.1).slice(0, 6);
  if (column === '__time') return String(startMs + below(96) * hourMs);
  return String(below(12) - 4);
}

const filterColumns = [
  'country',
  'code',
  'tags',
  'small',
  'clicks',
  'price',
  'rate',
  '__time',
  'no',
];

/** A random native filter. */
export function randomFilter(below: Below, depth = 0): object {
  const column = pick(below, filterColumns);
  const literal = (): string => literalOf(below, column);
  const kind = below(depth < 2 ? 11 : 8);
  const isText = ['country', 'code', 'tags', 'no'].includes(column);
  switch (kind) {
    case 0:
      return { type: 'selector', dimension: column, value: below(5) === 0 ? null : literal() };
    case 1:
    case 2: {
      const values = Array.from({ length: 1 + below(4) }, () => some(below, literal()));
      return { type: 'in', dimension: column, values };
    }
    case 3:
      return { type: 'null', column };
    case 4:
      return {
        type: 'like',
        dimension: column,
        pattern: pick(below, ['%', 'a%', '_', '%1%', 'D_']),
      };
    case 5: {
      const ordering = isText ? pick(below, ['lexicographic', 'numeric']) : 'numeric';
      const ends = { lowerStrict: below(2) === 0, upperStrict: below(2) === 0 };
      const limits =
        below(2) === 0
          ? { lower: number(literal(), ordering) }
          : { upper: number(literal(), ordering) };
      return { type: 'bound', dimension: column, ordering, ...ends, ...limits };
    }
    case 6: {
      const matchValueType = isText ? 'STRING' : 'DOUBLE';
      const limit = isText ? literal() : Number(literal());
      const lowerOpen = below(2) === 0;
      return { type: 'range', column, matchValueType, lower: limit, lowerOpen };
    }
    case 7: {
      const matchValueType = isText ? 'STRING' : 'DOUBLE';
      return {
        type: 'equals',
        column,
        matchValueType,
        matchValue: isText ? literal() : Number(literal()),
      };
    }
    case 8:
      return { type: 'not', field: randomFilter(below, depth + 1) };
    default: {
      const fields = Array.from({ length: 1 + below(3) }, () => randomFilter(below, depth + 1));
      return { type: kind === 9 ? 'and' : 'or', fields };
    }
  }
}

/** Limits of a numeric order are numbers. */
function number(literal: string, ordering: string): string {
  return ordering === 'numeric' && Number.isNaN(Number(literal || 'x')) ? '2' : literal;
}

const aggregatorTypes = ['long', 'float', 'double'].flatMap((form) =>
  ['Sum', 'Min', 'Max'].map((fold) => `${form}${fold}`),
);
const numberColumns = ['small', 'clicks', 'price', 'rate', 'code', 'tags', '__time', 'no'];

function randomAggregations(below: Below): object[] {
  const aggregations = Array.from({ length: below(5) }, (_none, i) => {
    const type = pick(below, aggregatorTypes);
    const fieldName = type.startsWith('long')
      ? pick(below, ['wide', ...numberColumns])
      : pick(below, numberColumns);
    return { type, name: `a${i}`, fieldName };
  });
  const shared = randomFilter(below);
  const filtered = (aggregator: object): object =>
    below(3) === 0
      ? { type: 'filtered', filter: below(2) === 0 ? shared : randomFilter(below), aggregator }
      : aggregator;
  const passing = { type: 'count', name: 'passing' };
  const counts = below(3) === 0 ? [{ type: 'filtered', filter: shared, aggregator: passing }] : [];
  return [{ type: 'count', name: 'rows' }, ...aggregations.map(filtered), ...counts];
}

const dimensionNames = [
  'country',
  'code',
  'tags',
  'small',
  'clicks',
  'wide',
  'price',
  'rate',
  '__time',
  'no',
];

function randomDimension(below: Below, index: number): object {
  const dimension = pick(below, dimensionNames);
  // The oracle writes doubles as text only where Java needs no exponent, and parses plain decimals.
  const outputs = ['wide', '__time', 'clicks'].includes(dimension)
    ? ['STRING', 'LONG']
    : ['STRING', 'LONG', 'FLOAT', 'DOUBLE'];
  return { type: 'default', dimension, outputName: `d${index}`, outputType: pick(below, outputs) };
}

function randomHaving(below: Below, aggregations: readonly object[]): object {
  const names = aggregations.slice(1).flatMap((each, i) => ('name' in each ? [`a${i}`] : []));
  const aggregation = pick(below, ['rows', ...names]);
  const type = pick(below, ['greaterThan', 'lessThan', 'equalTo']);
  return { type, aggregation, value: below(6) - 1 };
}

/** A random native query as JSON. */
export function randomQuery(below: Below): object {
  const filter = below(3) === 0 ? {} : { filter: randomFilter(below) };
  const base = { dataSource: 'memory', intervals: randomIntervals(below), ...filter };
  const grouped = {
    ...base,
    granularity: pick(below, granularities),
    aggregations: randomAggregations(below),
  };
  switch (below(9)) {
    case 0:
    case 1:
      return {
        ...grouped,
        queryType: 'timeseries',
        descending: below(2) === 0,
        context: { skipEmptyBuckets: below(2) === 0 },
      };
    case 2:
    case 3:
      return {
        ...grouped,
        queryType: 'topN',
        dimension: randomDimension(below, 0),
        metric: pick(below, ['rows', { type: 'inverted', metric: 'rows' }]),
        threshold: 1 + below(8),
      };
    case 4: {
      const order = pick(below, ['none', 'ascending', 'descending']);
      const columns = pick(below, [['country', 'wide', '__time'], ['tags', 'rate', 'no'], []]);
      // An ordered scan must name its time; no names at all are all of them.
      const timed = order === 'none' || columns.includes('__time') ? columns : [];
      const limit = below(2) === 0 ? {} : { limit: 1 + below(20), offset: below(5) };
      const format = { resultFormat: 'compactedList', order, columns: timed };
      return { ...base, queryType: 'scan', ...format, ...limit };
    }
    case 5:
      return {
        ...base,
        queryType: 'timeBoundary',
        ...pick(below, [{}, { bound: 'minTime' }, { bound: 'maxTime' }]),
      };
    default: {
      const dimensions = Array.from({ length: below(4) }, (_none, i) => randomDimension(below, i));
      const limitSpec =
        below(3) === 0
          ? { limitSpec: { type: 'default', limit: 1 + below(9), offset: below(3) } }
          : {};
      const having = below(3) === 0 ? { having: randomHaving(below, grouped.aggregations) } : {};
      return { ...grouped, queryType: 'groupBy', dimensions, ...limitSpec, ...having };
    }
  }
}
