/** Values of the oracle's rows: how they compare and how they read. */
import type { StringOrdering } from '@isotherm/query';

/** Text, a long, or a float or double. */
export type Value = string | bigint | number | null;
/** A row; a multi-value column holds a list. */
export type Row = { readonly __time: number } & Readonly<Record<string, Value | Value[]>>;
/** Types of the columns but `__time`. */
export type Types = Readonly<Record<string, 'string' | 'strings' | 'long' | 'double' | 'float'>>;

/** Plain decimals only: what tests use. */
export function isNumber(text: string): boolean {
  return /^[+-]?\d+(\.\d+)?$/.test(text);
}

/** Nulls first; numbers by value unless an ordering of text is asked for; text that is no number before numbers. */
export function compare(a: Value, b: Value, ordering: StringOrdering | null = null): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  const isText = typeof a === 'string' || typeof b === 'string';
  if (!isText && ordering !== 'lexicographic') return a < b ? -1 : Number(a > b);
  const [left, right] = [numberText(a, false), numberText(b, false)];
  if (ordering === 'numeric' && isNumber(left) && isNumber(right)) {
    return Math.sign(Number(left) - Number(right));
  }
  if (ordering === 'numeric' && isNumber(left) !== isNumber(right)) return isNumber(left) ? 1 : -1;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/** The double that the shortest text of the nearest 32-bit float reads as. */
export function floatNumber(value: number): number {
  const float = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(float.toPrecision(digits));
    if (Math.fround(short) === float) return short;
  }
  return Number(float.toPrecision(9));
}

/** Text as Java writes numbers from 1e-3 to below 1e7. */
export function numberText(value: string | bigint | number, isFloat: boolean): string {
  if (typeof value !== 'number') return String(value);
  const number = isFloat ? floatNumber(value) : value;
  return Number.isInteger(number) ? `${number}.0` : String(number);
}

/** `%` is any text, `_` any character. */
export function likePattern(pattern: string): RegExp {
  const literal = pattern.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${literal.replaceAll('%', '[^]*').replaceAll('_', '[^]')}$`, 'u');
}

/** The values of a row in a column: a list, where an empty one and a missing column are one null. */
export function valuesOf(row: Row, name: string, types: Types): Value[] {
  if (name === '__time') return [BigInt(row.__time)];
  const value = types[name] === undefined ? null : (row[name] ?? null);
  const list = Array.isArray(value) ? value : [value];
  return list.length === 0 ? [null] : list;
}
