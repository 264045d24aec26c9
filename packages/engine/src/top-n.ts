/**
 * topN: a group by one dimension that gives every group. The best are cut after all segments were
 * merged, which is what makes the answer exact.
 */
import type { PartialResult, TopNQuery } from '@isotherm/query';
import type { GroupingRun } from './engine.ts';
import { groupByDimensions } from './group-by.ts';

/** Runs a topN. */
export function runTopN(run: GroupingRun<TopNQuery>): PartialResult[] {
  return groupByDimensions(run, [run.query.dimension]);
}
