import { describe, expect, it } from 'vitest';
import { murmur3Hash128 } from '../src/index.ts';

const mask = (1n << 64n) - 1n;
const rotate = (x: bigint, by: bigint) => ((x << by) | (x >> (64n - by))) & mask;

function avalanche(k: bigint): bigint {
  let x = k ^ (k >> 33n);
  x = (x * 0xff51afd7ed558ccdn) & mask;
  x ^= x >> 33n;
  x = (x * 0xc4ceb9fe1a85ec53n) & mask;
  return x ^ (x >> 33n);
}

/** The definition, written with BigInt: slow and plain. */
function reference(bytes: Uint8Array): string {
  const c1 = 0x87c37b91114253d5n;
  const c2 = 0x4cf5ad432745937fn;
  const padded = new Uint8Array(Math.ceil(bytes.length / 16) * 16);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  const wholeBytes = bytes.length & ~15;
  let [h1, h2] = [0n, 0n];
  for (let at = 0; at < padded.length; at += 16) {
    const k1 = (view.getBigUint64(at, true) * c1) & mask;
    const k2 = (view.getBigUint64(at + 8, true) * c2) & mask;
    h1 ^= (rotate(k1, 31n) * c2) & mask;
    if (at < wholeBytes) h1 = ((rotate(h1, 27n) + h2) * 5n + 0x52dce729n) & mask;
    h2 ^= (rotate(k2, 33n) * c1) & mask;
    if (at < wholeBytes) h2 = ((rotate(h2, 31n) + h1) * 5n + 0x38495ab5n) & mask;
  }
  h1 ^= BigInt(bytes.length);
  h2 ^= BigInt(bytes.length);
  h1 = (h1 + h2) & mask;
  h2 = (h2 + h1) & mask;
  h1 = avalanche(h1);
  h2 = avalanche(h2);
  h1 = (h1 + h2) & mask;
  h2 = (h2 + h1) & mask;
  const out = new DataView(new ArrayBuffer(16));
  out.setBigUint64(0, h1, true);
  out.setBigUint64(8, h2, true);
  return Buffer.from(out.buffer).toString('hex');
}

function hashHex(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const words = new Int32Array(4);
  murmur3Hash128(bytes, start, end, words);
  return Buffer.from(words.buffer).toString('hex');
}

describe('murmur3Hash128', () => {
  it.each([
    ['', '00000000000000000000000000000000'],
    ['hello', '029bbd41b3a7d8cb191dae486a901e5b'],
    ['The quick brown fox jumps over the lazy dog', '6c1b07bc7bbc4be347939ac4a93c437a'],
  ])('hashes %j to the bytes that Guava gives', (text, hex) => {
    expect(hashHex(Buffer.from(text))).toBe(hex);
  });

  it('agrees with the definition at every length, at an odd place in a larger buffer', () => {
    const bytes = Uint8Array.from({ length: 100 }, (_unused, index) => (index * 167 + 91) & 0xff);
    for (let length = 0; length <= 70; length++) {
      const part = bytes.slice(7, 7 + length);
      expect([length, hashHex(bytes, 7, 7 + length)]).toEqual([length, reference(part)]);
    }
  });
});
