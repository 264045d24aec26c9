/**
 * How the keys of a run become slots: which parts of the key are joined in mixed radix, and what
 * finds the slot of a joined key.
 *
 *   direct   few possible keys: the key is the slot
 *   dense    a moderate number: an array finds the slot of a key
 *   hashed   any number: a hash table does
 *   chained  above 2^53 possible keys: the slots of the first parts are one part of the next level
 */
import type { DenseSlots, HashSlots } from '@isotherm/kernels';
import {
  makeDenseSlots,
  makeHashSlots,
  mapIds,
  readNumbers,
  roomOfIds,
  roomOfNumbers,
  splitKeys,
  splitWideKeys,
} from '@isotherm/kernels';
import type { KeyPart } from './key-part.ts';

/** What is known of the rows to come. */
export interface KeyLimits {
  readonly rows: number;
  readonly elements: number;
  readonly compact: boolean;
  readonly everySlot: boolean;
}

const directLimit = 1 << 16;
/** More slots than that are direct only where there are rows for every one of them, several times. */
const filledLimit = 1 << 20;
const filledRows = 4;
const denseLimit = 1 << 24;
const exactLimit = 2 ** 53;

/** A level of the key: its members' ids in mixed radix, and how keys become slots. */
export interface Level {
  /** Index of each part; -1 is the slot of the level before. */
  readonly members: readonly number[];
  readonly strides: readonly number[];
  readonly sizes: readonly number[];
  readonly slots:
    | { readonly type: 'direct'; readonly size: number }
    | { readonly type: 'dense'; readonly table: DenseSlots }
    | { readonly type: 'hashed'; readonly table: HashSlots };
}

/** Puts parts into levels of less than 2^53 possible keys each. */
export function planLevels(parts: readonly KeyPart[], limits: KeyLimits): Level[] {
  const groups: { members: number[]; sizes: number[]; product: number }[] = [];
  for (const [index, part] of parts.entries()) {
    const size = Math.max(1, part.size);
    const level = groups.at(-1);
    if (level === undefined) groups.push({ members: [index], sizes: [size], product: size });
    else if (level.product * size < exactLimit) {
      level.members.push(index);
      level.sizes.push(size);
      level.product *= size;
    } else {
      const before = Math.min(level.product, limits.elements + 1);
      groups.push({ members: [-1, index], sizes: [before, size], product: before * size });
    }
  }
  return groups.map(({ members, sizes, product }) => {
    const strides = sizes.map((_size, i) => sizes.slice(0, i).reduce((a, b) => a * b, 1));
    return { members, sizes, strides, slots: planSlots(product, limits) };
  });
}

function planSlots(product: number, limits: KeyLimits): Level['slots'] {
  const filled = Math.min(filledLimit, Math.floor(limits.rows / filledRows));
  const few = Math.min(directLimit, Math.max(1024, limits.rows));
  const direct = limits.compact ? 64 : Math.max(few, filled);
  if (product <= direct || limits.everySlot) return { type: 'direct', size: product };
  if (product <= Math.min(denseLimit, Math.max(directLimit, limits.rows * 8))) {
    return { type: 'dense', table: makeDenseSlots(product) };
  }
  return { type: 'hashed', table: makeHashSlots() };
}

/** Ids of each part for some ascending slots of the last level; scratch of the run. */
export function idsOfSlots(
  levels: readonly Level[],
  partCount: number,
  slots: Uint32Array,
): Uint32Array[] {
  const ids = Array.from({ length: partCount }, () => roomOfIds(slots.length));
  const [only] = levels;
  if (levels.length === 1 && only !== undefined) {
    fillIds(only, slots, ids);
    return ids;
  }
  for (let row = 0; row < slots.length; row++) {
    let slot = slots[row];
    // From the last level back: its member -1 is the slot of the level before.
    for (let depth = levels.length - 1; depth >= 0; depth--) {
      const level = levels[depth];
      const key = level.slots.type === 'direct' ? slot : level.slots.table.keys[slot];
      for (const [i, member] of level.members.entries()) {
        const id = Math.floor(key / level.strides[i]) % level.sizes[i];
        if (member < 0) slot = id;
        else ids[member][row] = id;
      }
    }
  }
  return ids;
}

/** Ids of the members of a single level, one loop a member. */
function fillIds(level: Level, slots: Uint32Array, ids: readonly Uint32Array[]): void {
  const keys = keysOf(level, slots);
  for (const [i, member] of level.members.entries()) {
    // The last member's ids need no remainder.
    const isLast = i === level.members.length - 1;
    const [stride, size] = [level.strides[i], isLast ? 0 : level.sizes[i]];
    if (keys instanceof Uint32Array) splitKeys(keys, stride, size, ids[member]);
    else splitWideKeys(keys, stride, size, ids[member]);
  }
}

/** Keys of some slots. */
function keysOf({ slots: given }: Level, slots: Uint32Array): Uint32Array | Float64Array {
  const rows = { start: 0, count: slots.length, rows: null };
  switch (given.type) {
    case 'direct':
      return slots;
    case 'dense': {
      const keys = roomOfIds(slots.length);
      mapIds(slots, rows, given.table.keys, keys);
      return keys;
    }
    case 'hashed': {
      const { keys, count } = given.table;
      // Every key came with a row, so usually all slots are asked for.
      if (slots.length === count) return keys.subarray(0, count);
      const some = roomOfNumbers(slots.length);
      readNumbers(keys, { start: 0, count: slots.length, rows: slots }, some);
      return some;
    }
  }
}
