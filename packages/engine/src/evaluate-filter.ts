/**
 * Evaluates a filter plan over one batch into a mask, node by node; each node runs one kernel over
 * the whole batch.
 */
import type { Batch } from '@isotherm/kernels';
import {
  andMask,
  joinLanes,
  maskTrue,
  maskFalse,
  notMask,
  orMask,
  readLanes,
  readNumbers,
  scratchBytes,
  scratchNumbers,
  testLists,
  testNulls,
  testRange,
  testSet,
  testTable,
} from '@isotherm/kernels';
import type { ValuePredicate } from '@isotherm/query';
import type { NumberTest } from './number-test.ts';
import type { FilterPlan } from './plan-filter.ts';
import { truthOf } from './truth-table.ts';

/** Scratch for one evaluation at a time; batches never exceed its size. */
interface FilterScratch {
  readonly numbers: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  /** One mask for each level of nesting, made when first needed. */
  readonly masks: Uint8Array[];
  readonly batchRows: number;
  /** Truth of each value that a predicate had to look at. */
  readonly seen: Map<ValuePredicate, Map<number | bigint, number>>;
}

/** Scratch for batches of up to `batchRows`. */
export function makeFilterScratch(batchRows: number): FilterScratch {
  return {
    numbers: scratchNumbers(batchRows),
    high: scratchNumbers(batchRows),
    low: scratchNumbers(batchRows),
    masks: [],
    batchRows,
    seen: new Map(),
  };
}

/** Writes the truth of each row of `batch` to `mask`. `depth` is that of nesting, 0 at the root. */
export function evaluateFilter(
  plan: FilterPlan,
  batch: Batch,
  mask: Uint8Array,
  scratch: FilterScratch,
  depth = 0,
): void {
  const { count } = batch;
  switch (plan.type) {
    case 'constant':
      mask.fill(plan.truth, 0, count);
      return;
    case 'table':
      testTable(plan.column.ids, batch, plan.table, mask);
      return;
    case 'lists':
      testLists(plan.column.offsets, plan.column.ids, batch, plan.table, plan.emptyTruth, mask);
      return;
    case 'numbers':
      testNumbers(plan, batch, mask, scratch);
      return;
    case 'not':
      evaluateFilter(plan.field, batch, mask, scratch, depth);
      notMask(mask, count);
      return;
    case 'and':
    case 'or': {
      mask.fill(plan.type === 'and' ? maskTrue : maskFalse, 0, count);
      const other = (scratch.masks[depth] ??= scratchBytes(scratch.batchRows));
      for (const field of plan.fields) {
        evaluateFilter(field, batch, other, scratch, depth + 1);
        if (plan.type === 'and') andMask(mask, other, count);
        else orMask(mask, other, count);
      }
      return;
    }
  }
}

function testNumbers(
  plan: FilterPlan & { readonly type: 'numbers' },
  batch: Batch,
  mask: Uint8Array,
  scratch: FilterScratch,
): void {
  const { column, test } = plan;
  const { numbers } = scratch;
  const { count } = batch;
  if (test.type === 'never') {
    mask.fill(maskFalse, 0, count);
  } else if (column.values instanceof BigInt64Array) {
    testWide(column.values, test, batch, mask, scratch);
  } else {
    readNumbers(column.values, batch, numbers);
    if (test.type === 'range') testRange(numbers, count, test, mask);
    else if (test.type === 'set') testSet(numbers, count, test.sorted, mask);
    else {
      const truths = truthsSeen(test.predicate, scratch);
      testEach(numbers, count, truths, valueTruth(column.type, test.predicate), mask);
    }
  }
  if (column.validity !== null) testNulls(column.validity, batch, plan.nullTruth, mask);
}

/**
 * 64-bit values. A range or a set has edges within ±2^53, and joining lanes rounds only values
 * beyond, without bringing them inside: so doubles decide rightly.
 */
function testWide(
  values: BigInt64Array,
  test: NumberTest,
  batch: Batch,
  mask: Uint8Array,
  scratch: FilterScratch,
): void {
  const { count } = batch;
  if (test.type === 'each') {
    const truths = truthsSeen(test.predicate, scratch);
    for (let i = 0; i < count; i++) {
      const value = values[batch.rows === null ? batch.start + i : batch.rows[i]];
      let truth = truths.get(value);
      if (truth === undefined) truths.set(value, (truth = truthOf(test.predicate.ofLong(value))));
      mask[i] = truth;
    }
    return;
  }
  readLanes(values, batch, scratch.high, scratch.low);
  joinLanes(scratch.high, scratch.low, count, scratch.numbers);
  if (test.type === 'range') testRange(scratch.numbers, count, test, mask);
  else if (test.type === 'set') testSet(scratch.numbers, count, test.sorted, mask);
}

function valueTruth(
  type: 'long' | 'float' | 'double',
  predicate: ValuePredicate,
): (value: number) => number {
  switch (type) {
    case 'long':
      return (value) => truthOf(predicate.ofLong(value));
    case 'float':
      return (value) => truthOf(predicate.ofFloat(value));
    case 'double':
      return (value) => truthOf(predicate.ofDouble(value));
  }
}

function testEach(
  values: Float64Array,
  count: number,
  truths: Map<number | bigint, number>,
  truthOfValue: (value: number) => number,
  mask: Uint8Array,
): void {
  for (let i = 0; i < count; i++) {
    const value = values[i];
    let truth = truths.get(value);
    if (truth === undefined) truths.set(value, (truth = truthOfValue(value)));
    mask[i] = truth;
  }
}

function truthsSeen(
  predicate: ValuePredicate,
  scratch: FilterScratch,
): Map<number | bigint, number> {
  let truths = scratch.seen.get(predicate);
  if (truths === undefined) scratch.seen.set(predicate, (truths = new Map()));
  return truths;
}
