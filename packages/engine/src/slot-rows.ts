/**
 * How many rows each slot got. Where integer sums are kept, their loop counts the rows beside the
 * sums and nothing is left to do here; else a pass over the slots of each batch does.
 */
import { InvariantError } from '@isotherm/errors';
import type { Batch } from '@isotherm/kernels';
import { countSlots, findCounted, grownIds, markSlots, roomOfIds } from '@isotherm/kernels';

/** Rows of the slots of a run. */
export interface SlotRows {
  /** Takes the slots of a batch. */
  add(batch: Batch, slots: Uint32Array, slotCount: number): void;
  /** Slots below `slotCount` that have rows, ascending; scratch of the run. */
  used(slotCount: number): Uint32Array;
  /** Number of rows of some slots, shape [slots.length]. */
  counts(slots: Uint32Array): BigInt64Array;
  /** 1 for a slot without rows; null if all have some. Shape [slots.length]. */
  nulls(slots: Uint32Array): Uint8Array | null;
}

/** Rows counted by a pass of their own. @param exact false to know only which slots have rows, at half the cost */
export function countedRows(exact: boolean): SlotRows {
  let counts: Uint32Array = new Uint32Array(0);
  let used: Uint32Array | null = null;
  const roomFor = (slotCount: number): void => {
    counts = grownIds(counts, slotCount);
  };
  return {
    add({ count }, slots, slotCount) {
      roomFor(slotCount);
      if (exact) countSlots(slots, count, counts);
      else markSlots(slots, count, counts);
    },
    used(slotCount) {
      roomFor(slotCount);
      const found = roomOfIds(slotCount);
      used = found.subarray(0, findCounted(counts, slotCount, found));
      return used;
    },
    counts: (slots) => BigInt64Array.from(slots, (slot) => BigInt(counts[slot] ?? 0)),
    nulls(slots) {
      return slots === used ? null : nullsWhere(slots, (slot) => !(counts[slot] > 0));
    },
  };
}

/** For runs that ask for no rows: not even marking slots costs nothing. */
export const uncountedRows: SlotRows = {
  add: () => undefined,
  used: notCounted,
  counts: notCounted,
  nulls: notCounted,
};

function notCounted(): never {
  throw new InvariantError('Rows of slots were not counted.');
}

/** 1 where `isNull` says so; null if it never does. */
export function nullsWhere(
  slots: Uint32Array,
  isNull: (slot: number) => boolean,
): Uint8Array | null {
  const nulls = new Uint8Array(slots.length);
  let some = 0;
  for (let i = 0; i < slots.length; i++) {
    nulls[i] = isNull(slots[i]) ? 1 : 0;
    some |= nulls[i];
  }
  return some === 0 ? null : nulls;
}
