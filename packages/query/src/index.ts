export type {
  Aggregation,
  AnalysisType,
  DimensionSpec,
  Filter,
  GroupByQuery,
  Having,
  LimitSpec,
  NumericAggregatorType,
  OrderByColumn,
  PostAggregation,
  Query,
  QueryBase,
  QueryContext,
  ScanQuery,
  SegmentMetadataQuery,
  StringOrdering,
  TableDataSource,
  TimeBoundaryQuery,
  TimeseriesQuery,
  TopNMetric,
  TopNQuery,
} from './model.ts';
export type {
  ColumnAnalysis,
  GroupedPartial,
  PartialColumn,
  PartialResult,
  ScanPartial,
  SegmentMetadataPartial,
  TimeBoundaryPartial,
} from './partial.ts';
export { parseQuery } from './parse/parse-query.ts';
export type { QueryDefaults } from './parse/parse-context.ts';
