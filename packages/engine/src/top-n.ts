/**
 * topN over one segment: a group by one dimension that gives every group. The best are cut after
 * all segments were merged, which is what makes the answer exact.
 */
import type { GroupedPartial, TopNQuery } from '@isotherm/query';
import type { RunOf } from './engine.ts';
import { groupByDimensions } from './group-by.ts';

/** Runs a topN. */
export function runTopN(run: RunOf<TopNQuery>): GroupedPartial {
  return groupByDimensions(run, run.query, [run.query.dimension]);
}
