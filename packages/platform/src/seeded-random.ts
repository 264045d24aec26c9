/**
 * Chance that repeats: xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2018), whose four state words are filled from the seed by splitmix32.
 */
import type { Random } from './platform.ts';

/** Makes a source that gives the same numbers and ids for the same seed, on any machine. */
export function seededRandom(seed: number): Random {
  const draw = xoshiro128(seed);
  return {
    /** 53 random bits: 27 from one draw, 26 from the next. */
    next: () => ((draw() >>> 5) * 0x400_0000 + (draw() >>> 6)) / 0x20_0000_0000_0000,
    id: () => Array.from({ length: 4 }, () => draw().toString(16).padStart(8, '0')).join(''),
  };
}

function xoshiro128(seed: number): () => number {
  const fill = splitmix32(seed);
  let [a, b, c, d] = [fill(), fill(), fill(), fill()];
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
}

function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e37_79b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0_aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a_2d97);
    return mixed ^ (mixed >>> 15);
  };
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
