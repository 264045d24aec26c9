/**
 * Metrics of the rows of an index, by slot (the row's place in the index). Sums of doubles are kept as an
 * unevaluated pair, so that a sum does not hang on the order of rows nor on spills in between; sums of
 * longs are exact, and one that leaves 64 bits is an error.
 */
import type { ColumnInput } from '@isotherm/segment';
import type { Metric } from '../spec/ingestion-spec.ts';
import { Extreme } from './extreme-accumulator.ts';
import type { NumberRows } from './number-column.ts';
import { SketchAccumulator } from './sketch-accumulator.ts';
import { DoubleSum, LongSum } from './sum-accumulators.ts';
import type { TextColumn } from './text-column.ts';

/** What a metric takes from a batch. */
export type MetricInput =
  /** count: one for each row. */
  | { readonly type: 'none' }
  /** `errors` are the low parts of sums that were summed before; null for input rows. */
  | {
      readonly type: 'numbers';
      readonly numbers: NumberRows;
      readonly errors: Float64Array | null;
    }
  /** hyperUnique over texts. */
  | { readonly type: 'texts'; readonly ids: Uint32Array; readonly column: TextColumn }
  /** hyperUnique over sketches of a run; an empty image is none. */
  | { readonly type: 'images'; readonly images: readonly Uint8Array[] };

/** One metric of an index. */
export interface Accumulator {
  /** Bytes that so many slots use. */
  memoryBytes(slotCount: number): number;
  /** Forgets all values; keeps the room. */
  clear(): void;
  /** Makes room for so many slots. */
  grow(capacity: number): void;
  /** Adds row rows[i] of the input to slot slots[i]. */
  add(slots: Uint32Array, rows: Uint32Array, input: MetricInput): void;
  /** Orders two slots by their values; for rows that nothing else tells apart. */
  compare(a: number, b: number): number;
  /** Values of slots[i], as a column of a segment. */
  column(slots: Uint32Array): ColumnInput;
  /** Values of slots[i] as an accumulator of the same kind takes them, nothing lost. */
  take(slots: Uint32Array): MetricInput;
}

/** Makes the accumulator of a metric. */
export function makeAccumulator(metric: Metric): Accumulator {
  const { type, schema } = metric;
  switch (type) {
    case 'count':
    case 'longSum':
      return new LongSum(schema.name);
    case 'longMin':
    case 'longMax':
      return new Extreme('long', type === 'longMax' ? 1 : -1);
    case 'floatSum':
      return new DoubleSum('float');
    case 'doubleSum':
      return new DoubleSum('double');
    case 'floatMin':
    case 'floatMax':
      return new Extreme('float', type === 'floatMax' ? 1 : -1);
    case 'doubleMin':
    case 'doubleMax':
      return new Extreme('double', type === 'doubleMax' ? 1 : -1);
    case 'hyperUnique':
      return new SketchAccumulator();
  }
}
