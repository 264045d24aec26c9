/**
 * hyperUnique: the HyperLogLog sketch of Druid's HyperLogLogCollector (Flajolet et al. 2007), kept
 * as one byte per register so that merging is a plain maximum.
 *
 *   registers[offset … offset + 2048)   0 = nothing seen, else the greatest position of a first 1 bit
 *
 * A value is hashed by murmur3_128 over its UTF-8 bytes. With h1 and h2 as the two halves:
 *
 *   bucket    bits 48 … 50 of h2, then its top byte: (byte 14 & 7) << 8 | byte 15
 *   position  1 + the number of trailing zero bits of h1; 64 if h1 is 0
 *
 * Druid keeps a register in four bits above a common offset and only one greater value for the whole
 * sketch, so it forgets the second register that runs over (a few sketches in a hundred). Here
 * nothing is forgotten; where nothing ran over twice, registers and estimates equal Druid's.
 */
import { murmur3Hash128 } from './murmur3.ts';

/** Registers, and bytes, of one sketch in memory. */
export const hyperUniqueRegisterCount = 2048;

/** Steps that four bits can stand above the common offset in Druid's form. */
export const hyperUniqueRange = 15;

/** Positions up to this one have weights whose sums are exact. */
const exactPosition = 42;
const twoToThe64 = 2 ** 64;
const alpha = 0.7213 / (1 + 1.079 / hyperUniqueRegisterCount);
const correction = alpha * hyperUniqueRegisterCount * hyperUniqueRegisterCount;
const lowThreshold = (5 * hyperUniqueRegisterCount) / 2;
const highThreshold = twoToThe64 / 30;

const hash = new Int32Array(4);
let scratch = new Uint8Array(256);
const histogram = new Int32Array(256);
/** 2^-value of each register value. */
const weights = Float64Array.from({ length: 256 }, (_unused, value) => 2 ** -value);

/**
 * Adds a text to the sketch at registers[offset].
 *
 * @param registers  changed in place
 * @param value      hashed as UTF-8; a surrogate without its partner counts as `?`, as in Java
 */
export function addHyperUniqueText(registers: Uint8Array, offset: number, value: string): void {
  const mark = hyperUniqueTextMark(value);
  const at = offset + (mark >>> 8);
  const position = mark & 0xff;
  if (registers[at] < position) registers[at] = position;
}

/** What a text does to a sketch, as `hyperUniqueMark` says it of bytes. */
export function hyperUniqueTextMark(value: string): number {
  const length = value.length;
  if (scratch.length < length * 3) scratch = new Uint8Array(length * 6);
  for (let index = 0; index < length; index++) {
    const unit = value.charCodeAt(index);
    if (unit > 0x7f) return hyperUniqueMark(scratch, 0, encodeFrom(value, index));
    scratch[index] = unit;
  }
  return hyperUniqueMark(scratch, 0, length);
}

/** What the value bytes[start, end) does to a sketch: its register << 8 | its position; never 0. */
export function hyperUniqueMark(bytes: Uint8Array, start: number, end: number): number {
  murmur3Hash128(bytes, start, end, hash);
  const top = hash[3];
  const bucket = (((top >>> 16) & 7) << 8) | (top >>> 24);
  return (bucket << 8) | firstOne(hash[0], hash[1]);
}

/**
 * Estimates the number of distinct values, with Druid's corrections for few and for very many; equal
 * to Druid's to the last bit.
 *
 * The harmonic sum is taken from a histogram of the registers. That is exact, in whatever order, while
 * no position is above 42: all terms are multiples of 2^-42 and their sum is at most 2048 = 2^11, so
 * each partial sum is a whole number of at most 53 bits of such units and no addition rounds. Above
 * that they are added in Druid's order. For few values Druid counts the empty registers, and there it
 * reads the byte of the register that ran over in a way of its own (`miscounted`).
 */
export function estimateHyperUnique(registers: Uint8Array, offset: number): number {
  histogram.fill(0);
  for (let index = offset; index < offset + hyperUniqueRegisterCount; index++) {
    histogram[registers[index]]++;
  }
  let sum = 0;
  let least = 255;
  let greatest = 0;
  for (let value = 255; value >= 0; value--) {
    if (histogram[value] === 0) continue;
    sum += histogram[value] * weights[value];
    least = value;
    if (greatest === 0) greatest = value;
  }
  if (greatest > exactPosition) sum = sumInOrder(registers, offset);
  const raw = correction / sum;
  if (raw <= lowThreshold) {
    let empty = histogram[least];
    if (greatest > least + hyperUniqueRange) {
      empty += miscounted(registers, offset, least, greatest);
    }
    return empty === 0
      ? raw
      : hyperUniqueRegisterCount * Math.log(hyperUniqueRegisterCount / empty);
  }
  if (raw <= highThreshold) return raw;
  const ratio = raw / twoToThe64;
  return ratio >= 1 ? Infinity : -twoToThe64 * Math.log(1 - ratio);
}

/** The harmonic sum as Druid rounds it: the two registers of a byte first, then byte after byte. */
function sumInOrder(registers: Uint8Array, offset: number): number {
  let sum = 0;
  for (let index = offset; index < offset + hyperUniqueRegisterCount; index += 2) {
    sum += weights[registers[index]] + weights[registers[index + 1]];
  }
  return sum;
}

/**
 * Registers that Druid takes for empty beside the one that ran over: in the byte of that register it
 * tests the bits of the whole values, `upper & F0` and `lower & 0F`, not those of the nibbles.
 */
function miscounted(
  registers: Uint8Array,
  offset: number,
  least: number,
  greatest: number,
): number {
  const register = registers.indexOf(greatest, offset) - offset;
  const upper = registers[offset + (register & ~1)];
  const lower = registers[offset + (register | 1)];
  const counted = ((upper & 0xf0) === 0 ? 1 : 0) + ((lower & 0x0f) === 0 ? 1 : 0);
  const real = (upper === least ? 1 : 0) + (lower === least ? 1 : 0);
  return counted - real;
}

/** 1 + trailing zero bits of a 64-bit word in halves; 64 for zero, as Druid's table walk ends. */
function firstOne(low: number, high: number): number {
  if (low !== 0) return 32 - Math.clz32(low & -low);
  return high === 0 ? 64 : 64 - Math.clz32(high & -high);
}

/** Encodes value[index …) as UTF-8 behind the `index` bytes in scratch; returns the end. */
function encodeFrom(value: string, index: number): number {
  let at = index;
  for (let place = index; place < value.length; place++) {
    let code = value.charCodeAt(place);
    if (code < 0x80) {
      scratch[at++] = code;
      continue;
    }
    if (code < 0x800) {
      scratch[at++] = 0xc0 | (code >> 6);
      scratch[at++] = 0x80 | (code & 0x3f);
      continue;
    }
    if (code >= 0xd800 && code <= 0xdfff) {
      const next = value.charCodeAt(place + 1);
      if (code > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) {
        scratch[at++] = 0x3f;
        continue;
      }
      code = 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00);
      place++;
      scratch[at++] = 0xf0 | (code >> 18);
      scratch[at++] = 0x80 | ((code >> 12) & 0x3f);
    } else {
      scratch[at++] = 0xe0 | (code >> 12);
    }
    scratch[at++] = 0x80 | ((code >> 6) & 0x3f);
    scratch[at++] = 0x80 | (code & 0x3f);
  }
  return at;
}
