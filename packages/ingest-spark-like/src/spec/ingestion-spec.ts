/**
 * An ingestion spec after validation: Druid's `index_parallel` with its defaults filled in and its
 * shorthands resolved. `parse-spec.ts` makes it; the six steps read it.
 */
import type { Expression, Filter, NumericAggregatorType } from '@isotherm/query';
import type { DimensionSchema, MetricSchema } from '@isotherm/segment';
import type { Granularity, Interval } from '@isotherm/timeline';

/** One batch ingestion job: what to read, what to make of it, where to put it. */
export interface IngestionSpec {
  readonly dataSource: string;
  readonly namespace: string;
  readonly timestamp: TimestampSpec;
  readonly dimensions: DimensionsSpec;
  readonly metrics: readonly Metric[];
  readonly granularity: GranularitySpec;
  readonly transforms: readonly Transform[];
  /** Rows that it does not match are dropped before anything is aggregated. */
  readonly filter: Filter | null;
  readonly input: InputSource;
  readonly format: InputFormat;
  /** Also replaces the chunks of the intervals for which no row came. */
  readonly dropExisting: boolean;
  readonly partitions: PartitionsSpec;
  readonly limits: IngestionLimits;
  /** Paths of settings of Druid's that are accepted and do nothing here. */
  readonly withoutEffect: readonly string[];
}

/** Where a row's time is and how it is written. */
export interface TimestampSpec {
  readonly column: string;
  readonly format: TimestampFormat;
  /** Time of rows that have none; null makes them bad rows. */
  readonly missingMs: number | null;
  /** As the spec wrote it; kept in the segments. */
  readonly json: unknown;
}

/** How times are written; a pattern is Joda's, such as `yyyy-MM-dd HH:mm:ss`. */
export type TimestampFormat =
  | { readonly type: 'auto' | 'iso' | 'posix' | 'millis' | 'micro' | 'nano' }
  | { readonly type: 'pattern'; readonly pattern: string };

/** Dimensions in sort order, and whether more are found in the rows. */
export interface DimensionsSpec {
  readonly fixed: readonly DimensionSchema[];
  /** Every other column becomes a text dimension, in the order of code points after the fixed ones. */
  readonly discovers: boolean;
  /** Never discovered: exclusions, the time column, and inputs of metrics. */
  readonly exclusions: readonly string[];
  /** Place of `__time` in the sort order: before the dimension of this index, or null = last. */
  readonly timePosition: number | null;
}

/** A metric: its column and where its input comes from. */
export interface Metric {
  readonly schema: MetricSchema;
  readonly type: 'count' | NumericAggregatorType | 'hyperUnique';
  readonly input:
    | { readonly type: 'none' }
    | { readonly type: 'field'; readonly name: string }
    | { readonly type: 'expression'; readonly expression: Expression };
}

/** Chunks of time, roll-up and the intervals that are replaced. */
export interface GranularitySpec {
  readonly segment: Granularity;
  readonly query: Granularity;
  /** As the spec wrote it; kept in the segments. */
  readonly queryJson: unknown;
  readonly rollup: boolean;
  /** Condensed; null = whatever the rows hold. */
  readonly intervals: readonly Interval[] | null;
}

/** A computed column; it hides an input column of the same name. */
export interface Transform {
  readonly name: string;
  readonly expression: Expression;
}

/** Where rows come from. */
export type InputSource =
  | {
      readonly type: 'local';
      /** Folder that is searched with `filter`, relative to the spec's own folder; null with `files`. */
      readonly baseDir: string | null;
      /** File name with `*` and `?`. */
      readonly filter: string;
      readonly files: readonly string[];
    }
  | { readonly type: 'inline'; readonly data: string };

/** How the bytes of the input are rows. */
export type InputFormat =
  | { readonly type: 'json'; readonly flatten: FlattenSpec }
  | DelimitedFormat
  | { readonly type: 'parquet' };

/** Text with a delimiter. Only csv knows quotes. */
export interface DelimitedFormat {
  readonly type: 'csv' | 'tsv';
  /** null = read from the header. */
  readonly columns: readonly string[] | null;
  readonly hasHeader: boolean;
  /** Lines before the header or the first row. */
  readonly skipHeaderRows: number;
  readonly delimiter: string;
  readonly listDelimiter: string;
}

/** Columns taken from inside JSON objects. */
export interface FlattenSpec {
  /** Fields of the root are columns too. */
  readonly discovers: boolean;
  readonly fields: readonly FlattenField[];
}

/** One column and its way through the object, such as `['a', 'b', 0]`. */
export interface FlattenField {
  readonly name: string;
  readonly steps: readonly (string | number)[];
}

/** How the rows of one chunk are divided into segments. */
export type PartitionsSpec =
  | { readonly type: 'dynamic'; readonly maxRowsPerSegment: number }
  | {
      readonly type: 'hashed';
      readonly shardCount: number | null;
      readonly targetRowsPerSegment: number;
      /** Empty = all dimensions. */
      readonly dimensions: readonly string[];
    }
  | {
      readonly type: 'range';
      readonly targetRowsPerSegment: number;
      readonly dimensions: readonly string[];
    };

/** What a job may use and endure. */
export interface IngestionLimits {
  readonly maxRowsInMemory: number;
  readonly maxBytesInMemory: number;
  /** Bad rows above which the job fails; null = max(100, 1 % of all rows). */
  readonly maxBadRows: number | null;
}
