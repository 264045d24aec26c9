/** The kernels of doubles, lanes, nulls and looked-up numbers against their twins in TypeScript. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Batch, NumberArray } from '../src/index.ts';
import {
  addDoubles,
  addSums1,
  dropNulls,
  dropUnknownIds,
  keepGreatest,
  keepGreatestLanes,
  keepLeast,
  keepLeastLanes,
  lookUpIds,
  lookUpNumbers,
  readLanes,
  readNumbers,
  withScratch,
} from '../src/index.ts';
import { type AnyArray, type Place, inKernelMemory, inPlace } from './placed-arrays.ts';
import { randomValues } from './random-values.ts';

const random = randomValues(20_261_121);
const rowCount = 500;
const slotCount = 11;

const batches: [name: string, start: number, count: number, rows: number[] | null][] = [
  ['no rows', 0, 0, null],
  ['one row', 7, 1, null],
  ['rows from an odd start', 13, 33, null],
  ['all rows', 0, rowCount, null],
  ['selected rows', 0, 4, [3, 3, 250, 499]],
  ['many selected rows', 0, 300, list(300, rowCount)],
];

function list(length: number, limit: number): number[] {
  return Array.from({ length }, () => random.below(limit));
}

/** Doubles of every kind: whole, broken, huge, tiny, both zeros, infinite, not a number. */
function doubles(length: number, kinds: 'finite' | 'all'): Float64Array {
  const odd = [0, -0, 1e300, -1e300, 5e-324, 0.1, 2 ** 53, -(2 ** 53)];
  const all = kinds === 'all' ? [...odd, Infinity, -Infinity, Number.NaN] : odd;
  return Float64Array.from({ length }, () =>
    random.below(3) === 0 ? all[random.below(all.length)] : (random.below(1e9) - 5e8) / 1024,
  );
}

const longs = BigInt64Array.from({ length: rowCount }, (_none, i) => {
  const most = [2n ** 63n - 1n, -(2n ** 63n), -1n, 0n, 4_294_967_295n, -4_294_967_296n];
  return most[i] ?? BigInt(random.below(2 ** 40)) * BigInt(random.below(2 ** 20) - 2 ** 19);
});

/** Runs a loop on ordinary arrays and in kernel memory; gives what the two left where it differs. */
function disagreements(run: (place: Place) => AnyArray[]): [plain: AnyArray, placed: AnyArray][] {
  const plain = run(inPlace).map((array) => array.slice());
  const placed = withScratch(() => run(inKernelMemory).map((array) => array.slice()));
  const pairs = plain.map((array, i): [AnyArray, AnyArray] => [array, placed[i] ?? array]);
  return pairs.filter(([array, other]) => !isDeepStrictEqual(oneNaN(array), oneNaN(other)));
}

/** What is not a number has many bit patterns, which no program can tell apart. */
function oneNaN(array: AnyArray): AnyArray {
  if (!(array instanceof Float64Array)) return array;
  return array.map((value) => (Number.isNaN(value) ? Number.NaN : value));
}

function batchOf([, start, count, rows]: (typeof batches)[number], place: Place): Batch {
  return { start, count, rows: rows === null ? null : place(Uint32Array.from(rows)) };
}

describe.each(batches)('%s', (...given) => {
  const [, , count] = given;
  const slots = Uint32Array.from(list(count, slotCount));

  it('are read as doubles from columns of every type, and as lanes', () => {
    const columns: Exclude<NumberArray, Float32Array>[] = [
      Uint8Array.from(list(rowCount, 256)),
      Uint16Array.from(list(rowCount, 65_536)),
      Uint32Array.from(list(rowCount, 2 ** 32)),
      Int8Array.from(list(rowCount, 256), (value) => value - 128),
      Int16Array.from(list(rowCount, 65_536), (value) => value - 32_768),
      Int32Array.from(list(rowCount, 2 ** 32), (value) => value - 2 ** 31),
      doubles(rowCount, 'all'),
    ];
    for (const column of columns) {
      expect(
        disagreements((place) => {
          const out = place(new Float64Array(count));
          readNumbers(place(column), batchOf(given, place), out);
          return [out];
        }),
      ).toEqual([]);
    }
    expect(
      disagreements((place) => {
        const [high, low] = [place(new Float64Array(count)), place(new Float64Array(count))];
        readLanes(place(longs), batchOf(given, place), high, low);
        return [high, low];
      }),
    ).toEqual([]);
  });

  it('lose their nulls', () => {
    const validity = Uint8Array.from(list(rowCount / 8 + 1, 256));
    expect(
      disagreements((place) => {
        const out = { rows: place(new Uint32Array(count)), slots: place(new Uint32Array(count)) };
        const kept = dropNulls(place(validity), batchOf(given, place), place(slots), out);
        return [out.rows.subarray(0, kept), out.slots.subarray(0, kept)];
      }),
    ).toEqual([]);
  });
});

describe.each([0, 1, 2, 3, 400])('%d elements', (count) => {
  const slots = Uint32Array.from(list(count, slotCount));
  const ids = Uint32Array.from(list(count, 50));

  it('look numbers and ids up, and drop those that are unknown', () => {
    const [numbers, others] = [doubles(50, 'all'), Uint32Array.from(list(50, 2 ** 32))];
    const known = Uint8Array.from(list(50, 2));
    expect(
      disagreements((place) => {
        const [a, b] = [place(new Float64Array(count)), place(new Uint32Array(count))];
        lookUpNumbers(place(ids), count, place(numbers), a);
        lookUpIds(place(ids), count, place(others), b);
        const out = { ids: place(new Uint32Array(count)), slots: place(new Uint32Array(count)) };
        const kept = dropUnknownIds(place(ids), place(slots), count, place(known), out);
        return [a, b, out.ids.subarray(0, kept), out.slots.subarray(0, kept)];
      }),
    ).toEqual([]);
  });

  it.each(['finite', 'all'] as const)('are summed and compared as doubles, %s', (kinds) => {
    const values = doubles(count, kinds);
    expect(
      disagreements((place) => {
        const [sums, pairs, errors] = [0, 1, 2].map(() => place(new Float64Array(slotCount)));
        const least = place(new Float64Array(slotCount).fill(Infinity));
        const greatest = place(new Float64Array(slotCount).fill(-Infinity));
        const [from, at] = [place(values), place(slots)];
        addSums1(from, count, at, sums);
        addDoubles(from, count, at, pairs, errors);
        keepLeast(from, count, at, least);
        keepGreatest(from, count, at, greatest);
        return [sums, pairs, errors, least, greatest];
      }),
    ).toEqual([]);
  });

  it('are compared as lanes of 64-bit integers', () => {
    const high = Float64Array.from(list(count, 5), (value) => value - 2);
    const low = Float64Array.from(list(count, 2 ** 32));
    expect(
      disagreements((place) => {
        const kept = [Infinity, 0, -Infinity, 0].map((start) =>
          place(new Float64Array(slotCount).fill(start)),
        );
        const [a, b, at] = [place(high), place(low), place(slots)];
        keepLeastLanes(a, b, count, at, { high: kept[0], low: kept[1] });
        keepGreatestLanes(a, b, count, at, { high: kept[2], low: kept[3] });
        return kept;
      }),
    ).toEqual([]);
  });
});
