/** Which slots got at least one value: the others are null. */

/** Marks slots and tells which of some were never marked. */
interface SeenSlots {
  mark(slots: Uint32Array, count: number, slotCount: number): void;
  /**
   * 1 for a slot without a value; null if all have one. Shape [slots.length].
   *
   * @param counts rows of each slot
   */
  nulls(slots: Uint32Array, counts: Uint32Array): Uint8Array | null;
}

/** @param drops false where every row has a value: then the rows of a slot say it, and marking costs nothing */
export function makeSeen(drops: boolean): SeenSlots {
  let seen: Uint8Array = new Uint8Array(0);
  return {
    mark(slots, count, slotCount) {
      if (!drops) return;
      if (seen.length < slotCount) {
        const grown = new Uint8Array(Math.max(slotCount, seen.length * 2));
        grown.set(seen);
        seen = grown;
      }
      for (let i = 0; i < count; i++) seen[slots[i]] = 1;
    },
    nulls(slots, counts) {
      const values = drops ? seen : counts;
      const nulls = new Uint8Array(slots.length);
      let some = 0;
      for (let i = 0; i < slots.length; i++) {
        // Beyond the array nothing was marked.
        const isNull = values[slots[i]] > 0 ? 0 : 1;
        nulls[i] = isNull;
        some |= isNull;
      }
      return some === 0 ? null : nulls;
    },
  };
}
