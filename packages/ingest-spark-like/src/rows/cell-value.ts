/** One cell as the type that a column wants, for JSON values and what expressions give. */
import { doubleText, type ExpressionValue } from '@isotherm/query';
import { WholeDouble } from '../read/input-batch.ts';
import { doubleOfText, longOfBigint, longOfText } from './number-text.ts';

/** Longest text of one value, in UTF-16 units. */
export const maxTextLength = 1 << 20;

/** What a cell is that has no value of the wanted type; reasons name the kind, never the value. */
export class CellFault extends Error {}

/** Text of a value that is no list; null for null. @throws CellFault */
export function textOfCell(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      if (value.length > maxTextLength) throw new CellFault('holds a text of more than 1 MiB');
      if (!value.isWellFormed()) throw new CellFault('holds half of a surrogate pair');
      return value;
    case 'number':
      if (Number.isInteger(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return `${value}`;
      return doubleText(value);
    case 'bigint':
      return value.toString();
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return null;
      if (value instanceof WholeDouble) return doubleText(value.value);
      throw new CellFault(Array.isArray(value) ? 'holds a list in a list' : 'holds an object');
    default:
      return null;
  }
}

/** A finite double; null for null and empty text. @throws CellFault */
export function doubleOfCell(value: unknown): number | null {
  switch (typeof value) {
    case 'number':
      if (Number.isFinite(value)) return value + 0;
      throw new CellFault('holds a number that is not finite');
    case 'bigint':
      return Number(value);
    case 'string': {
      if (value.trim() === '') return null;
      const double = doubleOfText(value);
      if (Number.isNaN(double)) throw new CellFault('holds text that is no finite number');
      return double;
    }
    case 'boolean':
      return value ? 1 : 0;
    case 'object':
      if (value === null) return null;
      if (value instanceof WholeDouble) return value.value;
      throw new CellFault(Array.isArray(value) ? 'holds a list' : 'holds an object');
    default:
      return null;
  }
}

/**
 * A long: a number within ±2^53 or a bigint; null for null and empty text.
 *
 * @param cutsFractions  true for metrics, which cut toward zero as Druid does; false for dimensions
 * @throws CellFault
 */
export function longOfCell(value: unknown, cutsFractions: boolean): number | bigint | null {
  if (typeof value === 'bigint') {
    const long = longOfBigint(value);
    if (long === null) throw new CellFault('holds a whole number beyond 64 bits');
    return long;
  }
  if (typeof value === 'string') {
    if (value.trim() === '') return null;
    const long = longOfText(value);
    if (long !== null) return long;
  }
  const double = doubleOfCell(value);
  if (double === null || Number.isSafeInteger(double)) return double;
  const whole = Math.trunc(double);
  if (whole !== double && !cutsFractions) throw new CellFault('holds a number with a fraction');
  const long = longOfBigint(BigInt(whole));
  if (long === null) throw new CellFault('holds a whole number beyond 64 bits');
  return long;
}

/** A cell as expressions see it: whole JSON numbers are longs, booleans text, objects not there. */
export function expressionValueOf(value: unknown): ExpressionValue {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'string':
    case 'bigint':
      return value;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value instanceof WholeDouble) return value.value;
      return Array.isArray(value) ? value.map(expressionValueOf) : null;
    default:
      return null;
  }
}
