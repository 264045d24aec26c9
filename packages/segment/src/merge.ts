/**
 * Merges sorted runs into one: the last step of an ingestion that spilled. Rows that are equal in
 * `__time` and all dimensions become one when the schema rolls up; their metrics are combined by the
 * schema's aggregators.
 */
import { InvalidInputError, InvariantError } from '@isotherm/errors';
import { timeName } from './column/time.ts';
import type { Column } from './columns.ts';
import type { ColumnInput, SegmentInput } from './input.ts';
import { type Combination, combineNumbers, type NumberRun, rankNumbers } from './merge/numbers.ts';
import { type MergedOrder, mergeOrder } from './merge/order.ts';
import { combineSketches } from './merge/sketches.ts';
import { mergeText, type TextRun } from './merge/text.ts';
import type { MetricSchema, SegmentSchema } from './schema.ts';
import type { Segment } from './segment.ts';

/** A dimension of all runs, ready to be compared and gathered. */
interface MergedDimension {
  readonly ranks: readonly Float64Array[];
  gather(order: MergedOrder): ColumnInput;
}

/**
 * Merges runs whose rows are sorted by `schema.sortOrder`. A column that a run lacks is null there.
 * Loads all columns of all runs and leaves them loaded.
 *
 * @returns columns of their own, in no way tied to the runs
 * @throws InvalidInputError if a long sum leaves 64 bits or an aggregator cannot be merged
 * @throws InvariantError if a run is not sorted
 * @throws CorruptSegmentError if a run is damaged
 */
export async function mergeSegments(
  segments: readonly Segment[],
  schema: SegmentSchema,
): Promise<SegmentInput> {
  const names = [...schema.dimensions, ...schema.metrics].map(({ name }) => name);
  for (const segment of segments) await segment.load([timeName, ...names]);
  const combinations = new Map(
    schema.metrics.map((metric) => [metric.name, combinationOf(metric)]),
  );
  const rowCounts = segments.map((segment) => segment.rowCount);
  const times = segments.map((segment) => {
    const { distinct, ids } = segment.time();
    return Float64Array.from(ids, (id) => distinct[id]);
  });
  const dimensions = mergeDimensions(segments, schema, rowCounts);
  const keys = keyNames(schema).map((name) => dimensions.get(name)?.ranks ?? times);
  const ranks = segments.map((_segment, run) => keys.map((key) => key[run]));
  const order = mergeOrder(ranks, rowCounts, schema.rollup);

  const columns = new Map<string, ColumnInput>();
  for (const [name, dimension] of dimensions) columns.set(name, dimension.gather(order));
  for (const metric of schema.metrics) {
    const combination = combinations.get(metric.name) ?? 'first';
    columns.set(metric.name, mergeMetric(segments, metric, order, combination));
  }
  return { schema, rowCount: order.starts.length - 1, time: gatherTimes(times, order), columns };
}

function mergeDimensions(
  segments: readonly Segment[],
  schema: SegmentSchema,
  rowCounts: readonly number[],
): Map<string, MergedDimension> {
  const merged = new Map<string, MergedDimension>();
  for (const { name, type } of schema.dimensions) {
    const runs = segments.map((segment) => segment.column(name));
    if (type === 'string') {
      const texts = runs.map((run) => textRun(name, run));
      merged.set(name, mergeText(texts, rowCounts));
    } else {
      const numbers = runs.map((run) => numberRun(name, run));
      merged.set(name, mergeNumbers(name, type, numbers, rowCounts));
    }
  }
  return merged;
}

function mergeMetric(
  segments: readonly Segment[],
  { name, type }: MetricSchema,
  order: MergedOrder,
  combination: Combination,
): ColumnInput {
  const runs = segments.map((segment) => segment.column(name));
  if (type === 'hyperUnique') {
    const sketches = runs.map((run) => sketchRun(name, run));
    return combineSketches(sketches, order);
  }
  const numbers = runs.map((run) => numberRun(name, run));
  return combineNumbers(name, type, numbers, order, combination);
}

/** The sort order, then whatever it leaves out. */
function keyNames(schema: SegmentSchema): string[] {
  const all = [timeName, ...schema.dimensions.map(({ name }) => name)];
  const known = schema.sortOrder.filter((name) => all.includes(name));
  return [...new Set([...known, ...all])];
}

function mergeNumbers(
  name: string,
  type: 'long' | 'double' | 'float',
  runs: readonly NumberRun[],
  rowCounts: readonly number[],
): MergedDimension {
  return {
    ranks: rankNumbers(runs, rowCounts),
    gather: (order) => combineNumbers(name, type, runs, order, 'first'),
  };
}

function gatherTimes(times: readonly Float64Array[], order: MergedOrder): Float64Array {
  const out = new Float64Array(order.starts.length - 1);
  for (let group = 0; group < out.length; group++) {
    const place = order.starts[group];
    out[group] = times[order.runs[place]][order.rows[place]];
  }
  return out;
}

/** How an aggregator combines what it has already aggregated; a filtered one as the one inside it. */
function combinationOf(metric: MetricSchema): Combination {
  let aggregator: unknown = metric.aggregator;
  let type = typeOf(aggregator);
  while (type === 'filtered') {
    aggregator = memberOf(aggregator, 'aggregator');
    type = typeOf(aggregator);
  }
  switch (type) {
    case 'count':
    case 'longSum':
    case 'doubleSum':
    case 'floatSum':
      return 'sum';
    case 'longMin':
    case 'doubleMin':
    case 'floatMin':
      return 'min';
    case 'longMax':
    case 'doubleMax':
    case 'floatMax':
      return 'max';
    case 'hyperUnique':
      return 'first'; // folded by sketches.ts
    default:
      throw new InvalidInputError(
        `Metric "${metric.name}" has the aggregator "${String(type)}", which cannot be merged yet. Expected count, hyperUnique, or a long, double or float Sum, Min or Max.`,
      );
  }
}

function typeOf(aggregator: unknown): unknown {
  return memberOf(aggregator, 'type');
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

function textRun(name: string, column: Column | null): TextRun {
  if (column === null || column.type === 'string' || column.type === 'strings') return column;
  throw unfit(name, column);
}

function numberRun(name: string, column: Column | null): NumberRun {
  if (column === null) return null;
  if (column.type === 'long' || column.type === 'double' || column.type === 'float') return column;
  throw unfit(name, column);
}

function sketchRun(name: string, column: Column | null) {
  if (column === null || column.type === 'hyperUnique') return column;
  throw unfit(name, column);
}

function unfit(name: string, column: Column): InvariantError {
  return new InvariantError(
    `Column "${name}" of a run is ${column.type}, which the schema of the merge does not say.`,
  );
}
