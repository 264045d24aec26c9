/** Every kernel in WebAssembly against its twin in TypeScript: the same loop over ordinary arrays. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Batch, IntegerArray } from '../src/index.ts';
import {
  addDenseKeys,
  addIntegerSums,
  addMappedKeys,
  addRunSums,
  addWideColumnKeys,
  assignDenseSlots,
  assignHashSlots,
  countSlots,
  findCounted,
  findUsedSlots,
  foldSums,
  isInKernelMemory,
  joinIds,
  makeDenseSlots,
  makeHashSlots,
  mapIds,
  markSlots,
  pickRowCounts,
  pickSums,
  planSumLayout,
  readIds,
  splitKeys,
  splitWideKeys,
  withScratch,
} from '../src/index.ts';
import { type AnyArray, type Place, inKernelMemory, inPlace } from './placed-arrays.ts';
import { randomValues } from './random-values.ts';

const random = randomValues(20_260_301);
const rowCount = 1000;

/** Batches of a column: none, one row, around a vector's length, odd starts, all, selections. */
const batches: [name: string, start: number, count: number, rows: number[] | null][] = [
  ['no rows', 0, 0, null],
  ['one row', 0, 1, null],
  ['the last row', rowCount - 1, 1, null],
  ['a row less than a vector', 0, 15, null],
  ['a vector', 0, 16, null],
  ['a row more than a vector, from an odd start', 13, 17, null],
  ['all rows', 0, rowCount, null],
  ['no selected rows', 0, 0, []],
  ['selected rows', 0, 5, [2, 3, 7, 400, 999]],
  ['repeated rows', 0, 4, [9, 9, 10, 9]],
  ['many selected rows', 0, 700, randomList(700, rowCount)],
];

function randomList(length: number, limit: number): number[] {
  return Array.from({ length }, () => random.below(limit));
}

const ids = {
  uint8: (limit: number) => Uint8Array.from(randomList(rowCount, Math.min(limit, 256))),
  uint16: (limit: number) => Uint16Array.from(randomList(rowCount, Math.min(limit, 65_536))),
  uint32: (limit: number) => Uint32Array.from(randomList(rowCount, limit)),
};
const idWidths = ['uint8', 'uint16', 'uint32'] as const;

/** Runs a loop on ordinary arrays and in kernel memory; gives what the two left where it differs. */
function disagreements(run: (place: Place) => AnyArray[]): [plain: AnyArray, placed: AnyArray][] {
  const plain = run(inPlace).map((array) => array.slice());
  const placed = withScratch(() => run(inKernelMemory).map((array) => array.slice()));
  const pairs = plain.map((array, i): [AnyArray, AnyArray] => [
    array,
    placed[i] ?? new Uint8Array(0),
  ]);
  return pairs.filter(([array, other]) => !isDeepStrictEqual(array, other));
}

function batchOf([, start, count, rows]: (typeof batches)[number], place: Place): Batch {
  return { start, count, rows: rows === null ? null : place(Uint32Array.from(rows)) };
}

describe.each(batches)('%s', (...given) => {
  const [, , count] = given;

  it.each(idWidths)('reads %s ids', (width) => {
    const column = ids[width](4_000_000_000);
    expect(
      disagreements((place) => {
        const out = place(new Uint32Array(count));
        const moved = place(new Uint32Array(count));
        readIds(place(column), batchOf(given, place), out);
        readIds(place(column), batchOf(given, place), moved, 70_000);
        return [out, moved];
      }),
    ).toEqual([]);
  });

  it.each(idWidths)('adds %s ids to keys, plain and looked up', (width) => {
    const column = ids[width](300);
    const table = Uint32Array.from(randomList(300, 1000));
    const before = Uint32Array.from(randomList(count, 5000));
    expect(
      disagreements((place) => {
        const [plain, mapped] = [place(before.slice()), place(before.slice())];
        addDenseKeys(place(column), batchOf(given, place), 70_001, plain, 13);
        addMappedKeys(place(column), batchOf(given, place), place(table), 7, mapped);
        const wide = place(new Float64Array(count).fill(3));
        const mean = { table: null, plus: 5, stride: 1e9 };
        addWideColumnKeys(place(column), batchOf(given, place), mean, wide);
        const other = { table: place(table), plus: 0, stride: 300 };
        addWideColumnKeys(place(column), batchOf(given, place), other, wide);
        return [plain, mapped, wide];
      }),
    ).toEqual([]);
  });

  it.each([
    ['bytes', [60, 5, 12], 3600],
    ['bytes up to the greatest key', [256, 64, 4], 65_536],
    ['bytes past it', [256, 256, 2], 131_072],
    ['two bytes', [200, 7], 1400],
    ['one byte', [200], 200],
    ['four columns', [60, 5, 12, 3], 10_800],
    ['a byte and wider columns', [60, 300, 3], 54_000],
    ['wider columns', [300, 70_000], 21_000_000],
  ])('joins ids of columns to keys: %s', (_name, sizes, keyCount) => {
    const columns = sizes.map((size) =>
      size <= 256 ? ids.uint8(size) : size <= 65_536 ? ids.uint16(size) : ids.uint32(size),
    );
    const strides = sizes.map((_size, i) => sizes.slice(0, i).reduce((a, b) => a * b, 1));
    const [, start, , rows] = given;
    const expected = Uint32Array.from({ length: count }, (_none, i) => {
      const row = rows === null ? start + i : (rows[i] ?? 0);
      return columns.reduce((key, column, at) => key + (column[row] ?? 0) * (strides[at] ?? 0), 0);
    });
    const join = (place: Place): Uint32Array => {
      const keys = place(new Uint32Array(count));
      const joined = columns.map((column, i) => ({ ids: place(column), stride: strides[i] ?? 1 }));
      joinIds(joined, keyCount, batchOf(given, place), keys);
      return keys;
    };
    expect(join(inPlace)).toEqual(expected);
    expect(withScratch(() => join(inKernelMemory).slice())).toEqual(expected);
  });

  it('counts and marks slots', () => {
    const slots = Uint32Array.from(randomList(count, 50));
    expect(
      disagreements((place) => {
        const [counts, marks] = [place(new Uint32Array(50)), place(new Uint32Array(50))];
        countSlots(place(slots), count, counts);
        markSlots(place(slots), count, marks);
        const used = place(new Uint32Array(50));
        return [counts, marks, used.subarray(0, findCounted(counts, 50, used))];
      }),
    ).toEqual([]);
  });

  it.each(layouts)(
    'sums %d columns of every width into slots %s',
    (columnCount, _name, options) => {
      const layout = planSumLayout(columnCount, options);
      const slots = Uint32Array.from(randomList(count, 9));
      const isCounted = options.rowBits !== null;
      const isPacked = layout.counter?.lane === 0;
      for (const columns of columnsOf(columnCount, isPacked)) {
        expect(
          disagreements((place) => {
            const sums = place(new BigInt64Array(9 * layout.lanes));
            const placed = columns.map((column) => place(column));
            addIntegerSums(layout, placed, batchOf(given, place), place(slots), sums);
            const some = place(Uint32Array.of(8, 0, 3));
            const picked = columns.map(() => place(new BigInt64Array(3)));
            for (const [i, out] of picked.entries()) pickSums(layout, sums, i, some, out);
            if (!isCounted) return [sums, ...picked];
            const [used, rows] = [place(new Uint32Array(9)), place(new BigInt64Array(3))];
            pickRowCounts(layout, sums, some, rows);
            return [sums, ...picked, rows, used.subarray(0, findUsedSlots(layout, sums, 9, used))];
          }),
        ).toEqual([]);
      }
    },
  );

  it.each(idWidths)('sums %s where rows of a slot follow one another', (width) => {
    const layout = planSumLayout(1, { firstSumBits: 42, rowBits: 20 });
    const column = ids[width](2 ** 32);
    // Runs begin and end inside of eight rows and at their edges; runs of one row alternate.
    for (const [runRows, slotCount] of [
      [27, 5],
      [8, 2],
      [1, 2],
      [2000, 1],
    ]) {
      const slotOf = (row: number): number => Math.floor(row / runRows) % slotCount;
      const slots = Uint32Array.from({ length: count }, (_none, i) => slotOf(i));
      expect(
        disagreements((place) => {
          const sums = place(new BigInt64Array(5));
          addIntegerSums(layout, [place(column)], batchOf(given, place), place(slots), sums);
          return [sums];
        }),
      ).toEqual([]);
    }
  });

  it('looks ids up and splits keys', () => {
    const table = Uint32Array.from(randomList(300, 4_000_000_000));
    for (const width of idWidths) {
      const column = ids[width](300);
      expect(
        disagreements((place) => {
          const [keys, first, last] = [0, 1, 2].map(() => place(new Uint32Array(count)));
          mapIds(place(column), batchOf(given, place), place(table), keys);
          splitKeys(keys, 1, 70_001, first);
          splitKeys(keys, 70_001, 0, last);
          const wide = place(Float64Array.from(keys, (key) => key * 70_001 + 70_000));
          const [head, tail] = [place(new Uint32Array(count)), place(new Uint32Array(count))];
          splitWideKeys(wide, 1, 70_001, head);
          splitWideKeys(wide, 70_001, 0, tail);
          return [keys, first, last, head, tail];
        }),
      ).toEqual([]);
    }
  });
});

/** How rows are counted beside sums. */
const layouts: [number, string, Parameters<typeof planSumLayout>[1]][] = [1, 2, 3].flatMap(
  (columnCount): [number, string, Parameters<typeof planSumLayout>[1]][] => [
    [columnCount, 'without rows', { firstSumBits: null, rowBits: null }],
    [columnCount, 'with rows above the first sum', { firstSumBits: 44, rowBits: 11 }],
    [columnCount, 'with rows in a lane', { firstSumBits: 60, rowBits: 11 }],
  ],
);

/** Every column with others; with rows above the first sum that is not negative. */
function columnsOf(columnCount: number, isPacked: boolean): IntegerArray[][] {
  return integerColumns.flatMap((first, i) => {
    if (isPacked && i > 2) return [];
    return [0, 1, 2, 5].map((step) =>
      Array.from(
        { length: columnCount },
        (_none, k) => integerColumns[(i + k * step) % integerColumns.length] ?? first,
      ),
    );
  });
}

describe('runs of rows', () => {
  const bounds = Uint32Array.of(0, 1, 1, 4, 20, 21, 37, 100, 116, 600, 999, 1000);
  const runCount = bounds.length - 1;
  const slotLists: [string, number | number[]][] = [
    ['slots in order', 2],
    ['slots from a list', randomList(runCount, 14)],
  ];
  const cuts = [
    [0, 1000],
    [0, 0],
    [3, 4],
    [2, 35],
    [37, 999],
  ] as const;

  it.each(slotLists)('are summed at once, %s', (_name, slots) => {
    for (const [columnCount, , options] of layouts) {
      const layout = planSumLayout(columnCount, options);
      for (const columns of columnsOf(columnCount, layout.counter?.lane === 0)) {
        for (const [from, to] of cuts) {
          expect(
            disagreements((place) => {
              const sums = place(new BigInt64Array(14 * layout.lanes));
              const runs = {
                bounds: place(bounds),
                count: runCount,
                from,
                to,
                slots: typeof slots === 'number' ? slots : place(Uint32Array.from(slots)),
              };
              addRunSums(
                layout,
                columns.map((column) => place(column)),
                runs,
                sums,
              );
              return [sums];
            }),
          ).toEqual([]);
        }
      }
    }
  });

  it.each([1, 2, 4] as const)('slots of %d lanes of a segment are folded into others', (lanes) => {
    const layout = { lanes, counter: null };
    const table = Uint32Array.of(5, 0, 4_000_000_000, 5, 2);
    const numbers = BigInt64Array.from(randomList(5 * lanes, 1e9), (value) => BigInt(value) - 5n);
    numbers.fill(0n, 2 * lanes, 3 * lanes);
    expect(
      disagreements((place) => {
        const [local, sums] = [place(numbers.slice()), place(new BigInt64Array(6 * lanes))];
        foldSums(layout, local, place(table), sums);
        expect(local.every((number) => number === 0n)).toBe(true);
        return [sums];
      }),
    ).toEqual([]);
  });

  it('longer than what narrow lanes hold are summed exactly', () => {
    const layout = planSumLayout(1, { firstSumBits: null, rowBits: null });
    const length = 300_001;
    const most: [IntegerArray, bigint][] = [
      [new Uint8Array(length).fill(255), 255n],
      [new Uint16Array(length).fill(65_535), 65_535n],
      [new Uint32Array(length).fill(4_294_967_295), 4_294_967_295n],
      [new Int8Array(length).fill(-128), -128n],
      [new Int16Array(length).fill(-32_768), -32_768n],
      [new Int32Array(length).fill(-2_147_483_648), -2_147_483_648n],
    ];
    for (const [column, value] of most) {
      withScratch(() => {
        const sums = inKernelMemory(new BigInt64Array(1));
        const runs = {
          bounds: inKernelMemory(Uint32Array.of(0, length)),
          count: 1,
          from: 0,
          to: length,
          slots: 0,
        };
        addRunSums(layout, [inKernelMemory(column)], runs, sums);
        expect(sums[0]).toBe(value * BigInt(length));
      });
    }
  });
});

function numbersWith(low: number, high: number): number[] {
  return [low, high, 0, ...randomList(rowCount - 3, high - low).map((value) => value + low)];
}

const integerColumns = [
  Uint8Array.from(numbersWith(0, 255)),
  Uint16Array.from(numbersWith(0, 65_535)),
  Uint32Array.from(numbersWith(0, 4_294_967_295)),
  Int8Array.from(numbersWith(-128, 127)),
  Int16Array.from(numbersWith(-32_768, 32_767)),
  Int32Array.from(numbersWith(-2_147_483_648, 2_147_483_647)),
  BigInt64Array.from(numbersWith(-9_007_199_254_740_991, 9_007_199_254_740_991), (value) =>
    BigInt(Math.trunc(value)),
  ),
];

describe('slots', () => {
  it('are given in the same order for dense and for hashed keys, over many batches', () => {
    const lists = [0, 1, 300, 3000, 30_000].map((length) => randomList(length, 20_000));
    expect(
      disagreements((place) => {
        const [dense, hashed] = [makeDenseSlots(20_000), makeHashSlots()];
        const out: AnyArray[] = [];
        for (const list of lists) {
          const slots = [place(new Uint32Array(list.length)), place(new Uint32Array(list.length))];
          assignDenseSlots(dense, place(Uint32Array.from(list)), list.length, slots[0]);
          const wide = Float64Array.from(list, (key) => key * 1e9 - 5);
          assignHashSlots(hashed, place(wide), list.length, slots[1]);
          out.push(...slots);
        }
        expect(isInKernelMemory(dense.slotOf)).toBe(place === inKernelMemory);
        return [...out, dense.keys.subarray(0, dense.count), hashed.keys.subarray(0, hashed.count)];
      }),
    ).toEqual([]);
  });
});
