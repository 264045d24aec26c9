/** Numbers as Java prints them. */
import { describe, expect, it } from 'vitest';
import { doubleText, floatText } from '../src/index.ts';

const doubles: [value: number, text: string][] = [
  [4500, '4500.0'],
  [0, '0.0'],
  [-0, '-0.0'],
  [0.1, '0.1'],
  [509.70396684615383, '509.70396684615383'],
  [0.001, '0.001'],
  [0.0001, '1.0E-4'],
  [0.00012345, '1.2345E-4'],
  [9999999, '9999999.0'],
  [10_000_000, '1.0E7'],
  [-12_345_678.9, '-1.23456789E7'],
  [1e10, '1.0E10'],
  [5e-324, '4.9E-324'],
  [Number.MAX_VALUE, '1.7976931348623157E308'],
  [Number.NaN, 'NaN'],
  [Infinity, 'Infinity'],
  [-Infinity, '-Infinity'],
];

describe('doubleText', () => {
  it.each(doubles)('prints %d as %s', (value, text) => {
    expect(doubleText(value)).toBe(text);
  });
});

const floats: [value: number, text: string][] = [
  [6626.1514, '6626.1514'],
  [Math.fround(135.885094), '135.8851'],
  [0.1, '0.1'],
  [16_777_216, '1.6777216E7'],
  [100, '100.0'],
  [Math.fround(3.4028234663852886e38), '3.4028235E38'],
  [Math.fround(1e-45), '1.4E-45'],
  [Number.NaN, 'NaN'],
];

describe('floatText', () => {
  it.each(floats)('prints %d as %s', (value, text) => {
    expect(floatText(value)).toBe(text);
  });

  it('prints digits that read back as the same float', () => {
    let state = 7;
    const floats = Array.from({ length: 20_000 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return new Float32Array(Uint32Array.of(state).buffer)[0] ?? 0;
    }).filter((float) => Number.isFinite(float));
    expect(floats.filter((float) => Math.fround(Number(floatText(float))) !== float)).toEqual([]);
  });
});
