/**
 * From the ids of several columns to one slot per distinct combination.
 *
 * The ids of a row are combined in mixed radix: key = id0 + size0 * (id1 + size1 * (id2 + …)),
 * which is exact while the product of the sizes is below 2^32 (dense) or 2^53 (hashed). A small
 * product is the slot itself; a middle one is mapped through an array of that size; a large one
 * goes through an open-addressing hash. Slots are given in the order in which keys are first seen.
 */
import type { Batch, IdArray } from './batch.ts';
import { scratchIds, scratchNumbers } from './wasm/scratch.ts';
import { addressOf, kernelsFor } from './wasm/module.ts';

/** Adds `ids[row i] * stride` to each key; all below 2^32. */
export function addDenseKeys(ids: IdArray, batch: Batch, stride: number, keys: Uint32Array): void {
  const { rows, start, count } = batch;
  const kernels = kernelsFor(ids, keys, rows ?? keys);
  if (kernels !== null) {
    const [width, at] = [ids.BYTES_PER_ELEMENT, addressOf(rows)];
    kernels.addIdKeys(width, ids.byteOffset, at, start, count, stride, keys.byteOffset);
    return;
  }
  // Cut to 32 bits at once, so that no key passes through a double.
  if (rows === null) {
    const part = ids.subarray(start, start + count);
    for (let i = 0; i < count; i++) keys[i] = (keys[i] + Math.imul(part[i], stride)) | 0;
  } else {
    for (let i = 0; i < count; i++) keys[i] = (keys[i] + Math.imul(ids[rows[i]], stride)) | 0;
  }
}

/** Adds `table[ids[row i]] * stride` to each key; all below 2^32. */
export function addMappedKeys(
  ids: IdArray,
  batch: Batch,
  table: Uint32Array,
  stride: number,
  keys: Uint32Array,
): void {
  const { rows, start, count } = batch;
  const kernels = kernelsFor(ids, keys, table, rows ?? keys);
  if (kernels !== null) {
    const [width, at] = [ids.BYTES_PER_ELEMENT, addressOf(rows)];
    const [from, to] = [table.byteOffset, keys.byteOffset];
    kernels.addMappedKeys(width, ids.byteOffset, at, start, count, from, stride, to);
    return;
  }
  for (let i = 0; i < count; i++) {
    const id = ids[rows === null ? start + i : rows[i]];
    keys[i] = (keys[i] + Math.imul(table[id], stride)) | 0;
  }
}

/** Looks the ids of a batch up: `keys[i] = table[ids[row i]]`. */
export function mapIds(ids: IdArray, batch: Batch, table: Uint32Array, keys: Uint32Array): void {
  const { rows, start, count } = batch;
  const kernels = kernelsFor(ids, keys, table, rows ?? keys);
  if (kernels !== null) {
    const [width, at] = [ids.BYTES_PER_ELEMENT, addressOf(rows)];
    const [from, to] = [table.byteOffset, keys.byteOffset];
    kernels.mapIds(width, ids.byteOffset, at, start, count, from, to);
    return;
  }
  for (let i = 0; i < count; i++) keys[i] = table[ids[rows === null ? start + i : rows[i]]];
}

/** Splits an id off keys: `ids[i] = floor(keys[i] / stride) % size`; `size` 0 for the last id, which needs no remainder. */
export function splitKeys(keys: Uint32Array, stride: number, size: number, ids: Uint32Array): void {
  const kernels = kernelsFor(keys, ids);
  if (kernels !== null) {
    kernels.splitKeys(keys.byteOffset, keys.length, stride, size, ids.byteOffset);
    return;
  }
  for (let i = 0; i < keys.length; i++) {
    const rest = Math.floor(keys[i] / stride);
    ids[i] = size === 0 ? rest : rest % size;
  }
}

/** Adds `ids[i] * stride` to each key; all below 2^53. */
export function addWideKeys(
  ids: Uint32Array,
  count: number,
  stride: number,
  keys: Float64Array,
): void {
  for (let i = 0; i < count; i++) keys[i] += ids[i] * stride;
}

/** Adds `numbers[i] * stride` to each key, for parts that are no 32-bit ids. */
export function addNumberKeys(
  numbers: Float64Array,
  count: number,
  stride: number,
  keys: Float64Array,
): void {
  for (let i = 0; i < count; i++) keys[i] += numbers[i] * stride;
}

/** Slots of keys below a known, moderate size. */
export interface DenseSlots {
  /** Keys seen so far. */
  count: number;
  /** Key of each slot, shape [≥ count]. */
  keys: Float64Array;
  /** Slot + 1 of each key, 0 where the key was not seen, shape [size]. */
  readonly slotOf: Uint32Array;
}

/** Slots for keys 0 … size - 1; costs 4 bytes a possible key. */
export function makeDenseSlots(size: number): DenseSlots {
  return { count: 0, keys: scratchNumbers(64), slotOf: scratchIds(size) };
}

/** Finds or gives the slot of each key. */
export function assignDenseSlots(
  table: DenseSlots,
  keys: Uint32Array,
  count: number,
  slots: Uint32Array,
): void {
  const { slotOf } = table;
  table.keys = grownNumbers(table.keys, table.count + count);
  const keyOf = table.keys;
  let used = table.count;
  const kernels = kernelsFor(keys, slotOf, keyOf, slots);
  if (kernels !== null) {
    const [from, map] = [keys.byteOffset, slotOf.byteOffset];
    const [kept, to] = [keyOf.byteOffset, slots.byteOffset];
    table.count = kernels.assignDenseSlots(from, count, map, kept, used, to);
    return;
  }
  for (let i = 0; i < count; i++) {
    const key = keys[i];
    let slot = slotOf[key];
    if (slot === 0) {
      keyOf[used] = key;
      used += 1;
      slot = used;
      slotOf[key] = slot;
    }
    slots[i] = slot - 1;
  }
  table.count = used;
}

/** Slots of any doubles: equal bits, equal slot. */
export interface HashSlots {
  /** Keys seen so far. */
  count: number;
  /** Key of each slot, shape [≥ count]. */
  keys: Float64Array;
  /** Open addressing with linear probing: slot + 1, or 0 where free; length a power of two. */
  buckets: Uint32Array;
}

/** An empty hash table of keys. */
export function makeHashSlots(): HashSlots {
  return { count: 0, keys: scratchNumbers(64), buckets: scratchIds(256) };
}

/**
 * Finds or gives the slot of each key. Keys are told apart by their bits, so a caller that means
 * numbers turns -0 into 0 first (`keys[i] + 0`).
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
  const { buckets } = table;
  const kernels = kernelsFor(keys, buckets, table.keys, slots);
  if (kernels !== null) {
    const [from, map] = [keys.byteOffset, buckets.byteOffset];
    const [kept, to] = [table.keys.byteOffset, slots.byteOffset];
    const bucketMask = buckets.length - 1;
    table.count = kernels.assignHashSlots(from, count, map, bucketMask, kept, table.count, to);
    return;
  }
  const tableWords = wordsOf(table.keys);
  const words = wordsOf(keys);
  const mask = buckets.length - 1;
  let used = table.count;
  for (let i = 0; i < count; i++) {
    const low = words[2 * i];
    const high = words[2 * i + 1];
    let at = hashWords(low, high) & mask;
    let slot = buckets[at];
    while (slot !== 0 && (tableWords[2 * slot - 2] !== low || tableWords[2 * slot - 1] !== high)) {
      at = (at + 1) & mask;
      slot = buckets[at];
    }
    if (slot === 0) {
      tableWords[2 * used] = low;
      tableWords[2 * used + 1] = high;
      used += 1;
      slot = used;
      buckets[at] = slot;
    }
    slots[i] = slot - 1;
  }
  table.count = used;
}

/** Copies `array` to twice its length or more if it is shorter than `length`; new places hold `fill`. */
export function grownNumbers(array: Float64Array, length: number, fill = 0): Float64Array {
  if (array.length >= length) return array;
  const grown = scratchNumbers(Math.max(length, array.length * 2));
  grown.set(array);
  if (fill !== 0) grown.fill(fill, array.length);
  return grown;
}

function growBuckets(table: HashSlots, keyCount: number): void {
  if (keyCount * 2 <= table.buckets.length) return;
  let length = table.buckets.length;
  while (length < keyCount * 2) length *= 2;
  const buckets = scratchIds(length);
  const words = wordsOf(table.keys);
  for (let slot = 0; slot < table.count; slot++) {
    let at = hashWords(words[2 * slot], words[2 * slot + 1]) & (length - 1);
    while (buckets[at] !== 0) at = (at + 1) & (length - 1);
    buckets[at] = slot + 1;
  }
  table.buckets = buckets;
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

/** `ids[i] = values[i] - least`, for whole numbers at most 2^32 - 1 above `least`. */
export function offsetIds(
  values: Float64Array,
  count: number,
  least: number,
  ids: Uint32Array,
): void {
  for (let i = 0; i < count; i++) ids[i] = values[i] - least;
}

/** Makes room for a null: ids of rows with a value go up by one, the others become 0. */
export function shiftIdsForNull(validity: Uint8Array, batch: Batch, ids: Uint32Array): void {
  const { rows, start, count } = batch;
  for (let i = 0; i < count; i++) {
    const row = rows === null ? start + i : rows[i];
    ids[i] = Math.imul(ids[i] + 1, (validity[row >> 3] >> (row & 7)) & 1);
  }
}

/** Turns every -0 into 0, so that equal numbers have equal bits. */
export function dropMinusZero(values: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) values[i] += 0;
}
