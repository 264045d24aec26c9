/**
 * Gives every row the slot of its group, from the ids of the key parts (kernels' group-key.ts),
 * through the levels of key-levels.ts.
 */
import type { Batch, RowRuns } from '@isotherm/kernels';
import {
  addDenseKeys,
  addMappedKeys,
  addWideColumnKeys,
  addWideKeys,
  assignDenseSlots,
  assignHashSlots,
  joinIds,
  mapIds,
  readIds,
  scratchIds,
} from '@isotherm/kernels';
import { makeExplode } from './explode-lists.ts';
import type { KeyLimits } from './key-levels.ts';
import { idsOfSlots, planLevels } from './key-levels.ts';
import type { KeyColumn, KeyPart, KeyRows } from './key-part.ts';
import { roomForIds, roomForNumbers } from './scratch.ts';

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
  /**
   * Slots of this segment alone, made of its own ids, where a table leads from them to the slots of
   * the run; else null. With many rows to a slot it costs less to look sums up than rows.
   *
   * @param limit  null also if there are more slots
   */
  localSlots(limit: number): LocalSlots | null;
  /** Ids of each part for some slots: one array a part, shape [slots.length]. */
  idsOf(slots: Uint32Array): Uint32Array[];
}

/** The ids of a segment's columns as slots. */
export interface LocalSlots {
  /** To slots of the run, shape [number of slots]; without meaning for slots without rows. */
  readonly table: Uint32Array;
  /** Slots of a batch; overwritten by the next call. */
  read(batch: Batch): Uint32Array;
}

/** Rows of a run on average from which summing it at once pays. */
const leastRun = 4;

/**
 * @param limits.rows      rows that will come at most, before lists are exploded
 * @param limits.elements  the same after
 * @param limits.compact   true if a slot is expensive: then none is given to a key without rows
 * @param limits.everySlot true if every possible key is to be a slot
 */
export function makeGroupKeys(parts: readonly KeyPart[], limits: KeyLimits): GroupKeys {
  const levels = planLevels(parts, limits);
  let rows: readonly MovedRows[] = [];
  let explode = makeExplode(rows);
  const last = levels.at(-1);
  const wholeRun = makeWholeRun();
  let slots: Uint32Array = new Uint32Array(0);
  let ids: Uint32Array = new Uint32Array(0);
  let denseKeys: Uint32Array = new Uint32Array(0);
  let wideKeys: Float64Array = new Float64Array(0);
  let localTable: Uint32Array = new Uint32Array(0);
  return {
    slotCount() {
      if (last === undefined) return 1;
      return last.slots.type === 'direct' ? last.slots.size : last.slots.table.count;
    },
    bind(segment) {
      rows = parts.map((part) => withoutTable(part.segments[segment], part.size));
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
          if (!isDense && column !== undefined) {
            const place = { table: column.remap, plus: column.plus, stride: level.strides[i] };
            addWideColumnKeys(column.ids, batch, place, wideKeys);
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
    localSlots(limit) {
      const level = levels.length === 1 ? last : undefined;
      if (level?.slots.type !== 'direct') return null;
      const columns = rows.flatMap(({ column }) => column ?? []);
      // Without tables nothing is looked up as it is.
      if (columns.length < parts.length || columns.every(({ remap }) => remap === null))
        return null;
      const localCount = columns.reduce((all, { size }) => all * size, 1);
      if (localCount > limit) return null;
      const strides = localStrides(columns);
      const joined = columns.map(({ ids }, i) => ({ ids, stride: strides[i] }));
      let [table] = columns.map(({ remap }) => remap);
      if (columns.length > 1 || table === null) {
        localTable = roomForIds(localTable, localCount);
        table = localTable.subarray(0, localCount);
        fillLocalTable(columns, { from: strides, to: level.strides }, table);
      }
      return {
        table,
        read(batch) {
          slots = roomForIds(slots, batch.count);
          joinIds(joined, localCount, batch, slots);
          return slots;
        },
      };
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
function clusteredRuns({ column }: MovedRows, { rows, start, count }: Batch): RowRuns | null {
  if (column?.starts === undefined || rows !== null || count === 0) return null;
  const { ids, remap, starts } = column;
  const to = start + count;
  const [first, last] = [ids[start], ids[to - 1]];
  const runCount = last - first + 1;
  if (runCount * leastRun > count) return null;
  const slots = remap === null ? first + column.plus : remap.subarray(first, last + 1);
  return { bounds: starts.subarray(first, last + 2), count: runCount, from: start, to, slots };
}

/** Rows of a segment whose ids are those of the part, moved by `plus`, need no table. */
interface MovedColumn extends KeyColumn {
  readonly plus: number;
  /** Ids of the column are below it. */
  readonly size: number;
}

type MovedRows = Omit<KeyRows, 'column'> & { readonly column?: MovedColumn | undefined };

/**
 * Drops a table that only adds a number to ids, as the tables of small dictionaries do: most
 * segments hold all values.
 */
function withoutTable(rows: KeyRows, partSize: number): MovedRows {
  const { column } = rows;
  if (column === undefined) return { ...rows, column: undefined };
  const { remap } = column;
  const plus = remap === null || remap.length === 0 ? 0 : remap[0];
  const size = remap?.length ?? partSize;
  if (remap === null || !countsFrom(remap, plus))
    return { ...rows, column: { ...column, size, plus: 0 } };
  return { ...rows, column: { ...column, size, remap: null, plus } };
}

function countsFrom(table: Uint32Array, first: number): boolean {
  for (let i = 0; i < table.length; i++) if (table[i] !== first + i) return false;
  return true;
}

/** The ids of a part that is the whole key. */
function readRows(rows: MovedRows, batch: Batch, slots: Uint32Array): void {
  const { column } = rows;
  if (column === undefined) rows.read(batch, slots);
  else writeColumnKeys(column, batch, slots);
}

function writeColumnKeys({ ids, remap, plus }: MovedColumn, batch: Batch, keys: Uint32Array): void {
  if (remap === null) readIds(ids, batch, keys, plus);
  else mapIds(ids, batch, remap, keys);
}

function addColumnKeys(
  { ids, remap, plus }: MovedColumn,
  batch: Batch,
  stride: number,
  keys: Uint32Array,
): void {
  if (remap === null) addDenseKeys(ids, batch, stride, keys, plus * stride);
  else addMappedKeys(ids, batch, remap, stride, keys);
}

/** Strides of a segment's own ids, joined in mixed radix. */
function localStrides(columns: readonly MovedColumn[]): number[] {
  let stride = 1;
  return columns.map(({ size }) => {
    const own = stride;
    stride *= size;
    return own;
  });
}

/**
 * Fills the way from keys of a segment's own ids to keys of the run.
 *
 * @param table shape [product of the columns' sizes]
 */
function fillLocalTable(
  columns: readonly MovedColumn[],
  strides: { readonly from: readonly number[]; readonly to: readonly number[] },
  table: Uint32Array,
): void {
  table[0] = 0;
  for (const [i, { remap, plus, size }] of columns.entries()) {
    const filled = strides.from[i];
    // From the last id back, so that id 0, which the others start from, is overwritten last.
    for (let id = size - 1; id >= 0; id--) {
      const key = (remap === null ? id + plus : remap[id]) * strides.to[i];
      for (let at = 0; at < filled; at++) table[id * filled + at] = table[at] + key;
    }
  }
}

/** The batch of an array that has an element for each row of another batch. */
function firstRows(count: number): Batch {
  return { start: 0, count, rows: null };
}
