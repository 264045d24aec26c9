/**
 * Whether a filter can hold on any row of a segment, told from the least and the greatest text of its
 * columns alone: segments that are cut by a dimension need not be asked for values that lie in others.
 * Where these do not decide, a row may match.
 */
import { compareCodePoints } from '@isotherm/kernels';
import type { Filter, Query } from '@isotherm/query';
import type { Segment } from '@isotherm/segment';

/** First and last text of columns by name, in the order of code points; null where all rows are null. */
export type TextSpans = ReadonlyMap<string, TextSpan | null>;

interface TextSpan {
  readonly first: string;
  readonly last: string;
}

/** The spans of the text columns of a segment, of which none need be loaded. */
export function textSpans(segment: Segment): TextSpans {
  const spans = new Map<string, TextSpan | null>();
  for (const { name, type } of segment.schema.dimensions) {
    const known = type === 'string' ? segment.statistics(name) : null;
    if (known === null) continue;
    const { min: first, max: last } = known;
    if (typeof first === 'string' && typeof last === 'string') spans.set(name, { first, last });
    else if (first === null && last === null) spans.set(name, null);
  }
  return spans;
}

/**
 * Whether a query gets nothing from a segment with these spans, so that leaving the segment out
 * changes nothing. What answers without rows too (buckets that are empty, a groupBy that is one group,
 * scans with their columns, metadata) is never ruled out.
 */
export function isRuledOut(query: Query, spans: TextSpans): boolean {
  switch (query.queryType) {
    case 'timeseries':
      if (!query.context.skipEmptyBuckets) return false;
      break;
    case 'groupBy':
      if (query.dimensions.length === 0) return false;
      break;
    case 'topN':
      break;
    case 'scan':
    case 'timeBoundary':
    case 'segmentMetadata':
      return false;
  }
  return query.filter !== null && holdsNowhere(query.filter, spans);
}

/** A leaf that a null could satisfy is not decided, nor is one of another order than that of the texts. */
function holdsNowhere(filter: Filter, spans: TextSpans): boolean {
  switch (filter.type) {
    case 'false':
      return true;
    case 'and':
      return filter.fields.some((field) => holdsNowhere(field, spans));
    case 'or':
      return filter.fields.every((field) => holdsNowhere(field, spans));
    case 'selector':
      return lacks(spans.get(filter.dimension), filter.value);
    case 'equals':
      return (
        filter.matchValueType === 'STRING' && lacks(spans.get(filter.column), filter.matchValue)
      );
    case 'in': {
      const span = spans.get(filter.dimension);
      return span !== undefined && filter.values.every((value) => lacks(span, value));
    }
    case 'bound':
      return filter.ordering === 'lexicographic' && misses(spans.get(filter.dimension), filter);
    case 'range':
      return filter.matchValueType === 'STRING' && misses(spans.get(filter.column), filter);
    case 'true':
    case 'not':
    case 'like':
    case 'null':
      return false;
  }
}

type Value = string | number | bigint | null;

/** Whether no row has the value; false where the span is not known. */
function lacks(span: TextSpan | null | undefined, value: Value): boolean {
  if (span === undefined || !isOrdered(value)) return false;
  return span === null || isBelow(value, span.first) || isBelow(span.last, value);
}

/** Whether all texts lie below or above a span of values, of which an end may be open. */
function misses(
  span: TextSpan | null | undefined,
  { lower, upper }: { readonly lower: Value; readonly upper: Value },
): boolean {
  // Without a lower end a null may count as lying below the upper one.
  if (span === undefined || !isOrdered(lower) || lower === '') return false;
  if (span === null || isBelow(span.last, lower)) return true;
  return isOrdered(upper) && isBelow(upper, span.first);
}

/** What is no valid text is stored, and searched, as another one. */
function isOrdered(value: Value): value is string {
  return typeof value === 'string' && value.isWellFormed();
}

function isBelow(a: string, b: string): boolean {
  return compareCodePoints(a, b) < 0;
}
