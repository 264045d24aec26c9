/** Which slots got at least one value: the others are null. */
import { grownIds, markSlots } from '@isotherm/kernels';
import { type SlotRows, nullsWhere } from './slot-rows.ts';

/** Marks slots and tells which of some were never marked. */
interface SeenSlots {
  mark(slots: Uint32Array, count: number, slotCount: number): void;
  /** 1 for a slot without a value; null if all have one. Shape [slots.length]. */
  nulls(slots: Uint32Array, rows: SlotRows): Uint8Array | null;
}

/** @param drops false where every row has a value: then the rows of a slot say it, and marking costs nothing */
export function makeSeen(drops: boolean): SeenSlots {
  let seen: Uint32Array = new Uint32Array(0);
  return {
    mark(slots, count, slotCount) {
      if (!drops) return;
      seen = grownIds(seen, slotCount);
      markSlots(slots, count, seen);
    },
    nulls(slots, rows) {
      // Beyond the array nothing was marked.
      return drops ? nullsWhere(slots, (slot) => !(seen[slot] > 0)) : rows.nulls(slots);
    },
  };
}
