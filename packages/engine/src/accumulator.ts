/**
 * Aggregators of one run: each folds batches into states per slot and gives one partial column.
 * Which loop does it is decided once, from the type of the column and from what statistics prove.
 */
import type { Batch } from '@isotherm/kernels';
import type { Aggregation, PartialColumn } from '@isotherm/query';
import type { Segment } from '@isotherm/segment';
import { extremeAccumulator } from './accumulate-extremes.ts';
import { hyperUniqueAccumulator } from './accumulate-hyper-unique.ts';
import { integerSums } from './accumulate-integer-sums.ts';
import { doubleSumAccumulator, laneSumAccumulator, packedSums } from './accumulate-sums.ts';
import type { NumberSource, NumberUse } from './number-source.ts';
import type { RunSource } from './run-source.ts';
import { runSource } from './run-source.ts';

/** States of one or several aggregators, per slot. */
export interface Accumulator {
  /** Makes room for slots 0 … slotCount - 1 and folds the rows of a batch; `slots[i]` is that of its row i. */
  add(batch: Batch, slots: Uint32Array, slotCount: number): void;
}

/** An accumulator of one aggregator. */
export interface SingleAccumulator extends Accumulator {
  /**
   * States of some slots.
   *
   * @param counts rows of each slot
   * @throws ResourceLimitError with code LONG_OVERFLOW if a long sum leaves 64 bits
   */
  finish(slots: Uint32Array, counts: Uint32Array): PartialColumn;
}

/** All aggregators of a query over the segments of a run. */
export interface Accumulators extends Accumulator {
  /** Reads the columns of another segment, by its place in the run, from the next batch on. */
  bind(segment: number): void;
  /**
   * One partial column an aggregation.
   *
   * @param slots  the slots to answer, in the order of the answer
   * @param counts rows of each slot
   */
  finish(slots: Uint32Array, counts: Uint32Array): PartialColumn[];
}

/**
 * Plans the aggregators of a query.
 *
 * @param segments     their columns have the same types, or are missing in all
 * @param elementLimit no slot gets more elements than this from all of them: the rows, times what
 *   exploding them gives
 */
export function planAccumulators(
  aggregations: readonly Aggregation[],
  segments: readonly Segment[],
  elementLimit: number,
): Accumulators {
  const bound: { bind(segment: number): void }[] = [];
  const exact: { readonly name: string; readonly source: NumberSource }[] = [];
  const integers: { readonly name: string; readonly source: NumberSource }[] = [];
  const singles = new Map<string, SingleAccumulator>();
  for (const aggregation of aggregations) {
    if (aggregation.type === 'count') continue;
    if (aggregation.type === 'hyperUnique') {
      const sketches = hyperUniqueAccumulator(aggregation.fieldName, segments);
      singles.set(aggregation.name, sketches);
      bound.push(sketches);
      continue;
    }
    const { form, fold } = parts(aggregation.type);
    const source = runSource(aggregation.fieldName, { form, fold }, segments);
    if (source === null) continue;
    bound.push(source);
    if (fold !== 'Sum') singles.set(aggregation.name, extremeAccumulator(source, { form, fold }));
    else if (form !== 'long') singles.set(aggregation.name, doubleSumAccumulator(source, form));
    else if (fitsLongs(source, elementLimit)) {
      integers.push({ name: aggregation.name, source });
    } else if (isExact(source, elementLimit)) exact.push({ name: aggregation.name, source });
    else singles.set(aggregation.name, laneSumAccumulator(aggregation.name, source));
  }
  const packs = [...packedSums(exact), ...integerSums(integers)];
  for (const pack of packs) for (const [name, column] of pack.columns) singles.set(name, column);
  const all: Accumulator[] = [...new Set<Accumulator>([...packs, ...singles.values()])];
  return {
    bind(segment) {
      for (const each of bound) each.bind(segment);
    },
    add(batch, slots, slotCount) {
      for (const accumulator of all) accumulator.add(batch, slots, slotCount);
    },
    finish: (slots, counts) =>
      aggregations.map((aggregation) => {
        if (aggregation.type === 'count') return countColumn(slots, counts);
        return (
          singles.get(aggregation.name)?.finish(slots, counts) ?? nothing(aggregation, slots.length)
        );
      }),
  };
}

/** The columns lie where kernels read them, and no partial sum leaves 64 bits, in whatever order. */
function fitsLongs(source: RunSource, elementLimit: number): boolean {
  return source.areIntegersInKernelMemory && elementLimit * source.magnitude < 2 ** 63;
}

/** Every partial sum is a whole number within ±2^53, in whatever order. */
function isExact(source: NumberSource, elementLimit: number): boolean {
  return !source.wide && elementLimit * source.valuesPerRow * source.magnitude < 2 ** 53;
}

function parts(type: Exclude<Aggregation['type'], 'count' | 'hyperUnique'>): NumberUse {
  switch (type) {
    case 'longSum':
      return { form: 'long', fold: 'Sum' };
    case 'longMin':
      return { form: 'long', fold: 'Min' };
    case 'longMax':
      return { form: 'long', fold: 'Max' };
    case 'floatSum':
      return { form: 'float', fold: 'Sum' };
    case 'floatMin':
      return { form: 'float', fold: 'Min' };
    case 'floatMax':
      return { form: 'float', fold: 'Max' };
    case 'doubleSum':
      return { form: 'double', fold: 'Sum' };
    case 'doubleMin':
      return { form: 'double', fold: 'Min' };
    case 'doubleMax':
      return { form: 'double', fold: 'Max' };
  }
}

function countColumn(slots: Uint32Array, counts: Uint32Array): PartialColumn {
  const values = BigInt64Array.from(slots, (slot) => BigInt(counts[slot]));
  return { type: 'long', values, nulls: null };
}

/** The state of an aggregator over a column that is not there: null throughout. */
export function nothing(aggregation: Aggregation, rowCount: number): PartialColumn {
  const nulls = new Uint8Array(rowCount).fill(1);
  const zeros = new Float64Array(rowCount);
  switch (aggregation.type) {
    case 'count':
      return { type: 'long', values: new BigInt64Array(rowCount), nulls: null };
    case 'longSum':
    case 'longMin':
    case 'longMax':
      return { type: 'long', values: new BigInt64Array(rowCount), nulls };
    case 'doubleSum':
    case 'floatSum':
      return { type: aggregation.type, values: zeros, errors: new Float64Array(rowCount), nulls };
    case 'floatMin':
    case 'floatMax':
      return { type: 'float', values: zeros, nulls };
    case 'doubleMin':
    case 'doubleMax':
      return { type: 'double', values: zeros, nulls };
    case 'hyperUnique':
      return { type: 'hyperUnique', registers: new Uint8Array(rowCount * 2048) };
  }
}
