/**
 * The native query model after validation: what `parseQuery` returns and everything below it reads.
 * Names are Druid's; JSON's shorthands are already resolved (a dimension given as a string is a
 * `DimensionSpec`, an interval text is an `Interval`, numbers given as text are numbers).
 */
import type { Granularity, Interval } from '@isotherm/timeline';

/** Any native query. */
export type Query =
  | TimeseriesQuery
  | TopNQuery
  | GroupByQuery
  | ScanQuery
  | TimeBoundaryQuery
  | SegmentMetadataQuery;

/** Context keys that change how a query runs; unknown ones are kept in `raw` and ignored, as Druid does. */
export interface QueryContext {
  readonly queryId: string;
  readonly timeoutMs: number;
  /** Larger runs first. */
  readonly priority: number;
  readonly skipEmptyBuckets: boolean;
  readonly grandTotal: boolean;
  readonly resultAsArray: boolean;
  readonly finalize: boolean;
  /** Druid sorts groupBy by dimensions before time when set. */
  readonly sortByDimsFirst: boolean;
  /** Ours: answer over what is there, and mark the answer. */
  readonly allowPartial: boolean;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** What every query has. */
export interface QueryBase {
  readonly dataSource: TableDataSource;
  /** Sorted, disjoint, not empty unless the query asks for an empty span. */
  readonly intervals: readonly Interval[];
  readonly context: QueryContext;
}

/** A datasource by name. */
export interface TableDataSource {
  readonly type: 'table';
  readonly name: string;
}

/** One row per time bucket. */
export interface TimeseriesQuery extends QueryBase {
  readonly queryType: 'timeseries';
  readonly granularity: Granularity;
  readonly filter: Filter | null;
  readonly aggregations: readonly Aggregation[];
  readonly postAggregations: readonly PostAggregation[];
  readonly descending: boolean;
  /** null = all */
  readonly limit: number | null;
}

/** The best `threshold` values of one dimension per time bucket; exact. */
export interface TopNQuery extends QueryBase {
  readonly queryType: 'topN';
  readonly granularity: Granularity;
  readonly filter: Filter | null;
  readonly dimension: DimensionSpec;
  readonly metric: TopNMetric;
  readonly threshold: number;
  readonly aggregations: readonly Aggregation[];
  readonly postAggregations: readonly PostAggregation[];
}

/** How topN orders. `inverted` is resolved into `descending`. */
export type TopNMetric =
  | { readonly type: 'numeric'; readonly metric: string; readonly descending: boolean }
  | {
      readonly type: 'dimension';
      readonly ordering: StringOrdering;
      /** Only values after this one in the chosen order; null = from the start. */
      readonly previousStop: string | null;
      readonly descending: boolean;
    };

/** One row per distinct combination of dimensions per time bucket. */
export interface GroupByQuery extends QueryBase {
  readonly queryType: 'groupBy';
  readonly granularity: Granularity;
  readonly filter: Filter | null;
  readonly dimensions: readonly DimensionSpec[];
  readonly aggregations: readonly Aggregation[];
  readonly postAggregations: readonly PostAggregation[];
  readonly having: Having | null;
  readonly limitSpec: LimitSpec;
}

/** Rows as they are stored. */
export interface ScanQuery extends QueryBase {
  readonly queryType: 'scan';
  readonly filter: Filter | null;
  /** null = every column. */
  readonly columns: readonly string[] | null;
  readonly resultFormat: 'list' | 'compactedList';
  readonly order: 'ascending' | 'descending' | 'none';
  readonly limit: number | null;
  readonly offset: number;
  readonly batchSize: number;
}

/** First and last time of the data. */
export interface TimeBoundaryQuery extends QueryBase {
  readonly queryType: 'timeBoundary';
  readonly bound: 'minTime' | 'maxTime' | null;
  readonly filter: Filter | null;
}

/** What columns hold. */
export interface SegmentMetadataQuery extends QueryBase {
  readonly queryType: 'segmentMetadata';
  /** null = every column */
  readonly toInclude: readonly string[] | null;
  readonly merge: boolean;
  readonly analysisTypes: readonly AnalysisType[];
  readonly lenientAggregatorMerge: boolean;
  /** False when the query named no interval: then the last week before the end of the data. */
  readonly intervalsGiven: boolean;
}

/** Parts of a segmentMetadata answer that cost something and are given on request. */
export type AnalysisType =
  | 'cardinality'
  | 'size'
  | 'interval'
  | 'aggregators'
  | 'minmax'
  | 'timestampSpec'
  | 'queryGranularity'
  | 'rollup';

/** A dimension to group by. `__time` is a long column here. */
export interface DimensionSpec {
  readonly type: 'default';
  readonly dimension: string;
  readonly outputName: string;
  readonly outputType: 'STRING' | 'LONG' | 'FLOAT' | 'DOUBLE';
}

/** How texts compare: UTF-8 byte order, runs of digits as numbers, numbers, length first, or versions. */
export type StringOrdering = 'lexicographic' | 'alphanumeric' | 'numeric' | 'strlen' | 'version';

/** A row-level condition, three-valued: `not` of unknown is unknown and does not match. */
export type Filter =
  | { readonly type: 'true' }
  | { readonly type: 'false' }
  | { readonly type: 'and'; readonly fields: readonly Filter[] }
  | { readonly type: 'or'; readonly fields: readonly Filter[] }
  | { readonly type: 'not'; readonly field: Filter }
  /** Equal as text (numbers are coerced by the column); null matches null. */
  | { readonly type: 'selector'; readonly dimension: string; readonly value: string | null }
  /** Sorted by code points, distinct; null first if present. */
  | { readonly type: 'in'; readonly dimension: string; readonly values: readonly (string | null)[] }
  | {
      readonly type: 'bound';
      readonly dimension: string;
      readonly lower: string | null;
      readonly upper: string | null;
      readonly lowerStrict: boolean;
      readonly upperStrict: boolean;
      readonly ordering: StringOrdering;
    }
  | {
      readonly type: 'range';
      readonly column: string;
      readonly matchValueType: 'STRING' | 'LONG' | 'FLOAT' | 'DOUBLE';
      readonly lower: string | number | bigint | null;
      readonly upper: string | number | bigint | null;
      readonly lowerOpen: boolean;
      readonly upperOpen: boolean;
    }
  | {
      readonly type: 'like';
      readonly dimension: string;
      readonly pattern: string;
      readonly escape: string | null;
    }
  | {
      readonly type: 'equals';
      readonly column: string;
      readonly matchValueType: 'STRING' | 'LONG' | 'FLOAT' | 'DOUBLE';
      readonly matchValue: string | number | bigint;
    }
  | { readonly type: 'null'; readonly column: string };

/**
 * An aggregator. `fieldName` reads a physical column; a missing column is all null. With `filter` only
 * rows that satisfy it count: Druid's `filtered`, under the name of its answer.
 */
export type Aggregation = AggregationOfRows & { readonly filter?: Filter };

type AggregationOfRows =
  | { readonly type: 'count'; readonly name: string }
  | {
      readonly type: NumericAggregatorType;
      readonly name: string;
      readonly fieldName: string;
    }
  | {
      /** Folds a hyperUnique column; of any other column it hashes the values. */
      readonly type: 'hyperUnique';
      readonly name: string;
      readonly fieldName: string;
      readonly isInputHyperUnique: boolean;
      readonly round: boolean;
    }
  | {
      /** Distinct values of all fields together, or distinct combinations of the values of a row. */
      readonly type: 'cardinality';
      readonly name: string;
      /** Physical columns. */
      readonly fields: readonly string[];
      readonly byRow: boolean;
      readonly round: boolean;
    };

/** The nine numeric aggregators. */
export type NumericAggregatorType =
  | 'longSum'
  | 'longMin'
  | 'longMax'
  | 'floatSum'
  | 'floatMin'
  | 'floatMax'
  | 'doubleSum'
  | 'doubleMin'
  | 'doubleMax';

/** A value computed from finished aggregates. */
export type PostAggregation =
  | {
      readonly type: 'arithmetic';
      readonly name: string;
      readonly fn: '+' | '-' | '*' | '/' | 'quotient' | 'pow';
      readonly fields: readonly PostAggregation[];
      readonly ordering: 'numericFirst' | null;
    }
  | { readonly type: 'fieldAccess'; readonly name: string; readonly fieldName: string }
  | { readonly type: 'finalizingFieldAccess'; readonly name: string; readonly fieldName: string }
  | { readonly type: 'hyperUniqueCardinality'; readonly name: string; readonly fieldName: string }
  | { readonly type: 'constant'; readonly name: string; readonly value: number };

/** A condition on finished groups. */
export type Having =
  | { readonly type: 'always' }
  | { readonly type: 'never' }
  | { readonly type: 'and'; readonly havingSpecs: readonly Having[] }
  | { readonly type: 'or'; readonly havingSpecs: readonly Having[] }
  | { readonly type: 'not'; readonly havingSpec: Having }
  | {
      readonly type: 'greaterThan' | 'lessThan' | 'equalTo';
      readonly aggregation: string;
      readonly value: number | bigint;
    }
  | { readonly type: 'dimSelector'; readonly dimension: string; readonly value: string | null }
  | { readonly type: 'filter'; readonly filter: Filter };

/** Order and cut of a groupBy. No columns = by time, then by dimensions. */
export interface LimitSpec {
  readonly columns: readonly OrderByColumn[];
  readonly limit: number | null;
  readonly offset: number;
}

/** One ordering column of a limitSpec. */
export interface OrderByColumn {
  readonly dimension: string;
  readonly descending: boolean;
  readonly dimensionOrder: StringOrdering;
}
