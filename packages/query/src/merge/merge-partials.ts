/**
 * Adds up partial results: on a worker over its segments, on a node over its workers, in the broker
 * over its nodes. Grouped partials become one; all other kinds are kept apart until `finishQuery`,
 * which needs their order.
 */
import { InvariantError } from '@isotherm/errors';
import { withScratch } from '@isotherm/kernels';
import type { Aggregation, Query } from '../model.ts';
import type { GroupedPartial, PartialColumn, PartialResult } from '../partial.ts';
import { mergeKeyColumn, mergeTimes } from './key-column.ts';
import { joinStates } from './join-states.ts';
import { mergeStates } from './merge-states.ts';
import { pickNumbers } from './pick-rows.ts';
import { assignGroups } from './row-groups.ts';

/**
 * Combines what can be combined. Any split of rows, merged in any order, gives the same groups and
 * exactly the same longs; sums of doubles agree once `values + errors` is rounded.
 *
 * @param partials taken over: their buffers may be part of the answer
 * @returns at most one grouped partial, then the others in their order
 * @throws ResourceLimitError code LONG_OVERFLOW when a long sum leaves 64 bits
 */
export function mergePartials(query: Query, partials: readonly PartialResult[]): PartialResult[] {
  const grouped = partials.filter((partial) => partial.kind === 'grouped');
  const rest = partials.filter((partial) => partial.kind !== 'grouped');
  if (grouped.length < 2) return [...grouped, ...rest];
  switch (query.queryType) {
    case 'timeseries':
    case 'topN':
    case 'groupBy': {
      const hasTime = query.granularity.type !== 'all';
      return [mergeGrouped(grouped, query.aggregations, { hasTime }), ...rest];
    }
    case 'scan':
    case 'timeBoundary':
    case 'segmentMetadata':
      throw new InvariantError(`A ${query.queryType} query has grouped partial results.`);
  }
}

function mergeGrouped(
  all: readonly GroupedPartial[],
  aggregations: readonly Aggregation[],
  { hasTime }: { hasTime: boolean },
): GroupedPartial {
  const scannedRows = all.reduce((sum, partial) => sum + partial.scannedRows, 0);
  // An empty partial adds nothing, and its columns need not have the right types.
  const filled = all.filter(({ rowCount }) => rowCount > 0);
  const [first] = filled;
  if (first === undefined) return { ...(all[0] ?? emptyGrouped), scannedRows };
  if (filled.length === 1 && first.rowCount > 0) return { ...first, scannedRows };
  const rowCount = filled.reduce((sum, partial) => sum + partial.rowCount, 0);
  const merge = () => mergeFilled(filled, { aggregations, hasTime, scannedRows });
  return rowCount < fewRows ? merge() : withScratch(merge);
}

/** Below as many rows it costs more to reach the kernels than to do without. */
const fewRows = 4096;

function mergeFilled(
  filled: readonly GroupedPartial[],
  {
    aggregations,
    hasTime,
    scannedRows,
  }: {
    readonly aggregations: readonly Aggregation[];
    readonly hasTime: boolean;
    readonly scannedRows: number;
  },
): GroupedPartial {
  const keys = (filled[0]?.dimensions ?? []).map((_, index) =>
    mergeKeyColumn(filled.map((partial) => columnAt(partial.dimensions, index))),
  );
  const times = filled.map((partial) => partial.times);
  const { rowCount, slots, openers } = assignGroups(
    filled.map((partial) => partial.rowCount),
    hasTime ? [mergeTimes(times), ...keys] : keys,
  );
  return {
    kind: 'grouped',
    rowCount,
    times: hasTime ? pickNumbers(times, openers) : commonTime(filled, rowCount),
    dimensions: keys.map((key) => key.columnOf(openers)),
    states: aggregations.map((aggregation, index) => {
      const states = filled.map((partial) => columnAt(partial.states, index));
      const isDisjoint = openers.every((rows) => rows === null);
      return isDisjoint
        ? joinStates(states)
        : mergeStates(aggregation, states, { slots, rowCount });
    }),
    scannedRows,
  };
}

/** Granularity `all`: one bucket, which starts at the least start that any segment saw. */
function commonTime(partials: readonly GroupedPartial[], rowCount: number): Float64Array {
  const least = partials.reduce((time, { times }) => Math.min(time, times[0] ?? time), Infinity);
  return new Float64Array(rowCount).fill(least);
}

const emptyGrouped: GroupedPartial = {
  kind: 'grouped',
  rowCount: 0,
  times: new Float64Array(0),
  dimensions: [],
  states: [],
  scannedRows: 0,
};

function columnAt(columns: readonly PartialColumn[], index: number): PartialColumn {
  const column = columns[index];
  if (column !== undefined) return column;
  throw new InvariantError(
    `A partial result has ${columns.length} columns; ${index + 1} expected.`,
  );
}
