/**
 * How a query would find its rows in one segment: the way that was taken among those weighed, and the
 * conditions that are left to test, in their order. Made from the same plan that a run follows.
 */
import { withScratch } from '@isotherm/kernels';
import type { Query } from '@isotherm/query';
import type { Segment } from '@isotherm/segment';
import type { Interval } from '@isotherm/timeline';
import { conditionCost } from './filter-cost.ts';
import { planRunRows } from './group-rows.ts';
import { neededColumns } from './needed-columns.ts';
import type { FilterPlan } from './plan-filter.ts';
import { sizeOf } from './plan-filter.ts';
import type { RowPlan, WeighedWay } from './row-source.ts';

/** A condition that is tested on candidate rows. */
export interface ExplainedCondition {
  /** Columns that it reads, each once. */
  readonly columns: readonly string[];
  /** What is tested, such as `3 of 60 ids`. */
  readonly test: string;
  /** Estimated share of rows that satisfy it, 0 to 1. */
  readonly share: number;
  /** Estimated nanoseconds a row, over consecutive rows. */
  readonly nsPerRow: number;
  /** True if zone maps may spare testing it. */
  readonly usesZones: boolean;
}

/** How a query finds its rows in one segment. */
export interface SegmentExplanation {
  readonly segmentRows: number;
  /** Columns that are read, in the order of the segment. */
  readonly columns: readonly string[];
  /** `figures`: rows are not looked at. `none`: no row can match. */
  readonly access: 'figures' | 'none' | WeighedWay['access'];
  /** The column whose index is used, or null. */
  readonly index: string | null;
  /** Rows that are looked at, at most. */
  readonly candidateRows: number;
  readonly conditions: readonly ExplainedCondition[];
  /** Ways that were weighed, the cheapest first; it was taken. */
  readonly ways: readonly WeighedWay[];
  /** Why, in a sentence. */
  readonly why: string;
}

/**
 * Explains a query over a segment whose `neededColumns` are loaded.
 *
 * @param intervals those of the query that the segment answers
 * @throws InvalidQueryError if a filter looks at a column of sketches
 */
export function explainSegment(
  query: Query,
  segment: Segment,
  intervals: readonly Interval[],
): SegmentExplanation {
  const needed = new Set(neededColumns(query, segment, intervals));
  const columns = segment.columnNames.filter((name) => needed.has(name));
  const facts = { segmentRows: segment.rowCount, columns };
  if (query.queryType === 'segmentMetadata' || !needed.has('__time')) {
    const nothing = { index: null, candidateRows: 0, conditions: [], ways: [] };
    const why = 'The segment keeps figures that answer the query, so no row is looked at.';
    return { ...facts, ...nothing, access: 'figures', why };
  }
  return withScratch(() => {
    const plan = planRunRows({ segment, segmentId: '', intervals }, query.filter);
    const [taken] = plan.ways;
    return {
      ...facts,
      access: taken?.access ?? 'none',
      index: taken?.column ?? null,
      candidateRows: plan.source.rowCount,
      conditions: plan.conditions.map((condition, place) => {
        return explained(condition, plan.zones[place] !== null);
      }),
      ways: plan.ways,
      why: reasonOf(plan),
    };
  });
}

function reasonOf({ ways, source }: RowPlan): string {
  const [taken, next] = ways;
  if (taken === undefined) return 'No row can satisfy the filter and the intervals.';
  const rows = `${source.rowCount} candidate rows`;
  if (next === undefined) {
    return `No condition has an index, so all rows are scanned: ${rows}.`;
  }
  const name = ({ access, column }: WeighedWay) =>
    column === null ? access : `${access} of "${column}"`;
  const times = next.cost / Math.max(1, taken.cost);
  return `By ${name(taken)}: ${rows}, estimated ${times.toFixed(1)} times cheaper than by ${name(next)}.`;
}

function explained(plan: FilterPlan, usesZones: boolean): ExplainedCondition {
  const { share, consecutive } = conditionCost(plan);
  const columns = [...new Set(columnsOf(plan))];
  return { columns, test: testOf(plan), share, nsPerRow: consecutive, usesZones };
}

function columnsOf(plan: FilterPlan): readonly string[] {
  switch (plan.type) {
    case 'constant':
      return [];
    case 'and':
    case 'or':
      return plan.fields.flatMap(columnsOf);
    case 'ids':
    case 'lists':
    case 'numbers':
      return [plan.name];
  }
}

/** What a condition tests, in words. */
function testOf(plan: FilterPlan): string {
  switch (plan.type) {
    case 'constant':
      return plan.holds ? 'every row' : 'no row';
    case 'ids': {
      const size = sizeOf(plan.column);
      return `${Math.round(plan.share * size)} of ${size} ids`;
    }
    case 'lists':
      return plan.any ? 'any of the values' : 'none of the values';
    case 'numbers':
      return `${plan.wanted ? '' : 'not '}${numberTestOf(plan.test)}`;
    case 'and':
    case 'or':
      return plan.fields
        .map((field) => `(${columnsOf(field).join(', ')}: ${testOf(field)})`)
        .join(` ${plan.type} `);
  }
}

function numberTestOf(test: (FilterPlan & { readonly type: 'numbers' })['test']): string {
  switch (test.type) {
    case 'range':
      return `from ${test.low} to ${test.high}`;
    case 'set':
      return `one of ${test.sorted.length} numbers`;
    case 'never':
      return 'a null';
    case 'each':
      return 'the text of each number';
  }
}
