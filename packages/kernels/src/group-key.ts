/**
 * From the ids of several columns to one slot per distinct combination.
 *
 * The ids of a row are combined in mixed radix: key = id0 + size0 * (id1 + size1 * (id2 + …)),
 * which is exact while the product of the sizes is below 2^32 (dense) or 2^53 (hashed). A small
 * product is the slot itself; a middle one is mapped through an array of that size; a large one
 * goes through an open-addressing hash. Slots are given in the order in which keys are first seen.
 */
import type { Batch, IdArray } from './batch.ts';
import {
  releaseScratch,
  roomOfIds,
  roomOfLongs,
  roomOfNumbers,
  scratchIds,
} from './wasm/scratch.ts';
import { addressOf, kernelsFor } from './wasm/module.ts';

/** Adds `ids[row i] * stride + plus` to each key; all below 2^32. */
export function addDenseKeys(
  ids: IdArray,
  batch: Batch,
  stride: number,
  keys: Uint32Array,
  plus = 0,
): void {
  const { rows, start, count } = batch;
  const kernels = kernelsFor(ids, keys, rows ?? keys);
  if (kernels !== null) {
    const [width, at] = [ids.BYTES_PER_ELEMENT, addressOf(rows)];
    kernels.addIdKeys(width, ids.byteOffset, at, start, count, stride, plus, keys.byteOffset);
    return;
  }
  // Cut to 32 bits at once, so that no key passes through a double.
  if (rows === null) {
    const part = ids.subarray(start, start + count);
    for (let i = 0; i < count; i++) keys[i] = (keys[i] + Math.imul(part[i], stride) + plus) | 0;
  } else {
    for (let i = 0; i < count; i++) {
      keys[i] = (keys[i] + Math.imul(ids[rows[i]], stride) + plus) | 0;
    }
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

/** The same for keys in doubles, whole numbers below 2^53; ids are below 2^32. */
export function splitWideKeys(
  keys: Float64Array,
  stride: number,
  size: number,
  ids: Uint32Array,
): void {
  const kernels = kernelsFor(keys, ids);
  if (kernels !== null) {
    kernels.splitWideKeys(keys.byteOffset, keys.length, stride, size, ids.byteOffset);
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

/**
 * Adds the ids of a column times `stride` to keys below 2^53.
 *
 * @param place.table from ids of the column to those that are meant; null where `plus` leads there
 */
export function addWideColumnKeys(
  ids: IdArray,
  batch: Batch,
  place: { readonly table: Uint32Array | null; readonly plus: number; readonly stride: number },
  keys: Float64Array,
): void {
  const { rows, start, count } = batch;
  const { table, plus, stride } = place;
  const kernels = kernelsFor(ids, keys, rows ?? keys, table ?? keys);
  if (kernels !== null) {
    const [width, at] = [ids.BYTES_PER_ELEMENT, addressOf(rows)];
    const of = [width, ids.byteOffset, at, start, count] as const;
    kernels.addWideIdKeys(...of, addressOf(table), plus, stride, keys.byteOffset);
    return;
  }
  for (let i = 0; i < count; i++) {
    const id = ids[rows === null ? start + i : rows[i]];
    keys[i] += (table === null ? id + plus : table[id]) * stride;
  }
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
  keys: Uint32Array;
  /** Slot + 1 of each key, 0 where the key was not seen, shape [size]. */
  readonly slotOf: Uint32Array;
}

/** Slots for keys 0 … size - 1; costs 4 bytes a possible key. */
export function makeDenseSlots(size: number): DenseSlots {
  return { count: 0, keys: scratchIds(64), slotOf: scratchIds(size) };
}

/** Finds or gives the slot of each key. */
export function assignDenseSlots(
  table: DenseSlots,
  keys: Uint32Array,
  count: number,
  slots: Uint32Array,
): void {
  const { slotOf } = table;
  table.keys = grownIds(table.keys, table.count + count);
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

/**
 * Copies ids to twice their length or more if there are fewer than `length`, and gives the shorter
 * array back; new places hold 0.
 */
export function grownIds(array: Uint32Array, length: number): Uint32Array {
  if (array.length >= length) return array;
  const grown = roomOfIds(Math.max(length, array.length * 2));
  grown.set(array);
  grown.fill(0, array.length);
  releaseScratch(array);
  return grown;
}

/** The same for 64-bit integers. */
export function grownLongs(array: BigInt64Array, length: number): BigInt64Array {
  if (array.length >= length) return array;
  const grown = roomOfLongs(Math.max(length, array.length * 2));
  grown.set(array);
  grown.fill(0n, array.length);
  releaseScratch(array);
  return grown;
}

/** The same for doubles; new places hold `fill`. */
export function grownNumbers(array: Float64Array, length: number, fill = 0): Float64Array {
  if (array.length >= length) return array;
  const grown = roomOfNumbers(Math.max(length, array.length * 2));
  grown.set(array);
  grown.fill(fill, array.length);
  releaseScratch(array);
  return grown;
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
