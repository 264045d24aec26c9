/**
 * Partial results: what one segment, one worker and one node answer, and what merging adds up.
 * Columns, never row objects; text is dictionary-encoded with a dictionary local to the partial.
 * A partial is owned by whoever holds it; merging may take over its buffers.
 */
import type { TextDictionary } from './text-dictionary.ts';

/** Rows of one column. Shapes are `[rowCount]` unless said otherwise; `nulls` holds 1 for null, or is null when there is none. */
export type PartialColumn =
  | { readonly type: 'long'; readonly values: BigInt64Array; readonly nulls: Uint8Array | null }
  /** `float` values are held in doubles and printed as 32-bit floats. */
  | {
      readonly type: 'double' | 'float';
      readonly values: Float64Array;
      readonly nulls: Uint8Array | null;
    }
  /** ids index the dictionary; a null value is a null entry of the dictionary. Distinct entries, any order. */
  | {
      readonly type: 'string';
      readonly dictionary: TextDictionary;
      readonly ids: Uint32Array;
    }
  /** Multi-value text of a scan: row r has ids[offsets[r] … offsets[r + 1]). offsets `[rowCount + 1]`. */
  | {
      readonly type: 'strings';
      readonly dictionary: TextDictionary;
      readonly offsets: Uint32Array;
      readonly ids: Uint32Array;
    }
  /**
   * Sum of doubles as an unevaluated pair `values + errors` (double-double), so that the rounded
   * result does not hang on how rows were split over segments, threads and nodes.
   */
  | {
      readonly type: 'doubleSum' | 'floatSum';
      readonly values: Float64Array;
      readonly errors: Float64Array;
      readonly nulls: Uint8Array | null;
    }
  /** HyperLogLog registers, one byte each, `[rowCount * 2048]` (Druid's 2^11 registers). */
  | { readonly type: 'hyperUnique'; readonly registers: Uint8Array };

/**
 * Groups of a timeseries, topN or groupBy: one row per (time bucket, dimension values). Rows are
 * unique but in no promised order.
 */
export interface GroupedPartial {
  readonly kind: 'grouped';
  readonly rowCount: number;
  /**
   * Start of each row's bucket, shape [rowCount]. For granularity `all` every row of a partial holds
   * the same number: max(start of the query, first time of the segment); merging keeps the least.
   */
  readonly times: Float64Array;
  /** One per dimension spec of the query; none for timeseries. */
  readonly dimensions: readonly PartialColumn[];
  /** One per aggregation of the query, in its order. */
  readonly states: readonly PartialColumn[];
  readonly scannedRows: number;
}

/** One column of a scan. */
export interface ScanColumn {
  readonly name: string;
  readonly column: PartialColumn;
  /**
   * Druid's name of the segment's type where `column` does not tell: a sketch is shown as text, a column
   * that the segment lacks (null) as nulls. Absent = as `column`.
   */
  readonly typeName?: string | null;
}

/** Rows of a scan, in segment order or, for an ordered scan, by time. */
export interface ScanPartial {
  readonly kind: 'scan';
  readonly rowCount: number;
  /** Text form of the segment id. One partial holds rows of one segment. */
  readonly segmentId: string;
  readonly columns: readonly ScanColumn[];
  /** `__time` of each row, for ordering, shape [rowCount]. */
  readonly times: Float64Array;
  readonly scannedRows: number;
}

/** First and last matching time; both null when nothing matches. */
export interface TimeBoundaryPartial {
  readonly kind: 'timeBoundary';
  readonly minMs: number | null;
  readonly maxMs: number | null;
  readonly scannedRows: number;
}

/** Analysis of one segment. */
export interface SegmentMetadataPartial {
  readonly kind: 'segmentMetadata';
  readonly segmentId: string;
  readonly interval: { readonly start: number; readonly end: number };
  readonly columns: Readonly<Record<string, ColumnAnalysis>>;
  readonly bytes: number;
  readonly rowCount: number;
  /** Aggregators as the ingestion spec wrote them (combining form), by name; null when unknown. */
  readonly aggregators: Readonly<Record<string, unknown>> | null;
  readonly timestampSpec: unknown;
  readonly queryGranularity: unknown;
  readonly rollup: boolean | null;
  readonly scannedRows: number;
}

/** One column of a segmentMetadata answer; keys are Druid's. */
export interface ColumnAnalysis {
  readonly typeSignature: string;
  readonly type: string;
  readonly hasMultipleValues: boolean;
  readonly hasNulls: boolean;
  readonly size: number;
  readonly cardinality: number | null;
  readonly minValue: string | number | null;
  readonly maxValue: string | number | null;
  readonly errorMessage: string | null;
}

/** Any partial result. */
export type PartialResult =
  | GroupedPartial
  | ScanPartial
  | TimeBoundaryPartial
  | SegmentMetadataPartial;
