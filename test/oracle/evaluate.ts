/** The in-house oracle: answers parsed queries row by row, and refuses what it does not know. */
import type { Aggregation, Filter, LeafFilter, Query } from '@isotherm/query';
import { bucketStart, bucketStarts, nextBucket } from '@isotherm/timeline';

type Value = string | bigint | number | null;
type Group = { time: number; event: Record<string, Value> };
type GroupedQuery = Extract<Query, { granularity: unknown }>;
/** A row; a multi-value column holds a list. */
export type Row = { readonly __time: number } & Readonly<Record<string, Value | Value[]>>;
/** Types of the columns but `__time`. */
export type Types = Readonly<Record<string, 'string' | 'strings' | 'long' | 'double' | 'float'>>;

/** Evaluates over segments of rows, in their order: to groups, times, or rows of lists. */
export function evaluate(query: Query, segments: readonly Row[][], types: Types): unknown[] {
  if (query.queryType === 'segmentMetadata') throw new Error('The oracle knows rows only.');
  const { filter, intervals } = query;
  const isAsked = (row: Row): boolean =>
    intervals.some(({ start, end }) => start <= row.__time && row.__time < end) &&
    (filter === null || truth(filter, row, types) === 1);
  const found = segments.map((rows) => rows.filter(isAsked));
  if (query.queryType === 'timeBoundary') {
    const times = found.flat().map((row) => row.__time);
    const [min, max] = [Math.min(...times), Math.max(...times)];
    const asked = { both: [min, max], minTime: [min], maxTime: [max] }[query.bound ?? 'both'];
    return times.length === 0 ? [] : asked;
  }
  if (query.queryType === 'scan') {
    // Within a segment descending is the reverse of ascending; between segments their order stays.
    const sign = { ascending: 1, descending: -1, none: 0 }[query.order];
    const listed = found.flatMap((rows) => (sign < 0 ? rows.reverse() : rows));
    listed.sort((a, b) => sign * (a.__time - b.__time));
    const names = query.columns ?? ['__time', ...Object.keys(types)];
    const rows = listed.slice(query.offset, query.offset + (query.limit ?? Infinity));
    return rows.map((row) => Object.fromEntries(names.map((name) => [name, valuesOf(row, name)])));
  }
  // A segment without a match is heard, when it starts, only where empty buckets are filled.
  const isFilling = query.queryType === 'timeseries' && !query.context.skipEmptyBuckets;
  const heard = segments.filter((_, i) => isFilling || found[i]?.length !== 0);
  if (query.postAggregations.length > 0) throw new Error('The oracle knows no arithmetic.');
  const starts = heard.flatMap((rows) => bucketsOf(query, rows));
  const groups = groupsOf(query, found.flat(), starts, types);
  if (query.queryType === 'timeseries')
    return (query.descending ? groups.reverse() : groups).slice(0, query.limit ?? Infinity);
  if (query.queryType === 'topN') {
    const { metric, threshold } = query;
    if (metric.type === 'dimension') throw new Error('The oracle orders by metrics only.');
    const sign = metric.descending ? -1 : 1; // A null comes last either way.
    const at = ({ event }: Group): Value => event[metric.metric] ?? sign * Infinity;
    const buckets = [...Map.groupBy(groups, (group) => group.time).values()];
    for (const all of buckets) all.sort((x, y) => sign * compare(at(x), at(y)));
    return buckets.flatMap((all) => all.slice(0, threshold));
  }
  const { having, limitSpec } = query;
  if (limitSpec.columns.length > 0) throw new Error('The oracle orders by dimensions only.');
  const isKept = ({ event }: Group): boolean => {
    if (having === null) return true;
    if (!('aggregation' in having)) throw new Error(`The oracle does not know "${having.type}".`);
    const order = compare(event[having.aggregation], having.value);
    const isNull = event[having.aggregation] === null;
    return !isNull && order === { lessThan: -1, equalTo: 0, greaterThan: 1 }[having.type];
  };
  const kept = groups.filter(isKept);
  return kept.slice(limitSpec.offset, limitSpec.offset + (limitSpec.limit ?? Infinity));
}

/** Druid fills where an interval overlaps the time from the first row to the end of the last bucket. */
function bucketsOf({ granularity, intervals }: GroupedQuery, rows: readonly Row[]): number[] {
  const times = rows.map((row) => row.__time);
  const last = bucketStart(granularity, Math.max(...times));
  return intervals.flatMap((interval) => {
    const start = Math.max(interval.start, Math.min(...times));
    const end = Math.min(interval.end, nextBucket(granularity, last));
    const starts = [...bucketStarts(granularity, { start, end })];
    return granularity.type === 'all' ? starts.map(() => start) : starts;
  });
}

function groupsOf(query: GroupedQuery, rows: Row[], starts: number[], types: Types): Group[] {
  const { queryType, granularity } = query;
  const isAll = granularity.type === 'all';
  const isSeries = queryType === 'timeseries';
  const dimensions = isSeries ? [] : queryType === 'topN' ? [query.dimension] : query.dimensions;
  const isFilled = isSeries ? !query.context.skipEmptyBuckets : isAll && dimensions.length === 0;
  const isEarly = queryType === 'groupBy' || starts.length === 0;
  const first = isEarly ? (query.intervals[0]?.start ?? 0) : Math.min(...starts);
  const empty = isFilled ? (isAll ? [first] : starts) : [];
  const members = empty.map((time): { key: Value[]; rows: Row[] } => ({ key: [time], rows: [] }));
  for (const row of rows) {
    let keys: Value[][] = [[isAll ? first : bucketStart(granularity, row.__time)]];
    for (const { dimension, outputType } of dimensions) {
      const values = valuesOf(row, dimension).map((v) => keyOf(v, types[dimension], outputType));
      keys = keys.flatMap((key) => values.map((value) => [...key, value]));
    }
    members.push(...keys.map((key) => ({ key, rows: [row] })));
  }
  members.sort((a, b) => a.key.map((v, i) => compare(v, b.key[i])).find((o) => o !== 0) ?? 0);
  const nameOf = (key: Value[]): string => JSON.stringify(key.map((v) => v !== null && String(v)));
  return Array.from(Map.groupBy(members, ({ key }) => nameOf(key)).values(), (alike) => {
    const [time, ...key] = alike[0]?.key ?? [];
    const all = alike.flatMap((member) => member.rows);
    const event: Group['event'] = {};
    for (const [i, { outputName }] of dimensions.entries()) event[outputName] = key[i] ?? null;
    for (const each of query.aggregations) {
      const passes = (row: Row) => truth(each.filter ?? { type: 'true' }, row, types) === 1;
      event[each.name] = aggregate(each, all.filter(passes));
    }
    return { time: Number(time), event };
  });
}

const toLong = (n: number | bigint): bigint => (typeof n === 'bigint' ? n : BigInt(Math.trunc(n)));
function keyOf(value: Value, from: string | undefined, to: string): Value {
  if (to === 'STRING') return value === null ? null : textOf(value, from);
  const number = numberOf(value);
  if (number === null) return null;
  if (to !== 'LONG') return to === 'FLOAT' ? Math.fround(Number(number)) : Number(number);
  return typeof value === 'string' && !Number.isInteger(number) ? null : toLong(number);
}

function aggregate(aggregation: Aggregation, rows: readonly Row[]): Value {
  if (aggregation.type === 'count') return BigInt(rows.length);
  if ('round' in aggregation) throw new Error('The oracle does not estimate.');
  const [form, fold] = [aggregation.type.slice(0, -3), aggregation.type.slice(-3)];
  const [isSum, isMin] = [fold === 'Sum', fold === 'Min'];
  const round = (n: number | bigint) => (form === 'float' ? Math.fround(Number(n)) : Number(n));
  // Doubles are summed exactly, rounded once: all of tests are whole multiples of 2^-300.
  const cut = (n: number | bigint) => (form === 'long' ? toLong(n) : BigInt(round(n) * 2 ** 300));
  const values = rows.flatMap((row) => valuesOf(row, aggregation.fieldName));
  if (values.every((value) => value === null)) return null;
  // Text that is no number changes nothing: it is 0 in a sum, the far end in an extreme.
  const ends = form === 'long' ? [2n ** 63n - 1n, -(2n ** 63n)] : [Infinity, -Infinity];
  const units = values.flatMap((value) => numberOf(value) ?? (isSum ? 0 : [])).map(cut);
  if (units.length === 0) return ends[Number(!isMin)] ?? null;
  const unit = units.reduce((a, b) => (isSum ? a + b : a < b === isMin ? a : b));
  return form === 'long' ? unit : round(Number(unit) / 2 ** 300);
}

/** The values of a row in a column: a list, where an empty one and a missing column are one null. */
function valuesOf(row: Row, name: string): Value[] {
  const list = name === '__time' ? [BigInt(row.__time)] : [row[name] ?? null].flat();
  return list.length === 0 ? [null] : list;
}

/** Text counts if it is a plain decimal, which is all that tests use; other text is null. */
function numberOf(value: Value): number | bigint | null {
  if (typeof value !== 'string') return value;
  return /^[+-]?\d+(\.\d+)?$/.test(value) ? Number(value) : null;
}

/** Text as Java writes numbers from 1e-3 to below 1e7; floats of tests have at most six digits. */
function textOf(value: Value, type: string | undefined): string {
  const shown = type === 'float' ? Number(Number(value).toPrecision(6)) : value;
  return typeof shown === 'number' && Number.isInteger(shown) ? `${shown}.0` : String(shown);
}

/** Nulls first, numbers by value, text by bytes or, if asked, as numbers after what is none. */
function compare(a: Value = null, b: Value = null, ordering = 'lexicographic'): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  const isText = typeof a === 'string' && ordering === 'lexicographic';
  const [x, y] = isText ? [null, null] : [numberOf(a), numberOf(b)];
  if (x !== null && y !== null) return x < y ? -1 : Number(x > y);
  if (x !== null || y !== null) return x === null ? -1 : 1;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

/** 1 where a filter holds, 0 where not, a half where that is unknown; any value of a list will do. */
function truth(filter: Filter, row: Row, types: Types): number {
  const fields = 'fields' in filter ? filter.fields.map((field) => truth(field, row, types)) : [];
  if (filter.type === 'true' || filter.type === 'and') return Math.min(1, ...fields);
  if (filter.type === 'false' || filter.type === 'or') return Math.max(0, ...fields);
  if (filter.type === 'not') return 1 - truth(filter.field, row, types);
  const name = 'column' in filter ? filter.column : filter.dimension;
  // Of null a bound is unsure only on numbers, and on text that is there in its own order.
  const unsure = filter.type === 'bound' && filter.ordering !== 'lexicographic' ? /^[^s]/ : /./;
  const half = filter.type !== 'bound' || unsure.test(types[name] ?? '') ? 0.5 : 0;
  const answer = (v: Value) => holds(filter, v, types[name]) || (v === null && half);
  return Math.max(...valuesOf(row, name).map((value) => Number(answer(value))));
}

function holds(filter: LeafFilter, value: Value, type: string = 'string'): boolean {
  const isNearest = type === 'float' && filter.type !== 'range';
  const cast = (v: Value): Value => (isNearest && v !== null ? Math.fround(Number(v)) : v);
  const order = (limit: Value, how?: string): number => compare(value, cast(limit), how);
  if (filter.type === 'null') return value === null;
  if (filter.type === 'selector') return order(filter.value) === 0;
  if (filter.type === 'equals') return order(filter.matchValue) === 0;
  if (filter.type === 'in') return filter.values.some((each) => order(each) === 0);
  if (filter.type === 'like') {
    const pattern = filter.pattern.replaceAll('%', '.*').replaceAll('_', '.');
    return value !== null && new RegExp(`^${pattern}$`, 'su').test(textOf(value, type));
  }
  // To a bound, and only on text, a null is less than every limit.
  const isBound = filter.type === 'bound';
  if (value === null && !(isBound && type.startsWith('string'))) return false;
  const [isAfter, isBefore, how] = isBound
    ? [filter.lowerStrict, filter.upperStrict, filter.ordering]
    : [filter.lowerOpen, filter.upperOpen];
  if (filter.lower !== null && order(filter.lower, how) < Number(isAfter)) return false;
  return filter.upper === null || order(filter.upper, how) <= -Number(isBefore);
}
