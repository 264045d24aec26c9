/** The columns that timeseries, topN and groupBy share: dimensions, aggregates, post-aggregates. */
import type { Aggregation, DimensionSpec, PostAggregation } from '../model.ts';
import type { GroupedPartial, PartialColumn } from '../partial.ts';
import { InvariantError } from '@isotherm/errors';
import { emptyStates, finishStates } from './finish-states.ts';
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
    aggregations.flatMap((each) => (each.type === 'hyperUnique' && each.round ? [each.name] : [])),
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
  const values = BigInt64Array.from(times, (time) => BigInt(time));
  return { type: 'long', values, nulls: null };
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
