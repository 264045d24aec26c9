/**
 * The loop that timeseries, topN and groupBy share: batches of matching rows → slots of their
 * groups → accumulators.
 */
import { countSlots, markSlots, scratchIds } from '@isotherm/kernels';
import { InvariantError } from '@isotherm/errors';
import type { Aggregation, Filter, GroupedPartial, PartialColumn } from '@isotherm/query';
import type { Segment } from '@isotherm/segment';
import type { Accumulators } from './accumulator.ts';
import { planAccumulators } from './accumulator.ts';
import type { SegmentRun } from './engine.ts';
import type { GroupKeys } from './group-keys.ts';
import { makeGroupKeys } from './group-keys.ts';
import type { KeyPart } from './key-part.ts';
import { bucketPart } from './key-part.ts';
import { planFilter } from './plan-filter.ts';
import type { TimeBuckets } from './plan-time.ts';
import { planTimeCondition } from './plan-time.ts';
import type { RowPlan } from './row-source.ts';
import { planRows } from './row-source.ts';
import { visitBatches } from './visit-batches.ts';

/** Groups after all rows. */
interface GroupedRows {
  readonly keys: GroupKeys;
  readonly accumulators: Accumulators;
  /** Rows of each slot, or just 1 if no aggregator counts; shape [≥ slot count]. */
  readonly counts: Uint32Array;
  readonly scannedRows: number;
}

/** Plans the rows of a run: those inside its intervals that satisfy the filter. */
export function planRunRows(run: SegmentRun, filter: Filter | null): RowPlan {
  const plan = planFilter(filter, run.segment);
  const time = planTimeCondition(run.segment, run.intervals);
  return planRows(plan.type === 'and' ? [time, ...plan.fields] : [time, plan], run.segment);
}

/**
 * Runs the loop over the rows of a query.
 *
 * @param options.everySlot true if every possible key is answered, with or without rows: then keys
 *   are the slots
 */
export function groupRows(
  run: SegmentRun,
  query: { readonly filter: Filter | null; readonly aggregations: readonly Aggregation[] },
  parts: readonly KeyPart[],
  options: { readonly everySlot: boolean } = { everySlot: false },
): GroupedRows {
  const plan = planRunRows(run, query.filter);
  const rows = plan.source.rowCount;
  const elements = parts.reduce((product, part) => product * longestList(part), rows);
  const compact = query.aggregations.some((aggregation) => aggregation.type === 'hyperUnique');
  const isCounted = query.aggregations.some((aggregation) => aggregation.type === 'count');
  const keys = makeGroupKeys(parts, { rows, elements, compact, ...options });
  const accumulators = planAccumulators(query.aggregations, run.segment, elements);
  let counts: Uint32Array = scratchIds(keys.slotCount());
  const scannedRows = visitBatches(run, plan, (selected) => {
    const { batch, slots } = keys.assign(selected);
    const slotCount = keys.slotCount();
    if (counts.length < slotCount) {
      const grown = scratchIds(Math.max(slotCount, counts.length * 2));
      grown.set(counts);
      counts = grown;
    }
    if (isCounted) countSlots(slots, batch.count, counts);
    else markSlots(slots, batch.count, counts);
    accumulators.add(batch, slots, slotCount);
    return true;
  });
  return { keys, accumulators, counts, scannedRows };
}

/** Buckets as the first part of a group key; none for granularity `all`. */
export function bucketParts(buckets: TimeBuckets, segment: Segment): KeyPart[] {
  if (buckets.bucketOf === null) return [];
  return [bucketPart(buckets.bucketOf, buckets.starts.length, segment.time().ids)];
}

/** Slots that got rows, ascending. */
export function usedSlots(grouped: GroupedRows): Uint32Array {
  const used = scratchIds(grouped.keys.slotCount());
  let count = 0;
  for (let slot = 0; slot < used.length; slot++) {
    used[count] = slot;
    count += grouped.counts[slot] > 0 ? 1 : 0;
  }
  return used.subarray(0, count);
}

/** Builds the partial of some slots. */
export function groupedPartial(
  grouped: GroupedRows,
  slots: Uint32Array,
  rows: { readonly times: Float64Array; readonly dimensions: readonly PartialColumn[] },
): GroupedPartial {
  if (rows.times.length !== slots.length) {
    throw new InvariantError(`${slots.length} groups have ${rows.times.length} times`);
  }
  return {
    kind: 'grouped',
    rowCount: slots.length,
    times: rows.times,
    dimensions: rows.dimensions,
    states: grouped.accumulators.finish(slots, grouped.counts),
    scannedRows: grouped.scannedRows,
  };
}

/** Most values that a row of the part has, at least 1. */
function longestList(part: KeyPart): number {
  if (part.lists === null) return 1;
  const { offsets } = part.lists.column;
  let longest = 1;
  for (let row = 1; row < offsets.length; row++) {
    longest = Math.max(longest, offsets[row] - offsets[row - 1]);
  }
  return longest;
}
