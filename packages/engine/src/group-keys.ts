/**
 * Gives every row the slot of its group, from the ids of the key parts (kernels' group-key.ts):
 *
 *   direct   few possible keys: the key is the slot
 *   dense    a moderate number: an array finds the slot of a key
 *   hashed   any number: a hash table does
 *   chained  above 2^53 possible keys: the slots of the first parts are one part of the next level
 */
import type { Batch, DenseSlots, HashSlots, RowRuns } from '@isotherm/kernels';
import {
  addDenseKeys,
  addMappedKeys,
  addWideKeys,
  assignDenseSlots,
  assignHashSlots,
  explodeRows,
  explodedCount,
  lookUpIds,
  makeDenseSlots,
  makeHashSlots,
  mapIds,
  readIds,
  scratchIds,
} from '@isotherm/kernels';
import type { KeyColumn, KeyLists, KeyPart, KeyRows } from './key-part.ts';
import { emptyBatch, roomForIds, roomForNumbers } from './scratch.ts';

/** Groups of a run, found as batches come. */
export interface GroupKeys {
  /** Slots given so far; all below it. */
  slotCount(): number;
  /** Takes the rows of another segment, by its place in the parts, from the next batch on. */
  bind(segment: number): void;
  /** Slots of a batch. Rows that hold lists are repeated in the batch that comes back. */
  assign(batch: Batch): { readonly batch: Batch; readonly slots: Uint32Array };
  /** Runs of a batch of which each is one group, where that is known without looking at its rows; else null. */
  runsOf(batch: Batch): RowRuns | null;
  /** Ids of each part for some slots: one array a part, shape [slots.length]. */
  idsOf(slots: Uint32Array): Uint32Array[];
}

/** What is known of the rows to come. */
interface KeyLimits {
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
/** Rows of a run on average from which summing it at once pays. */
const leastRun = 4;

/** A level of the key: its members' ids in mixed radix, and how keys become slots. */
interface Level {
  /** Index of each part; -1 is the slot of the level before. */
  readonly members: readonly number[];
  readonly strides: readonly number[];
  readonly sizes: readonly number[];
  readonly slots:
    | { readonly type: 'direct'; readonly size: number }
    | { readonly type: 'dense'; readonly table: DenseSlots }
    | { readonly type: 'hashed'; readonly table: HashSlots };
}

/**
 * @param limits.rows      rows that will come at most, before lists are exploded
 * @param limits.elements  the same after
 * @param limits.compact   true if a slot is expensive: then none is given to a key without rows
 * @param limits.everySlot true if every possible key is to be a slot
 */
export function makeGroupKeys(parts: readonly KeyPart[], limits: KeyLimits): GroupKeys {
  const levels = planLevels(parts, limits);
  let rows: readonly KeyRows[] = [];
  let explode = makeExplode(rows);
  const last = levels.at(-1);
  const wholeRun = makeWholeRun();
  let slots: Uint32Array = new Uint32Array(0);
  let ids: Uint32Array = new Uint32Array(0);
  let denseKeys: Uint32Array = new Uint32Array(0);
  let wideKeys: Float64Array = new Float64Array(0);
  return {
    slotCount() {
      if (last === undefined) return 1;
      return last.slots.type === 'direct' ? last.slots.size : last.slots.table.count;
    },
    bind(segment) {
      rows = parts.map((part) => part.segments[segment]);
      explode = makeExplode(rows);
    },
    assign(given) {
      const { batch, listIds } = explode(given);
      const { count } = batch;
      slots = roomForIds(slots, count);
      ids = roomForIds(ids, count);
      if (levels.length === 0) slots.fill(0, 0, count);
      if (parts.length === 1 && last?.slots.type === 'direct') {
        // The ids of a single part are its keys, and those are the slots.
        const listed = listIds.get(0);
        if (listed === undefined) readRows(rows[0], batch, slots);
        else slots.set(listed);
        return { batch, slots };
      }
      for (const level of levels) {
        const isDense = level.slots.type !== 'hashed';
        // The first column writes the keys, the others add to them.
        const isFirstColumn = isDense && rows[level.members[0]]?.column !== undefined;
        if (isDense) denseKeys = roomForIds(denseKeys, count);
        if (isDense && !isFirstColumn) denseKeys.fill(0, 0, count);
        if (!isDense) wideKeys = roomForNumbers(wideKeys, count).fill(0, 0, count);
        for (const [i, member] of level.members.entries()) {
          const column = rows[member]?.column;
          if (isDense && column !== undefined) {
            if (i === 0) writeColumnKeys(column, batch, denseKeys);
            else addColumnKeys(column, batch, level.strides[i], denseKeys);
            continue;
          }
          const read = member < 0 ? slots : (listIds.get(member) ?? ids);
          if (read === ids) rows[member]?.read(batch, ids);
          const stride = level.strides[i] ?? 1;
          if (isDense) addDenseKeys(read, firstRows(count), stride, denseKeys);
          else addWideKeys(read, count, stride, wideKeys);
        }
        if (level.slots.type === 'direct') return { batch, slots: denseKeys };
        if (level.slots.type === 'dense') {
          assignDenseSlots(level.slots.table, denseKeys, count, slots);
        } else assignHashSlots(level.slots.table, wideKeys, count, slots);
      }
      return { batch, slots };
    },
    runsOf(batch) {
      if (levels.length === 0) return wholeRun(batch);
      const isDirect = parts.length === 1 && last?.slots.type === 'direct';
      return isDirect ? clusteredRuns(rows[0], batch) : null;
    },
    idsOf: (slots) => idsOfSlots(levels, parts.length, slots),
  };
}

/** Consecutive rows of a single group. */
function makeWholeRun(): (batch: Batch) => RowRuns | null {
  const bounds = scratchIds(2);
  return ({ rows, start, count }) => {
    if (rows !== null) return null;
    const to = start + count;
    bounds.set([start, to]);
    return { bounds, count: 1, from: start, to, slots: 0 };
  };
}

/** Consecutive rows of a part that rows are sorted by, unless most runs are too short to gain. */
function clusteredRuns({ column }: KeyRows, { rows, start, count }: Batch): RowRuns | null {
  if (column?.starts === undefined || rows !== null || count === 0) return null;
  const { ids, remap, starts } = column;
  const to = start + count;
  const [first, last] = [ids[start], ids[to - 1]];
  const runCount = last - first + 1;
  if (runCount * leastRun > count) return null;
  const slots = remap === null ? first : remap.subarray(first, last + 1);
  return { bounds: starts.subarray(first, last + 2), count: runCount, from: start, to, slots };
}

/** The ids of a part that is the whole key. */
function readRows(rows: KeyRows, batch: Batch, slots: Uint32Array): void {
  const { column } = rows;
  if (column === undefined) rows.read(batch, slots);
  else writeColumnKeys(column, batch, slots);
}

function writeColumnKeys({ ids, remap }: KeyColumn, batch: Batch, keys: Uint32Array): void {
  if (remap === null) readIds(ids, batch, keys);
  else mapIds(ids, batch, remap, keys);
}

function addColumnKeys(
  { ids, remap }: KeyColumn,
  batch: Batch,
  stride: number,
  keys: Uint32Array,
): void {
  if (remap === null) addDenseKeys(ids, batch, stride, keys);
  else addMappedKeys(ids, batch, remap, stride, keys);
}

/** The batch of an array that has an element for each row of another batch. */
function firstRows(count: number): Batch {
  return { start: 0, count, rows: null };
}

function planLevels(parts: readonly KeyPart[], limits: KeyLimits): Level[] {
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

function idsOfSlots(
  levels: readonly Level[],
  partCount: number,
  slots: Uint32Array,
): Uint32Array[] {
  const ids = Array.from({ length: partCount }, () => new Uint32Array(slots.length));
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
  const keyOf = level.slots.type === 'direct' ? null : level.slots.table.keys;
  for (const [i, member] of level.members.entries()) {
    const [out, stride, size] = [ids[member], level.strides[i], level.sizes[i]];
    // The last member's ids need no remainder, those of the first no division.
    const isLast = i === level.members.length - 1;
    for (let row = 0; row < slots.length; row++) {
      const key = keyOf === null ? slots[row] : keyOf[slots[row]];
      const rest = stride === 1 ? key : Math.floor(key / stride);
      out[row] = isLast ? rest : rest % size;
    }
  }
}

/** Repeats rows for the values of every part with lists; gives the ids of those parts. */
function makeExplode(
  parts: readonly KeyRows[],
): (batch: Batch) => { readonly batch: Batch; readonly listIds: Map<number, Uint32Array> } {
  const lists = parts.flatMap((part, index) =>
    part.lists === null ? [] : [{ index, ...part.lists }],
  );
  const listIds = new Map<number, Uint32Array>();
  if (lists.length === 0) return (batch) => ({ batch, listIds });
  return (given) => {
    let batch = given;
    listIds.clear();
    for (const list of lists) {
      const exploded = explodeList(list, batch);
      for (const [index, ids] of listIds) {
        const repeated = new Uint32Array(exploded.batch.count);
        lookUpIds(exploded.from, exploded.batch.count, ids, repeated);
        listIds.set(index, repeated);
      }
      listIds.set(list.index, exploded.ids);
      batch = exploded.batch;
    }
    return { batch, listIds };
  };
}

function explodeList(
  list: KeyLists,
  batch: Batch,
): { readonly batch: Batch; readonly from: Uint32Array; readonly ids: Uint32Array } {
  const { offsets, ids: values } = list.column;
  const count = explodedCount(offsets, batch);
  const rows = new Uint32Array(count);
  const from = new Uint32Array(count);
  const ids = new Uint32Array(count);
  explodeRows(offsets, values, batch, list.emptyId, { rows, from, ids });
  if (list.remap !== null) lookUpIds(ids, count, list.remap, ids);
  return { batch: { ...emptyBatch(), count, rows }, from, ids };
}
