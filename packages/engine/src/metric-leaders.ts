/**
 * The groups that can be among the greatest by a metric, without the others, as by Cao and Wang's
 * "Efficient top-k query calculation in distributed networks" (2004), with the first two rounds in one.
 *
 * Each of m shares of the rows gives its groups with at least 1/m of its own k-th greatest metric. Where
 * no metric is negative, the k-th greatest over all rows is at least the greatest of those k-th ones, so a
 * group that no share gives has less than m times 1/m of it: it cannot be among the first k, nor equal
 * the last of them.
 */
import { findAtLeast, kthGreatest, scratchIds, scratchLongs, withScratch } from '@isotherm/kernels';
import type { GroupedPartial } from '@isotherm/query';
import type { SegmentsRun } from './engine.ts';
import type { DimensionsRun } from './group-by.ts';
import { dimensionsOf, groupAlike, setsAlike } from './group-by.ts';
import type { GroupedRows } from './group-rows.ts';
import type { Cut } from './plan-cut.ts';
import { planCut } from './plan-cut.ts';

/** Groups of one share of the rows, with the ordering metric alone. */
export interface Leaders {
  readonly partial: GroupedPartial;
  /** The greatest metric that a group of this share may have which is not among them. */
  readonly restMost: bigint;
  /** How many groups over all shares are wanted. */
  readonly count: number;
}

/** More leaders than this are no fewer rows to send than all groups. */
const leaderLimit = 1 << 14;
/** Fetching pays where the groups wanted are fewer than one in this many. */
const fetchShare = 64;

/**
 * Finds what a share of a query's rows contributes to the groups with the greatest metric.
 *
 * @param shareCount shares that the rows are in
 * @returns null where the query is not cut by a metric, its dimension is no plain text, the metric may
 *   be negative, or leaders are many: then all groups must be given
 */
export function findLeaders(run: SegmentsRun, shareCount: number): Leaders | null {
  const { query } = run;
  if (query.queryType !== 'topN' && query.queryType !== 'groupBy') return null;
  const cut = planCut(query);
  const dimensionsRun = { ...run, query };
  if (cut === null || !isNeverNegative(run, cut) || !isPlainText(dimensionsRun)) return null;
  run.checkpoint();
  const found = findMetricLeaders(dimensionsRun, cut, shareCount);
  return found === null || found.partial.rowCount > leaderLimit ? null : found;
}

/** Aggregates the metric alone; null where segments differ in the types of their columns. */
export function findMetricLeaders(
  run: DimensionsRun,
  cut: Cut,
  shareCount: number,
): Leaders | null {
  const query = { ...run.query, aggregations: [cut.metric] };
  const sets = setsAlike({ ...run, query });
  if (sets.length !== 1) return null;
  let restMost = 0n;
  const partial = withScratch(() =>
    groupAlike({ ...run, query, segments: sets[0] }, (slots, grouped) => {
      const chosen = chooseGreatest(slots, grouped, cut, shareCount);
      restMost = chosen.restMost;
      return chosen.slots;
    }),
  );
  return { partial, restMost, count: cut.count };
}

/** Slots with at least a share of the k-th greatest metric; all where there are no more than k, or some have none. */
export function chooseGreatest(
  slots: Uint32Array,
  grouped: GroupedRows,
  { metric, count }: Cut,
  shareCount: number,
): { readonly slots: Uint32Array; readonly restMost: bigint } {
  const all = { slots, restMost: 0n };
  if (slots.length <= count) return all;
  const state = grouped.accumulators.stateOf(metric, slots);
  if (state.type !== 'long' || state.nulls !== null) return all;
  const values = scratchLongs(slots.length);
  values.set(state.values);
  const last = kthGreatest(values, count);
  const shares = BigInt(shareCount);
  // Rounded up, for metrics are whole; the greatest of one share is negative only where it is alone.
  const least = last > 0n ? (last + shares - 1n) / shares : last;
  const places = findAtLeast(values, least);
  const chosen = scratchIds(places.length);
  for (let i = 0; i < places.length; i++) chosen[i] = slots[places[i]];
  return { slots: chosen, restMost: least > 0n ? least - 1n : 0n };
}

/** Whether the groups wanted are so few of the values of a plain text that asking for them pays. */
export function fetchesLater(run: DimensionsRun, cut: Cut): boolean {
  if (!isPlainText(run)) return false;
  const [{ dimension }] = dimensionsOf(run.query);
  return run.segments.some(({ segment }) => {
    const column = segment.column(dimension);
    return column?.type === 'string' && column.dictionary.size >= cut.count * fetchShare;
  });
}

/** The only dimension is text with one value a row in every segment, and is answered as text. */
function isPlainText({ query, segments }: DimensionsRun): boolean {
  const dimensions = dimensionsOf(query);
  const [spec] = dimensions;
  if (dimensions.length !== 1 || spec.outputType !== 'STRING') return false;
  return segments.every(({ segment }) => segment.column(spec.dimension)?.type === 'string');
}

/** Statistics say that no row lacks the metric or has one below 0. */
function isNeverNegative({ segments }: SegmentsRun, { metric }: Cut): boolean {
  if (metric.type !== 'longSum') return metric.type === 'count';
  return segments.every(({ segment }) => {
    const { min, nullCount } = segment.statistics(metric.fieldName) ?? { min: null, nullCount: 0 };
    return typeof min === 'bigint' && min >= 0n && nullCount === 0;
  });
}
