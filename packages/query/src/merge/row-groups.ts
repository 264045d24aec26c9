/**
 * From the ids of several key columns to one group per distinct combination. Columns are folded in one
 * after another: the group of the columns so far and the id of the next one are the two 32-bit words of
 * a 64-bit key, and one hash table a column gives each key its number. Walking the tables backwards
 * gives the ids of a group again, so no group keeps a copy of its keys.
 */
import { InvariantError } from '@isotherm/errors';
import { assignHashSlots, makeHashSlots } from '@isotherm/kernels';

/** Groups of the rows of several partials. */
interface RowGroups {
  /** How many groups. */
  readonly rowCount: number;
  /** Per partial the group of each row. */
  readonly slots: readonly Uint32Array[];
  /** Per key column the id of each group, shape [rowCount]. */
  readonly idsOfKeys: readonly Uint32Array[];
}

/**
 * Groups rows by the ids of their keys.
 *
 * @param rowCounts rows of each partial
 * @param keys      per key column, per partial the id of each row; without columns all rows are one group
 */
export function assignGroups(
  rowCounts: readonly number[],
  keys: readonly (readonly Uint32Array[])[],
): RowGroups {
  const slots = rowCounts.map((rowCount) => new Uint32Array(rowCount));
  const tables = keys.map((ids) => {
    const table = makeHashSlots();
    for (const [index, partialSlots] of slots.entries()) {
      assignHashSlots(table, pairs(partialSlots, ids[index]), partialSlots.length, partialSlots);
    }
    return table;
  });
  const last = tables.at(-1);
  if (last === undefined) {
    const hasRows = rowCounts.some((rowCount) => rowCount > 0);
    return { rowCount: Number(hasRows), slots, idsOfKeys: [] };
  }
  let groups = new Uint32Array(last.count).map((_, group) => group);
  const idsOfKeys = new Array<Uint32Array>();
  for (const table of tables.toReversed()) {
    const words = new Uint32Array(table.keys.buffer, table.keys.byteOffset, table.count * 2);
    idsOfKeys.unshift(groups.map((group) => words[2 * group + 1] ?? 0));
    groups = groups.map((group) => words[2 * group] ?? 0);
  }
  return { rowCount: last.count, slots, idsOfKeys };
}

/** Two ids a row as the words of a double; only bits count. */
function pairs(groups: Uint32Array, ids: Uint32Array | undefined): Float64Array {
  if (ids?.length !== groups.length) {
    throw new InvariantError(`A key column has ${ids?.length} rows; ${groups.length} expected.`);
  }
  const words = new Uint32Array(groups.length * 2);
  for (let row = 0; row < groups.length; row++) {
    words[2 * row] = groups[row] ?? 0;
    words[2 * row + 1] = ids[row] ?? 0;
  }
  return new Float64Array(words.buffer);
}
