/** GroupBy: having, order, offset and limit over finished groups. */
import { InvariantError } from '@isotherm/errors';
import type { GroupByQuery } from '../model.ts';
import type { GroupedPartial } from '../partial.ts';
import type { FinishedGroupBy } from './finished-result.ts';
import type { FinishedGroups, GroupedParts } from './finished-groups.ts';
import { emptyGroup, finishGroups, timeColumn } from './finished-groups.ts';
import { havingTest } from './having.ts';
import type { RowOrder } from './row-order.ts';
import {
  byText,
  byTime,
  byValue,
  inTurn,
  reversed,
  sortedRows,
  sortsAllRows,
} from './row-order.ts';

/**
 * Finishes a groupBy. With granularity `all` every row shows the start of the first interval. Without
 * dimensions and without a match there is one row of empty aggregates.
 */
export function finishGroupBy(query: GroupByQuery, merged: GroupedPartial | null): FinishedGroupBy {
  const parts: GroupedParts = {
    dimensions: query.dimensions,
    aggregations: query.aggregations,
    postAggregations: query.postAggregations,
    finalize: query.context.finalize,
    timeName: null,
  };
  const isAll = query.granularity.type === 'all';
  const firstTime = query.intervals[0]?.start ?? 0;
  const groups = groupsOf(query, parts, merged);
  if (groups === null) {
    return { queryType: 'groupBy', rowCount: 0, times: noTimes, rows: noRows, columns: [], isAll };
  }
  const finished = finishGroups(parts, groups);
  const columns = [...finished.dimensions, ...finished.aggregates, ...finished.postAggregates];
  const all = new Uint32Array(groups.rowCount).map((_, row) => row);
  const time = { name: '__time', column: timeColumn(groups.times) };
  const rows =
    query.having === null ? all : all.filter(havingTest(query.having, [...columns, time]));
  const { limit, offset } = query.limitSpec;
  const order = orderOf(query, finished);
  const sorted = sortedRows(rows, order, limit === null ? null : limit + offset).subarray(offset);
  return {
    queryType: 'groupBy',
    rowCount: sorted.length,
    times: isAll ? new Float64Array(groups.rowCount).fill(firstTime) : groups.times,
    rows: sorted,
    columns,
    isAll,
  };
}

const noTimes = new Float64Array(0);
const noRows = new Uint32Array(0);

function groupsOf(
  query: GroupByQuery,
  parts: GroupedParts,
  merged: GroupedPartial | null,
): GroupedPartial | null {
  if (merged !== null && merged.rowCount > 0) return merged;
  const hasSummary = query.dimensions.length === 0 && query.granularity.type === 'all';
  return hasSummary ? emptyGroup(parts, query.intervals[0]?.start ?? 0) : null;
}

/**
 * Time before everything, then the limitSpec's columns, then dimensions. With `sortByDimsFirst` time comes
 * last, but right behind the limitSpec's columns where aggregates are among them, as in Druid.
 */
function orderOf(query: GroupByQuery, finished: FinishedGroups): RowOrder {
  const { limit, offset } = query.limitSpec;
  const use = {
    sortsAll: sortsAllRows(finished.rowCount, limit === null ? null : limit + offset),
  };
  const time = query.granularity.type === 'all' ? [] : [byTime(finished.times)];
  const columns = query.limitSpec.columns.map(({ dimension, descending, dimensionOrder }) => {
    const asDimension = finished.dimensions.find(({ name }) => name === dimension);
    const order =
      asDimension === undefined
        ? byValue(aggregateOf(finished, dimension), use)
        : byText(asDimension.column, dimensionOrder, use);
    return descending ? reversed(order) : order;
  });
  const dimensions = finished.dimensions.map(({ column }) => byValue(column, use));
  if (!query.context.sortByDimsFirst) return inTurn([...time, ...columns, ...dimensions]);
  const names = new Set(finished.dimensions.map(({ name }) => name));
  return query.limitSpec.columns.some(({ dimension }) => !names.has(dimension))
    ? inTurn([...columns, ...time, ...dimensions])
    : inTurn([...columns, ...dimensions, ...time]);
}

function aggregateOf({ aggregates, postAggregates }: FinishedGroups, name: string) {
  const found = [...aggregates, ...postAggregates].find((output) => output.name === name);
  if (found !== undefined) return found.column;
  throw new InvariantError(`A groupBy orders by "${name}", which parseQuery lets not pass.`);
}
