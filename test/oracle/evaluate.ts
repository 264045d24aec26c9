/**
 * The in-house oracle: evaluates a parsed query row by row over plain objects and gives Druid's
 * result JSON. It shares only the calendar with the engine, and is as plain as can be: sums are
 * bigints, groups a map, order a comparison. Not known: sketches, having, post-aggregators.
 */
import type { Aggregation, DimensionSpec, Query } from '@isotherm/query';
import type { Granularity, Interval } from '@isotherm/timeline';
import { bucketStart, bucketStarts, formatInstant, nextBucket } from '@isotherm/timeline';
import { granularityTimeZone } from '@isotherm/timeline';
import { truth } from './truth.ts';
import { compare, floatNumber, isNumber, numberText, valuesOf } from './values.ts';
import type { Row, Types, Value } from './values.ts';

type Entry = { readonly time: number; readonly event: Record<string, Value> };

/** Evaluates over segments of rows in segment order. Longs are bigints, other numbers numbers. */
export function evaluate(query: Query, segments: readonly Row[][], types: Types): unknown[] {
  if (query.queryType === 'segmentMetadata') throw new Error('The oracle knows rows only.');
  const rows = segments.flat().filter((row) => {
    const isInside = query.intervals.some((i) => i.start <= row.__time && row.__time < i.end);
    return isInside && (query.filter === null || truth(query.filter, row, types) === true);
  });
  if (query.queryType === 'timeBoundary') {
    const all = rows.map((row) => row.__time).sort((a, b) => a - b);
    if (all.length === 0) return [];
    const minTime = formatInstant(all[0] ?? 0);
    const maxTime = formatInstant(all.at(-1) ?? 0);
    const times = { minTime, maxTime };
    const result = query.bound === null ? times : { [query.bound]: times[query.bound] };
    return [{ timestamp: times[query.bound ?? 'minTime'], result }];
  }
  if (query.queryType === 'scan') {
    // Within a segment descending is the reverse of ascending; between segments their order stays.
    const isDown = query.order === 'descending';
    const each = segments.map((all) => all.filter((row) => rows.includes(row)));
    const listed = each.flatMap((all) => (isDown ? all.reverse() : all));
    const sign = isDown ? -1 : Number(query.order === 'ascending');
    const sorted = listed.sort((x, y) => sign * (x.__time - y.__time));
    const names = query.columns ?? ['__time', ...Object.keys(types)];
    const end = query.limit === null ? Infinity : query.offset + query.limit;
    return sorted
      .slice(query.offset, end)
      .map((row) => names.map((name) => shown(valuesOf(row, name, types), types[name])));
  }
  const { granularity, aggregations } = query;
  // A segment without a match says nothing to a topN, not even when it starts.
  const isHeard = (all: Row[]): boolean =>
    query.queryType !== 'topN' || all.some((row) => rows.includes(row));
  const starts = segments
    .filter(isHeard)
    .flatMap((all) => filled(granularity, all, query.intervals));
  const isAll = granularity.type === 'all';
  const queryStart = query.intervals[0]?.start ?? 0;
  const first = starts.length === 0 ? queryStart : Math.min(...starts);
  const bucketOf = (ms: number): number => (isAll ? first : bucketStart(granularity, ms));
  const stamp = (ms: number): string => formatInstant(ms, granularityTimeZone(granularity));
  const grouped = (dimensions: readonly DimensionSpec[], times: readonly number[]): Entry[] => {
    const groups = new Map<string, { time: number; key: Value[]; rows: Row[] }>();
    for (const time of times) groups.set(nameOf(time, []), { time, key: [], rows: [] });
    for (const row of rows) {
      const time = bucketOf(row.__time);
      for (const key of keysOf(row, dimensions, types)) {
        const group = groups.get(nameOf(time, key)) ?? { time, key, rows: [] };
        groups.set(nameOf(time, key), group);
        group.rows.push(row);
      }
    }
    return [...groups.values()]
      .sort((a, b) => a.time - b.time || inOrder(a.key.map((v, i) => compare(v, b.key[i] ?? null))))
      .map(({ time, key, rows: members }) => ({
        time,
        event: Object.fromEntries([
          ...dimensions.map(({ outputName }, i) => [outputName, key[i] ?? null] as const),
          ...aggregations.map((a) => [a.name, state(a, members, types)] as const),
        ]),
      }));
  };
  switch (query.queryType) {
    case 'timeseries': {
      const empty = isAll ? [first] : starts;
      const entries = grouped([], query.context.skipEmptyBuckets ? [] : empty);
      if (query.descending) entries.reverse();
      const rowsOut = entries.slice(0, query.limit ?? entries.length);
      return rowsOut.map(({ time, event }) => ({ timestamp: stamp(time), result: event }));
    }
    case 'topN': {
      const { metric, dimension, threshold } = query;
      const sign = metric.descending ? -1 : 1;
      const name = metric.type === 'numeric' ? metric.metric : dimension.outputName;
      const entries = grouped([dimension], []).sort((a, b) => {
        const [left, right] = [a.event[name] ?? null, b.event[name] ?? null];
        if (metric.type === 'dimension') return sign * compare(left, right, metric.ordering);
        return sign * compare(left, right);
      });
      return [...Map.groupBy(entries, ({ time }) => time)]
        .sort(([a], [b]) => a - b)
        .map(([time, best]) => ({
          timestamp: stamp(time),
          result: best.slice(0, threshold).map(({ event }) => event),
        }));
    }
    case 'groupBy': {
      const { columns, limit, offset } = query.limitSpec;
      const entries = grouped(
        query.dimensions,
        isAll && query.dimensions.length === 0 ? [first] : [],
      );
      const isDimension = (name: string): boolean =>
        query.dimensions.some(({ outputName }) => outputName === name);
      const by = (a: Entry, b: Entry): number[] =>
        columns.map(({ dimension: name, descending, dimensionOrder }) => {
          const [left, right] = [a.event[name] ?? null, b.event[name] ?? null];
          const ordering = isDimension(name) ? dimensionOrder : 'numeric';
          return (descending ? -1 : 1) * compare(left, right, ordering);
        });
      if (columns.length > 0) entries.sort((a, b) => a.time - b.time || inOrder(by(a, b)));
      return entries
        .slice(offset, limit === null ? entries.length : offset + limit)
        .map(({ time, event }) => {
          const timestamp = stamp(isAll ? queryStart : time);
          return { version: 'v1', timestamp, event };
        });
    }
  }
}

/** Druid fills where an interval overlaps the time from the first row to the end of the last bucket. */
function filled(granularity: Granularity, rows: Row[], intervals: readonly Interval[]): number[] {
  if (rows.length === 0) return [];
  const times = rows.map((row) => row.__time);
  const [least, most] = [Math.min(...times), Math.max(...times)];
  const isAll = granularity.type === 'all';
  const dataEnd = isAll ? Infinity : nextBucket(granularity, bucketStart(granularity, most));
  const parts = intervals
    .map(({ start, end }) => ({ start: Math.max(start, least), end: Math.min(end, dataEnd) }))
    .filter(({ start, end }) => start < end);
  if (isAll) return parts.slice(0, 1).map(({ start }) => start);
  return parts.flatMap((part) => [...bucketStarts(granularity, part)]);
}

function nameOf(time: number, key: readonly Value[]): string {
  return JSON.stringify([time, ...key.map((value) => `${typeof value} ${String(value)}`)]);
}

function keysOf(row: Row, dimensions: readonly DimensionSpec[], types: Types): Value[][] {
  let keys: Value[][] = [[]];
  for (const { dimension, outputType } of dimensions) {
    const values = valuesOf(row, dimension, types).map((value) => {
      if (value === null) return null;
      if (outputType === 'STRING') return numberText(value, types[dimension] === 'float');
      if (!isNumber(String(value))) return null;
      if (outputType === 'FLOAT') return floatNumber(Number(value));
      if (outputType === 'DOUBLE') return Number(value);
      if (typeof value === 'string' && !Number.isInteger(Number(value))) return null;
      return typeof value === 'bigint' ? value : BigInt(Math.trunc(Number(value)));
    });
    keys = keys.flatMap((key) => values.map((value) => [...key, value]));
  }
  return keys;
}

function shown(values: readonly Value[], type: Types[string] | undefined): unknown {
  const [value = null] = values;
  if (values.length > 1) return values;
  return type === 'float' && typeof value === 'number' ? floatNumber(value) : value;
}

function state(aggregation: Aggregation, rows: readonly Row[], types: Types): Value {
  if (aggregation.type === 'count') return BigInt(rows.length);
  if (aggregation.type === 'hyperUnique') throw new Error('The oracle does not estimate.');
  // A sum takes text that is no number as 0; the extremes pass over it.
  const values = rows
    .flatMap((row) => valuesOf(row, aggregation.fieldName, types))
    .map((v) =>
      v === null || isNumber(String(v)) ? v : aggregation.type.endsWith('Sum') ? 0 : null,
    )
    .filter((value) => value !== null);
  if (values.length === 0) return null;
  const [form, fold] = [aggregation.type.slice(0, -3), aggregation.type.slice(-3)];
  if (form === 'long') {
    const isWhole = (value: Value): boolean => /^[+-]?\d+$/.test(String(value));
    const longs = values.map((v) => BigInt(isWhole(v) ? (v ?? 0) : Math.trunc(Number(v))));
    return longs.reduce((a, b) => (fold === 'Sum' ? a + b : a < b === (fold === 'Min') ? a : b));
  }
  const doubles = values.map((v) => (form === 'float' ? Math.fround(Number(v)) : Number(v)));
  // Exact, rounded once: every double that tests use is a whole multiple of 2^-300.
  const sum = doubles.reduce((total, value) => total + BigInt(value * 2 ** 300), 0n);
  const extreme = fold === 'Min' ? Math.min(...doubles) : Math.max(...doubles);
  const result = fold === 'Sum' ? Number(sum) / 2 ** 300 : extreme;
  return form === 'float' ? floatNumber(result) : result;
}

function inOrder(orders: readonly number[]): number {
  return orders.find((order) => order !== 0) ?? 0;
}
