/** Orders by words against the plainest comparison, whole and cut, on every type of column. */
import { compareCodePoints } from '@isotherm/kernels';
import { describe, expect, it } from 'vitest';
import { compareTexts } from '../../src/filter/compare-texts.ts';
import type { FinishedColumn } from '../../src/finish/output-column.ts';
import { byText, byTime, byValue, nullsLast, reversed } from '../../src/finish/row-order.ts';
import { type SortKey, sortedRows } from '../../src/finish/sort-rows.ts';
import { TextDictionary } from '../../src/index.ts';

type Cell = string | bigint | number | null;
type Compare = (a: number, b: number) => number;

/** Values of a column and the column. */
interface Sample {
  readonly column: FinishedColumn;
  readonly cells: readonly Cell[];
}

const seed = 20_261_121;

function generator(): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

const random = generator();
const pick = <Value>(values: readonly Value[], rowCount: number): Value[] =>
  // Indices below the length hold values.
  Array.from({ length: rowCount }, () => values[random(values.length)] as Value);

function textSample(entries: readonly (string | null)[], rowCount: number): Sample {
  const ids = Uint32Array.from({ length: rowCount }, () => random(entries.length));
  return {
    column: { type: 'string', dictionary: TextDictionary.fromTexts(entries), ids },
    cells: Array.from(ids, (id) => entries[id] ?? null),
  };
}

function longSample(values: readonly (bigint | null)[], rowCount: number): Sample {
  const cells = pick(values, rowCount);
  const nulls = cells.includes(null)
    ? Uint8Array.from(cells, (cell) => Number(cell === null))
    : null;
  // What stands under a null must not count.
  const longs = BigInt64Array.from(cells, (cell) => cell ?? BigInt(random(9)));
  return { column: { type: 'long', values: longs, nulls }, cells };
}

function doubleSample(values: readonly (number | null)[], rowCount: number): Sample {
  const cells = pick(values, rowCount);
  const nulls = cells.includes(null)
    ? Uint8Array.from(cells, (cell) => Number(cell === null))
    : null;
  const numbers = Float64Array.from(cells, (cell) => cell ?? random(9));
  return { column: { type: 'double', values: numbers, nulls }, cells };
}

/** Nulls first, not-a-number last, both zeros one. */
function compareCells(a: Cell, b: Cell): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b);
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/** Limits at which rows come in another order than by the comparisons; -1 stands for all rows. */
function wrongAt(
  rowCount: number,
  keys: readonly SortKey[],
  compares: readonly Compare[],
): number[] {
  const all = Uint32Array.from({ length: rowCount }, (_, row) => row);
  const plain = all.toSorted((a, b) => {
    for (const compare of compares) {
      const order = compare(a, b);
      if (order !== 0) return order;
    }
    return a - b;
  });
  const limits = [-1, 0, 1, 2, rowCount >> 1, Math.max(rowCount - 1, 0), rowCount, rowCount + 1];
  return limits.filter((limit) => {
    const sorted = sortedRows(all, keys, limit === -1 ? null : limit);
    const expected = limit === -1 ? plain : plain.slice(0, limit);
    return sorted.join() !== expected.join() || all.some((row, place) => row !== place);
  });
}

const max = 2n ** 63n - 1n;
const texts = [
  '',
  'a',
  'a\0',
  'ab',
  'abc\0',
  'abcd',
  'abcdefgh',
  'abcdefghi',
  'abcdefgh\0',
  'é',
  '😀',
  '\uff5e',
];
const samples: [name: string, sample: (rowCount: number) => Sample][] = [
  ['texts', (rowCount) => textSample(texts, rowCount)],
  ['texts and null', (rowCount) => textSample([...texts, null], rowCount)],
  ['only null', (rowCount) => textSample([null], rowCount)],
  [
    'texts that begin alike',
    (rowCount) =>
      textSample(
        [
          'campaign-12345678',
          'campaign-12345679',
          'campaign-1',
          'campaign-',
          'campaign-0000000012',
          'campaign-0000000011',
        ],
        rowCount,
      ),
  ],
  [
    'many texts',
    (rowCount) =>
      textSample(
        Array.from({ length: 300 }, (_, at) => String((at * 7_919) % 1_009)),
        rowCount,
      ),
  ],
  ['small longs', (rowCount) => longSample([0n, 3n, 5n, -2n], rowCount)],
  [
    'longs of all sizes and null',
    (rowCount) =>
      longSample(
        [
          null,
          0n,
          -1n,
          2n ** 31n,
          2n ** 32n,
          -(2n ** 32n),
          2n ** 53n,
          2n ** 53n + 1n,
          max,
          -max - 1n,
        ],
        rowCount,
      ),
  ],
  [
    'doubles',
    (rowCount) =>
      doubleSample(
        [0, -0, 1.5, -1.5, 5e-324, -5e-324, Infinity, -Infinity, NaN, Number.MAX_VALUE],
        rowCount,
      ),
  ],
  ['doubles and null', (rowCount) => doubleSample([null, 0, NaN, -Infinity, 2], rowCount)],
];

describe('rows in order', () => {
  it.each(samples)('of %s', (_name, sample) => {
    for (const rowCount of [0, 1, 2, 48, 49, 200, 3_000]) {
      const { column, cells } = sample(rowCount);
      const compare: Compare = (a, b) => compareCells(cells[a] ?? null, cells[b] ?? null);
      expect(wrongAt(rowCount, [byValue(column)], [compare]), `seed ${seed}`).toEqual([]);
      expect(
        wrongAt(rowCount, [reversed(byValue(column))], [(a, b) => compare(b, a)]),
        `seed ${seed}`,
      ).toEqual([]);
      const isNull = (row: number) => Number((cells[row] ?? null) === null);
      expect(
        wrongAt(
          rowCount,
          [nullsLast(column), reversed(byValue(column))],
          [(a, b) => isNull(a) - isNull(b), (a, b) => compare(b, a)],
        ),
        `seed ${seed}`,
      ).toEqual([]);
    }
  });

  it.each(['lexicographic', 'alphanumeric', 'numeric', 'strlen', 'version'] as const)(
    'of texts that are %s',
    (ordering) => {
      const entries = ['1', '01', '10', '9', '1.5', 'a10', 'a9', null, '', '-3', '1.0.10', '1.0.9'];
      const { column, cells } = textSample(entries, 500);
      const compare = compareTexts(ordering);
      const ofRows: Compare = (a, b) => {
        const [left, right] = [cells[a] ?? null, cells[b] ?? null];
        return compare(left === null ? null : String(left), right === null ? null : String(right));
      };
      expect(wrongAt(500, [byText(column, ordering)], [ofRows]), `seed ${seed}`).toEqual([]);
      expect(
        wrongAt(500, [reversed(byText(column, ordering))], [(a, b) => ofRows(b, a)]),
        `seed ${seed}`,
      ).toEqual([]);
    },
  );

  it.each(['lexicographic', 'numeric'] as const)('of longs as texts that are %s', (ordering) => {
    const { column, cells } = longSample([null, 9n, 10n, -3n, 100n, 2n ** 60n], 200);
    const compare = compareTexts(ordering);
    const textAt = (row: number) => (cells[row] === null ? null : String(cells[row]));
    expect(
      wrongAt(200, [byText(column, ordering)], [(a, b) => compare(textAt(a), textAt(b))]),
      `seed ${seed}`,
    ).toEqual([]);
  });

  it('of several columns, the first that differs decides', () => {
    for (const rowCount of [30, 2_000]) {
      const times = Float64Array.from({ length: rowCount }, () => (random(5) - 2) * 86_400_000_000);
      const few = textSample(['x', 'y', null], rowCount);
      const numbers = longSample([1n, 2n, -(2n ** 40n)], rowCount);
      const of =
        ({ cells }: Sample): Compare =>
        (a, b) =>
          compareCells(cells[a] ?? null, cells[b] ?? null);
      expect(
        wrongAt(
          rowCount,
          [byTime(times), reversed(byValue(few.column)), byValue(numbers.column)],
          [(a, b) => (times[a] ?? 0) - (times[b] ?? 0), (a, b) => of(few)(b, a), of(numbers)],
        ),
        `seed ${seed}`,
      ).toEqual([]);
    }
  });

  it('of nothing to order by keep their numbers in order', () => {
    expect(wrongAt(100, [], []), `seed ${seed}`).toEqual([]);
  });
});
