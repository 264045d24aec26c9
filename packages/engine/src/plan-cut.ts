/** Whether a query's answer is cut after an order by a metric, so that most groups need not be known in full. */
import type { Aggregation, Filter, GroupByQuery, TopNQuery } from '@isotherm/query';
import { compareCodePoints } from '@isotherm/kernels';

/** The first order of an answer and how many rows are wanted by it, greatest first. */
export interface Cut {
  /** A count or a long sum. */
  readonly metric: Aggregation;
  readonly count: number;
}

/**
 * The cut of a query; null where another order comes first, or rows may be dropped after it.
 * Which groups have the greatest metric is then all that decides, but for ties.
 */
export function planCut(query: GroupByQuery | TopNQuery): Cut | null {
  if (query.granularity.type !== 'all') return null;
  if (query.queryType === 'topN') {
    const { metric, threshold } = query;
    if (metric.type !== 'numeric' || !metric.descending) return null;
    return cutBy(query, metric.metric, threshold);
  }
  const { limit, offset, columns } = query.limitSpec;
  const [first] = columns;
  if (first === undefined || !first.descending || limit === null || query.having !== null) {
    return null;
  }
  // A dimension of that name would be what is meant.
  const isDimension = query.dimensions.some(({ outputName }) => outputName === first.dimension);
  return isDimension ? null : cutBy(query, first.dimension, limit + offset);
}

function cutBy(query: GroupByQuery | TopNQuery, name: string, count: number): Cut | null {
  const metric = query.aggregations.find((aggregation) => aggregation.name === name);
  if (metric === undefined || (metric.type !== 'count' && metric.type !== 'longSum')) return null;
  // Groups of which no row passes have no sum, and are not ordered by one.
  if (metric.filter !== undefined) return null;
  return count > 0 ? { metric, count } : null;
}

/**
 * The same query for some values of its only dimension.
 *
 * @param values distinct values of a column of text with one value a row
 */
export function onlyGroups<Q extends GroupByQuery | TopNQuery>(
  query: Q,
  values: readonly (string | null)[],
): Q {
  const spec = query.queryType === 'topN' ? query.dimension : query.dimensions[0];
  const sorted = values.toSorted((a, b) =>
    a === null || b === null ? Number(b === null) - Number(a === null) : compareCodePoints(a, b),
  );
  const only: Filter = { type: 'in', dimension: spec.dimension, values: sorted };
  const filter: Filter =
    query.filter === null ? only : { type: 'and', fields: [query.filter, only] };
  return { ...query, filter };
}
