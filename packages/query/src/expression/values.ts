/** Conversions between the types of expression values, and how numbers look as text (as in Java). */
import { InvalidInputError } from '@isotherm/errors';
import { doubleText } from '../java-number-text.ts';
import type { ExpressionValue } from './expression.ts';

/** The long 1 or 0. */
export function truth(value: boolean): bigint {
  return value ? 1n : 0n;
}

/** True as Druid sees it: a number other than 0, or the text of `true` or of one. Null is not true. */
export function isTruthy(value: ExpressionValue): boolean {
  if (value === null || Array.isArray(value)) return false;
  if (typeof value === 'string')
    return value.toLowerCase() === 'true' || (asDouble(value) ?? 0) > 0;
  if (typeof value === 'bigint') return value > 0n;
  return typeof value === 'number' && value > 0;
}

/** A number as a double; text that is one is read; null when there is no number. */
export function asDouble(value: ExpressionValue): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return Number(text);
  return /^[+-]?(?:NaN|Infinity)$/.test(text) ? Number(text) : null;
}

/** A number as a long, cut toward zero and held within 64 bits; null when there is no number. */
export function asLong(value: ExpressionValue): bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string' && /^[+-]?\d+$/.test(value)) {
    const exact = BigInt(value.replace(/^\+/, ''));
    return BigInt.asIntN(64, exact) === exact ? exact : null;
  }
  const double = asDouble(value);
  return double === null ? null : longOfDouble(double);
}

/** Java's cast of a double to a long: cut toward zero, NaN to 0, the rest held within 64 bits. */
export function longOfDouble(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= 2 ** 63) return 2n ** 63n - 1n;
  if (value <= -(2 ** 63)) return -(2n ** 63n);
  return BigInt(Math.trunc(value));
}

/** Text of a value; a list looks as in Java, `[a, b]`. */
export function asText(value: ExpressionValue): string | null {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return doubleText(value);
  return `[${value.map((item) => asText(item) ?? 'null').join(', ')}]`;
}

/** Whole division and rest, cut toward zero. @throws InvalidInputError code DIVISION_BY_ZERO */
export function divideLongs(operator: '/' | '%', a: bigint, b: bigint): bigint {
  if (b === 0n) {
    throw new InvalidInputError(
      `An expression divides a whole number by 0. Guard it with safe_divide(a, b) or if(b == 0, …), or write a double such as 1.0.`,
      { code: 'DIVISION_BY_ZERO' },
    );
  }
  return BigInt.asIntN(64, operator === '/' ? a / b : a % b);
}
