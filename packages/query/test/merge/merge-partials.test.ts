/** Merging of partial results: any split, in any order, equals the whole. */
import { ResourceLimitError } from '@isotherm/errors';
import { addHyperUniqueText, hyperUniqueRegisterCount } from '@isotherm/kernels';
import { describe, expect, it } from 'vitest';
import type { GroupedPartial, PartialColumn } from '../../src/index.ts';
import { mergePartials } from '../../src/index.ts';
import { answerOf, april, doubles, grouped, longs, query, sums, texts } from '../make-query.ts';

const aggregations = [
  { type: 'count', name: 'n' },
  { type: 'longSum', name: 'ls', fieldName: 'x' },
  { type: 'longMin', name: 'lmin', fieldName: 'x' },
  { type: 'longMax', name: 'lmax', fieldName: 'x' },
  { type: 'doubleSum', name: 'ds', fieldName: 'y' },
  { type: 'doubleMin', name: 'dmin', fieldName: 'y' },
  { type: 'doubleMax', name: 'dmax', fieldName: 'y' },
  { type: 'hyperUnique', name: 'u', fieldName: 'y' },
];
const dimensions = [
  'country',
  { dimension: 'age', outputName: 'age', outputType: 'LONG' },
  { dimension: 'price', outputName: 'price', outputType: 'DOUBLE' },
];
const groupBy = query('groupBy', { granularity: 'day', dimensions, aggregations });

interface TestRow {
  readonly day: number;
  readonly country: string | null;
  readonly age: bigint | null;
  readonly price: number | null;
  readonly x: bigint | null;
  readonly y: number | null;
}

describe('mergePartials', () => {
  it('gives the same answer however rows are split and in whatever order they are merged', () => {
    const seed = 4711;
    console.log(`seed ${seed}`);
    const random = generator(seed);
    const rows = Array.from({ length: 2_000 }, () => randomRow(random));
    const whole = answerOf(groupBy, [partialOf(rows)]);
    for (let round = 0; round < 10; round++) {
      const parts = Array.from({ length: 1 + random(7) }, () => new Array<TestRow>());
      for (const row of rows) parts[random(parts.length)]?.push(row);
      const [first = [], second = [], ...others] = parts.map(partialOf);
      // Once flat, once in two levels as worker, node and broker do.
      const early = mergePartials(groupBy, [first, second].flat());
      expect(answerOf(groupBy, [...others, ...early].toReversed())).toBe(whole);
    }
  });

  it('is the partial itself when there is only one', () => {
    const partial = partialOf([]);
    expect(mergePartials(groupBy, [partial])[0]).toBe(partial);
    expect(mergePartials(groupBy, [])).toEqual([]);
  });

  it('adds scanned rows, of empty partials too', () => {
    const few = { ...partialOf([]), scannedRows: 5 };
    expect(mergePartials(groupBy, [few, few])[0]).toMatchObject({ rowCount: 0, scannedRows: 10 });
  });

  it('gives granularity all the least start that any segment saw', () => {
    const all = query('groupBy', { dimensions: ['country'] });
    const [merged] = mergePartials(all, [
      grouped([april(3), april(3)], [texts('a', 'b')], []),
      grouped([april(2)], [texts('b')], []),
    ]);
    expect(merged).toMatchObject({ rowCount: 2, times: Float64Array.of(april(2), april(2)) });
  });

  it('merges dictionaries, null among them', () => {
    const all = query('groupBy', { dimensions: ['country'], aggregations: [aggregations[0]] });
    const partials = [
      grouped([0, 0], [texts('b', null)], [longs(1, 2)]),
      grouped([0, 0, 0], [texts(null, 'a', 'b')], [longs(10, 20, 40)]),
    ];
    expect(mergePartials(all, partials)).toEqual([
      {
        kind: 'grouped',
        rowCount: 3,
        times: new Float64Array(3),
        dimensions: [{ ...texts(null, 'b', 'a'), ids: Uint32Array.of(1, 0, 2) }],
        states: [longs(41, 12, 20)],
        scannedRows: 5,
      },
    ]);
  });

  it('keeps -0 and 0 in one group, and null in one of its own', () => {
    const all = query('groupBy', { dimensions: [dimensions[2]], aggregations: [aggregations[0]] });
    const [merged] = mergePartials(all, [
      grouped([0, 0], [doubles(-0, null)], [longs(1, 2)]),
      grouped([0, 0], [doubles(0, null)], [longs(4, 8)]),
    ]);
    expect(merged).toMatchObject({ rowCount: 2, states: [longs(5, 10)] });
  });
});

describe('sums of longs', () => {
  const sum = query('timeseries', { aggregations: [aggregations[1]] });
  const max = 2n ** 63n - 1n;
  const merge = (...values: bigint[]) =>
    answerOf(
      sum,
      values.map((value) => grouped([0], [], [longs(value)])),
    );

  it('are exact at both ends of 64 bits, and may leave them on the way', () => {
    expect(merge(max, 5n, -5n)).toContain('{"ls":9223372036854775807}');
    expect(merge(-max, -1n)).toContain('{"ls":-9223372036854775808}');
    expect(merge(2n ** 53n, 1n)).toContain('{"ls":9007199254740993}');
  });

  it('are an error when they do not fit', () => {
    expect(() => merge(max, 1n)).toThrow(
      new ResourceLimitError(
        'The sum "ls" of a group does not fit into 64 bits. Expected at most 9223372036854775807. Use doubleSum, or a narrower interval or filter.',
        { code: 'LONG_OVERFLOW', details: { aggregation: 'ls' } },
      ),
    );
  });
});

describe('sums of doubles', () => {
  const sum = query('timeseries', { aggregations: [aggregations[4]] });
  const merge = (...values: (number | null)[]) =>
    answerOf(
      sum,
      values.map((value) => grouped([0], [], [sums(value)])),
    );

  it('do not lose what is far smaller than the sum', () => {
    expect(merge(1e16, 1, -1e16, 1)).toContain('{"ds":2.0}');
    expect(merge(1, 1e16, 1, -1e16)).toContain('{"ds":2.0}');
  });

  it('are null only if nothing was added', () => {
    expect(merge(null, null)).toContain('{"ds":null}');
    expect(merge(null, 1.5)).toContain('{"ds":1.5}');
  });

  it('may leave the doubles', () => {
    expect(merge(Number.MAX_VALUE, Number.MAX_VALUE, 1)).toContain('{"ds":"Infinity"}');
    expect(merge(Infinity, -Infinity)).toContain('{"ds":"NaN"}');
  });
});

/** A 32-bit linear congruential generator: a whole number below a bound. */
function generator(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

function randomRow(random: (bound: number) => number): TestRow {
  const orNull = <Value>(value: Value) => (random(10) === 0 ? null : value);
  return {
    day: 1 + random(3),
    country: orNull(`c${random(4)}`),
    age: orNull(BigInt(random(3)) * 2n ** 60n),
    price: orNull(random(3) / 8),
    x: orNull(BigInt(random(1000)) * 2n ** 40n - 2n ** 49n),
    y: orNull((random(2 ** 30) - 2 ** 29) * 10 ** (random(40) - 20)),
  };
}

/** Groups of rows, made by adding one row at a time. */
function partialOf(rows: readonly TestRow[]): GroupedPartial {
  const groups = new Map<string, TestRow[]>();
  for (const row of rows) {
    const key = [row.day, row.country, row.age, row.price].join();
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const list = [...groups.values()];
  const firsts = list.flatMap(([first]) => (first === undefined ? [] : [first]));
  const xs = list.map((group) => group.flatMap(({ x }) => (x === null ? [] : [x])));
  const ys = list.map((group) => group.flatMap(({ y }) => (y === null ? [] : [y])));
  const orNull = <In, Out>(values: In[], fold: (values: In[]) => Out) =>
    values.length === 0 ? null : fold(values);
  return grouped(
    firsts.map(({ day }) => april(day)),
    [
      texts(...firsts.map(({ country }) => country)),
      longs(...firsts.map(({ age }) => age)),
      doubles(...firsts.map(({ price }) => price)),
    ],
    [
      longs(...list.map((group) => group.length)),
      longs(...xs.map((values) => orNull(values, (all) => all.reduce((a, b) => a + b)))),
      longs(...xs.map((values) => orNull(values, (all) => all.reduce((a, b) => (a < b ? a : b))))),
      longs(...xs.map((values) => orNull(values, (all) => all.reduce((a, b) => (a > b ? a : b))))),
      exactSums(ys),
      doubles(...ys.map((values) => orNull(values, (all) => Math.min(...all)))),
      doubles(...ys.map((values) => orNull(values, (all) => Math.max(...all)))),
      sketches(ys),
    ],
  );
}

/** Sums as pairs by two-sum, written down here once more so that the merge is not its own judge. */
function exactSums(groups: readonly (readonly number[])[]): PartialColumn {
  const pairs = groups.map((values) => {
    let [sum, error] = [0, 0];
    for (const value of values) {
      const next = sum + value;
      const part = next - sum;
      error += sum - (next - part) + (value - part);
      sum = next;
    }
    return [sum, error] as const;
  });
  return {
    type: 'doubleSum',
    values: Float64Array.from(pairs, ([sum]) => sum),
    errors: Float64Array.from(pairs, ([, error]) => error),
    nulls: Uint8Array.from(groups, (values) => Number(values.length === 0)),
  };
}

function sketches(groups: readonly (readonly number[])[]): PartialColumn {
  const registers = new Uint8Array(groups.length * hyperUniqueRegisterCount);
  for (const [group, values] of groups.entries()) {
    for (const value of values) {
      addHyperUniqueText(registers, group * hyperUniqueRegisterCount, String(value));
    }
  }
  return { type: 'hyperUnique', registers };
}
