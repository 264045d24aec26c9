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
      store<u32>(keyOf + (used << 2), key);
      used += 1;
      slot = used;
      store<u32>(at, slot);
    }
    store<u32>(slots + (i << 2), slot - 1);
  }
  return used;
}

/**
 * `out[i] = (numbers[slots[i] * stride + member] >>> shift) & (2^bits - 1)`, 64 bits each; `slots` 0
 * means 0, 1, 2, …
 */
export function pickNumbers(
  numbers: usize,
  stride: u32,
  member: u32,
  shift: u32,
  bits: u32,
  slots: usize,
  count: u32,
  out: usize,
): void {
  const mask = bits >= 64 ? ~(<u64>0) : ((<u64>1) << bits) - 1;
  for (let i: u32 = 0; i < count; i++) {
    const slot = slots == 0 ? i : load<u32>(slots + (i << 2));
    const at = (<usize>(slot * stride + member)) << 3;
    store<u64>(out + (i << 3), (load<u64>(numbers + at) >> <u64>shift) & mask);
  }
}

/** Numbers of the slots whose 64-bit lane, `lanes` lanes apart, is at least 2^shift; returns how many. */
export function usedSlots(lane: usize, lanes: u32, shift: u32, slotCount: u32, out: usize): u32 {
  let found: u32 = 0;
  for (let slot: u32 = 0; slot < slotCount; slot++) {
    store<u32>(out + (found << 2), slot);
    found += load<u64>(lane) >> <u64>shift != 0 ? 1 : 0;
    lane += lanes << 3;
  }
  return found;
}

/** Places of the 32-bit counts that are not 0; returns how many. */
export function usedCounts(counts: usize, slotCount: u32, out: usize): u32 {
  let found: u32 = 0;
  for (let slot: u32 = 0; slot < slotCount; slot++) {
    store<u32>(out + (found << 2), slot);
    found += load<u32>(counts + (slot << 2)) != 0 ? 1 : 0;
  }
  return found;
}

/** `out[i] = floor(key / stride) % size`, where `size` 0 takes no remainder; keys in 32 bits. */
export function splitKeys(keys: usize, count: u32, stride: u32, size: u32, out: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const rest = load<u32>(keys + (i << 2)) / stride;
    store<u32>(out + (i << 2), size == 0 ? rest : rest % size);
  }
}

/** The same for keys in doubles that hold whole numbers below 2^53. */
export function splitWideKeys(keys: usize, count: u32, stride: f64, size: f64, out: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const rest = floor<f64>(load<f64>(keys + (i << 3)) / stride);
    const id = size == 0 ? rest : rest - floor<f64>(rest / size) * size;
    store<u32>(out + (i << 2), <u32>id);
  }
}
