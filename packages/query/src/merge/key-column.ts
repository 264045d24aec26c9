/**
 * One key column of several partials: its values become ids that mean the same in all of them, so that
 * rows can be told apart by integers alone; and the column of merged groups is picked from the rows
 * that opened them. Texts are looked up once a dictionary entry, never once a row.
 */
import { InvariantError } from '@isotherm/errors';
import {
  type HashSlots,
  assignHashSlots,
  dropMinusZero,
  lookUpIds,
  makeHashSlots,
  scratchIds,
  scratchNumbers,
} from '@isotherm/kernels';
import type { PartialColumn } from '../partial.ts';
import { joinTexts } from './join-texts.ts';
import { type Openers, pickIds, pickLongs, pickNulls, pickNumbers } from './pick-rows.ts';

/** Ids of a key column. */
export interface KeyIds {
  /** Per partial the id of each row, shape [rowCount]. */
  readonly ids: readonly Uint32Array[];
  /** Ids are below it. */
  readonly size: number;
}

/** Ids of a dimension, and the way back to its values. */
interface MergedKey extends KeyIds {
  /** Makes the column of the groups that these rows opened. */
  readonly columnOf: (openers: Openers) => PartialColumn;
}

/** Merges one dimension of all partials. @throws InvariantError if their types differ */
export function mergeKeyColumn(columns: readonly PartialColumn[]): MergedKey {
  const type = columns[0]?.type;
  switch (type) {
    case 'string':
      return mergeTexts(columns.map((column) => ofType(column, type)));
    case 'long':
      return mergeLongs(columns.map((column) => ofType(column, type)));
    case 'double':
    case 'float':
      return mergeDoubles(columns.map((column) => ofType(column, type)));
    default:
      throw new InvariantError(`A column of type "${type}" cannot be grouped by.`);
  }
}

/** Ids of the bucket starts of all partials. */
export function mergeTimes(times: readonly Float64Array[]): KeyIds {
  const table = makeHashSlots();
  const ids = times.map((values) => idsOfBits(table, values, null));
  return { ids, size: table.count + 1 };
}

/** Sees that a column is of the type that the others have. @throws InvariantError if it is not */
export function ofType<Type extends PartialColumn['type']>(
  column: PartialColumn,
  type: Type,
): Extract<PartialColumn, { type: Type }> {
  // The check is the reason for the cast; TypeScript does not narrow by a type parameter.
  if (column.type === type) return column as Extract<PartialColumn, { type: Type }>;
  throw new InvariantError(`Partial results disagree on a column: "${column.type}" and "${type}".`);
}

function mergeTexts(columns: readonly Extract<PartialColumn, { type: 'string' }>[]): MergedKey {
  const { dictionary, idsOf } = joinTexts(columns.map((column) => column.dictionary));
  const ids = columns.map((column, index) => {
    const merged = scratchIds(column.ids.length);
    merged.set(column.ids);
    lookUpIds(merged, merged.length, idsOf[index] ?? merged, merged);
    return merged;
  });
  const columnOf = (openers: Openers): PartialColumn => ({
    type: 'string',
    dictionary,
    ids: pickIds(ids, openers),
  });
  return { ids, size: dictionary.size, columnOf };
}

function mergeLongs(columns: readonly Extract<PartialColumn, { type: 'long' }>[]): MergedKey {
  const table = makeHashSlots();
  const ids = columns.map(({ values, nulls }) => {
    // Only bits are compared, so that 64-bit integers may pass as doubles.
    const bits = new Float64Array(values.buffer, values.byteOffset, values.length);
    return idsOfBits(table, bits, nulls);
  });
  const columnOf = (openers: Openers): PartialColumn => ({
    type: 'long',
    values: pickLongs(
      columns.map(({ values }) => values),
      openers,
    ),
    nulls: pickNulls(columns, openers),
  });
  return { ids, size: table.count + 1, columnOf };
}

function mergeDoubles(
  columns: readonly Extract<PartialColumn, { type: 'double' | 'float' }>[],
): MergedKey {
  const table = makeHashSlots();
  const numbers = columns.map(({ values }) => {
    const copy = values.slice();
    dropMinusZero(copy, copy.length);
    return copy;
  });
  const ids = columns.map(({ nulls }, index) =>
    idsOfBits(table, numbers[index] ?? new Float64Array(0), nulls),
  );
  const columnOf = (openers: Openers): PartialColumn => ({
    type: columns[0]?.type ?? 'double',
    values: pickNumbers(numbers, openers),
    nulls: pickNulls(columns, openers),
  });
  return { ids, size: table.count + 1, columnOf };
}

/** Id 0 is null, the others are slots + 1. */
function idsOfBits(table: HashSlots, bits: Float64Array, nulls: Uint8Array | null): Uint32Array {
  const ids = scratchIds(bits.length);
  const keys = scratchNumbers(bits.length);
  keys.set(bits);
  assignHashSlots(table, keys, bits.length, ids);
  for (let row = 0; row < ids.length; row++) ids[row] = (ids[row] ?? 0) + 1;
  if (nulls === null) return ids;
  for (let row = 0; row < ids.length; row++) if (nulls[row] === 1) ids[row] = 0;
  return ids;
}
