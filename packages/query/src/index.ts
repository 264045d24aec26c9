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
  ScanColumn,
  ScanPartial,
  SegmentMetadataPartial,
  TimeBoundaryPartial,
} from './partial.ts';
export { TextDictionary } from './text-dictionary.ts';
export { readFilter } from './parse/parse-filter.ts';
export { parseQuery } from './parse/parse-query.ts';
export type { QueryDefaults } from './parse/parse-context.ts';
export { leafPredicate } from './filter/leaf-predicate.ts';
export type { LeafFilter, Truth, ValuePredicate } from './filter/predicate.ts';
export { compareTexts } from './filter/compare-texts.ts';
export type { CompareTexts } from './filter/compare-texts.ts';
export { filterColumns } from './filter/filter-columns.ts';
export { doubleText, floatText } from './java-number-text.ts';
export { evaluateExpression } from './expression/evaluate.ts';
export { expressionColumns } from './expression/expression.ts';
export type { BinaryOperator, Expression, ExpressionValue } from './expression/expression.ts';
export { parseExpression } from './expression/parse.ts';
export { mergePartials } from './merge/merge-partials.ts';
export { finishQuery } from './finish/finish.ts';
export type { FinishFacts, FinishedResult } from './finish/finished-result.ts';
export { writeResult } from './finish/write-result.ts';
export { druidErrorBody } from './druid-error-body.ts';
export type { DruidErrorBody } from './druid-error-body.ts';
