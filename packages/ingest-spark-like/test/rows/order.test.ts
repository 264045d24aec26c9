/** Sorting texts and keys without strings and without comparing, against the plainest way. */
import { seededRandom } from '@isotherm/platform';
import { describe, expect, it } from 'vitest';
import { sortKeys } from '../../src/rows/sort-keys.ts';
import { textAt } from '../../src/rows/sorted-texts.ts';
import { TextDictionary } from '../../src/rows/text-dictionary.ts';
import { sortTextIds } from '../../src/rows/text-order.ts';

function below(random: { next(): number }, limit: number): number {
  return Math.floor(random.next() * limit);
}

/** Distinct texts in a random order. */
function texts(seed: number, count: number, make: (next: (limit: number) => number) => string) {
  const random = seededRandom(seed);
  const made = new Set<string>();
  for (let tries = 0; made.size < count && tries < count * 4; tries++) {
    made.add(make((limit) => below(random, limit)));
  }
  return [...made];
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const kinds: readonly (readonly [string, readonly string[]])[] = [
  ['none', []],
  ['the empty text', ['']],
  ['one', ['a']],
  ['few of all lengths', ['b', '', 'a\0', 'a', 'aaaaaaaaaaaaa', 'aaaaaaaaaaaab', 'aaaaaaaaaaaa']],
  ['few scripts', ['\u{10FFFF}', '\uFFFF', '\uD7FF', 'é', 'e', '\u{1F600}', '\uE000']],
  ['ids of digits', texts(1, 5000, (next) => `6870${String(next(1e8)).padStart(8, '0')}`)],
  ['numbers of any length', texts(2, 5000, (next) => String(next(1e9)))],
  ['long texts that begin alike', texts(3, 3000, (next) => `https://example.org/${next(1e6)}`)],
  [
    'texts that differ behind what keys hold',
    texts(4, 3000, (next) => `${next(3)}${'x'.repeat(next(20))}${next(1e6)}`),
  ],
  [
    'any code points and zeros behind',
    texts(5, 4000, (next) =>
      Array.from({ length: next(8) }, () =>
        String.fromCodePoint(
          [next(3), 0x60 + next(30), 0x4e00 + next(99), 0x1f600 + next(9)][next(4)] ?? 0,
        ),
      ).join(''),
    ),
  ],
];

describe('texts of a dictionary', () => {
  it.each(kinds)('are sorted by their bytes: %s', (_name, values) => {
    const dictionary = new TextDictionary();
    for (const value of values) dictionary.idOfText(value);
    const sorted = dictionary.takeTexts(sortTextIds(dictionary));
    const found = Array.from({ length: dictionary.size - 1 }, (_, place) =>
      textAt(sorted, place + 1),
    );
    expect(found).toEqual([...values].sort(byBytes));
  });

  it.each(kinds)(
    'keep their ids, also in another dictionary and after it was cleared: %s',
    (_name, values) => {
      const dictionary = new TextDictionary();
      const ids = values.map((value) => dictionary.idOfText(value));
      expect(ids).toEqual(values.map((_, place) => place + 1));
      expect(values.map((value) => dictionary.idOfText(value))).toEqual(ids);
      const other = new TextDictionary();
      other.idOfText('only here');
      const taken = dictionary.takeTexts(Uint32Array.from(ids));
      for (let round = 0; round < 2; round++) {
        const inOther = other.encodeTexts(taken);
        expect(values.map((value) => other.idOfText(value))).toEqual([...inOther.subarray(1)]);
        other.clear();
      }
    },
  );

  it('are found by their words, whatever lies behind their ends', () => {
    const dictionary = new TextDictionary();
    const words = new Int32Array(16).fill(-1);
    const bytes = new Uint8Array(words.buffer);
    ['', 'abc', 'abcdefghijkl', 'abcdefghijklm'].forEach((text, row) => {
      words[row * 4] = text.length;
      new TextEncoder().encodeInto(text.slice(0, 12), bytes.subarray(row * 16 + 4));
    });
    const ids = new Uint32Array(4);
    expect(dictionary.encodeWords(words, Uint8Array.of(1, 1, 1, 1), ids)).toBe(1);
    const known = ['', 'abc', 'abcdefghijkl'].map((text) => dictionary.idOfText(text));
    expect([...ids]).toEqual([...known, 0]);
    expect(dictionary.encodeWords(words, Uint8Array.of(0, 1, 0, 0), ids)).toBe(0);
    expect(dictionary.size).toBe(4);
  });
});

describe('rows by their keys', () => {
  it.each([
    [0, [3]],
    [1, [3]],
    [40, [2, 2]],
    [5000, [4000, 3, 2]],
    [5000, [3, 60, 100_000]],
    [5000, [1, 2, 1, 4, 5000]],
    [70_000, [70_000, 9]],
  ])('%i rows, keys below %j', (rowCount, sizes) => {
    const random = seededRandom(rowCount + sizes.length);
    const width = sizes.length;
    const keys = Uint32Array.from({ length: rowCount * width }, (_, at) =>
      // Squared, so that small keys have many rows.
      Math.floor(random.next() ** 2 * (sizes[at % width] ?? 1)),
    );
    const keysOf = (row: number): number[] => [...keys.subarray(row * width, (row + 1) * width)];
    const compare = (a: readonly number[], b: readonly number[]): number => {
      const place = a.findIndex((key, at) => key !== b[at]);
      return place < 0 ? 0 : (a[place] ?? 0) - (b[place] ?? 0);
    };
    const order = Uint32Array.from({ length: rowCount }, (_, row) => row);
    sortKeys(order, keys, sizes);
    expect(order.toSorted()).toEqual(Uint32Array.from({ length: rowCount }, (_, row) => row));
    const expected = Array.from({ length: rowCount }, (_, row) => keysOf(row)).sort(compare);
    expect(Array.from(order, keysOf)).toEqual(expected);
  });
});
