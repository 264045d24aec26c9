/** What the writer takes: whole columns in memory, rows rolled up and sorted by the schema's sort order. */
import type { Compression } from './format.ts';
import type { SegmentSchema } from './schema.ts';

/**
 * A dictionary as bytes: entry i is the UTF-8 text bytes[offsets[i] … offsets[i + 1]). With `hasNull`
 * entry 0 is null, of no bytes.
 */
export interface TextEntries {
  /** shape [number of entries + 1], from 0 */
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
  readonly hasNull: boolean;
}

/** The values of one column. Arrays are read in place and never kept. */
export type ColumnInput =
  | {
      readonly type: 'string';
      /** Sorted by code points, null first, distinct, each used by some row. */
      readonly dictionary: readonly (string | null)[] | TextEntries;
      /** shape [rowCount] */
      readonly ids: Uint32Array;
    }
  | {
      readonly type: 'strings';
      /** As above. */
      readonly dictionary: readonly (string | null)[];
      /** Row r has ids[offsets[r] … offsets[r + 1]), shape [rowCount + 1], from 0. */
      readonly offsets: Uint32Array;
      readonly ids: Uint32Array;
    }
  | {
      readonly type: 'long';
      /** shape [rowCount] */
      readonly values: BigInt64Array;
      /** 1 = null, shape [rowCount]; null when no row is. */
      readonly nulls: Uint8Array | null;
    }
  | {
      readonly type: 'double' | 'float';
      /** shape [rowCount]; a float is rounded to 32 bits when it is written. */
      readonly values: Float64Array;
      readonly nulls: Uint8Array | null;
    }
  | {
      readonly type: 'hyperUnique';
      /** One image of kernels' `encodeHyperUnique` a row; an empty one is null. */
      readonly images: readonly Uint8Array[];
    };

/** A whole segment before it is written. */
export interface SegmentInput {
  readonly schema: SegmentSchema;
  readonly rowCount: number;
  /** Epoch milliseconds of each row, whole numbers, shape [rowCount]. */
  readonly time: Float64Array;
  /** One entry for every dimension and metric of the schema. */
  readonly columns: ReadonlyMap<string, ColumnInput>;
}

/** How a segment is written. */
export interface WriteOptions {
  /** `zstd` unless told otherwise. */
  readonly compression?: Compression;
  /** Rows that a distinct time must have on average for sums by time; 64 unless told otherwise. */
  readonly leastRowsPerTime?: number;
}

/** A segment file in memory and what its descriptor needs. */
export interface WrittenSegment {
  readonly bytes: Uint8Array;
  /** Of `bytes`, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** Bytes that all columns hold in memory once loaded. */
  readonly memoryBytes: number;
  readonly rowCount: number;
  /** Both inclusive; null without rows. */
  readonly timeRange: { readonly minMs: number; readonly maxMs: number } | null;
}
