/** Timeseries: one row a bucket in order of time, and at the end a grand total if asked for. */
import type { TimeseriesQuery } from '../model.ts';
import { timestampResultField } from '../parse/parse-context.ts';
import { mergeStates } from '../merge/merge-states.ts';
import type { GroupedPartial } from '../partial.ts';
import type { FinishedTimeseries } from './finished-result.ts';
import type { GroupedParts } from './finished-groups.ts';
import { emptyGroup, finishGroups, timeColumn } from './finished-groups.ts';
import type { OutputColumn } from './output-column.ts';
import { byTime, isAscending, reversed } from './row-order.ts';
import { sortedRows } from './sort-rows.ts';

/**
 * Finishes a timeseries. Segments bring their own empty buckets; where nothing was there at all,
 * granularity `all` still answers one row of empty aggregates.
 */
export function finishTimeseries(
  query: TimeseriesQuery,
  merged: GroupedPartial | null,
): FinishedTimeseries {
  const timeName = timestampResultField(query.context);
  const parts: GroupedParts = {
    dimensions: [],
    aggregations: query.aggregations,
    postAggregations: query.postAggregations,
    finalize: query.context.finalize,
    timeName,
  };
  const hasEmptyRow = query.granularity.type === 'all' && !query.context.skipEmptyBuckets;
  const firstTime = query.intervals[0]?.start ?? 0;
  const groups = merged !== null && merged.rowCount > 0 ? merged : emptyGroup(parts, firstTime);
  const hasRows = groups === merged || hasEmptyRow;
  const rows = hasRows ? rowsInOrder(groups, query) : new Uint32Array(0);
  const columns = columnsOf(parts, groups);
  return {
    queryType: 'timeseries',
    rowCount: rows.length + Number(query.context.grandTotal),
    times: groups.times,
    rows,
    columns,
    grandTotal: query.context.grandTotal ? grandTotal(parts, groups, rows) : null,
  };
}

function rowsInOrder(
  { times, rowCount }: GroupedPartial,
  { descending, limit }: TimeseriesQuery,
): Uint32Array {
  const rows = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) rows[row] = row;
  const order = byTime(times);
  // Most partials come in order of time.
  if (!isAscending(times)) return sortedRows(rows, [descending ? reversed(order) : order], limit);
  return (descending ? rows.reverse() : rows).subarray(0, limit ?? rowCount);
}

function columnsOf(parts: GroupedParts, groups: GroupedPartial): OutputColumn[] {
  const { times, aggregates, postAggregates } = finishGroups(parts, groups);
  const timeColumns =
    parts.timeName === null ? [] : [{ name: parts.timeName, column: timeColumn(times) }];
  return [...timeColumns, ...aggregates, ...postAggregates];
}

/** The total of no bucket, where even a count is null. */
function nothingAtAll(parts: GroupedParts): GroupedPartial {
  const empty = emptyGroup(parts, 0);
  const states = empty.states.map((column) =>
    column.type === 'long' ? { ...column, nulls: Uint8Array.of(1) } : column,
  );
  return { ...empty, states };
}

/** Aggregates over the rows that the answer shows; post-aggregators are computed anew. */
function grandTotal(
  parts: GroupedParts,
  groups: GroupedPartial,
  rows: Uint32Array,
): readonly OutputColumn[] {
  // Group 0 is the total, group 1 takes the rows beyond the limit.
  const slots = new Uint32Array(groups.rowCount).fill(1);
  for (const row of rows) slots[row] = 0;
  const states = groups.states.map((column, index) => {
    const aggregation = parts.aggregations[index];
    return aggregation === undefined
      ? column
      : mergeStates(aggregation, [column], { slots: [slots], rowCount: 2 });
  });
  const total: GroupedPartial = { ...groups, rowCount: 2, times: new Float64Array(2), states };
  if (rows.length > 0) return columnsOf({ ...parts, timeName: null }, total);
  return columnsOf({ ...parts, timeName: null }, nothingAtAll(parts));
}
