/**
 * SegmentMetadata: one analysis a segment, or all merged into one by Druid's rules: sizes and rows add
 * up, cardinality is the greatest, a column whose type differs becomes an error in its own words.
 */
import type { Interval } from '@isotherm/timeline';
import { condenseIntervals, formatInterval, parseSegmentId } from '@isotherm/timeline';
import { compareCodePoints } from '@isotherm/kernels';
import type { AnalysisType, SegmentMetadataQuery } from '../model.ts';
import type { ColumnAnalysis, SegmentMetadataPartial } from '../partial.ts';
import type { FinishedSegmentMetadata } from './finished-result.ts';

type Aggregators = Readonly<Record<string, unknown>>;

/** What a segment, or all of them together, hold. Parts that were not asked for are null or 0. */
export interface SegmentAnalysis {
  readonly id: string;
  readonly intervals: readonly Interval[] | null;
  readonly columns: Readonly<Record<string, ColumnAnalysis>>;
  readonly size: number;
  readonly numRows: number;
  readonly aggregators: Aggregators | null;
  readonly timestampSpec: unknown;
  readonly queryGranularity: unknown;
  readonly rollup: boolean | null;
}

/** Finishes a segmentMetadata. */
export function finishSegmentMetadata(
  query: SegmentMetadataQuery,
  partials: readonly SegmentMetadataPartial[],
): FinishedSegmentMetadata {
  const each = partials.map((partial) => analysisOf(query, partial));
  const [first, ...others] = each;
  const analyses =
    query.merge && first !== undefined
      ? [{ ...others.reduce((a, b) => mergeAnalyses(a, b, query), first), id: mergedId(each) }]
      : each;
  return { queryType: 'segmentMetadata', rowCount: analyses.length, analyses };
}

function analysisOf(query: SegmentMetadataQuery, partial: SegmentMetadataPartial): SegmentAnalysis {
  const has = (type: AnalysisType) => query.analysisTypes.includes(type);
  const columns = Object.entries(partial.columns).filter(
    ([name]) => query.toInclude === null || query.toInclude.includes(name),
  );
  return {
    id: partial.segmentId,
    intervals: has('interval') ? [partial.interval] : null,
    columns: Object.fromEntries(
      columns.map(([name, column]) => [name, analysedColumn(column, has)]),
    ),
    size: has('size') ? partial.bytes : 0,
    numRows: partial.rowCount,
    aggregators: has('aggregators') ? partial.aggregators : null,
    timestampSpec: has('timestampSpec') ? (partial.timestampSpec ?? null) : null,
    queryGranularity: has('queryGranularity') ? granularityJson(partial.queryGranularity) : null,
    rollup: has('rollup') ? partial.rollup : null,
  };
}

/** Periods that Druid writes by name while they are of UTC and without an origin. */
const periodNames: Readonly<Record<string, string>> = {
  PT1S: 'SECOND',
  PT1M: 'MINUTE',
  PT5M: 'FIVE_MINUTE',
  PT10M: 'TEN_MINUTE',
  PT15M: 'FIFTEEN_MINUTE',
  PT30M: 'THIRTY_MINUTE',
  PT1H: 'HOUR',
  PT6H: 'SIX_HOUR',
  PT8H: 'EIGHT_HOUR',
  P1D: 'DAY',
  P1W: 'WEEK',
  P1M: 'MONTH',
  P3M: 'QUARTER',
  P1Y: 'YEAR',
};

function granularityJson(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json ?? null;
  // Any object may be looked at by name.
  const { type, period, timeZone, origin } = json as Readonly<Record<string, unknown>>;
  const isPlain = type === 'period' && timeZone === 'UTC' && (origin ?? null) === null;
  return (isPlain && typeof period === 'string' && periodNames[period]) || json;
}

/** Texts that were not counted have the cardinality 0, other types null. */
function analysedColumn(
  column: ColumnAnalysis,
  has: (type: AnalysisType) => boolean,
): ColumnAnalysis {
  const uncounted = column.type === 'STRING' ? 0 : null;
  return {
    ...column,
    size: has('size') ? column.size : 0,
    cardinality: has('cardinality') ? column.cardinality : uncounted,
    minValue: has('minmax') ? column.minValue : null,
    maxValue: has('minmax') ? column.maxValue : null,
  };
}

function mergeAnalyses(
  a: SegmentAnalysis,
  b: SegmentAnalysis,
  { lenientAggregatorMerge }: SegmentMetadataQuery,
): SegmentAnalysis {
  const names = [...new Set([...Object.keys(a.columns), ...Object.keys(b.columns)])];
  return {
    id: a.id,
    intervals:
      a.intervals === null && b.intervals === null
        ? null
        : condenseIntervals([...(a.intervals ?? []), ...(b.intervals ?? [])]),
    columns: Object.fromEntries(
      names.flatMap((name) => {
        const column = mergeColumns(a.columns[name], b.columns[name]);
        return column === undefined ? [] : [[name, column]];
      }),
    ),
    size: a.size + b.size,
    numRows: a.numRows + b.numRows,
    aggregators: lenientAggregatorMerge
      ? mergeLeniently(a.aggregators, b.aggregators)
      : mergeStrictly(a.aggregators, b.aggregators),
    timestampSpec: sameOrNull(a.timestampSpec, b.timestampSpec),
    queryGranularity: sameOrNull(a.queryGranularity, b.queryGranularity),
    rollup: a.rollup === b.rollup ? a.rollup : null,
  };
}

/** As in Druid the id of the segment that ends last, with "merged" for its version. */
function mergedId(analyses: readonly SegmentAnalysis[]): string {
  const ids = [...new Set(analyses.map(({ id }) => id))];
  if (ids.length === 1) return ids[0] ?? '';
  const [last] = ids
    .map(parseSegmentId)
    .sort((a, b) => b.interval.end - a.interval.end || b.partition - a.partition);
  if (last === undefined) return '';
  const { dataSource, interval, partition } = last;
  const span = formatInterval(interval).replace('/', '_');
  return `${dataSource}_${span}_merged${partition > 0 ? `_${partition}` : ''}`;
}

function mergeColumns(
  a: ColumnAnalysis | undefined,
  b: ColumnAnalysis | undefined,
): ColumnAnalysis | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.errorMessage !== null) return a;
  if (b.errorMessage !== null) return b;
  if (a.typeSignature !== b.typeSignature) {
    return failedColumn(`cannot_merge_diff_types: [${a.type}] and [${b.type}]`);
  }
  return {
    ...a,
    hasMultipleValues: a.hasMultipleValues || b.hasMultipleValues,
    hasNulls: a.hasNulls || b.hasNulls,
    size: a.size + b.size,
    cardinality: outermost(a.cardinality, b.cardinality, 1),
    minValue: outermost(a.minValue, b.minValue, -1),
    maxValue: outermost(a.maxValue, b.maxValue, 1),
  };
}

function failedColumn(reason: string): ColumnAnalysis {
  return {
    typeSignature: 'STRING',
    type: 'STRING',
    hasMultipleValues: false,
    hasNulls: false,
    size: -1,
    cardinality: null,
    minValue: null,
    maxValue: null,
    errorMessage: `error:${reason}`,
  };
}

/** The greater value for sign 1, the lesser for -1; null gives way. */
function outermost<Value extends string | number | null>(a: Value, b: Value, sign: number): Value {
  if (a === null || b === null) return a ?? b;
  const order =
    typeof a === 'string' && typeof b === 'string'
      ? compareCodePoints(a, b)
      : Number(a) - Number(b);
  return order * sign >= 0 ? a : b;
}

/** All or nothing: one conflict or one unknown list makes the whole null. */
function mergeStrictly(a: Aggregators | null, b: Aggregators | null): Aggregators | null {
  if (a === null || b === null) return null;
  const merged: Record<string, unknown> = { ...a };
  for (const [name, aggregator] of Object.entries(b)) {
    if (name in merged && !isSame(merged[name], aggregator)) return null;
    merged[name] = aggregator;
  }
  return merged;
}

/** A conflict makes only that aggregator null; an unknown list is skipped. */
function mergeLeniently(a: Aggregators | null, b: Aggregators | null): Aggregators | null {
  if (a === null || b === null) return a ?? b;
  const merged: Record<string, unknown> = { ...a };
  for (const [name, aggregator] of Object.entries(b)) {
    const isConflict = name in merged && !isSame(merged[name], aggregator);
    merged[name] = isConflict ? null : aggregator;
  }
  return merged;
}

function sameOrNull(a: unknown, b: unknown): unknown {
  return isSame(a, b) ? a : null;
}

/** Equality of JSON values, whatever the order of keys. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  return (
    left.size === right.size && [...left].every(([key, value]) => isSame(value, right.get(key)))
  );
}
