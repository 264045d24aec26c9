/**
 * Numbers from the bytes of a text. The common forms (up to 15 digits, a point, no exponent) are read
 * digit by digit: the digits and the power of ten are both exact in a double, so one division rounds
 * right. Everything else goes through JavaScript's own reading.
 */
const decoder = new TextDecoder();

/** Powers of ten that a double holds exactly. */
const powers = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const doublePattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A finite double, or NaN when bytes[start, end) is none. */
export function readDouble(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const isNegative = bytes[at] === 0x2d;
  if (isNegative) at++;
  let digits = 0;
  let fraction = 0;
  let sum = 0;
  let hasPoint = false;
  for (; at < end; at++) {
    const digit = bytes[at] - 0x30;
    if (digit >= 0 && digit <= 9) {
      sum = sum * 10 + digit;
      digits++;
      if (hasPoint) fraction++;
    } else if (digit === -2 && !hasPoint) hasPoint = true;
    else return readSlowly(bytes, start, end);
  }
  if (digits === 0 || digits > 15) return readSlowly(bytes, start, end);
  const value = fraction === 0 ? sum : sum / powers[fraction];
  return isNegative ? 0 - value : value;
}

function readSlowly(bytes: Uint8Array, start: number, end: number): number {
  return doubleOfText(decoder.decode(bytes.subarray(start, end)));
}

/** A finite double, or NaN. */
export function doubleOfText(text: string): number {
  const trimmed = text.trim();
  if (!doublePattern.test(trimmed)) return Number.NaN;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value + 0 : Number.NaN;
}

/** A long: a number within ±2^53, else a bigint; null when the text is no whole number of 64 bits. */
export function longOfText(text: string): number | bigint | null {
  const trimmed = text.trim();
  if (!/^[+-]?\d+$/.test(trimmed)) {
    const value = doubleOfText(trimmed);
    return Number.isSafeInteger(value) ? value : null;
  }
  return longOfBigint(BigInt(trimmed.replace(/^\+/, '')));
}

/** A bigint as a long; null when it leaves 64 bits. */
export function longOfBigint(value: bigint): number | bigint | null {
  if (value >= -maxSafe && value <= maxSafe) return Number(value);
  return BigInt.asIntN(64, value) === value ? value : null;
}

const maxSafe = BigInt(Number.MAX_SAFE_INTEGER);
