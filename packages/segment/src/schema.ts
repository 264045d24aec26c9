/** What a segment says about itself beside its rows: goes into the file's metadata as JSON. */
export interface SegmentSchema {
  readonly dataSource: string;
  readonly namespace: string;
  /** `[start, end)` of the segment's interval, epoch milliseconds. */
  readonly interval: { readonly start: number; readonly end: number };
  /** In the order of the spec, without `__time`. */
  readonly dimensions: readonly DimensionSchema[];
  readonly metrics: readonly MetricSchema[];
  /**
   * Column names in sort order, all dimensions and `__time`, which is the last one unless the spec
   * forces it first. Rows ascend: null before all values, text by code points, numbers by value with
   * NaN last and -0 equal to 0, lists entry by entry with a shorter one first.
   */
  readonly sortOrder: readonly string[];
  readonly rollup: boolean;
  /** JSON of the granularity as the spec wrote it. */
  readonly queryGranularity: unknown;
  /** JSON of the timestampSpec as the spec wrote it; for segmentMetadata. */
  readonly timestampSpec: unknown;
}

/** A dimension column. */
export interface DimensionSchema {
  readonly name: string;
  readonly type: 'string' | 'long' | 'float' | 'double';
  /** Only text may hold several values a row; the column is written as `strings` when any row does. */
  readonly multiValueHandling: 'SORTED_ARRAY' | 'SORTED_SET' | 'ARRAY';
}

/** A metric column and the aggregator that made it. */
export interface MetricSchema {
  readonly name: string;
  readonly type: 'long' | 'float' | 'double' | 'hyperUnique';
  /** JSON of the aggregator as the spec wrote it; kept in the file for segmentMetadata. */
  readonly aggregator: Readonly<Record<string, unknown>>;
}
