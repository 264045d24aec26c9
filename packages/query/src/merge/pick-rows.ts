/**
 * Values of the rows that opened the merged groups, in the order of the groups: first those of the
 * first partial, then those of the second that the first does not have, and so on.
 */
import { InvariantError } from '@isotherm/errors';
import { hyperUniqueRegisterCount } from '@isotherm/kernels';
import type { PartialColumn } from '../partial.ts';

/** Per partial the rows that opened a group, ascending; null where all did. */
export type Openers = readonly (Uint32Array | null)[];

// Each type of array has a loop of its own: one that meets several types is several times slower.

/** Picks ids. */
export function pickIds(ids: readonly Uint32Array[], openers: Openers): Uint32Array {
  const picked = new Uint32Array(openedCount(ids, openers));
  let place = 0;
  for (const [index, values] of ids.entries()) {
    const rows = openers[index] ?? null;
    if (rows === null) picked.set(values, place);
    else for (let at = 0; at < rows.length; at++) picked[place + at] = values[rows[at] ?? 0] ?? 0;
    place += (rows ?? values).length;
  }
  return picked;
}

/** Picks numbers. */
export function pickNumbers(numbers: readonly Float64Array[], openers: Openers): Float64Array {
  const picked = new Float64Array(openedCount(numbers, openers));
  let place = 0;
  for (const [index, values] of numbers.entries()) {
    const rows = openers[index] ?? null;
    if (rows === null) picked.set(values, place);
    else for (let at = 0; at < rows.length; at++) picked[place + at] = values[rows[at] ?? 0] ?? 0;
    place += (rows ?? values).length;
  }
  return picked;
}

/** Picks 64-bit integers, as pairs of words: no bigint is made. */
export function pickLongs(longs: readonly BigInt64Array[], openers: Openers): BigInt64Array {
  const picked = new BigInt64Array(openedCount(longs, openers));
  const to = new Int32Array(picked.buffer);
  let place = 0;
  for (const [index, values] of longs.entries()) {
    const rows = openers[index] ?? null;
    if (rows === null) {
      picked.set(values, place);
      place += values.length;
      continue;
    }
    const from = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    for (let at = 0; at < rows.length; at++, place++) {
      const row = rows[at] ?? 0;
      to[2 * place] = from[2 * row] ?? 0;
      to[2 * place + 1] = from[2 * row + 1] ?? 0;
    }
  }
  return picked;
}

/** Picks marks of nulls; null when none of the picked is one. */
export function pickNulls(
  columns: readonly { readonly nulls: Uint8Array | null; readonly values: ArrayLike<unknown> }[],
  openers: Openers,
): Uint8Array | null {
  if (columns.every(({ nulls }) => nulls === null)) return null;
  const marks = columns.map(({ nulls, values }) => nulls ?? new Uint8Array(values.length));
  const picked = new Uint8Array(openedCount(marks, openers));
  let place = 0;
  for (const [index, nulls] of marks.entries()) {
    const rows = openers[index] ?? null;
    if (rows === null) picked.set(nulls, place);
    else for (let at = 0; at < rows.length; at++) picked[place + at] = nulls[rows[at] ?? 0] ?? 0;
    place += (rows ?? nulls).length;
  }
  return picked.includes(1) ? picked : null;
}

/** Picks rows of a column; its dictionary stays as it is. @throws InvariantError for lists */
export function pickColumn(column: PartialColumn, rows: Uint32Array): PartialColumn {
  const openers = [rows];
  switch (column.type) {
    case 'string':
      return { ...column, ids: pickIds([column.ids], openers) };
    case 'long':
      return {
        ...column,
        values: pickLongs([column.values], openers),
        nulls: pickNulls([column], openers),
      };
    case 'doubleSum':
    case 'floatSum':
      return {
        ...column,
        values: pickNumbers([column.values], openers),
        errors: pickNumbers([column.errors], openers),
        nulls: pickNulls([column], openers),
      };
    case 'double':
    case 'float':
      return {
        ...column,
        values: pickNumbers([column.values], openers),
        nulls: pickNulls([column], openers),
      };
    case 'hyperUnique': {
      const picked = new Uint8Array(rows.length * hyperUniqueRegisterCount);
      for (const [place, row] of rows.entries()) {
        const start = row * hyperUniqueRegisterCount;
        const sketch = column.registers.subarray(start, start + hyperUniqueRegisterCount);
        picked.set(sketch, place * hyperUniqueRegisterCount);
      }
      return { ...column, registers: picked };
    }
    case 'strings':
      throw new InvariantError('Groups have no columns of lists.');
  }
}

function openedCount(columns: readonly ArrayLike<unknown>[], openers: Openers): number {
  return columns.reduce((sum, column, index) => sum + (openers[index] ?? column).length, 0);
}
