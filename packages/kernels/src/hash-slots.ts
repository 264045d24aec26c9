/**
 * Slots of any doubles, found in a hash table: the general way to group, for many dimensions or
 * many values. Buckets hold the key beside its slot, one cache line a look-up, and are ordered by
 * the upper bits of the hash: the entries of a table that doubles keep their order, so growing
 * streams through memory and no batch waits for a table to be built from its keys.
 *
 *   bucket   { low word, high word, slot + 1 or 0 where free, – }
 */
import { grownNumbers } from './group-key.ts';
import { releaseScratch, scratchIds, scratchNumbers } from './wasm/scratch.ts';
import { kernelsFor } from './wasm/module.ts';

const bucketWords = 4;
const leastBits = 8;

/** Slots of any doubles: equal bits, equal slot. */
export interface HashSlots {
  /** Keys seen so far. */
  count: number;
  /** Key of each slot, shape [≥ count]. */
  keys: Float64Array;
  /** Shape [4 * 2^bits]. */
  buckets: Uint32Array;
  bits: number;
}

/** An empty hash table of keys. */
export function makeHashSlots(): HashSlots {
  const buckets = scratchIds(bucketWords << leastBits);
  return { count: 0, keys: scratchNumbers(64), buckets, bits: leastBits };
}

/**
 * Finds or gives the slot of each key. Keys are told apart by their bits, so a caller that means
 * numbers turns -0 into 0 first (`dropMinusZero`).
 *
 * @param keys its buffer is read in place as pairs of 32-bit words
 */
export function assignHashSlots(
  table: HashSlots,
  keys: Float64Array,
  count: number,
  slots: Uint32Array,
): void {
  table.keys = grownNumbers(table.keys, table.count + count);
  growBuckets(table, table.count + count);
  const { buckets, bits } = table;
  const kernels = kernelsFor(keys, buckets, table.keys, slots);
  if (kernels !== null) {
    const [from, map] = [keys.byteOffset, buckets.byteOffset];
    const [kept, to] = [table.keys.byteOffset, slots.byteOffset];
    table.count = kernels.assignHashSlots(from, count, map, bits, kept, table.count, to);
    return;
  }
  const tableWords = wordsOf(table.keys);
  const words = wordsOf(keys);
  const mask = 2 ** bits - 1;
  let used = table.count;
  for (let i = 0; i < count; i++) {
    const low = words[2 * i];
    const high = words[2 * i + 1];
    let at = hashWords(low, high) >>> (32 - bits);
    while (!isAt(buckets, at, low, high)) at = (at + 1) & mask;
    const bucket = at * bucketWords;
    if (buckets[bucket + 2] === 0) {
      tableWords[2 * used] = low;
      tableWords[2 * used + 1] = high;
      used += 1;
      buckets[bucket] = low;
      buckets[bucket + 1] = high;
      buckets[bucket + 2] = used;
    }
    slots[i] = buckets[bucket + 2] - 1;
  }
  table.count = used;
}

/** Whether a bucket is that of a key, or free for it. */
function isAt(buckets: Uint32Array, at: number, low: number, high: number): boolean {
  const bucket = at * bucketWords;
  if (buckets[bucket + 2] === 0) return true;
  return buckets[bucket] === low && buckets[bucket + 1] === high;
}

/** Doubles the buckets until two thirds of them hold the keys. */
function growBuckets(table: HashSlots, keyCount: number): void {
  let { bits } = table;
  while (keyCount * 3 > 2 ** bits * 2) bits += 1;
  if (bits === table.bits) return;
  const grown = scratchIds(bucketWords * 2 ** bits);
  moveEntries(table, grown, bits);
  releaseScratch(table.buckets);
  table.buckets = grown;
  table.bits = bits;
}

function moveEntries({ buckets, bits }: HashSlots, grown: Uint32Array, grownBits: number): void {
  const kernels = kernelsFor(buckets, grown);
  if (kernels !== null) {
    kernels.moveHashSlots(buckets.byteOffset, bits, grown.byteOffset, grownBits);
    return;
  }
  const mask = 2 ** grownBits - 1;
  for (let from = 0; from < buckets.length; from += bucketWords) {
    if (buckets[from + 2] === 0) continue;
    let at = hashWords(buckets[from], buckets[from + 1]) >>> (32 - grownBits);
    while (grown[at * bucketWords + 2] !== 0) at = (at + 1) & mask;
    grown.set(buckets.subarray(from, from + bucketWords), at * bucketWords);
  }
}

function wordsOf(keys: Float64Array): Uint32Array {
  return new Uint32Array(keys.buffer, keys.byteOffset, keys.length * 2);
}

// Two rounds of multiply and shift; doubles that hold small integers differ in the upper word only.
function hashWords(low: number, high: number): number {
  let hash = Math.imul(high ^ (high >>> 15), 0x2c1b3c6d) ^ Math.imul(low, 0x297a2d39);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
