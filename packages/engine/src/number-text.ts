/**
 * Text read as numbers by Java's rules, because Druid's answers hang on it: text that is summed or
 * that a dimension asks for as a number.
 */

const decimalPattern = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const integerPattern = /^[+-]?\d+$/;
/** The ends of 64-bit integers. */
export const leastLong = -(1n << 63n);
/** The ends of 64-bit integers. */
export const greatestLong = (1n << 63n) - 1n;

/** Parses a double; null for text that is none. */
export function parseDouble(text: string): number | null {
  if (decimalPattern.test(text)) return Number(text);
  if (text === 'NaN') return Number.NaN;
  if (/^[+-]?Infinity$/.test(text)) return Number(text);
  return null;
}

/** Parses a long for an aggregator: a decimal is cut toward zero; null for text that is no number. */
export function parseLong(text: string): bigint | null {
  if (integerPattern.test(text)) {
    const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
    if (value >= leastLong && value <= greatestLong) return value;
  }
  const value = parseDouble(text);
  return value === null ? null : doubleToLong(value);
}

/** Parses a long for a dimension: only a whole number within 64 bits is one, as in `10`, `10.0` or `1e1`. */
export function parseExactLong(text: string): bigint | null {
  if (/[eE]/.test(text) && decimalPattern.test(text)) {
    const value = Number(text);
    return Number.isSafeInteger(value) ? BigInt(value) : null;
  }
  const whole = text.replace(/\.0*$/, '');
  if (!integerPattern.test(whole)) return null;
  const value = BigInt(whole.startsWith('+') ? whole.slice(1) : whole);
  return value >= leastLong && value <= greatestLong ? value : null;
}

/** Casts a double as Java does: toward zero, held within 64 bits, not-a-number to 0. */
export function doubleToLong(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= 9223372036854775808) return greatestLong;
  if (value <= -9223372036854775808) return leastLong;
  return BigInt(Math.trunc(value));
}
