/** TopN: per bucket the first `threshold` values of one dimension by a metric or by themselves. */
import type { Granularity, Interval } from '@isotherm/timeline';
import { bucketStart, intersectIntervals, nextBucket } from '@isotherm/timeline';
import { InvariantError } from '@isotherm/errors';
import { compareTexts } from '../filter/compare-texts.ts';
import type { TopNMetric, TopNQuery } from '../model.ts';
import type { GroupedPartial } from '../partial.ts';
import type { FinishFacts, FinishedTopN, TopNBucket } from './finished-result.ts';
import type { FinishedGroups, GroupedParts } from './finished-groups.ts';
import { emptyGroup, finishGroups } from './finished-groups.ts';
import { textReader } from './output-column.ts';
import type { RowOrder } from './row-order.ts';
import {
  byText,
  byValue,
  inTurn,
  nullsLast,
  reversed,
  sortedRows,
  sortsAllRows,
} from './row-order.ts';

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
  const finished = hasRows ? finishGroups(parts, merged) : null;
  const rowsOfBucket = finished === null ? new Map<number, Uint32Array>() : rowsByTime(finished);
  const choose = finished === null ? null : chooser(query, finished);
  const starts = new Set([...rowsOfBucket.keys(), ...emptyBuckets(query, facts, hasRows)]);
  const buckets = [...starts]
    .sort((a, b) => a - b)
    .map((time): TopNBucket => {
      const rows = rowsOfBucket.get(time);
      return { time, rows: rows === undefined || choose === null ? noRows : choose(rows) };
    });
  const { dimensions, aggregates, postAggregates } =
    finished ?? finishGroups({ ...parts, dimensions: [] }, emptyGroup(parts, 0));
  return {
    queryType: 'topN',
    rowCount: buckets.reduce((sum, { rows }) => sum + rows.length, 0),
    buckets,
    columns: [...dimensions, ...aggregates, ...postAggregates],
  };
}

const noRows = new Uint32Array(0);

/** Row numbers of each bucket; granularity `all` has one. */
function rowsByTime({ times, rowCount }: FinishedGroups): Map<number, Uint32Array> {
  const counts = new Map<number, number>();
  for (const time of times) counts.set(time, (counts.get(time) ?? 0) + 1);
  if (counts.size === 1) {
    return new Map([[times[0] ?? 0, new Uint32Array(rowCount).map((_, row) => row)]]);
  }
  const rows = new Map([...counts].map(([time, count]) => [time, new Uint32Array(count)]));
  const filled = new Map<number, number>();
  times.forEach((time, row) => {
    const place = filled.get(time) ?? 0;
    const list = rows.get(time);
    if (list !== undefined) list[place] = row;
    filled.set(time, place + 1);
  });
  return rows;
}

/** Makes what picks and orders the rows of one bucket. */
function chooser(query: TopNQuery, finished: FinishedGroups): (rows: Uint32Array) => Uint32Array {
  const { metric, threshold } = query;
  const order = orderOf(query, finished);
  const isAfterStop = afterStop(metric, finished);
  return (rows) =>
    sortedRows(isAfterStop === null ? rows : rows.filter(isAfterStop), order, threshold).slice();
}

/**
 * By metric, ties by the dimension ascending. Turned round or not, nulls come first among values of the
 * dimension and last among those of a metric, as in Druid.
 */
function orderOf({ metric, threshold }: TopNQuery, finished: FinishedGroups): RowOrder {
  const dimension = dimensionOf(finished);
  const use = { sortsAll: sortsAllRows(finished.rowCount, threshold) };
  if (metric.type === 'dimension') {
    const order = byText(dimension, metric.ordering, use);
    const nullsFirst = reversed(nullsLast(dimension));
    return inTurn([
      nullsFirst,
      metric.descending ? reversed(order) : order,
      byValue(dimension, use),
    ]);
  }
  const outputs = [...finished.aggregates, ...finished.postAggregates];
  const found = outputs.find(({ name }) => name === metric.metric);
  if (found === undefined) {
    throw new InvariantError(
      `A topN orders by "${metric.metric}", which parseQuery lets not pass.`,
    );
  }
  const order = byValue(found.column, use);
  return inTurn([
    nullsLast(found.column),
    metric.descending ? reversed(order) : order,
    byValue(dimension, use),
  ]);
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
