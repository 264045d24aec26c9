/**
 * A run: what an index held when it was full, sorted, in a form that passes between threads and lies on
 * disk. Rows are ranks among the run's own values, so that runs merge without a look at a text.
 *
 *   block, at a multiple of 8 bytes
 *     keys     u32 [rows × width]   ranks in the order of the sort: dimensions, `__time` in its place
 *     metrics  one after the other, each at a multiple of 8 bytes; see run-metrics.ts
 *
 * Rows are sorted by chunk, then by their keys. The header stays in memory.
 */
import type { DimensionSchema } from '@isotherm/segment';
import type { SortedTexts } from '../rows/sorted-texts.ts';
import type { MetricPlace } from './run-metrics.ts';

/** Values of a dimension by rank; rank 0 is null. */
export type RunValues =
  | {
      readonly type: 'text';
      readonly size: number;
      readonly texts: SortedTexts;
      /** Ranks of the texts of each value; null where every value is the text of its own rank. */
      readonly values: readonly Uint32Array[] | null;
    }
  | {
      readonly type: 'number';
      readonly size: number;
      readonly values: Float64Array;
      readonly wide: ReadonlyMap<number, bigint>;
    };

/** Where a block lies in the bytes of its run. */
export interface BlockPlace {
  readonly start: number;
  readonly end: number;
  readonly rowCount: number;
  readonly metrics: readonly MetricPlace[];
}

/** Rows of one chunk of time. */
export interface RunChunk {
  readonly chunkStart: number;
  readonly rowCount: number;
  readonly blocks: readonly BlockPlace[];
}

/** What is known of a run without its rows. */
export interface RunHeader {
  readonly dimensions: readonly DimensionSchema[];
  /** One a dimension. */
  readonly values: readonly RunValues[];
  /** Epoch milliseconds by rank, ascending from rank 1. */
  readonly times: Float64Array;
  /** Ascending. */
  readonly chunks: readonly RunChunk[];
  readonly rowCount: number;
}

/** A run in memory. */
export interface Run {
  readonly header: RunHeader;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Rows of a block at most. */
export const maxBlockRows = 1 << 14;
