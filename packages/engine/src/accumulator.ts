/**
 * Aggregators of one run: each folds batches into states per slot and gives one partial column.
 * Which loop does it is decided once, from the type of the column and from what statistics prove.
 */
import type { Batch, RowRuns } from '@isotherm/kernels';
import type { Aggregation, PartialColumn } from '@isotherm/query';
import type { Segment } from '@isotherm/segment';
import { cardinalityAccumulator } from './accumulate-cardinality.ts';
import { extremeAccumulator } from './accumulate-extremes.ts';
import { hyperUniqueAccumulator } from './accumulate-hyper-unique.ts';
import type { IntegerPack, IntegerSum } from './accumulate-integer-sums.ts';
import { integerSums } from './accumulate-integer-sums.ts';
import { doubleSumAccumulator, laneSumAccumulator, packedSums } from './accumulate-sums.ts';
import type { NumberSource, NumberUse } from './number-source.ts';
import type { RunSource } from './run-source.ts';
import { runSource } from './run-source.ts';
import { type SlotRows, countedRows, uncountedRows } from './slot-rows.ts';

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
   * @param rows of all slots
   * @throws ResourceLimitError with code LONG_OVERFLOW if a long sum leaves 64 bits
   */
  finish(slots: Uint32Array, rows: SlotRows): PartialColumn;
}

/** All aggregators of a query over the segments of a run. */
export interface Accumulators extends Accumulator {
  /** Reads the columns of another segment, by its place in the run, from the next batch on. */
  bind(segment: number): void;
  /** Given where runs of rows can be added at once instead of row by row. */
  readonly addRuns: ((runs: RowRuns, slotCount: number) => void) | null;
  /** Given where rows can be added to slots of their segment first. */
  readonly local: Pick<IntegerPack, 'addLocal' | 'fold'> | null;
  /** Rows of the slots. */
  readonly rows: SlotRows;
  /**
   * One partial column an aggregation.
   *
   * @param slots the slots to answer, ascending
   */
  finish(slots: Uint32Array): PartialColumn[];
  /** The states of one of the aggregations. */
  stateOf(aggregation: Aggregation, slots: Uint32Array): PartialColumn;
}

/** What is known of the groups of a run beforehand. */
export interface GroupLimits {
  /** Rows that come at most. */
  readonly rows: number;
  /** The same after lists are exploded: no slot gets more. */
  readonly elements: number;
  /** Nobody asks which slots have rows. */
  readonly everySlot: boolean;
}

/**
 * Plans aggregators without regard to filters of their own, for which there is `planAccumulators`.
 *
 * @param segments     their columns have the same types, or are missing in all
 */
export function planUnfiltered(
  aggregations: readonly Aggregation[],
  segments: readonly Segment[],
  limits: GroupLimits,
): Accumulators {
  const elementLimit = limits.elements;
  const bound: { bind(segment: number): void }[] = [];
  const exact: { readonly name: string; readonly source: NumberSource }[] = [];
  const integers: IntegerSum[] = [];
  const singles = new Map<string, SingleAccumulator>();
  for (const aggregation of aggregations) {
    if (aggregation.type === 'count') continue;
    if (aggregation.type === 'hyperUnique' || aggregation.type === 'cardinality') {
      const sketches =
        aggregation.type === 'hyperUnique'
          ? hyperUniqueAccumulator(aggregation.fieldName, segments)
          : cardinalityAccumulator(aggregation, segments);
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
      // A row that is repeated counts more than once.
      const greatestSum = limits.elements > limits.rows ? null : source.greatestSum;
      integers.push({ name: aggregation.name, source, greatestSum });
    } else if (isExact(source, elementLimit)) exact.push({ name: aggregation.name, source });
    else singles.set(aggregation.name, laneSumAccumulator(aggregation.name, source));
  }
  const integerPacks = integerSums(integers, elementLimit);
  const packs = [...packedSums(exact), ...integerPacks];
  for (const pack of packs) for (const [name, column] of pack.columns) singles.set(name, column);
  const isCounted = aggregations.some(({ type }) => type === 'count');
  // Sketches tell themselves what they saw.
  const asksForRows = !limits.everySlot || !aggregations.every(isSketched);
  const rows =
    integerPacks.find((pack) => pack.rows !== null)?.rows ??
    (asksForRows ? countedRows(isCounted) : uncountedRows);
  const members = new Set(packs.flatMap((pack) => [...pack.columns.values()]));
  const alone = [...singles.values()].filter((single) => !members.has(single));
  const all: (Accumulator | SlotRows)[] = [rows, ...packs, ...alone];
  // Every accumulator is a pack of integers without nulls, and there is one to count rows.
  const takesRuns =
    rows === integerPacks[0]?.rows &&
    all.length - 1 === integerPacks.length &&
    integerPacks.every((pack) => pack.rows !== null);
  const stateOf = (aggregation: Aggregation, slots: Uint32Array): PartialColumn => {
    if (aggregation.type === 'count') {
      return { type: 'long', values: rows.counts(slots), nulls: null };
    }
    return singles.get(aggregation.name)?.finish(slots, rows) ?? nothing(aggregation, slots.length);
  };
  return {
    bind(segment) {
      for (const each of bound) each.bind(segment);
    },
    add(batch, slots, slotCount) {
      for (const accumulator of all) accumulator.add(batch, slots, slotCount);
    },
    addRuns: takesRuns
      ? (runs, slotCount) => {
          for (const pack of integerPacks) pack.addRuns(runs, slotCount);
        }
      : null,
    local: takesRuns ? localOf(integerPacks) : null,
    rows,
    finish: (slots) => aggregations.map((aggregation) => stateOf(aggregation, slots)),
    stateOf,
  };
}

function localOf(packs: readonly IntegerPack[]): Accumulators['local'] {
  return {
    addLocal(batch, slots, slotCount) {
      for (const pack of packs) pack.addLocal(batch, slots, slotCount);
    },
    fold(table, slotCount) {
      for (const pack of packs) pack.fold(table, slotCount);
    },
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

function parts(
  type: Exclude<Aggregation['type'], 'count' | 'hyperUnique' | 'cardinality'>,
): NumberUse {
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
    case 'cardinality':
      return { type: 'hyperUnique', registers: new Uint8Array(rowCount * 2048) };
  }
}

/** Whether the state of an aggregator is a sketch of 2,048 bytes a slot. */
export function isSketched({ type }: Aggregation): boolean {
  return type === 'hyperUnique' || type === 'cardinality';
}
