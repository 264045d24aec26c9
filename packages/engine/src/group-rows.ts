/**
 * The loop that timeseries, topN and groupBy share: batches of matching rows → slots of their
 * groups → accumulators.
 */
import { type Runs, limitScratch } from '@isotherm/kernels';
import { InvariantError } from '@isotherm/errors';
import type { Aggregation, Filter, GroupedPartial, PartialColumn } from '@isotherm/query';
import type { Accumulators } from './accumulator.ts';
import { isSketched } from './accumulator.ts';
import type { RunPace, RunPiece } from './engine.ts';
import { defaultRunBytes } from './engine.ts';
import type { GroupKeys, LocalSlots } from './group-keys.ts';
import { makeGroupKeys } from './group-keys.ts';
import type { KeyPart, KeyRows } from './key-part.ts';
import { planAccumulators } from './plan-accumulators.ts';
import { passingIds } from './narrow-part.ts';
import { type FilterPlan, planFilter } from './plan-filter.ts';
import { planTimeCondition } from './plan-time.ts';
import type { RowPlan } from './row-source.ts';
import { planRows } from './row-source.ts';
import { visitBatches } from './visit-batches.ts';

/** Rows to a slot of a segment from which looking its sums up costs less than looking its rows up. */
const foldedRows = 4;
/** How many candidates a row that passes conditions may stand for. */
const unknownShare = 8;

/** Groups after all rows. */
export interface GroupedRows {
  readonly parts: readonly KeyPart[];
  readonly keys: GroupKeys;
  readonly accumulators: Accumulators;
  readonly scannedRows: number;
  /** Places of the segments of which rows matched. */
  readonly matched: readonly number[];
}

/** Rows of a segment, and the filter that they satisfy. */
interface FilteredRows extends RowPlan {
  readonly filter: FilterPlan;
}

/** Gives, for the segments that a part of a key is made for, the ids that the filter lets a column have; null = any. */
type PassingIds = (name: string) => readonly (Runs | null)[];

/** Plans the rows of a segment: those inside its intervals that satisfy the filter. */
export function planRunRows(piece: RunPiece, filter: Filter | null): FilteredRows {
  const plan = planFilter(filter, piece.segment);
  const time = planTimeCondition(piece.segment, piece.intervals);
  const conditions = plan.type === 'and' ? [time, ...plan.fields] : [time, plan];
  return { ...planRows(conditions, piece.segment), filter: plan };
}

/**
 * Runs the loop over the rows of a query, one segment after the other into the same slots.
 *
 * @param makeParts parts of the key for the segments at these places, which are those that may have rows
 * @param options.everySlot true if every possible key is answered, with or without rows: then keys
 *   are the slots
 */
export function groupRows(
  run: RunPace & { readonly segments: readonly RunPiece[] },
  query: { readonly filter: Filter | null; readonly aggregations: readonly Aggregation[] },
  makeParts: (places: readonly number[], passing: PassingIds) => readonly KeyPart[],
  options: { readonly everySlot: boolean } = { everySlot: false },
): GroupedRows {
  limitScratch(run.memoryBytes ?? defaultRunBytes);
  const plans = run.segments.map((piece) => planRunRows(piece, query.filter));
  const places = Array.from(plans.keys()).filter((place) => plans[place].source.rowCount > 0);
  const parts = makeParts(places, (name) =>
    places.map((place) => passingIds(plans[place].filter, name)),
  );
  const segments = places.map((place) => run.segments[place].segment);
  const { rows, elements } = countElements(
    places.map((place) => plans[place].source.rowCount),
    parts,
  );
  const compact = query.aggregations.some(isSketched);
  const keys = makeGroupKeys(parts, { rows, elements, compact, ...options });
  const accumulators = planAccumulators(query.aggregations, segments, {
    rows,
    elements,
    ...options,
  });
  const matched = new Set<number>();
  let scannedRows = 0;
  for (const [index, place] of places.entries()) {
    keys.bind(index);
    accumulators.bind(index);
    const local = localSlots(keys, accumulators, plans[place]);
    scannedRows += visitBatches(run, plans[place], (selected) => {
      matched.add(place);
      const runs = accumulators.addRuns === null ? null : keys.runsOf(selected);
      if (runs !== null) accumulators.addRuns?.(runs, keys.slotCount());
      else if (local !== null) {
        accumulators.local?.addLocal(selected, local.read(selected), local.table.length);
      } else {
        const { batch, slots } = keys.assign(selected);
        accumulators.add(batch, slots, keys.slotCount());
      }
      return true;
    });
    if (local !== null) accumulators.local?.fold(local.table, keys.slotCount());
  }
  return { parts, keys, accumulators, scannedRows, matched: [...matched] };
}

/** Slots of a segment, where enough of its rows come to make folding them into those of the run worth it. */
function localSlots(
  keys: GroupKeys,
  accumulators: Accumulators,
  { source, conditions }: RowPlan,
): LocalSlots | null {
  if (accumulators.local === null) return null;
  const rowsPerSlot = conditions.length === 0 ? foldedRows : foldedRows * unknownShare;
  return keys.localSlots(Math.floor(source.rowCount / rowsPerSlot));
}

/** Candidate rows of all segments, and to how many elements exploding lists can bring them. */
function countElements(
  rowCounts: readonly number[],
  parts: readonly KeyPart[],
): { readonly rows: number; readonly elements: number } {
  let [rows, elements] = [0, 0];
  for (const [index, rowCount] of rowCounts.entries()) {
    rows += rowCount;
    elements += parts.reduce((all, part) => all * longestList(part.segments[index]), rowCount);
  }
  return { rows, elements };
}

/** Slots that got rows, ascending. */
export function usedSlots(grouped: GroupedRows): Uint32Array {
  return grouped.accumulators.rows.used(grouped.keys.slotCount());
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
    states: grouped.accumulators.finish(slots),
    scannedRows: grouped.scannedRows,
  };
}

/** Most values that a row has, at least 1. */
function longestList({ lists }: KeyRows): number {
  if (lists === null) return 1;
  const { offsets } = lists.column;
  let longest = 1;
  for (let row = 1; row < offsets.length; row++) {
    longest = Math.max(longest, offsets[row] - offsets[row - 1]);
  }
  return longest;
}
