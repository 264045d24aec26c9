/** Kernels over rows and texts: against their twins in TypeScript, and those against the plainest loop. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Batch, BitsJoin } from '../src/index.ts';
import {
  andBits,
  findTexts,
  joinBits,
  listPostings,
  markPostings,
  orBits,
  replaceBits,
  sampleBytes,
  sampleTexts,
  selectRows,
  setBytes,
  takeRanges,
  testBetween,
  testIdSet,
  testLists,
  testRun,
  testSorted,
  testValidity,
  withScratch,
  wordsOf,
} from '../src/index.ts';
import { type Place, inKernelMemory, inPlace } from './placed-arrays.ts';
import { randomValues } from './random-values.ts';

const random = randomValues(20_260_401);
const rowCount = 1000;

const batches: [name: string, start: number, count: number, rows: number[] | null][] = [
  ['no rows', 0, 0, null],
  ['one row', 0, 1, null],
  ['the last row', rowCount - 1, 1, null],
  ['a row less than a word', 0, 31, null],
  ['a word', 0, 32, null],
  ['a row more than a word, from an odd start', 13, 33, null],
  ['all rows', 0, rowCount, null],
  ['no selected rows', 0, 0, []],
  ['selected rows', 0, 5, [2, 3, 7, 400, 999]],
  ['repeated rows', 0, 4, [9, 9, 10, 9]],
  ['many selected rows', 0, 700, randomList(700, rowCount)],
];
const joins: [string, BitsJoin][] = [
  ['replaced', replaceBits],
  ['and', andBits],
  ['or', orBits],
];
const places: [string, Place][] = [
  ['the twin', inPlace],
  ['the kernel', inKernelMemory],
];

function randomList(length: number, limit: number): number[] {
  return Array.from({ length }, () => random.below(limit));
}

/** What a test should leave, by the plainest loop. */
function expected(
  batch: Batch,
  before: Uint32Array,
  how: BitsJoin,
  holds: (row: number) => boolean,
) {
  return Array.from({ length: batch.count }, (_none, i) => {
    const was = ((before[i >>> 5] ?? 0) >>> (i & 31)) & 1;
    const is = Number(holds(batch.rows === null ? batch.start + i : (batch.rows[i] ?? 0)));
    return how === replaceBits ? is : how === andBits ? was & is : was | is;
  });
}

/** The bits of a batch, and how many there are in the words. */
function bitsOf(bits: Uint32Array, count: number): { bits: number[]; total: number } {
  const list = Array.from({ length: count }, (_none, i) => (bits[i >>> 5] >>> (i & 31)) & 1);
  const total = Array.from(bits, (word) => word.toString(2).replaceAll('0', '').length);
  return { bits: list, total: total.reduce((sum, each) => sum + each, 0) };
}

/** Runs a test in every place and with every join; gives the names of what differs. */
function mistakes(
  given: (typeof batches)[number],
  holds: (row: number) => boolean,
  test: (batch: Batch, bits: Uint32Array, how: BitsJoin, place: Place) => void,
): string[] {
  const [, start, count, rows] = given;
  const wrong: string[] = [];
  for (const [placeName, place] of places) {
    for (const [joinName, how] of joins) {
      const before = new Uint32Array(wordsOf(count));
      for (let i = 0; i < count; i++) before[i >>> 5] |= random.below(2) << (i & 31);
      withScratch(() => {
        const batch = { start, count, rows: rows === null ? null : place(Uint32Array.from(rows)) };
        const bits = place(before.slice());
        test(batch, bits, how, place);
        const wanted = expected(batch, before, how, holds);
        const total = wanted.reduce((sum, bit) => sum + bit, 0);
        if (!isDeepStrictEqual(bitsOf(bits, count), { bits: wanted, total })) {
          wrong.push(`${placeName}, ${joinName}`);
        }
      });
    }
  }
  return wrong;
}

const idColumns = [
  Uint8Array.from(randomList(rowCount, 256)),
  Uint16Array.from(randomList(rowCount, 65_536)),
  Uint32Array.from(randomList(rowCount, 300_000)),
];

const integers = [
  ...idColumns,
  Int8Array.from(randomList(rowCount, 256), (value) => value - 128),
  Int16Array.from(randomList(rowCount, 65_536), (value) => value - 32_768),
  Int32Array.from(randomList(rowCount, 4_294_967_295), (value) => value - 2_147_483_648),
];

const special = [Number.NaN, Infinity, -Infinity, 0, -0, 1e300, -2.5];
const wides = [
  Float64Array.from(randomList(rowCount, 1000), (value, i) => special[i % 20] ?? value / 3),
  Float32Array.from(randomList(rowCount, 1000), (value, i) => special[i % 20] ?? value / 3),
  BigInt64Array.from(randomList(rowCount, 1000), (value, i) =>
    i % 50 === 0 ? 2n ** 63n - 1n : BigInt(value) - 500n,
  ),
];

describe.each(batches)('%s', (...given) => {
  it.each([1, 2, 3])('are tested against a set of one id in %d', (chance) => {
    for (const ids of idColumns) {
      const size =
        2 ** (8 * Math.min(ids.BYTES_PER_ELEMENT, 2)) * (ids.BYTES_PER_ELEMENT === 4 ? 5 : 1);
      const set = new Uint8Array(setBytes(size));
      for (let id = 0; id < size; id++)
        set[id >>> 3] |= Number(random.below(chance) === 0) << (id & 7);
      const holds = (row: number) => ((set[ids[row] >>> 3] >>> (ids[row] & 7)) & 1) === 1;
      expect(
        mistakes(given, holds, (batch, bits, how, place) => {
          testIdSet(place(ids), batch, place(set), bits, how);
        }),
      ).toEqual([]);
    }
  });

  it('are tested against runs of integers of every width, and against what lies outside', () => {
    for (const values of integers) {
      for (const span of [0, 1, 100, 30_000]) {
        const low = values[random.below(rowCount)];
        const highest = 2 ** (8 * values.BYTES_PER_ELEMENT) - 1;
        const last = Math.min(span, highest);
        const least =
          values[0] === undefined || values.constructor.name.startsWith('U')
            ? 0
            : -(highest + 1) / 2;
        const wrapped = (value: number) => (value - least) % (highest + 1);
        const holds = (row: number) =>
          (wrapped(values[row]) - wrapped(low) + highest + 1) % (highest + 1) <= last;
        expect(
          mistakes(given, holds, (batch, bits, how, place) => {
            testRun(place(values), batch, { low, last }, bits, how);
          }),
        ).toEqual([]);
        const outside = { low: low + last + 1, last: highest - last - 1 };
        if (outside.last < 0) continue;
        expect(
          mistakes(
            given,
            (row) => !holds(row),
            (batch, bits, how, place) => {
              testRun(place(values), batch, outside, bits, how);
            },
          ),
        ).toEqual([]);
      }
    }
  });

  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('are tested as doubles, outside %s, flipped %s', (outside, flip) => {
    const [low, high] = [-2.5, 100];
    for (const values of wides) {
      const holds = (row: number) => {
        const value = Number(values[row]);
        return (outside ? value < low || value > high : value >= low && value <= high) !== flip;
      };
      expect(
        mistakes(given, holds, (batch, bits, how, place) => {
          testBetween(place(values), batch, { low, high, outside, flip }, bits, how);
        }),
      ).toEqual([]);
    }
  });

  it.each([1, 2, 7, 64])('are looked for among %d numbers', (length) => {
    for (const values of [...integers, ...wides]) {
      const members = new Set(Array.from({ length }, () => Number(values[random.below(rowCount)])));
      members.delete(Number.NaN);
      members.add(3);
      const sorted = Float64Array.from(members).sort();
      for (const flip of [false, true]) {
        expect(
          mistakes(
            given,
            (row) => members.has(Number(values[row])) !== flip,
            (batch, bits, how, place) => {
              testSorted(place(values), batch, { sorted: place(sorted), flip }, bits, how);
            },
          ),
        ).toEqual([]);
      }
    }
  });

  it.each([true, false])('are tested for having a value: %s', (wanted) => {
    const validity = Uint8Array.from(randomList((rowCount + 7) >> 3, 256));
    const holds = (row: number) => (((validity[row >> 3] >> (row & 7)) & 1) === 1) === wanted;
    expect(
      mistakes(given, holds, (batch, bits, how, place) => {
        testValidity(place(validity), batch, wanted, bits, how);
      }),
    ).toEqual([]);
  });

  it.each([
    [true, false],
    [true, true],
    [false, true],
  ])('are tested as lists, any %s, empty ones %s', (any, emptyHolds) => {
    const lengths = randomList(rowCount, 4);
    const offsets = new Int32Array(rowCount + 1);
    for (const [row, length] of lengths.entries()) offsets[row + 1] = offsets[row] + length;
    const ids = Uint8Array.from(randomList(offsets[rowCount], 9));
    const set = new Uint8Array(setBytes(9)).fill(0b0010_0100, 0, 1);
    const holds = (row: number) => {
      const list = [...ids.subarray(offsets[row], offsets[row + 1])];
      if (list.length === 0) return emptyHolds;
      return list.some((id) => id === 2 || id === 5) === any;
    };
    expect(
      mistakes(given, holds, (batch, bits, how) => {
        testLists({ offsets, ids }, batch, { set, any, emptyHolds }, bits, how);
      }),
    ).toEqual([]);
  });

  it.each([0, 1, 2, 5, 32])('are selected, %d of 32', (chance) => {
    const [, start, count, list] = given;
    const bits = new Uint32Array(wordsOf(count));
    for (let i = 0; i < count; i++) bits[i >>> 5] |= Number(random.below(32) < chance) << (i & 31);
    const rows = list === null ? null : Uint32Array.from(list);
    const wanted = Array.from({ length: count }, (_none, i) => i)
      .filter((i) => ((bits[i >>> 5] >>> (i & 31)) & 1) === 1)
      .map((i) => (rows === null ? start + i : rows[i]));
    for (const [, place] of places) {
      withScratch(() => {
        const out = rows === null ? place(new Uint32Array(count)) : place(rows.slice());
        const batch = { start, count, rows: rows === null ? null : out };
        const found = selectRows(place(bits), batch, out);
        expect([...out.subarray(0, found)]).toEqual(wanted);
      });
    }
  });
});

it('joins bits', () => {
  const [a, b] = [Uint32Array.of(0b1100, 7), Uint32Array.of(0b1010, 9)];
  joinBits(a, b, 4, andBits);
  expect([...a]).toEqual([0b1000, 7]);
  joinBits(a, b, 33, orBits);
  expect([...a]).toEqual([0b1010, 15]);
});

describe('rows of ranges', () => {
  const ranges = [
    [3, 4],
    [10, 75],
    [200, 201],
    [400, 1000],
  ];
  const all = ranges.flatMap(([start = 0, end = 0]) =>
    Array.from({ length: end - start }, (_none, i) => start + i),
  );
  const runs = (place: Place) => ({
    count: ranges.length,
    starts: place(Uint32Array.from(ranges, ([start = 0]) => start)),
    ends: place(Uint32Array.from(ranges, ([, end = 0]) => end)),
  });
  it.each([1, 2, 64, 667, 2000])('are taken %d at a time', (room) => {
    for (const [, place] of places) {
      withScratch(() => {
        const [cursor, out] = [place(new Uint32Array(3)), place(new Uint32Array(room))];
        const taken: number[] = [];
        for (;;) {
          const found = takeRanges(runs(place), cursor, room, null, out);
          expect(cursor[2]).toBe(found);
          if (found === 0) break;
          taken.push(...out.subarray(0, found));
        }
        expect(taken).toEqual(all);
      });
    }
  });
  it('are tested while they are taken', () => {
    for (const ids of idColumns) {
      for (const [low, most] of [
        [0, 100],
        [17, 0],
        [100, 60_000],
      ] as const) {
        const last = Math.min(most, 2 ** (8 * ids.BYTES_PER_ELEMENT) - 1 - low);
        for (const [, place] of places) {
          withScratch(() => {
            const [cursor, out] = [place(new Uint32Array(3)), place(new Uint32Array(100))];
            const taken: number[] = [];
            do {
              const test = { ids: place(ids), low, last };
              const found = takeRanges(runs(place), cursor, 100, test, out);
              taken.push(...out.subarray(0, found));
            } while (cursor[2] > 0);
            expect(taken).toEqual(all.filter((row) => ids[row] >= low && ids[row] <= low + last));
          });
        }
      }
    }
  });
});

describe('posting lists', () => {
  const mark = 0xffff;
  // 0, 99 · 31, 65,629 · none · 5, 31, 32, 65,567 · 65,535 · 65,534
  const steps = [0, 99, 31, mark, 65_598 & mark, 1, 5, 26, 1, mark, mark, 0, mark, mark, 0, 65_534];
  const offsets = Uint32Array.of(0, 2, 6, 6, 12, 15, 16);

  it('are marked as bits', () => {
    for (const [, place] of places) {
      withScratch(() => {
        const bits = place(new Uint32Array(2060));
        const starts = place(Uint32Array.of(0, 3));
        const ends = place(Uint32Array.of(2, 6));
        const index = { offsets: place(offsets), steps: place(Uint16Array.from(steps)) };
        markPostings(index, { count: 2, starts, ends }, bits);
        const batch = { start: 0, count: 65_920, rows: null };
        const out = new Uint32Array(9);
        const found = selectRows(bits.slice(), batch, out);
        expect([found, ...out]).toEqual([9, 0, 5, 31, 32, 99, 65_534, 65_535, 65_567, 65_629]);
      });
    }
  });

  it('are listed one by one', () => {
    const index = { offsets, steps: Uint16Array.from(steps) };
    const lists = Array.from({ length: 6 }, (_none, id) => {
      const out = new Uint32Array(6);
      return [...out.subarray(0, listPostings(index, id, out))];
    });
    expect(lists).toEqual([[0, 99], [31, 65_629], [], [5, 31, 32, 65_567], [65_535], [65_534]]);
  });
});

describe('texts in a dictionary', () => {
  const bytesOf = (texts: readonly string[]) => {
    const offsets = new Int32Array(texts.length + 1);
    for (const [i, text] of texts.entries()) offsets[i + 1] = offsets[i] + Buffer.byteLength(text);
    return { offsets, bytes: new Uint8Array(Buffer.from(texts.join(''))) };
  };
  const sorted = (texts: Iterable<string>) =>
    [...new Set(texts)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  /** Texts that share beginnings, are beginnings of others, or hold bytes above 127 and zeros. */
  const randomText = () =>
    Array.from(
      { length: random.below(12) },
      () => ['a', 'b', '\0', 'é', '😀', 'abcdefgh'][random.below(6)],
    ).join('');

  it.each([
    [1, 1],
    [16, 16],
    [17, 40],
    [500, 3],
    [500, 400],
    [3, 500],
  ])('%d of them, %d looked for', (dictionarySize, textCount) => {
    for (const shared of ['', 'shared by all ']) {
      const made = Array.from({ length: dictionarySize }, () => shared + randomText());
      const dictionary = sorted(made);
      const first = random.below(dictionary.length);
      const [least, greatest] = [dictionary[first], dictionary.at(-1)];
      const known = Array.from({ length: textCount }, () => made[random.below(made.length)] ?? '');
      const texts = sorted([...known, ...known.map((text) => `${text}${randomText()}`)]).filter(
        (text) =>
          sorted([least ?? '', text, greatest ?? '']).at(0) === least &&
          sorted([text, greatest ?? '']).at(-1) === greatest,
      );
      const wanted = texts.map((text) => dictionary.indexOf(text)).filter((id) => id >= 0);
      for (const [, place] of places) {
        withScratch(() => {
          const [entries, list] = [bytesOf(dictionary), bytesOf(texts)];
          const side = {
            offsets: place(entries.offsets),
            bytes: place(entries.bytes),
            first,
            size: dictionary.length,
          };
          const samples = place(new Uint8Array(sampleBytes(side)));
          sampleTexts(side, samples);
          const found = findTexts(
            { ...side, samples },
            { offsets: place(list.offsets), bytes: place(list.bytes) },
            {
              starts: place(new Uint32Array(texts.length)),
              ends: place(new Uint32Array(texts.length)),
            },
          );
          const ids: number[] = [];
          for (let run = 0; run < found.count; run++) {
            expect(found.starts[run]).toBeGreaterThan(run === 0 ? -1 : found.ends[run - 1]);
            for (let id = found.starts[run]; id < found.ends[run]; id++) ids.push(id);
          }
          expect(ids).toEqual(wanted);
        });
      }
    }
  });
});
