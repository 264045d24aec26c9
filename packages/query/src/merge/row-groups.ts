/**
 * From the ids of several key columns to one group per distinct combination, in the order in which
 * they are first seen. Columns are folded in one after another:
 *
 *   key = group of the columns so far × size of the next + its id     while that fits 32 bits
 *   else the two are the words of a 64-bit key, and a hash table numbers the keys seen
 *
 * No group keeps a copy of its keys: they are those of the row that opened it.
 */
import { InvariantError } from '@isotherm/errors';
import {
  assignDenseSlots,
  assignHashSlots,
  makeDenseSlots,
  makeHashSlots,
  scratchIds,
  scratchNumbers,
} from '@isotherm/kernels';
import type { KeyIds } from './key-column.ts';
import type { Openers } from './pick-rows.ts';

/** Groups of the rows of several partials. */
interface RowGroups {
  /** How many groups. */
  readonly rowCount: number;
  /** Per partial the group of each row; may be scratch. */
  readonly slots: readonly Uint32Array[];
  readonly openers: Openers;
}

/** An array of all possible keys costs less than hashing while there are this few a row. */
const denseKeysPerRow = 8;
const fewKeys = 1 << 16;

/**
 * Groups rows by the ids of their keys.
 *
 * @param rowCounts rows of each partial
 * @param keys      without columns all rows are one group
 */
export function assignGroups(rowCounts: readonly number[], keys: readonly KeyIds[]): RowGroups {
  const [first = oneGroup(rowCounts), ...others] = keys;
  let folded: KeyIds & { readonly isNumbered: boolean } = { ...first, isNumbered: false };
  for (const next of others) {
    folded =
      folded.size * next.size <= 2 ** 32
        ? { ...multiplied(folded, next), isNumbered: false }
        : { ...hashed(folded, next), isNumbered: true };
  }
  const { ids: slots, size: rowCount } = folded.isNumbered ? folded : numbered(folded);
  let opened = 0;
  const openers = slots.map((groups) => {
    const rows = rowsOpening(groups, opened);
    opened += rows.length;
    return rows.length === groups.length ? null : rows;
  });
  if (opened !== rowCount) throw new InvariantError(`${opened} of ${rowCount} groups were opened.`);
  return { rowCount, slots, openers };
}

function oneGroup(rowCounts: readonly number[]): KeyIds {
  return { ids: rowCounts.map((rowCount) => scratchIds(rowCount)), size: 1 };
}

function multiplied(keys: KeyIds, next: KeyIds): KeyIds {
  const { size } = next;
  const ids = keys.ids.map((groups, index) => {
    const nextIds = idsOf(next, index, groups.length);
    const both = scratchIds(groups.length);
    for (let row = 0; row < both.length; row++) {
      both[row] = Math.imul(groups[row] ?? 0, size) + (nextIds[row] ?? 0);
    }
    return both;
  });
  return { ids, size: keys.size * size };
}

function hashed(keys: KeyIds, next: KeyIds | null): KeyIds {
  const table = makeHashSlots();
  const ids = keys.ids.map((groups, index) => {
    const pairs = scratchNumbers(groups.length);
    const words = new Uint32Array(pairs.buffer, pairs.byteOffset, groups.length * 2);
    for (let row = 0; row < groups.length; row++) words[2 * row] = groups[row] ?? 0;
    if (next !== null) {
      const nextIds = idsOf(next, index, groups.length);
      for (let row = 0; row < groups.length; row++) words[2 * row + 1] = nextIds[row] ?? 0;
    }
    const slots = scratchIds(groups.length);
    assignHashSlots(table, pairs, groups.length, slots);
    return slots;
  });
  return { ids, size: table.count };
}

/** Numbers keys as they are first seen. */
function numbered(keys: KeyIds): KeyIds {
  const rowCount = keys.ids.reduce((sum, { length }) => sum + length, 0);
  if (keys.size > Math.max(fewKeys, rowCount * denseKeysPerRow)) return hashed(keys, null);
  const table = makeDenseSlots(keys.size);
  const ids = keys.ids.map((groups) => {
    const slots = scratchIds(groups.length);
    assignDenseSlots(table, groups, groups.length, slots);
    return slots;
  });
  return { ids, size: table.count };
}

/** Rows whose group is a new one, when groups below `known` are not. */
function rowsOpening(groups: Uint32Array, known: number): Uint32Array {
  const rows = scratchIds(groups.length);
  let count = 0;
  for (let row = 0; row < groups.length; row++) {
    rows[count] = row;
    // Groups are numbered in order, so a new one has the next number.
    if (groups[row] === known + count) count++;
  }
  return rows.subarray(0, count);
}

function idsOf({ ids }: KeyIds, partial: number, rowCount: number): Uint32Array {
  const found = ids[partial];
  if (found?.length === rowCount) return found;
  throw new InvariantError(`A key column has ${found?.length} rows; ${rowCount} expected.`);
}
