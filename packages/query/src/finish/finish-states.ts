/** From states of aggregators to the values that an answer shows. */
import { InvariantError } from '@isotherm/errors';
import { estimateHyperUnique, hyperUniqueRegisterCount } from '@isotherm/kernels';
import type { Aggregation } from '../model.ts';
import type { PartialColumn } from '../partial.ts';
import type { FinishedColumn } from './output-column.ts';

/**
 * Finishes the states of one aggregation: sums of doubles are rounded once, sketches become their
 * estimates unless `finalize` is false.
 */
export function finishStates(
  aggregation: Aggregation,
  states: PartialColumn,
  { finalize }: { finalize: boolean },
): FinishedColumn {
  switch (states.type) {
    case 'doubleSum':
      return { type: 'double', values: roundSums(states), nulls: states.nulls };
    case 'floatSum': {
      const values = roundSums(states).map((value) => Math.fround(value));
      return { type: 'float', values, nulls: states.nulls };
    }
    case 'hyperUnique': {
      if (!finalize) return states;
      const isRounded = isRoundedCount(aggregation);
      return estimates(states.registers, { isRounded });
    }
    case 'long':
    case 'double':
    case 'float':
    case 'string':
    case 'strings':
      return states;
  }
}

/** The states of `rowCount` groups that saw no row: counts are 0, sketches empty, all else null. */
export function emptyStates(aggregation: Aggregation, rowCount: number): PartialColumn {
  const values = new Float64Array(rowCount);
  const nulls = new Uint8Array(rowCount).fill(1);
  switch (aggregation.type) {
    case 'count':
      return { type: 'long', values: new BigInt64Array(rowCount), nulls: null };
    case 'longSum':
    case 'longMin':
    case 'longMax':
      return { type: 'long', values: new BigInt64Array(rowCount), nulls };
    case 'doubleSum':
    case 'floatSum':
      return { type: aggregation.type, values, errors: new Float64Array(rowCount), nulls };
    case 'doubleMin':
    case 'doubleMax':
      return { type: 'double', values, nulls };
    case 'floatMin':
    case 'floatMax':
      return { type: 'float', values, nulls };
    case 'hyperUnique':
    case 'cardinality':
      return {
        type: 'hyperUnique',
        registers: new Uint8Array(rowCount * hyperUniqueRegisterCount),
      };
  }
}

/** Estimates of sketches, shape [rowCount]: doubles, or longs when rounded. */
export function estimates(
  registers: Uint8Array,
  { isRounded }: { isRounded: boolean },
): FinishedColumn {
  const rowCount = registers.length / hyperUniqueRegisterCount;
  if (!Number.isInteger(rowCount)) throw new InvariantError('A sketch column is cut short.');
  const values = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    values[row] = estimateHyperUnique(registers, row * hyperUniqueRegisterCount);
  }
  if (!isRounded) return { type: 'double', values, nulls: null };
  const longs = BigInt64Array.from(values, (value) => BigInt(Math.round(value)));
  return { type: 'long', values: longs, nulls: null };
}

function roundSums(states: {
  readonly values: Float64Array;
  readonly errors: Float64Array;
}): Float64Array {
  const { values, errors } = states;
  const sums = new Float64Array(values.length);
  for (let row = 0; row < sums.length; row++) {
    const value = values[row] ?? 0;
    // Once a sum leaves the doubles its error means nothing.
    sums[row] = Number.isFinite(value) ? value + (errors[row] ?? 0) : value;
  }
  return sums;
}

/** Whether the estimates of an aggregation are whole numbers. */
export function isRoundedCount(aggregation: Aggregation): boolean {
  return 'round' in aggregation && aggregation.round;
}
