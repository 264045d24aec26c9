/**
 * 64-bit integers as decimal digits, two digits at a time from a table. Integers come as the two 32-bit
 * words of a BigInt64Array's place, so that none becomes a bigint unless it lies beyond 2^53.
 */

const twoToThe32 = 2 ** 32;
const hundredMillion = 100_000_000;
const minus = 0x2d;
const zero = 0x30;

/** "00" to "99" as the 16-bit words that little-endian stores write. */
const pairs = Uint16Array.from({ length: 100 }, (_, value) => {
  const [tens, ones] = [Math.floor(value / 10), value % 10];
  return (zero + tens) | ((zero + ones) << 8);
});

/**
 * Writes the integer `high * 2^32 + low`, at most 20 bytes (-9223372036854775808).
 *
 * @param low  the lower word, read as signed
 * @param high the upper word
 * @returns where it ends
 */
export function writeLong(view: DataView, at: number, low: number, high: number): number {
  if (high === 0 && low >= 0) return writeWord(view, at, low);
  const value = high * twoToThe32 + (low >>> 0);
  if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) {
    return writeHuge(view, at, (BigInt(high) << 32n) | BigInt(low >>> 0));
  }
  if (value >= 0) return writeSafe(view, at, value);
  view.setUint8(at, minus);
  return writeSafe(view, at + 1, -value);
}

/** Beyond 2^53 only a bigint has all digits. */
function writeHuge(view: DataView, at: number, value: bigint): number {
  const digits = String(value);
  for (let index = 0; index < digits.length; index++) {
    view.setUint8(at + index, digits.charCodeAt(index));
  }
  return at + digits.length;
}

/** At most 16 digits: what lies above the last eight is below 2^27. */
function writeSafe(view: DataView, at: number, value: number): number {
  if (value < hundredMillion) return writeWord(view, at, value | 0);
  let upper = Math.floor(value / hundredMillion);
  let lower = value - upper * hundredMillion;
  // The quotient was rounded, maybe up to the next integer.
  if (lower < 0) {
    upper -= 1;
    lower += hundredMillion;
  }
  const end = writeWord(view, at, upper | 0);
  const thousands = (lower / 10_000) | 0;
  writeFour(view, end, thousands);
  writeFour(view, end + 4, (lower - thousands * 10_000) | 0);
  return end + 8;
}

/** Four digits, zeros in front. */
function writeFour(view: DataView, at: number, value: number): void {
  const hundreds = (value / 100) | 0;
  view.setUint16(at, pairs[hundreds] ?? 0, true);
  view.setUint16(at + 2, pairs[value - hundreds * 100] ?? 0, true);
}

/** An integer from 0 to 2^31 - 1. */
function writeWord(view: DataView, start: number, value: number): number {
  const end = start + digitCount(value);
  let [at, rest] = [end, value];
  while (rest >= 100) {
    const hundreds = (rest / 100) | 0;
    at -= 2;
    view.setUint16(at, pairs[(rest - hundreds * 100) | 0] ?? 0, true);
    rest = hundreds;
  }
  if (rest >= 10) view.setUint16(at - 2, pairs[rest] ?? 0, true);
  else view.setUint8(at - 1, zero + rest);
  return end;
}

function digitCount(value: number): number {
  if (value < 10_000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1_000 ? 3 : 4;
  if (value < 100_000_000) {
    if (value < 1_000_000) return value < 100_000 ? 5 : 6;
    return value < 10_000_000 ? 7 : 8;
  }
  return value < 1_000_000_000 ? 9 : 10;
}
