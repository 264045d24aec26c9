/**
 * One key column of several partials: its values become ids that mean the same in all of them, so that
 * rows can be told apart by integers alone. Texts are looked up once a dictionary entry, never once a row.
 */
import { InvariantError } from '@isotherm/errors';
import type { HashSlots } from '@isotherm/kernels';
import {
  assignHashSlots,
  dropMinusZero,
  lookUpIds,
  lookUpNumbers,
  makeHashSlots,
} from '@isotherm/kernels';
import type { PartialColumn } from '../partial.ts';
import { TextDictionary } from '../text-dictionary.ts';

/** Ids of a key column, and the way back to its values. */
interface MergedKey {
  /** Per partial the id of each row, shape [rowCount]. */
  readonly ids: readonly Uint32Array[];
  /** Makes the column of given ids. */
  readonly columnOf: (ids: Uint32Array) => PartialColumn;
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

/** Merges the bucket starts of all partials. */
export function mergeTimes(times: readonly Float64Array[]): {
  readonly ids: readonly Uint32Array[];
  readonly valuesOf: (ids: Uint32Array) => Float64Array;
} {
  const table = makeHashSlots();
  const ids = times.map((values) => {
    const slots = new Uint32Array(values.length);
    assignHashSlots(table, values, values.length, slots);
    return slots;
  });
  const valuesOf = (found: Uint32Array) => {
    const values = new Float64Array(found.length);
    lookUpNumbers(found, found.length, table.keys, values);
    return values;
  };
  return { ids, valuesOf };
}

function ofType<Type extends PartialColumn['type']>(
  column: PartialColumn,
  type: Type,
): Extract<PartialColumn, { type: Type }> {
  // The check is the reason for the cast; TypeScript does not narrow by a type parameter.
  if (column.type === type) return column as Extract<PartialColumn, { type: Type }>;
  throw new InvariantError(`Partial results disagree on a column: "${column.type}" and "${type}".`);
}

function mergeTexts(columns: readonly Extract<PartialColumn, { type: 'string' }>[]): MergedKey {
  const idOf = new Map<string | null, number>();
  const ids = columns.map((column) => {
    const table = Uint32Array.from(column.dictionary.texts(), (text) => {
      const known = idOf.get(text);
      if (known !== undefined) return known;
      idOf.set(text, idOf.size);
      return idOf.size - 1;
    });
    const merged = new Uint32Array(column.ids.length);
    lookUpIds(column.ids, column.ids.length, table, merged);
    return merged;
  });
  const dictionary = TextDictionary.fromTexts([...idOf.keys()]);
  return { ids, columnOf: (found) => ({ type: 'string', dictionary, ids: found }) };
}

function mergeLongs(columns: readonly Extract<PartialColumn, { type: 'long' }>[]): MergedKey {
  const table = makeHashSlots();
  const ids = columns.map(({ values, nulls }) => {
    // Only bits are compared, so that 64-bit integers may pass as doubles.
    const bits = new Float64Array(values.buffer, values.byteOffset, values.length);
    return idsOfBits(table, bits, nulls);
  });
  return {
    ids,
    columnOf: (found) => {
      const values = new BigInt64Array(valuesOfBits(table, found).buffer);
      return { type: 'long', values, nulls: nullsOf(found) };
    },
  };
}

function mergeDoubles(
  columns: readonly Extract<PartialColumn, { type: 'double' | 'float' }>[],
): MergedKey {
  const table = makeHashSlots();
  const ids = columns.map(({ values, nulls }) => {
    const bits = values.slice();
    dropMinusZero(bits, bits.length);
    return idsOfBits(table, bits, nulls);
  });
  return {
    ids,
    columnOf: (found) => ({
      type: columns[0]?.type ?? 'double',
      values: new Float64Array(valuesOfBits(table, found).buffer),
      nulls: nullsOf(found),
    }),
  };
}

/** Id 0 is null, the others are slots + 1. */
function idsOfBits(table: HashSlots, bits: Float64Array, nulls: Uint8Array | null): Uint32Array {
  const slots = new Uint32Array(bits.length);
  assignHashSlots(table, bits, bits.length, slots);
  for (let row = 0; row < slots.length; row++) {
    slots[row] = nulls?.[row] === 1 ? 0 : (slots[row] ?? 0) + 1;
  }
  return slots;
}

/** The 64-bit values of ids as pairs of words, because a copied double need not keep its bits. */
function valuesOfBits(table: HashSlots, ids: Uint32Array): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(table.keys.buffer, table.keys.byteOffset, table.count * 2);
  const values = new Uint32Array(ids.length * 2);
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row] ?? 0;
    if (id === 0) continue;
    values[2 * row] = words[2 * id - 2] ?? 0;
    values[2 * row + 1] = words[2 * id - 1] ?? 0;
  }
  return values;
}

function nullsOf(ids: Uint32Array): Uint8Array | null {
  if (!ids.includes(0)) return null;
  const nulls = new Uint8Array(ids.length);
  for (let row = 0; row < ids.length; row++) nulls[row] = ids[row] === 0 ? 1 : 0;
  return nulls;
}
