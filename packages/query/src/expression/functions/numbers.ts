/** Functions of numbers. A null argument gives null; texts that are numbers count as doubles. */
import type { ExpressionValue } from '../expression.ts';
import { asDouble, asLong, asText, divideLongs, longOfDouble } from '../values.ts';
import { type FunctionDefinition, eager } from './definition.ts';

/** Functions by name. */
export const numberFunctions: Readonly<Record<string, FunctionDefinition>> = {
  abs: eager(1, 1, ([value]) => {
    if (typeof value === 'bigint') return value < 0n ? BigInt.asIntN(64, -value) : value;
    return ofDouble(value, Math.abs);
  }),
  ceil: eager(1, 1, ([value]) => wholeOr(value, Math.ceil)),
  floor: eager(1, 1, ([value]) => wholeOr(value, Math.floor)),
  round: eager(1, 2, ([value, scale]) => round(value ?? null, scale)),
  sqrt: eager(1, 1, ([value]) => ofDouble(value, Math.sqrt)),
  exp: eager(1, 1, ([value]) => ofDouble(value, Math.exp)),
  log: eager(1, 1, ([value]) => ofDouble(value, Math.log)),
  log10: eager(1, 1, ([value]) => ofDouble(value, Math.log10)),
  pow: eager(2, 2, ([base, exponent]) => {
    const [a, b] = [asDouble(base ?? null), asDouble(exponent ?? null)];
    return a === null || b === null ? null : a ** b;
  }),
  div: eager(2, 2, ([a, b]) => divideWhole(a ?? null, b ?? null)),
  safe_divide: eager(2, 2, ([a, b]) => safeDivide(a ?? null, b ?? null)),
  greatest: eager(0, Infinity, (values) => extreme(values, 1)),
  least: eager(0, Infinity, (values) => extreme(values, -1)),
  max: eager(2, 2, ([a, b]) => extremeNumber(a ?? null, b ?? null, 1)),
  min: eager(2, 2, ([a, b]) => extremeNumber(a ?? null, b ?? null, -1)),
  bitwiseAnd: bitwise((a, b) => a & b),
  bitwiseOr: bitwise((a, b) => a | b),
  bitwiseXor: bitwise((a, b) => a ^ b),
  bitwiseShiftLeft: bitwise((a, b) => a << (b & 63n)),
  bitwiseShiftRight: bitwise((a, b) => a >> (b & 63n)),
};

function ofDouble(
  value: ExpressionValue | undefined,
  apply: (value: number) => number,
): number | null {
  const double = asDouble(value ?? null);
  return double === null ? null : apply(double);
}

function wholeOr(
  value: ExpressionValue | undefined,
  apply: (value: number) => number,
): ExpressionValue {
  return typeof value === 'bigint' ? value : ofDouble(value, apply);
}

/** Rounds half away from zero at `scale` decimal digits; NaN is 0 and the infinities the largest doubles. */
function round(value: ExpressionValue, scale: ExpressionValue | undefined): ExpressionValue {
  if (typeof value !== 'bigint' && typeof value !== 'number') return null;
  const digits = scale === undefined ? 0n : asLong(scale);
  if (digits === null) return null;
  if (typeof value === 'bigint') return digits >= 0n ? value : roundLong(value, -digits);
  if (Number.isNaN(value)) return 0;
  if (!Number.isFinite(value)) return value > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE;
  return roundDecimal(value, Number(digits));
}

function roundLong(value: bigint, zeros: bigint): bigint {
  if (zeros > 19n) return 0n;
  const unit = 10n ** zeros;
  const half = value < 0n ? -unit / 2n : unit / 2n;
  return BigInt.asIntN(64, ((value + half) / unit) * unit);
}

/** Rounds the decimal digits that the double is written with, so that 2.675 becomes 2.68. */
function roundDecimal(value: number, scale: number): number {
  const [digits = '', exponent = '0'] = Math.abs(value).toExponential().split('e');
  const shifted = Math.round(Number(`${digits}e${Number(exponent) + scale}`));
  if (!Number.isFinite(shifted) || Math.abs(scale) > 300) return value;
  return Math.sign(value) * Number(`${shifted}e${-scale}`);
}

function divideWhole(a: ExpressionValue, b: ExpressionValue): ExpressionValue {
  const [left, right] = [asLong(a), asLong(b)];
  return left === null || right === null ? null : divideLongs('/', left, right);
}

function safeDivide(a: ExpressionValue, b: ExpressionValue): ExpressionValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    return b === 0n ? null : divideLongs('/', a, b);
  }
  const [left, right] = [asDouble(a), asDouble(b)];
  if (left === null || right === null || right === 0) return null;
  return Number.isNaN(right) && left === 0 ? 0 : left / right;
}

/** Skips nulls; any text makes all compare as texts, any double as doubles. */
function extreme(values: readonly ExpressionValue[], sign: 1 | -1): ExpressionValue {
  const present = values.filter((value) => value !== null);
  if (present.some((value) => Array.isArray(value))) return null;
  const isText = present.some((value) => typeof value === 'string');
  const isDouble = present.some((value) => typeof value === 'number');
  let best: string | number | bigint | null = null;
  for (const value of present) {
    const candidate = isText ? asText(value) : isDouble ? asDouble(value) : asLong(value);
    if (candidate === null) continue;
    const isBetter = best === null || (sign > 0 ? candidate > best : candidate < best);
    if (isBetter) best = candidate;
  }
  return best;
}

function extremeNumber(a: ExpressionValue, b: ExpressionValue, sign: 1 | -1): ExpressionValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') return (sign > 0 ? a > b : a < b) ? a : b;
  const [left, right] = [asDouble(a), asDouble(b)];
  if (left === null || right === null) return null;
  return sign > 0 ? Math.max(left, right) : Math.min(left, right);
}

/** Two texts have no bits; a text beside a number is read as one. */
function bitwise(apply: (a: bigint, b: bigint) => bigint): FunctionDefinition {
  return eager(2, 2, ([a = null, b = null]) => {
    if (typeof a === 'string' && typeof b === 'string') return null;
    const [left, right] = [wholeOf(a), wholeOf(b)];
    return left === null || right === null ? null : BigInt.asIntN(64, apply(left, right));
  });
}

function wholeOf(value: ExpressionValue): bigint | null {
  if (typeof value === 'bigint') return value;
  const double = asDouble(value);
  return double === null ? null : longOfDouble(double);
}
