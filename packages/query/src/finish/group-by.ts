/** GroupBy: having, order, offset and limit over finished groups. */
import { InvariantError } from '@isotherm/errors';
import type { GroupByQuery } from '../model.ts';
import type { GroupedPartial } from '../partial.ts';
import type { FinishedGroupBy } from './finished-result.ts';
import type { FinishedGroups, GroupedParts } from './finished-groups.ts';
import {
  emptyGroup,
  finishGroups,
  groupsToChooseFrom,
  pickGroups,
  timeColumn,
} from './finished-groups.ts';
import { havingColumns, havingTest } from './having.ts';
import type { OutputColumn } from './output-column.ts';
import { byText, byTime, byValue, reversed } from './row-order.ts';
import { type SortKey, sortedRows } from './sort-rows.ts';

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
  const { limit, offset } = query.limitSpec;
  const judged = groupsToChooseFrom(parts, groups, namesRead(query));
  const end = limit === null ? null : limit + offset;
  const rows = chooseRows(query, judged, end).subarray(offset);
  // Rows are brought into order once, so that a writer finds all their values side by side.
  const chosen = isEveryRow(rows, groups) ? groups : pickGroups(groups, rows);
  return {
    queryType: 'groupBy',
    rowCount: chosen.rowCount,
    times: isAll ? new Float64Array(chosen.rowCount).fill(firstTime) : chosen.times,
    rows: rowNumbers(chosen),
    columns: columnsOf(finishGroups(parts, chosen)),
    isAll,
  };
}

function isEveryRow(rows: Uint32Array, { rowCount }: GroupedPartial): boolean {
  return rows.length === rowCount && rows.every((row, place) => row === place);
}

/** Rows that stay, in order; no more than `end`. */
function chooseRows(
  query: GroupByQuery,
  finished: FinishedGroups,
  end: number | null,
): Uint32Array {
  const all = rowNumbers(finished);
  const order = orderOf(query, finished);
  if (query.having === null) return sortedRows(all, order, end);
  const time = { name: '__time', column: timeColumn(finished.times) };
  const stays = havingTest(query.having, [...columnsOf(finished), time]);
  return sortedRows(all.filter(stays), order, end);
}

/** Names that having and order refer to. */
function namesRead({ having, limitSpec }: GroupByQuery): ReadonlySet<string> {
  const ordering = limitSpec.columns.map(({ dimension }) => dimension);
  return new Set([...ordering, ...(having === null ? [] : havingColumns(having))]);
}

function columnsOf({ dimensions, aggregates, postAggregates }: FinishedGroups): OutputColumn[] {
  return [...dimensions, ...aggregates, ...postAggregates];
}

function rowNumbers({ rowCount }: { readonly rowCount: number }): Uint32Array {
  const rows = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) rows[row] = row;
  return rows;
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
function orderOf(query: GroupByQuery, finished: FinishedGroups): SortKey[] {
  const time = query.granularity.type === 'all' ? [] : [byTime(finished.times)];
  const columns = query.limitSpec.columns.map(({ dimension, descending, dimensionOrder }) => {
    const asDimension = finished.dimensions.find(({ name }) => name === dimension);
    const order =
      asDimension === undefined
        ? byValue(aggregateOf(finished, dimension))
        : byText(asDimension.column, dimensionOrder);
    return descending ? reversed(order) : order;
  });
  const dimensions = finished.dimensions.map(({ column }) => byValue(column));
  if (!query.context.sortByDimsFirst) return [...time, ...columns, ...dimensions];
  const names = new Set(finished.dimensions.map(({ name }) => name));
  return query.limitSpec.columns.some(({ dimension }) => !names.has(dimension))
    ? [...columns, ...time, ...dimensions]
    : [...columns, ...dimensions, ...time];
}

function aggregateOf({ aggregates, postAggregates }: FinishedGroups, name: string) {
  const found = [...aggregates, ...postAggregates].find((output) => output.name === name);
  if (found !== undefined) return found.column;
  throw new InvariantError(`A groupBy orders by "${name}", which parseQuery lets not pass.`);
}
