/**
 * Accumulators per group, updated one batch at a time. `slots[i]` is the group of element i;
 * accumulator arrays are indexed by slot and owned by the caller, who makes them long enough.
 * Nulls are dropped before (`dropNulls`), so that no loop asks.
 */
import { kernelsFor } from './wasm/module.ts';

/** Adds 1 to the count of each slot. */
export function countSlots(slots: Uint32Array, count: number, counts: Uint32Array): void {
  const kernels = kernelsFor(slots, counts);
  if (kernels !== null) {
    kernels.countSlots(slots.byteOffset, count, counts.byteOffset);
    return;
  }
  for (let i = 0; i < count; i++) {
    const slot = slots[i];
    counts[slot] = (counts[slot] + 1) | 0;
  }
}

/** Sets the count of each slot to 1: enough to know which slots have rows, at half the cost. */
export function markSlots(slots: Uint32Array, count: number, counts: Uint32Array): void {
  const kernels = kernelsFor(slots, counts);
  if (kernels !== null) {
    kernels.markSlots(slots.byteOffset, count, counts.byteOffset);
    return;
  }
  for (let i = 0; i < count; i++) counts[slots[i]] = 1;
}

/** Writes the slots below `slotCount` whose count is not 0 to `out`, ascending; returns how many. */
export function findCounted(counts: Uint32Array, slotCount: number, out: Uint32Array): number {
  const kernels = kernelsFor(counts, out);
  if (kernels !== null) return kernels.usedCounts(counts.byteOffset, slotCount, out.byteOffset);
  let found = 0;
  for (let slot = 0; slot < slotCount; slot++) {
    out[found] = slot;
    found += counts[slot] === 0 ? 0 : 1;
  }
  return found;
}

/**
 * Adds one column to `sums[slot]`. Exact as long as every partial sum is an integer within ±2^53,
 * which the caller proves from column statistics.
 */
export function addSums1(
  a: Float64Array,
  count: number,
  slots: Uint32Array,
  sums: Float64Array,
): void {
  const kernels = kernelsFor(a, slots, sums);
  if (kernels !== null) {
    kernels.addNumbers(a.byteOffset, count, slots.byteOffset, sums.byteOffset);
    return;
  }
  for (let i = 0; i < count; i++) sums[slots[i]] += a[i];
}

/** Adds two columns to `sums[slot * 2 …]`: interleaved, one cache line a group and one loop for both. */
export function addSums2(
  a: Float64Array,
  b: Float64Array,
  count: number,
  slots: Uint32Array,
  sums: Float64Array,
): void {
  for (let i = 0; i < count; i++) {
    const at = slots[i] << 1;
    sums[at] += a[i];
    sums[at + 1] += b[i];
  }
}

/** Adds three columns to `sums[slot * 4 …]`; the fourth place stays free, for a shift is cheaper than a product. */
export function addSums3(
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  count: number,
  slots: Uint32Array,
  sums: Float64Array,
): void {
  for (let i = 0; i < count; i++) {
    const at = slots[i] << 2;
    sums[at] += a[i];
    sums[at + 1] += b[i];
    sums[at + 2] += c[i];
  }
}

/** Adds four columns to `sums[slot * 4 …]`. */
export function addSums4(
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  d: Float64Array,
  count: number,
  slots: Uint32Array,
  sums: Float64Array,
): void {
  for (let i = 0; i < count; i++) {
    const at = slots[i] << 2;
    sums[at] += a[i];
    sums[at + 1] += b[i];
    sums[at + 2] += c[i];
    sums[at + 3] += d[i];
  }
}

/** Elements that `addLanes` may add between two calls of `carryLanes`. */
export const lanesCarryEvery = 1 << 20;

/**
 * Adds 64-bit integers given as lanes (`readLanes`) to sums kept as lanes. Exact, whatever the
 * order, for 2^20 elements after a carry; sums may pass 64 bits and come back.
 */
export function addLanes(
  high: Float64Array,
  low: Float64Array,
  count: number,
  slots: Uint32Array,
  sums: { readonly high: Float64Array; readonly low: Float64Array },
): void {
  const { high: highs, low: lows } = sums;
  for (let i = 0; i < count; i++) {
    const slot = slots[i];
    highs[slot] += high[i];
    lows[slot] += low[i];
  }
}

/**
 * Moves what passes 32 bits of the low lane to the high lane, so that adding can go on.
 *
 * @returns the greatest distance of a high lane from 0; above 2^52 the next 2^20 elements might not
 *   be added exactly
 */
export function carryLanes(
  sums: { readonly high: Float64Array; readonly low: Float64Array },
  slotCount: number,
): number {
  const { high, low } = sums;
  let farthest = 0;
  for (let slot = 0; slot < slotCount; slot++) {
    const carry = Math.floor(low[slot] / 4294967296);
    high[slot] += carry;
    low[slot] -= carry * 4294967296;
    farthest = Math.max(farthest, Math.abs(high[slot]));
  }
  return farthest;
}

/**
 * Adds doubles to unevaluated pairs sums + errors (double-double, Knuth's exact two-sum), in the
 * order of the elements. A sum that leaves the doubles has a meaningless error.
 */
export function addDoubles(
  values: Float64Array,
  count: number,
  slots: Uint32Array,
  sums: Float64Array,
  errors: Float64Array,
): void {
  const kernels = kernelsFor(values, slots, sums, errors);
  if (kernels !== null) {
    const [from, at] = [values.byteOffset, slots.byteOffset];
    kernels.addDoubles(from, count, at, sums.byteOffset, errors.byteOffset);
    return;
  }
  for (let i = 0; i < count; i++) {
    const slot = slots[i];
    const value = values[i];
    const before = sums[slot];
    const sum = before + value;
    const part = sum - before;
    errors[slot] += before - (sum - part) + (value - part);
    sums[slot] = sum;
  }
}

/** Keeps the least value of each slot; not-a-number wins. Start from Infinity. */
export function keepLeast(
  values: Float64Array,
  count: number,
  slots: Uint32Array,
  least: Float64Array,
): void {
  const kernels = kernelsFor(values, slots, least);
  if (kernels !== null) {
    kernels.keepLeast(values.byteOffset, count, slots.byteOffset, least.byteOffset);
    return;
  }
  for (let i = 0; i < count; i++) {
    const slot = slots[i];
    least[slot] = Math.min(least[slot], values[i]);
  }
}

/** Keeps the greatest value of each slot; not-a-number wins. Start from -Infinity. */
export function keepGreatest(
  values: Float64Array,
  count: number,
  slots: Uint32Array,
  greatest: Float64Array,
): void {
  const kernels = kernelsFor(values, slots, greatest);
  if (kernels !== null) {
    kernels.keepGreatest(values.byteOffset, count, slots.byteOffset, greatest.byteOffset);
    return;
  }
  for (let i = 0; i < count; i++) {
    const slot = slots[i];
    greatest[slot] = Math.max(greatest[slot], values[i]);
  }
}

/** Keeps the least 64-bit integer of each slot, all as lanes. Start from high Infinity. */
export function keepLeastLanes(
  high: Float64Array,
  low: Float64Array,
  count: number,
  slots: Uint32Array,
  least: { readonly high: Float64Array; readonly low: Float64Array },
): void {
  const kernels = kernelsFor(high, low, slots, least.high, least.low);
  if (kernels !== null) {
    const from = [high.byteOffset, low.byteOffset, count, slots.byteOffset] as const;
    kernels.keepExtremeLanes(1, ...from, least.high.byteOffset, least.low.byteOffset);
    return;
  }
  for (let i = 0; i < count; i++) {
    const slot = slots[i];
    const kept = least.high[slot];
    if (high[i] < kept || (high[i] === kept && low[i] < least.low[slot])) {
      least.high[slot] = high[i];
      least.low[slot] = low[i];
    }
  }
}

/** Keeps the greatest 64-bit integer of each slot, all as lanes. Start from high -Infinity. */
export function keepGreatestLanes(
  high: Float64Array,
  low: Float64Array,
  count: number,
  slots: Uint32Array,
  greatest: { readonly high: Float64Array; readonly low: Float64Array },
): void {
  const kernels = kernelsFor(high, low, slots, greatest.high, greatest.low);
  if (kernels !== null) {
    const from = [high.byteOffset, low.byteOffset, count, slots.byteOffset] as const;
    kernels.keepExtremeLanes(-1, ...from, greatest.high.byteOffset, greatest.low.byteOffset);
    return;
  }
  for (let i = 0; i < count; i++) {
    const slot = slots[i];
    const kept = greatest.high[slot];
    if (high[i] > kept || (high[i] === kept && low[i] > greatest.low[slot])) {
      greatest.high[slot] = high[i];
      greatest.low[slot] = low[i];
    }
  }
}
