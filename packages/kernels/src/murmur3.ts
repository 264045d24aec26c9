/**
 * MurmurHash3_x64_128 with seed 0, as Guava's `Hashing.murmur3_128()` computes it; Druid hashes the
 * values of its distinct counts by it. Source: Austin Appleby's MurmurHash3.cpp (public domain).
 *
 * 64-bit words are kept as two int32 halves, because BigInt arithmetic allocates. Multiplication
 * leaves its product in `productHigh` and `productLow`, so that no object is made per step.
 */

const c1High = 0x87c37b91 | 0;
const c1Low = 0x114253d5;
const c2High = 0x4cf5ad43;
const c2Low = 0x2745937f;

let productHigh = 0;
let productLow = 0;

/**
 * Hashes bytes[start, end) into `words`: h1 low, h1 high, h2 low, h2 high. Written little-endian one
 * after the other, these are the sixteen bytes of Guava's `HashCode.asBytes()`.
 *
 * @param bytes  read in place, never kept
 * @param words  shape [4], overwritten
 */
export function murmur3Hash128(
  bytes: Uint8Array,
  start: number,
  end: number,
  words: Int32Array,
): void {
  let h1High = 0;
  let h1Low = 0;
  let h2High = 0;
  let h2Low = 0;
  const length = end - start;
  const bodyEnd = start + (length & ~15);
  for (let at = start; at < bodyEnd; at += 16) {
    mixK1(wordAt(bytes, at + 4), wordAt(bytes, at));
    h1High ^= productHigh;
    h1Low ^= productLow;
    // h1 = (rotl(h1, 27) + h2) * 5 + 0x52dce729
    let high = (h1High << 27) | (h1Low >>> 5);
    let low = (h1Low << 27) | (h1High >>> 5);
    let sum = (low >>> 0) + (h2Low >>> 0);
    high = (high + h2High + (sum > 0xffffffff ? 1 : 0)) | 0;
    low = sum | 0;
    timesFivePlus(high, low, 0x52dce729);
    h1High = productHigh;
    h1Low = productLow;

    mixK2(wordAt(bytes, at + 12), wordAt(bytes, at + 8));
    h2High ^= productHigh;
    h2Low ^= productLow;
    // h2 = (rotl(h2, 31) + h1) * 5 + 0x38495ab5
    high = (h2High << 31) | (h2Low >>> 1);
    low = (h2Low << 31) | (h2High >>> 1);
    sum = (low >>> 0) + (h1Low >>> 0);
    high = (high + h1High + (sum > 0xffffffff ? 1 : 0)) | 0;
    low = sum | 0;
    timesFivePlus(high, low, 0x38495ab5);
    h2High = productHigh;
    h2Low = productLow;
  }
  const tail = length & 15;
  if (tail > 8) {
    mixK2(partialWord(bytes, bodyEnd + 12, end), partialWord(bytes, bodyEnd + 8, end));
    h2High ^= productHigh;
    h2Low ^= productLow;
  }
  if (tail > 0) {
    mixK1(partialWord(bytes, bodyEnd + 4, end), partialWord(bytes, bodyEnd, end));
    h1High ^= productHigh;
    h1Low ^= productLow;
  }
  words[0] = h1Low ^ length;
  words[1] = h1High;
  words[2] = h2Low ^ length;
  words[3] = h2High;
  finish(words);
}

/** Adds the halves to each other, avalanches both, and adds them again. */
function finish(words: Int32Array): void {
  addInto(words, 0, 2);
  addInto(words, 2, 0);
  avalanche(words, 0);
  avalanche(words, 2);
  addInto(words, 0, 2);
  addInto(words, 2, 0);
}

/** words[to] += words[from], each a 64-bit number at two places. */
function addInto(words: Int32Array, to: number, from: number): void {
  const sum = (words[to] >>> 0) + (words[from] >>> 0);
  words[to + 1] = words[to + 1] + words[from + 1] + (sum > 0xffffffff ? 1 : 0);
  words[to] = sum;
}

/** The finalizer fmix64: each bit of the input flips each bit of the result with probability 1/2. */
function avalanche(words: Int32Array, at: number): void {
  let low = words[at] ^ (words[at + 1] >>> 1);
  multiply(words[at + 1], low, 0xff51afd7 | 0, 0xed558ccd | 0);
  low = productLow ^ (productHigh >>> 1);
  multiply(productHigh, low, 0xc4ceb9fe | 0, 0x1a85ec53);
  words[at] = productLow ^ (productHigh >>> 1);
  words[at + 1] = productHigh;
}

/** product = rotl(k * c1, 31) * c2 */
function mixK1(high: number, low: number): void {
  multiply(high, low, c1High, c1Low);
  multiply(
    (productHigh << 31) | (productLow >>> 1),
    (productLow << 31) | (productHigh >>> 1),
    c2High,
    c2Low,
  );
}

/** product = rotl(k * c2, 33) * c1; a rotation by 33 swaps the halves and rotates by 1. */
function mixK2(high: number, low: number): void {
  multiply(high, low, c2High, c2Low);
  multiply(
    (productLow << 1) | (productHigh >>> 31),
    (productHigh << 1) | (productLow >>> 31),
    c1High,
    c1Low,
  );
}

/** product = value * 5 + addend, where addend fits 31 bits. */
function timesFivePlus(high: number, low: number, addend: number): void {
  const product = (low >>> 0) * 5 + addend;
  productLow = product | 0;
  productHigh = (Math.imul(high, 5) + Math.floor(product / 0x1_0000_0000)) | 0;
}

/** product = a * b modulo 2^64. */
function multiply(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  const a0 = aLow & 0xffff;
  const a1 = aLow >>> 16;
  const b0 = bLow & 0xffff;
  const b1 = bLow >>> 16;
  const upper = (Math.imul(a1, b0) >>> 0) + (Math.imul(a0, b0) >>> 16);
  const middle = (Math.imul(a0, b1) >>> 0) + (upper & 0xffff);
  productHigh =
    (Math.imul(a1, b1) +
      (upper >>> 16) +
      (middle >>> 16) +
      Math.imul(aHigh, bLow) +
      Math.imul(aLow, bHigh)) |
    0;
  productLow = Math.imul(aLow, bLow);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

/** The word at `at`, whose bytes from `end` on count as zero. */
function partialWord(bytes: Uint8Array, at: number, end: number): number {
  if (at + 4 <= end) return wordAt(bytes, at);
  let word = 0;
  for (let index = at; index < end; index++) word |= bytes[index] << ((index - at) * 8);
  return word;
}
