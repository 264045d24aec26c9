/** From keys to slots, rows counted per slot; twins in `src/group-key.ts` and `src/accumulate.ts`. */

/** Adds 1 to the count of each slot. */
export function countSlots(slots: usize, count: u32, counts: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const at = counts + (load<u32>(slots + (i << 2)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}

/** Sets the count of each slot to 1. */
export function markSlots(slots: usize, count: u32, counts: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(counts + (load<u32>(slots + (i << 2)) << 2), 1);
  }
}

/** Finds or gives the slot of each key; `slotOf` holds slot + 1, or 0. Returns the slots used. */
export function assignDenseSlots(
  keys: usize,
  count: u32,
  slotOf: usize,
  keyOf: usize,
  used: u32,
  slots: usize,
): u32 {
  for (let i: u32 = 0; i < count; i++) {
    const key = load<u32>(keys + (i << 2));
    const at = slotOf + (key << 2);
    let slot = load<u32>(at);
    if (slot == 0) {
      store<f64>(keyOf + ((<usize>used) << 3), <f64>key);
      used += 1;
      slot = used;
      store<u32>(at, slot);
    }
    store<u32>(slots + (i << 2), slot - 1);
  }
  return used;
}

/** Finds or gives the slot of each 64-bit key by linear probing. Returns the slots used. */
export function assignHashSlots(
  keys: usize,
  count: u32,
  buckets: usize,
  bucketMask: u32,
  keyOf: usize,
  used: u32,
  slots: usize,
): u32 {
  for (let i: u32 = 0; i < count; i++) {
    const key = load<u64>(keys + (i << 3));
    let at = hash(key) & bucketMask;
    let slot = load<u32>(buckets + (at << 2));
    while (slot != 0 && load<u64>(keyOf + ((<usize>(slot - 1)) << 3)) != key) {
      at = (at + 1) & bucketMask;
      slot = load<u32>(buckets + (at << 2));
    }
    if (slot == 0) {
      store<u64>(keyOf + ((<usize>used) << 3), key);
      used += 1;
      slot = used;
      store<u32>(buckets + (at << 2), slot);
    }
    store<u32>(slots + (i << 2), slot - 1);
  }
  return used;
}

// The twin's function bit for bit: both work on the same table.
function hash(key: u64): u32 {
  const low = <u32>key;
  const high = <u32>(key >> 32);
  let mixed: u32 = ((high ^ (high >>> 15)) * 0x2c1b3c6d) ^ (low * 0x297a2d39);
  mixed = (mixed ^ (mixed >>> 15)) * 0x85ebca6b;
  return mixed ^ (mixed >>> 13);
}

/** `out[i] = numbers[slots[i] * stride + member]`, 64 bits each. */
export function pickNumbers(
  numbers: usize,
  stride: u32,
  member: u32,
  slots: usize,
  count: u32,
  out: usize,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const at = (<usize>(load<u32>(slots + (i << 2)) * stride + member)) << 3;
    store<u64>(out + (i << 3), load<u64>(numbers + at));
  }
}
