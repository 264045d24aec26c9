/** TopN: per bucket the first `threshold` values of one dimension by a metric or by themselves. */
import type { Granularity, Interval } from '@isotherm/timeline';
import { bucketStart, intersectIntervals, nextBucket } from '@isotherm/timeline';
import { InvariantError } from '@isotherm/errors';
import { compareTexts } from '../filter/compare-texts.ts';
import type { TopNMetric, TopNQuery } from '../model.ts';
import type { GroupedPartial } from '../partial.ts';
import type { FinishFacts, FinishedTopN, TopNBucket } from './finished-result.ts';
import type { FinishedGroups, GroupedParts } from './finished-groups.ts';
import { emptyGroup, finishGroups, groupsToChooseFrom, pickGroups } from './finished-groups.ts';
import { textReader } from './output-column.ts';
import { byText, byTime, byValue, isAscending, nullsLast, reversed } from './row-order.ts';
import { type SortKey, sortedRows } from './sort-rows.ts';

/** Beyond as many empty buckets only those with rows are answered. */
const maxFilledBuckets = 100_000;

/**
 * Finishes a topN. Buckets of visible segments without a match answer an empty list; without visible
 * segments there is no bucket at all.
 */
export function finishTopN(
  query: TopNQuery,
  merged: GroupedPartial | null,
  facts: FinishFacts,
): FinishedTopN {
  const parts: GroupedParts = {
    dimensions: [query.dimension],
    aggregations: query.aggregations,
    postAggregations: query.postAggregations,
    finalize: query.context.finalize,
    timeName: null,
  };
  const hasRows = merged !== null && merged.rowCount > 0;
  const chosen = hasRows
    ? chooseRows(query, groupsToChooseFrom(parts, merged, namesRead(query)))
    : [];
  const rowsOfBucket = new Map(chosen.map(({ time, rows }) => [time, rows]));
  const starts = new Set([...rowsOfBucket.keys(), ...emptyBuckets(query, facts, hasRows)]);
  const picked = joined([...rowsOfBucket.values()]);
  let rowCount = 0;
  const buckets = [...starts]
    .sort((a, b) => a - b)
    .map((time): TopNBucket => {
      const count = rowsOfBucket.get(time)?.length ?? 0;
      const rows = new Uint32Array(count).map((_, place) => rowCount + place);
      rowCount += count;
      return { time, rows };
    });
  const { dimensions, aggregates, postAggregates } = hasRows
    ? finishGroups(parts, pickGroups(merged, picked))
    : finishGroups({ ...parts, dimensions: [] }, emptyGroup(parts, 0));
  return {
    queryType: 'topN',
    rowCount,
    buckets,
    columns: [...dimensions, ...aggregates, ...postAggregates],
  };
}

/** The metric, where it is one. */
function namesRead({ metric }: TopNQuery): ReadonlySet<string> {
  return new Set(metric.type === 'dimension' ? [] : [metric.metric]);
}

function joined(lists: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const list of lists) {
    all.set(list, place);
    place += list.length;
  }
  return all;
}

/** The rows of each bucket that the answer shows, in order; buckets in order of time. */
function chooseRows(query: TopNQuery, finished: FinishedGroups): TopNBucket[] {
  const order = orderOf(query, finished);
  const isAfterStop = afterStop(query.metric, finished);
  return rowsByTime(finished).map(({ time, rows }) => {
    const candidates = isAfterStop === null ? rows : rows.filter(isAfterStop);
    return { time, rows: sortedRows(candidates, order, query.threshold) };
  });
}

/** Row numbers of each bucket, ascending; granularity `all` has one. */
function rowsByTime({ times, rowCount }: FinishedGroups): TopNBucket[] {
  const all = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) all[row] = row;
  const sorted = isAscending(times) ? all : sortedRows(all, [byTime(times)], null);
  const buckets: TopNBucket[] = [];
  for (let start = 0; start < rowCount;) {
    const time = times[sorted[start] ?? 0] ?? 0;
    let end = start + 1;
    while (end < rowCount && times[sorted[end] ?? 0] === time) end++;
    buckets.push({ time, rows: sorted.subarray(start, end) });
    start = end;
  }
  return buckets;
}

/**
 * By metric, ties by the dimension ascending. Turned round or not, nulls come first among values of the
 * dimension and last among those of a metric, as in Druid.
 */
function orderOf({ metric }: TopNQuery, finished: FinishedGroups): SortKey[] {
  const dimension = dimensionOf(finished);
  if (metric.type === 'dimension') {
    const order = byText(dimension, metric.ordering);
    const nullsFirst = reversed(nullsLast(dimension));
    return [nullsFirst, metric.descending ? reversed(order) : order, byValue(dimension)];
  }
  const outputs = [...finished.aggregates, ...finished.postAggregates];
  const found = outputs.find(({ name }) => name === metric.metric);
  if (found === undefined) {
    throw new InvariantError(
      `A topN orders by "${metric.metric}", which parseQuery lets not pass.`,
    );
  }
  const order = byValue(found.column);
  return [nullsLast(found.column), metric.descending ? reversed(order) : order, byValue(dimension)];
}

/** Keeps rows that come strictly after `previousStop` in the chosen order, which null never does. */
function afterStop(
  metric: TopNMetric,
  finished: FinishedGroups,
): ((row: number) => boolean) | null {
  if (metric.type !== 'dimension' || metric.previousStop === null) return null;
  const { previousStop, descending } = metric;
  const compare = compareTexts(metric.ordering);
  const textAt = textReader(dimensionOf(finished));
  return (row) => {
    const text = textAt(row);
    if (text === null) return false;
    const order = compare(text, previousStop);
    return descending ? order < 0 : order > 0;
  };
}

function dimensionOf({ dimensions: [dimension] }: FinishedGroups) {
  if (dimension !== undefined) return dimension.column;
  throw new InvariantError('The groups of a topN have no dimension.');
}

/**
 * Starts of the buckets that visible segments touch. Granularity `all` has one of its own only when
 * nothing matched: it starts where query and data first meet.
 */
function emptyBuckets(query: TopNQuery, facts: FinishFacts, hasRows: boolean): Iterable<number> {
  const { granularity } = query;
  const spans = query.intervals.flatMap((interval) =>
    facts.visibleIntervals
      .map((visible) => intersectIntervals(interval, visible))
      .filter((span) => span !== null),
  );
  if (granularity.type !== 'all') return spanBuckets(granularity, spans);
  return hasRows ? [] : spans.slice(0, 1).map(({ start }) => start);
}

function spanBuckets(granularity: Granularity, spans: readonly Interval[]): readonly number[] {
  if (granularity.type === 'none') return [];
  const starts = new Array<number>();
  for (const span of spans) {
    let start = bucketStart(granularity, span.start);
    while (start < span.end) {
      starts.push(start);
      if (starts.length > maxFilledBuckets) return [];
      start = nextBucket(granularity, start);
    }
  }
  return starts;
}
