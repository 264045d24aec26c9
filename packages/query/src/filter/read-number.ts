/**
 * Numbers out of the texts of filters. Longs are exact: a JavaScript number while it is a safe integer,
 * a bigint beyond, so that both kinds can be members of one set.
 */

/** A long in its normal form: a number if safe, else a bigint. */
export type ExactLong = number | bigint;

const decimalPattern = /^([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?$/;
/** Exponents beyond it are no longs and are compared as doubles. */
const maxExponent = 400;

/** Brings a long into its normal form. */
export function exactLong(value: ExactLong): ExactLong {
  if (typeof value === 'number') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Reads a text such as "10", "10.0" or "1e1" that is exactly a 64-bit integer; else null. */
export function readLong(text: string): ExactLong | null {
  const decimal = readDecimal(text);
  if (decimal === null) return null;
  const value = wholeOf(decimal);
  return value === null || BigInt.asIntN(64, value) !== value ? null : exactLong(value);
}

/** Reads a double as Java does; null when the text is no number. */
export function readDouble(text: string): number | null {
  const trimmed = /^([+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))[fFdD]?$/.exec(
    text,
  );
  return trimmed === null ? null : Number(trimmed[1]);
}

/** A decimal number `unscaled · 10^exponent`. */
interface Decimal {
  readonly unscaled: bigint;
  readonly exponent: number;
  /** The nearest double, for comparing quickly. */
  readonly near: number;
}

/** Reads any decimal number of Java's BigDecimal; null when the text is none. */
export function readDecimal(text: string): Decimal | null {
  const match = decimalPattern.exec(text);
  if (match === null) return null;
  const [, sign = '', digits = '', exponent = '0'] = match;
  const [whole = '', fraction = ''] = digits.split('.');
  return {
    unscaled: BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n),
    exponent: Number(exponent) - fraction.length,
    near: Number(text),
  };
}

/** Compares two decimals exactly, unless an exponent is absurd. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.near !== b.near) return a.near < b.near ? -1 : 1;
  const least = Math.min(a.exponent, b.exponent);
  if (Math.max(a.exponent, b.exponent) - least > maxExponent) return 0;
  const left = a.unscaled * 10n ** BigInt(a.exponent - least);
  const right = b.unscaled * 10n ** BigInt(b.exponent - least);
  return left < right ? -1 : left > right ? 1 : 0;
}

function wholeOf({ unscaled, exponent }: Decimal): bigint | null {
  if (unscaled === 0n) return 0n;
  if (Math.abs(exponent) > maxExponent) return null;
  if (exponent >= 0) return unscaled * 10n ** BigInt(exponent);
  const divisor = 10n ** BigInt(-exponent);
  return unscaled % divisor === 0n ? unscaled / divisor : null;
}
