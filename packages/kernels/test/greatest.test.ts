/** The k-th greatest number in WebAssembly and in its twin, against sorting. */
import { describe, expect, it } from 'vitest';
import { findAtLeast, kthGreatest, withScratch } from '../src/index.ts';
import { type Place, inKernelMemory, inPlace } from './placed-arrays.ts';
import { randomValues } from './random-values.ts';

const random = randomValues(20_260_403);
const extremes = [0n, -1n, 1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, 2n ** 53n + 1n];
const lists: [name: string, values: bigint[]][] = [
  ['one number', [7n]],
  ['equal numbers', [5n, 5n, 5n, 5n]],
  ['ascending numbers', Array.from({ length: 300 }, (_none, i) => BigInt(i))],
  ['descending numbers', Array.from({ length: 300 }, (_none, i) => BigInt(-i))],
  ['extremes', [...extremes, ...extremes.toReversed()]],
  ['few values many times', Array.from({ length: 999 }, () => BigInt(random.below(7)))],
  ['random numbers', Array.from({ length: 4000 }, () => BigInt(random.below(2 ** 31)) - 2n ** 30n)],
];
const places: [name: string, place: Place][] = [
  ['in kernel memory', inKernelMemory],
  ['in ordinary arrays', inPlace],
];

describe.each(places)('numbers %s', (_where, place) => {
  it.each(lists)('are ranked as sorting does: %s', (_name, list) => {
    const sorted = list.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0));
    withScratch(() => {
      const values = place(BigInt64Array.from(list));
      for (const k of new Set([1, 2, 3, 100, list.length])) {
        if (k > list.length) continue;
        const least = sorted[k - 1];
        expect(kthGreatest(values, k)).toBe(least);
        const expected = list.flatMap((value, i) => (value >= least ? [i] : []));
        expect([...findAtLeast(values, least)]).toEqual(expected);
      }
    });
  });

  it('are none of at least more than the greatest', () => {
    withScratch(() => {
      expect(findAtLeast(place(BigInt64Array.of(1n, 2n)), 3n).length).toBe(0);
      expect(findAtLeast(place(new BigInt64Array(0)), 3n).length).toBe(0);
    });
  });
});
