/**
 * The aggregators of a query, with filters of their own or without. Aggregators that share a filter
 * share its evaluation: of each batch the rows that pass are listed once, with their slots, and are
 * the batch of these aggregators. What no row passed for has the state of a group without rows.
 */
import type { Batch } from '@isotherm/kernels';
import { replaceBits, scratchIds, selectRows, wordsOf } from '@isotherm/kernels';
import type { Aggregation, Filter, PartialColumn } from '@isotherm/query';
import { InvariantError } from '@isotherm/errors';
import type { Segment } from '@isotherm/segment';
import type { Accumulators, GroupLimits } from './accumulator.ts';
import { planUnfiltered } from './accumulator.ts';
import type { RowTest } from './evaluate-filter.ts';
import { compileFilter } from './evaluate-filter.ts';
import type { FilterPlan } from './plan-filter.ts';
import { everyRow, planFilter } from './plan-filter.ts';
import { emptyBatch, roomForIds } from './scratch.ts';

/**
 * Plans the aggregators of a query.
 *
 * @param segments the columns of aggregators have the same types, or are missing in all
 */
export function planAccumulators(
  aggregations: readonly Aggregation[],
  segments: readonly Segment[],
  limits: GroupLimits,
): Accumulators {
  const plain = aggregations.filter(({ filter }) => filter === undefined);
  const unfiltered = planUnfiltered(plain, segments, limits);
  if (plain.length === aggregations.length) return unfiltered;
  const owners = new Map<string, Accumulators>(plain.map(({ name }) => [name, unfiltered]));
  const filtered = Array.from(byFilter(aggregations), ([filter, members]) => {
    const inner = planUnfiltered(members, segments, { ...limits, everySlot: true });
    const owner = filteredAccumulators(filter, segments, inner);
    for (const { name } of members) owners.set(name, owner);
    return owner;
  });
  const all = [unfiltered, ...filtered];
  const stateOf = (aggregation: Aggregation, slots: Uint32Array): PartialColumn => {
    const owner = owners.get(aggregation.name);
    if (owner !== undefined) return owner.stateOf(aggregation, slots);
    throw new InvariantError(`The aggregator "${aggregation.name}" was not planned.`);
  };
  return {
    bind(segment) {
      for (const each of all) each.bind(segment);
    },
    add(batch, slots, slotCount) {
      for (const each of all) each.add(batch, slots, slotCount);
    },
    addRuns: null,
    local: null,
    rows: unfiltered.rows,
    finish: (slots) => aggregations.map((aggregation) => stateOf(aggregation, slots)),
    stateOf,
  };
}

/** Aggregations with a filter, those of one filter together. */
function byFilter(aggregations: readonly Aggregation[]): Map<Filter, Aggregation[]> {
  const filters = new Map<string, Filter>();
  const members = new Map<Filter, Aggregation[]>();
  for (const aggregation of aggregations) {
    if (aggregation.filter === undefined) continue;
    const text = textOf(aggregation.filter);
    const filter = filters.get(text) ?? aggregation.filter;
    filters.set(text, filter);
    members.set(filter, [...(members.get(filter) ?? []), aggregation]);
  }
  return members;
}

/** JSON in which a long differs from a double and from a text. */
function textOf(filter: Filter): string {
  return JSON.stringify(filter, (_key, value: unknown) =>
    typeof value === 'bigint' ? { long: String(value) } : value,
  );
}

/** Gives `inner` the rows that satisfy a filter. */
function filteredAccumulators(
  filter: Filter,
  segments: readonly Segment[],
  inner: Accumulators,
): Accumulators {
  const select = makeSelection();
  let plan: FilterPlan = everyRow;
  const none: Uint32Array = new Uint32Array(0);
  const roomFor = (slots: Uint32Array): void => {
    const slotCount = slots.reduce((most, slot) => Math.max(most, slot + 1), 0);
    inner.add({ start: 0, count: 0, rows: none }, none, slotCount);
  };
  return {
    bind(segment) {
      inner.bind(segment);
      plan = planFilter(filter, segments[segment]);
      select.bind(plan);
    },
    add(batch, slots, slotCount) {
      if (plan.type === 'constant') {
        if (plan.holds) inner.add(batch, slots, slotCount);
        return;
      }
      const selected = select.from(batch, slots);
      if (selected.batch.count > 0) inner.add(selected.batch, selected.slots, slotCount);
    },
    addRuns: null,
    local: null,
    rows: inner.rows,
    finish(slots) {
      roomFor(slots);
      return inner.finish(slots);
    },
    stateOf(aggregation, slots) {
      // A slot may be newer than the last row that passed.
      roomFor(slots);
      return inner.stateOf(aggregation, slots);
    },
  };
}

/** Cuts batches down to the rows that satisfy a condition, and their slots with them. */
function makeSelection() {
  const batch = emptyBatch();
  const slotBatch = emptyBatch();
  let [bits, rows, slots]: Uint32Array[] = [scratchIds(0), scratchIds(0), scratchIds(0)];
  let plan: FilterPlan = everyRow;
  let test: RowTest | null = null;
  return {
    bind(next: FilterPlan): void {
      plan = next;
      test = null;
    },
    /** What it gives is overwritten by the next call. */
    from(given: Batch, slotOf: Uint32Array): { batch: Batch; slots: Uint32Array } {
      const { count } = given;
      if (test === null || rows.length < count) {
        // Lists make batches longer than those before.
        const length = Math.max(count, rows.length);
        rows = roomForIds(rows, length);
        slots = roomForIds(slots, length);
        bits = roomForIds(bits, wordsOf(length));
        test = compileFilter(plan, length);
      }
      test(given, bits, replaceBits);
      slotBatch.rows = slotOf;
      slotBatch.count = count;
      batch.count = selectRows(bits, given, rows);
      selectRows(bits, slotBatch, slots);
      batch.rows = rows;
      return { batch, slots };
    },
  };
}
