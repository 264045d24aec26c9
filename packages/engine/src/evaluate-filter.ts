/**
 * Conditions compiled for a run: each becomes one function that joins its answers for a batch into
 * bits, with the kernel and the sets it needs chosen beforehand.
 */
import type { Batch, BitsJoin, IdArray, Runs } from '@isotherm/kernels';
import {
  andBits,
  joinBits,
  orBits,
  replaceBits,
  scratchBytes,
  scratchIds,
  scratchNumbers,
  setBytes,
  testBetween,
  testEach,
  testIdSet,
  testLists,
  testRun,
  testSorted,
  testValidity,
  wordsOf,
} from '@isotherm/kernels';
import { setOf } from './id-runs.ts';
import type { NumberTest } from './number-test.ts';
import type { FilterPlan } from './plan-filter.ts';
import { sizeOf } from './plan-filter.ts';

/** Joins the answers for the rows of a batch with `bits`, shape [wordsOf(batch.count)]. */
export type RowTest = (batch: Batch, bits: Uint32Array, how: BitsJoin) => void;

/** Runs up to this many are compared with one by one, 16 bytes at a time; more are a set. */
export const mostRuns = 4;

/** Compiles a condition for batches of up to `batchRows` rows. */
export function compileFilter(plan: FilterPlan, batchRows: number): RowTest {
  switch (plan.type) {
    case 'constant':
      return constantTest(plan.holds);
    case 'ids':
      return idTest(plan.column.ids, plan.runs, sizeOf(plan.column), batchRows);
    case 'lists': {
      const { column, any, emptyHolds } = plan;
      const set = setOf(plan.runs, setBytes(column.dictionary.size));
      return (batch, bits, how) => testLists(column, batch, { set, any, emptyHolds }, bits, how);
    }
    case 'numbers':
      return numbersTest(plan, batchRows);
    case 'and':
    case 'or':
      return joinedTest(
        plan.fields.map((field) => compileFilter(field, batchRows)),
        plan.type === 'and' ? andBits : orBits,
        batchRows,
      );
  }
}

function constantTest(holds: boolean): RowTest {
  const bit = holds ? 1 : 0;
  return (batch, bits, how) => testEach(batch, bits, how, () => bit);
}

/** Tests joined by `and` or `or`; where the bits are joined otherwise, in bits of its own. */
function joinedTest(tests: readonly RowTest[], own: BitsJoin, batchRows: number): RowTest {
  const [first, ...others] = tests;
  if (first === undefined) return constantTest(own === andBits);
  if (others.length === 0) return first;
  const apart = scratchIds(wordsOf(batchRows));
  return (batch, bits, how) => {
    const target = how === own || how === replaceBits ? bits : apart;
    first(batch, target, how === own ? own : replaceBits);
    for (const test of others) test(batch, target, own);
    if (target === apart) joinBits(bits, apart, batch.count, how);
  };
}

function idTest(ids: IdArray, runs: Runs, size: number, batchRows: number): RowTest {
  const { count, starts, ends } = runs;
  if (count === 2 && starts[0] === 0 && ends[1] === size) {
    // All but those between: a run that wraps around.
    return runTest(ids, starts[1], ends[0] - 1 - starts[1]);
  }
  if (count <= (ids instanceof Uint8Array ? 1 : mostRuns)) {
    const tests = Array.from({ length: count }, (_none, run) =>
      runTest(ids, starts[run], ends[run] - 1 - starts[run]),
    );
    return joinedTest(tests, orBits, batchRows);
  }
  return setTest(ids, setOf(runs, setBytes(size)));
}

function setTest(ids: IdArray, set: Uint8Array): RowTest {
  return (batch, bits, how) => testIdSet(ids, batch, set, bits, how);
}

function runTest(values: Parameters<typeof testRun>[0], low: number, last: number): RowTest {
  const run = { low, last };
  return (batch, bits, how) => testRun(values, batch, run, bits, how);
}

function numbersTest(plan: FilterPlan & { readonly type: 'numbers' }, batchRows: number): RowTest {
  const { validity } = plan.column;
  const values = valuesTest(plan, batchRows);
  if (validity === null) return values;
  const apart = scratchIds(wordsOf(batchRows));
  return (batch, bits, how) => {
    values(batch, apart, replaceBits);
    testValidity(validity, batch, true, apart, andBits);
    if (plan.nullHolds) testValidity(validity, batch, false, apart, orBits);
    joinBits(bits, apart, batch.count, how);
  };
}

/** The test of values; what it says of nulls does not count. */
function valuesTest(
  { column, test, wanted }: FilterPlan & { readonly type: 'numbers' },
  batchRows: number,
): RowTest {
  const { values } = column;
  switch (test.type) {
    case 'never':
      return constantTest(!wanted);
    case 'each':
      return predicateTest(column, test, wanted);
    case 'set': {
      if (isSmall(values)) return smallSetTest(values, test.sorted, wanted, batchRows);
      const sorted = scratchNumbers(test.sorted.length);
      sorted.set(test.sorted);
      const set = { sorted, flip: !wanted };
      return (batch, bits, how) => testSorted(values, batch, set, bits, how);
    }
    case 'range': {
      if (isSmall(values)) return smallRangeTest(values, test, wanted);
      // Not-a-number is neither inside nor below nor above, so the one that it belongs to is turned around.
      const { low, high, nanHolds: outside } = test;
      const range = { low, high, outside, flip: outside === wanted };
      return (batch, bits, how) => testBetween(values, batch, range, bits, how);
    }
  }
}

type SmallIntegers = Parameters<typeof testRun>[0];

function isSmall(
  values: SmallIntegers | BigInt64Array | Float32Array | Float64Array,
): values is SmallIntegers {
  return !(
    values instanceof BigInt64Array ||
    values instanceof Float32Array ||
    values instanceof Float64Array
  );
}

/** Least and greatest value of a width. */
function extremesOf(values: SmallIntegers): readonly [least: number, greatest: number] {
  const span = 2 ** (8 * values.BYTES_PER_ELEMENT);
  const isSigned =
    values instanceof Int8Array || values instanceof Int16Array || values instanceof Int32Array;
  return isSigned ? [-span / 2, span / 2 - 1] : [0, span - 1];
}

function smallRangeTest(
  values: SmallIntegers,
  range: { readonly low: number; readonly high: number },
  wanted: boolean,
): RowTest {
  const [least, greatest] = extremesOf(values);
  const low = Math.max(range.low, least);
  const high = Math.min(range.high, greatest);
  if (low > high) return constantTest(!wanted);
  if (wanted) return runTest(values, low, high - low);
  if (low === least && high === greatest) return constantTest(false);
  return runTest(values, high + 1, greatest - least - 1 - (high - low));
}

/** A few values are compared with one by one; more are looked up, in a set where the width has few. */
function smallSetTest(
  values: SmallIntegers,
  sorted: Float64Array,
  wanted: boolean,
  batchRows: number,
): RowTest {
  const [least, greatest] = extremesOf(values);
  const members = sorted.filter((value) => value >= least && value <= greatest);
  if (members.length === 0) return constantTest(!wanted);
  if (values.BYTES_PER_ELEMENT < 4) {
    const ids =
      values.BYTES_PER_ELEMENT === 1
        ? new Uint8Array(values.buffer, values.byteOffset, values.length)
        : new Uint16Array(values.buffer, values.byteOffset, values.length);
    const span = greatest - least + 1;
    const set = scratchBytes(setBytes(span));
    for (const value of members) set[(value & (span - 1)) >>> 3] |= 1 << (value & 7);
    if (!wanted) for (let at = 0; at < set.length; at++) set[at] ^= 0xff;
    return setTest(ids, set);
  }
  if (wanted && members.length <= mostRuns) {
    const tests = Array.from(members, (value) => runTest(values, value, 0));
    return joinedTest(tests, orBits, batchRows);
  }
  const inMemory = scratchNumbers(members.length);
  inMemory.set(members);
  const set = { sorted: inMemory, flip: !wanted };
  return (batch, bits, how) => testSorted(values, batch, set, bits, how);
}

/** Runs the predicate once a distinct value. */
function predicateTest(
  column: (FilterPlan & { readonly type: 'numbers' })['column'],
  { predicate }: NumberTest & { readonly type: 'each' },
  wanted: boolean,
): RowTest {
  const { type, values } = column;
  const truths = new Map<number | bigint, number>();
  const judge = (value: number | bigint): number => {
    // Only longs are kept as 64-bit integers.
    if (type === 'long') return Number(predicate.ofLong(value) === wanted);
    const number = Number(value);
    const truth = type === 'float' ? predicate.ofFloat(number) : predicate.ofDouble(number);
    return Number(truth === wanted);
  };
  return (batch, bits, how) =>
    testEach(batch, bits, how, (row) => {
      const value = values[row];
      let truth = truths.get(value);
      if (truth === undefined) truths.set(value, (truth = judge(value)));
      return truth;
    });
}
