import { describe, expect, it } from 'vitest';
import { greatestId, neverFalls, postingsFit, withScratch } from '../src/index.ts';
import { inKernelMemory, inPlace } from './placed-arrays.ts';
import { randomValues } from './random-values.ts';

const random = randomValues(20_261_121);
const places = [
  ['in TypeScript', inPlace],
  ['in WebAssembly', inKernelMemory],
] as const;
/** None, one, around a vector's lanes, and beyond a step of the twins. */
const lengths = [0, 1, 3, 4, 5, 15, 16, 17, 33, 40_000];

function randomList(length: number, limit: number): number[] {
  return Array.from({ length }, () => random.below(limit));
}

describe.each(places)('checks %s', (_name, place) => {
  it.each(lengths)('find the greatest of %i ids of any width, wherever it stands', (length) => {
    for (const [make, limit] of [
      [Uint8Array, 256],
      [Uint16Array, 65_536],
      [Uint32Array, 2 ** 32],
    ] as const) {
      const list = randomList(length, limit - 1);
      for (const at of [0, length >> 1, length - 1]) {
        const ids = make.from(list);
        if (at >= 0 && at < length) ids[at] = limit - 1;
        const found = withScratch(() => greatestId(place(ids)));
        expect([make.name, at, found]).toEqual([make.name, at, length === 0 ? 0 : limit - 1]);
      }
      const plain = list.reduce((most, id) => Math.max(most, id), 0);
      expect(withScratch(() => greatestId(place(make.from(list))))).toBe(plain);
    }
  });

  it.each(lengths.filter((length) => length > 0))('see a fall anywhere in %i numbers', (length) => {
    const rising = Int32Array.from({ length }, (_none, i) => (i >> 1) - 5);
    expect(withScratch(() => neverFalls(place(rising)))).toBe(true);
    for (const at of new Set([1, 2, length >> 1, length - 2, length - 1])) {
      if (at < 1 || at >= length) continue;
      const falling = rising.slice();
      falling[at] = rising[at - 1] - 1;
      expect([at, withScratch(() => neverFalls(place(falling)))]).toEqual([at, false]);
    }
    const beyond = Int32Array.of(0, 2 ** 31);
    expect(withScratch(() => neverFalls(place(beyond)))).toBe(false);
  });

  const mark = 0xffff;
  it.each([
    ['no lists', [0], [], 0, true],
    ['an empty list', [0, 0], [], 0, true],
    ['the last row', [0, 2], [3, 6], 10, true],
    ['a row behind the last', [0, 2], [3, 7], 10, false],
    ['a list whose first row is one too many', [0, 1, 2], [9, 10], 10, false],
    ['a far row', [0, 4], [7, mark, 1, 2], 131_081, true],
    ['a far row behind the last', [0, 4], [7, mark, 1, 2], 131_080, false],
    ['rows whose sum leaves 32 bits', [0, 6], [mark, mark, mark, mark, 2, 0], 100, false],
    ['a list that ends before the halves', [0, 1, 4], [mark, 0, 0, 0], 100_000, false],
    ['a list that ends between the halves', [0, 2, 3], [mark, 0, 0], 100_000, false],
    ['a last list that ends before the halves', [0, 2], [1, mark], 70_000, false],
  ])('%s', (_what, offsets, steps, rowCount, fits) => {
    const found = withScratch(() =>
      postingsFit(
        { offsets: place(Uint32Array.from(offsets)), steps: place(Uint16Array.from(steps)) },
        rowCount,
      ),
    );
    expect(found).toBe(fits);
  });
});
