/** Group keys and accumulators against maps and bigints. */
import { describe, expect, it } from 'vitest';
import {
  addDenseKeys,
  addDoubles,
  addLanes,
  addSums1,
  addSums2,
  addSums3,
  addSums4,
  addWideKeys,
  assignDenseSlots,
  assignHashSlots,
  carryLanes,
  countSlots,
  dropMinusZero,
  grownNumbers,
  keepGreatest,
  keepGreatestLanes,
  keepLeast,
  keepLeastLanes,
  makeDenseSlots,
  makeHashSlots,
  markSlots,
  offsetIds,
  readLanes,
  shiftIdsForNull,
} from '../src/index.ts';
import { randomValues } from './random-values.ts';

const random = randomValues(20_260_102);
const count = 500;
const slotCount = 7;
const slots = Uint32Array.from({ length: count }, () => random.below(slotCount));

function perSlot<Value>(values: ArrayLike<Value>): Value[][] {
  const groups = Array.from({ length: slotCount }, (): Value[] => []);
  for (let i = 0; i < count; i++) groups[slots[i]].push(values[i]);
  return groups;
}

function doubles(): Float64Array {
  return Float64Array.from({ length: count }, () => random.below(2_000_000) - 1_000_000);
}

describe('slots', () => {
  it.each([
    ['dense', makeDenseSlots(1000)],
    ['hashed', makeHashSlots()],
  ])('%s: equal keys share one, in the order of first sight, over many batches', (_name, table) => {
    const expected = new Map<number, number>();
    for (const size of [0, 1, 2, 3, 400, 1000]) {
      const keys = Float64Array.from({ length: size }, () => random.below(1000));
      const given = new Uint32Array(size);
      if ('slotOf' in table) assignDenseSlots(table, Uint32Array.from(keys), size, given);
      else assignHashSlots(table, keys, size, given);
      for (const key of keys) if (!expected.has(key)) expected.set(key, expected.size);
      expect([...given]).toEqual(Array.from(keys, (key) => expected.get(key)));
    }
    expect([...table.keys.subarray(0, table.count)]).toEqual([...expected.keys()]);
  });

  it('tell doubles apart by their bits, and both zeros are one after dropMinusZero', () => {
    const keys = Float64Array.of(0, -0, Number.NaN, Infinity, 2 ** 53, 0.1, Number.NaN);
    const given = new Uint32Array(7);
    assignHashSlots(makeHashSlots(), keys, 7, given);
    expect([...given]).toEqual([0, 1, 2, 3, 4, 5, 2]);
    dropMinusZero(keys, 7);
    assignHashSlots(makeHashSlots(), keys, 7, given);
    expect([...given]).toEqual([0, 0, 1, 2, 3, 4, 1]);
  });

  it('come from ids in mixed radix, in 32 and in 53 bits', () => {
    const [a, b] = [Uint32Array.of(1, 2, 3), Uint32Array.of(0, 1, 4_000_000)];
    const dense = new Uint32Array(3);
    addDenseKeys(a, { start: 0, count: 3, rows: null }, 1, dense);
    addDenseKeys(b, { start: 0, count: 3, rows: null }, 1000, dense);
    expect([...dense]).toEqual([1, 1002, 4_000_000_003]);
    const wide = new Float64Array(3);
    addWideKeys(a, 3, 1, wide);
    addWideKeys(b, 3, 2 ** 30, wide);
    expect([...wide]).toEqual([1, 2 + 2 ** 30, 3 + 4_000_000 * 2 ** 30]);
  });

  it('are made from numbers by their distance from the least', () => {
    const ids = new Uint32Array(3);
    offsetIds(Float64Array.of(-5, 0, 4_294_967_290), 3, -5, ids);
    expect([...ids]).toEqual([0, 5, 4_294_967_295]);
  });

  it('leave 0 for a null', () => {
    const ids = Uint32Array.of(0, 7, 3);
    shiftIdsForNull(Uint8Array.of(0b0101), { start: 0, count: 3, rows: null }, ids);
    expect([...ids]).toEqual([1, 0, 4]);
  });

  it('keep what was there when arrays grow', () => {
    const grown = grownNumbers(Float64Array.of(1, 2), 3, -1);
    expect([...grown]).toEqual([1, 2, -1, -1]);
    expect(grownNumbers(grown, 4)).toBe(grown);
  });
});

describe('accumulators', () => {
  it('count', () => {
    const counts = new Uint32Array(slotCount);
    countSlots(slots, count, counts);
    expect([...counts]).toEqual(perSlot(slots).map((group) => group.length));
    const marks = new Uint32Array(slotCount + 1);
    markSlots(slots, count, marks);
    expect([...marks]).toEqual([1, 1, 1, 1, 1, 1, 1, 0]);
  });

  it('sum one to four columns in one loop', () => {
    const columns = [doubles(), doubles(), doubles(), doubles()];
    const [a, b, c, d] = columns;
    const sums = [1, 2, 4, 4].map((stride) => new Float64Array(slotCount * stride));
    addSums1(a, count, slots, sums[0]);
    addSums2(a, b, count, slots, sums[1]);
    addSums3(a, b, c, count, slots, sums[2]);
    addSums4(a, b, c, d, count, slots, sums[3]);
    const expected = columns.map((values) => perSlot(values).map((group) => total(group)));
    for (const [index, sum] of sums.entries()) {
      const stride = sum.length / slotCount;
      const interleaved = Array.from(sum, (_sum, at) =>
        at % stride > index ? 0 : expected[at % stride][Math.floor(at / stride)],
      );
      expect([...sum]).toEqual(interleaved);
    }
  });

  it('sum 64-bit integers exactly, past 64 bits and back, and find their extremes', () => {
    const most = (1n << 63n) - 1n;
    const values = BigInt64Array.from({ length: count }, (_none, i) =>
      i % 3 === 0 ? most : i % 3 === 1 ? -most - 1n : BigInt(random.below(1000)),
    );
    const [high, low] = [new Float64Array(count), new Float64Array(count)];
    readLanes(values, { start: 0, count, rows: null }, high, low);
    const made = (start: number): { high: Float64Array; low: Float64Array } => ({
      high: new Float64Array(slotCount).fill(start),
      low: new Float64Array(slotCount),
    });
    const [sums, least, greatest] = [made(0), made(Infinity), made(-Infinity)];
    addLanes(high, low, count, slots, sums);
    expect(carryLanes(sums, slotCount)).toBeLessThan(2 ** 52);
    keepLeastLanes(high, low, count, slots, least);
    keepGreatestLanes(high, low, count, slots, greatest);
    const groups = perSlot(values);
    expect(joined(sums)).toEqual(groups.map((group) => group.reduce((a, b) => a + b)));
    expect(joined(least)).toEqual(groups.map((group) => group.reduce((a, b) => (a < b ? a : b))));
    expect(joined(greatest)).toEqual(
      groups.map((group) => group.reduce((a, b) => (a > b ? a : b))),
    );
  });

  it('sum doubles so that nothing is lost to rounding', () => {
    const values = Float64Array.from({ length: count }, (_none, i) =>
      i % 2 === 0 ? 1e16 * (1 + random.below(9)) : 0.1 * random.below(100),
    );
    const [sums, errors] = [new Float64Array(slotCount), new Float64Array(slotCount)];
    addDoubles(values, count, slots, sums, errors);
    const exact = perSlot(values).map(
      (group) =>
        Number(group.reduce((sum, value) => sum + BigInt(value * 2 ** 100), 0n)) / 2 ** 100,
    );
    expect(Array.from(sums, (sum, slot) => sum + errors[slot])).toEqual(exact);
  });

  it('find extremes; not-a-number wins, as in Java', () => {
    const values = doubles();
    values[3] = Number.NaN;
    const least = new Float64Array(slotCount).fill(Infinity);
    const greatest = new Float64Array(slotCount).fill(-Infinity);
    keepLeast(values, count, slots, least);
    keepGreatest(values, count, slots, greatest);
    expect([...least]).toEqual(perSlot(values).map((group) => Math.min(...group)));
    expect([...greatest]).toEqual(perSlot(values).map((group) => Math.max(...group)));
  });
});

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function joined(lanes: { readonly high: Float64Array; readonly low: Float64Array }): bigint[] {
  return Array.from(lanes.high, (high, i) => BigInt(high) * 4_294_967_296n + BigInt(lanes.low[i]));
}
