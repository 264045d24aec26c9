/** The columns that timeseries, topN and groupBy share: dimensions, aggregates, post-aggregates. */
import type { Aggregation, DimensionSpec, PostAggregation } from '../model.ts';
import type { GroupedPartial, PartialColumn } from '../partial.ts';
import { InvariantError } from '@isotherm/errors';
import { pickColumn, pickNumbers } from '../merge/pick-rows.ts';
import { emptyStates, finishStates, isRoundedCount } from './finish-states.ts';
import type { FinishedColumn, OutputColumn } from './output-column.ts';
import { postAggregate } from './post-aggregate.ts';

/** What finishing needs of a grouped query. */
export interface GroupedParts {
  readonly dimensions: readonly DimensionSpec[];
  readonly aggregations: readonly Aggregation[];
  readonly postAggregations: readonly PostAggregation[];
  readonly finalize: boolean;
  /** A column of bucket starts that post-aggregators may refer to; null = none. */
  readonly timeName: string | null;
}

/** Finished groups, rows in no order. */
export interface FinishedGroups {
  readonly rowCount: number;
  readonly times: Float64Array;
  readonly dimensions: readonly OutputColumn[];
  readonly aggregates: readonly OutputColumn[];
  readonly postAggregates: readonly OutputColumn[];
}

/** Finishes all columns of merged groups. */
export function finishGroups(parts: GroupedParts, groups: GroupedPartial): FinishedGroups {
  const { aggregations, finalize } = parts;
  const { rowCount, times } = groups;
  const dimensions = parts.dimensions.map(({ outputName }, index) => ({
    name: outputName,
    column: finishedDimension(groups.dimensions[index]),
  }));
  const states = aggregations.map(
    (aggregation, index) => groups.states[index] ?? emptyStates(aggregation, rowCount),
  );
  const raw = new Map(dimensions.map(({ name, column }) => [name, column]));
  if (parts.timeName !== null) raw.set(parts.timeName, timeColumn(times));
  const aggregates = aggregations.map((aggregation, index): OutputColumn => {
    const state = states[index] ?? emptyStates(aggregation, rowCount);
    const unfinalized = finishStates(aggregation, state, { finalize: false });
    raw.set(aggregation.name, unfinalized);
    const column = finalize ? finishStates(aggregation, state, { finalize }) : unfinalized;
    return { name: aggregation.name, column };
  });
  const rounded = new Set(
    aggregations.flatMap((each) => (isRoundedCount(each) ? [each.name] : [])),
  );
  const postAggregates = parts.postAggregations.map((postAggregation) => {
    const column = postAggregate(postAggregation, { raw, rowCount, rounded });
    raw.set(postAggregation.name, column);
    return { name: postAggregation.name, column };
  });
  return { rowCount, times, dimensions, aggregates, postAggregates };
}

/** One group that saw no row. */
export function emptyGroup(parts: GroupedParts, time: number): GroupedPartial {
  return {
    kind: 'grouped',
    rowCount: 1,
    times: Float64Array.of(time),
    dimensions: [],
    states: parts.aggregations.map((aggregation) => emptyStates(aggregation, 1)),
    scannedRows: 0,
  };
}

/** Bucket starts as a column of longs. */
export function timeColumn(times: Float64Array): FinishedColumn {
  const values = new BigInt64Array(times.length);
  const words = new Int32Array(values.buffer);
  for (let row = 0; row < times.length; row++) {
    const time = times[row] ?? 0;
    const upper = Math.floor(time / 2 ** 32);
    words[2 * row] = time - upper * 2 ** 32;
    words[2 * row + 1] = upper;
  }
  return { type: 'long', values, nulls: null };
}

/**
 * Leaves out the aggregates that only an answer shows, so that rows are chosen before anything is
 * finished that most of them do not need. Where a post-aggregator is read, all stay.
 *
 * @param names what is read of the groups beside dimensions and times
 */
export function groupsToChooseFrom(
  parts: GroupedParts,
  groups: GroupedPartial,
  names: ReadonlySet<string>,
): FinishedGroups {
  if (parts.postAggregations.some(({ name }) => names.has(name)))
    return finishGroups(parts, groups);
  const places = [...parts.aggregations.keys()].filter((place) =>
    names.has(parts.aggregations[place]?.name ?? ''),
  );
  const aggregations = places.flatMap((place) => parts.aggregations[place] ?? []);
  const states = places.flatMap((place) => groups.states[place] ?? []);
  return finishGroups({ ...parts, aggregations, postAggregations: [] }, { ...groups, states });
}

/** Groups of these rows alone, in their order. */
export function pickGroups(groups: GroupedPartial, rows: Uint32Array): GroupedPartial {
  return {
    ...groups,
    rowCount: rows.length,
    times: pickNumbers([groups.times], [rows]),
    dimensions: groups.dimensions.map((column) => pickColumn(column, rows)),
    states: groups.states.map((column) => pickColumn(column, rows)),
  };
}

function finishedDimension(column: PartialColumn | undefined): FinishedColumn {
  switch (column?.type) {
    case 'string':
    case 'long':
    case 'double':
    case 'float':
      return column;
    default:
      throw new InvariantError(`A dimension of a partial result is "${column?.type}".`);
  }
}
