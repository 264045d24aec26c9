/** A filter over one row, the plain way: what the engine's column loops must agree with. */
import type { Filter, Truth } from '../../src/index.ts';
import { leafPredicate } from '../../src/index.ts';

/** A cell with its column's type. A list is a multi-value text. */
export type Cell =
  | { readonly type: 'text'; readonly values: readonly (string | null)[] }
  | { readonly type: 'long' | 'double' | 'float'; readonly value: number | null };

/** A row by column name; a missing column is null. */
export type Row = ReadonlyMap<string, Cell>;

/** Judges a row in three values; only `true` matches. */
export function judgeRow(filter: Filter, row: Row): Truth {
  switch (filter.type) {
    case 'true':
      return true;
    case 'false':
      return false;
    case 'and':
      return filter.fields.map((field) => judgeRow(field, row)).reduce(both, true);
    case 'or':
      return not(filter.fields.map((field) => not(judgeRow(field, row))).reduce(both, true));
    case 'not':
      return not(judgeRow(filter.field, row));
    default:
      return judgeLeaf(filter, row);
  }
}

function judgeLeaf(filter: Parameters<typeof leafPredicate>[0], row: Row): Truth {
  const predicate = leafPredicate(filter);
  const cell = row.get('dimension' in filter ? filter.dimension : filter.column);
  if (cell === undefined) return predicate.ofText(null);
  switch (cell.type) {
    case 'long':
      return predicate.ofLong(cell.value);
    case 'double':
      return predicate.ofDouble(cell.value);
    case 'float':
      return predicate.ofFloat(cell.value === null ? null : Math.fround(cell.value));
    case 'text': {
      // Any value may match; an empty list is null.
      const values = cell.values.length === 0 ? [null] : cell.values;
      return not(values.map((value) => not(predicate.ofText(value))).reduce(both, true));
    }
  }
}

function not(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

function both(a: Truth, b: Truth): Truth {
  if (a === false || b === false) return false;
  return a === null || b === null ? null : true;
}
