/** Only those groups of a groupBy or topN that can be in its answer, when the run sees all rows. */
import { withScratch } from '@isotherm/kernels';
import type { GroupedPartial, PartialResult } from '@isotherm/query';
import type { DimensionsRun } from './group-by.ts';
import { groupAlike, runGroupBy, setsAlike } from './group-by.ts';
import type { Cut } from './plan-cut.ts';
import { onlyGroups, planCut } from './plan-cut.ts';
import { chooseGreatest, fetchesLater, findMetricLeaders } from './metric-leaders.ts';

/** Groups that are fetched by their values at most; more are as well aggregated whole. */
const fetchLimit = 4096;

/**
 * The groups of which the first order makes no difference between being in the answer and not. Where
 * they are few of many, only the metric is aggregated for all, and the rest for them alone.
 *
 * @returns null where all groups must be given
 */
export function runTopGroups(run: DimensionsRun): PartialResult[] | null {
  const cut = run.seesAllRows === true ? planCut(run.query) : null;
  const top = cut === null ? null : topGroups(run, cut);
  return top === null ? null : [top];
}

function topGroups(run: DimensionsRun, cut: Cut): GroupedPartial | null {
  if (run.query.aggregations.length > 1 && fetchesLater(run, cut)) {
    const found = findMetricLeaders(run, cut, 1);
    const fetched = found === null ? null : fetchGroups(run, found.partial);
    if (fetched !== null) return fetched;
  }
  const sets = setsAlike(run);
  if (sets.length !== 1) return null;
  return withScratch(() =>
    groupAlike(
      { ...run, segments: sets[0] },
      (slots, grouped) => chooseGreatest(slots, grouped, cut, 1).slots,
    ),
  );
}

/** All aggregators of groups; null when they are too many to be asked for by their values. */
function fetchGroups(run: DimensionsRun, leaders: GroupedPartial): GroupedPartial | null {
  const [column] = leaders.dimensions;
  if (leaders.rowCount === 0 || leaders.rowCount > fetchLimit || column.type !== 'string') {
    return null;
  }
  const query = onlyGroups(run.query, column.dictionary.texts());
  const [fetched] = runGroupBy({ ...run, query });
  if (fetched?.kind !== 'grouped') return null;
  const scannedRows = leaders.scannedRows + fetched.scannedRows;
  // The bucket of granularity `all` starts where any group has its first rows.
  return {
    ...fetched,
    times: new Float64Array(fetched.rowCount).fill(leaders.times[0]),
    scannedRows,
  };
}
