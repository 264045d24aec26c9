/**
 * Numbers as Java prints them, because Druid's answers, text comparisons and texts of numeric
 * dimensions all hang on it: the shortest digits that read back as the same number, as a plain decimal
 * from 1e-3 to below 1e7, else with an exponent; always with a fraction.
 *
 *   4500 → 4500.0      10000000000 → 1.0E10      0.0001 → 1.0E-4
 */

/** Writes a double; non-finite ones as NaN, Infinity and -Infinity. */
export function doubleText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) {
    const text = String(value);
    return Number.isInteger(value) ? `${text}.0` : text;
  }
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  if (!Number.isFinite(value)) return String(value);
  const shortest = value.toExponential();
  // Java prints at least two digits, and of all that read back as the number takes the nearest.
  const [digits = '', exponent = ''] = (
    shortest.includes('.') ? shortest : value.toExponential(1)
  ).split('e');
  return `${digits}E${Number(exponent)}`;
}

/** Writes a number that is held in a double as the 32-bit float that it rounds to. */
export function floatText(value: number): string {
  return doubleText(shortestOfFloat(Math.fround(value)));
}

/** Below it floats have fewer digits than the six that every normal float keeps. */
const minNormalFloat = 2 ** -126;

/** The double with the fewest digits among those that round to `float`. */
function shortestOfFloat(float: number): number {
  if (!Number.isFinite(float) || float === 0) return float;
  for (let digits = Math.abs(float) < minNormalFloat ? 2 : 6; digits < 9; digits++) {
    const candidate = Number(float.toPrecision(digits));
    if (Math.fround(candidate) === float) return candidate;
  }
  return Number(float.toPrecision(9));
}
