import { describe, expect, it } from 'vitest';
import { compareCodePoints } from '../src/index.ts';

const encoder = new TextEncoder();

describe('compareCodePoints', () => {
  const ascending: string[] = [
    '',
    '\0',
    'A',
    'AA',
    'a',
    'z',
    '\u007f',
    '\u0080',
    'é',
    '\u07ff',
    '\u0800',
    '\ud7ff',
    '\ue000',
    '\uff5e',
    '\uffff',
    '\u{10000}',
    '\u{1f600}',
    '\u{1f600}a',
    '\u{10ffff}',
  ];

  it('orders every pair as their UTF-8 bytes are ordered', () => {
    for (const [i, a] of ascending.entries()) {
      for (const [j, b] of ascending.entries()) {
        const byBytes = Buffer.compare(encoder.encode(a), encoder.encode(b));
        expect([a, b, Math.sign(compareCodePoints(a, b))]).toEqual([a, b, Math.sign(byBytes)]);
        expect(Math.sign(compareCodePoints(a, b))).toBe(Math.sign(i - j));
      }
    }
  });

  it('puts a pair of surrogates behind the private area, where `<` does not', () => {
    const [pair, single] = ['\u{1f600}', '\uff5e'];
    expect(pair < single).toBe(true);
    expect(compareCodePoints(pair, single)).toBeGreaterThan(0);
  });
});
