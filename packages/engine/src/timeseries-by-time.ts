/**
 * A timeseries answered from the sums that a segment keeps for each of its distinct times: no row is
 * read, whatever the granularity and the intervals. A filter may look at the time, and at columns
 * that the segment does not have.
 *
 * Which times count and which bucket each is in are found by the same code as for rows, over a
 * segment that has one row a distinct time.
 */
import { InvariantError } from '@isotherm/errors';
import type { Batch } from '@isotherm/kernels';
import { scratchIds } from '@isotherm/kernels';
import type { Aggregation, GroupedPartial, PartialColumn, TimeseriesQuery } from '@isotherm/query';
import { filterColumns } from '@isotherm/query';
import { type Column, type ColumnTimeSums, type Segment, type TimeSums } from '@isotherm/segment';
import { joinLanes } from './accumulate-sums.ts';
import { nothing } from './accumulator.ts';
import type { RunPace, RunPiece } from './engine.ts';
import { planRunRows } from './group-rows.ts';
import { storedType } from './timeseries-statistics.ts';
import { planBuckets, planFilledBuckets } from './plan-time.ts';
import { visitBatches } from './visit-batches.ts';

/** Whether the sums by time of a segment answer the query; they need not be loaded. */
export function isKnownByTime(query: TimeseriesQuery, segment: Segment): boolean {
  if (!segment.hasTimeSums) return false;
  const filtered = query.filter === null ? [] : filterColumns(query.filter);
  const isOfTime = (name: string): boolean =>
    name === '__time' || !segment.columnNames.includes(name);
  return filtered.every(isOfTime) && query.aggregations.every((each) => isSummed(each, segment));
}

/** What is in the file is the sum that the aggregator asks for, of the same values. */
function isSummed(aggregation: Aggregation, segment: Segment): boolean {
  if (aggregation.filter !== undefined || aggregation.type === 'cardinality') return false;
  if (aggregation.type === 'count') return true;
  const { fieldName } = aggregation;
  if (!segment.columnNames.includes(fieldName)) return true;
  if (!segment.timeSummed.has(fieldName)) return false;
  const stored = storedType(fieldName, segment);
  switch (aggregation.type) {
    case 'longSum':
      return stored === 'long';
    case 'doubleSum':
      return stored === 'double' || stored === 'float';
    case 'floatSum':
      return stored === 'float';
    case 'longMin':
    case 'longMax':
    case 'floatMin':
    case 'floatMax':
    case 'doubleMin':
    case 'doubleMax':
    case 'hyperUnique':
      return false;
  }
}

/**
 * The partial of a segment whose sums by time are loaded.
 *
 * @returns null if rows must be looked at
 * @throws ResourceLimitError if a long sum leaves 64 bits, or buckets are too many
 */
export function timeseriesByTime(
  query: TimeseriesQuery,
  piece: RunPiece,
  pace: RunPace,
): GroupedPartial | null {
  if (!isKnownByTime(query, piece.segment)) return null;
  const sums = piece.segment.timeSums();
  if (sums === null) return null;
  const times = { ...piece, segment: segmentOfTimes(piece.segment, sums) };
  const matched = scratchIds(sums.times.length);
  let matchedCount = 0;
  visitBatches(pace, planRunRows(times, query.filter), (batch) => {
    matchedCount = append(batch, matched, matchedCount);
    return true;
  });
  const skips = query.context.skipEmptyBuckets;
  const plan = skips ? planBuckets : planFilledBuckets;
  const { starts, bucketOf } = plan(query.granularity, times.segment, piece.intervals);
  const found = matched.subarray(0, matchedCount);
  const bucketsOf = scratchIds(matchedCount);
  if (bucketOf !== null) for (let i = 0; i < matchedCount; i++) bucketsOf[i] = bucketOf[found[i]];
  const parts = { sums, times: found, bucketsOf, bucketCount: starts.length };
  const rowCounts = countRows(sums.rowCounts, parts);
  const buckets: number[] = [];
  for (let bucket = 0; bucket < starts.length; bucket++) {
    if (!skips || rowCounts[bucket] > 0) buckets.push(bucket);
  }
  const answered = { ...parts, rowCounts, buckets };
  return {
    kind: 'grouped',
    rowCount: buckets.length,
    times: Float64Array.from(buckets, (bucket) => starts[bucket]),
    dimensions: [],
    states: query.aggregations.map((each) => stateOf(each, piece.segment, answered)),
    scannedRows: 0,
  };
}

/** Appends the rows of a batch at `out[at…]`; returns the place behind the last. */
function append({ start, count, rows }: Batch, out: Uint32Array, at: number): number {
  for (let i = 0; i < count; i++) out[at + i] = rows === null ? start + i : rows[i];
  return at + count;
}

/** A distinct time as a row, in the order of time; it has no other column. */
function segmentOfTimes(segment: Segment, { times }: TimeSums): Segment {
  const ids = scratchIds(times.length);
  for (let id = 0; id < ids.length; id++) ids[id] = id;
  const time = { type: 'time', distinct: times, ids } as const;
  return {
    schema: { ...segment.schema, sortOrder: ['__time'] },
    rowCount: times.length,
    fileBytes: 0,
    timeRange: segment.timeRange,
    columnNames: ['__time'],
    loadedBytes: 0,
    timeSummed: new Set(),
    hasTimeSums: false,
    statistics: () => null,
    columnBytes: () => 0,
    load: () => Promise.resolve(),
    column: (name): Column | null => (name === '__time' ? time : null),
    time: () => time,
    zones: () => null,
    timeSums: () => null,
    derived: (_name, { byteLength }, fill) => {
      const bytes = new Uint8Array(byteLength);
      fill(bytes);
      return bytes;
    },
    unload: () => {},
  };
}

/** The distinct times that are asked for, and the bucket of each. */
interface MatchedTimes {
  readonly sums: TimeSums;
  /** Their places, ascending. */
  readonly times: Uint32Array;
  /** Shape [times.length]; below `bucketCount`. */
  readonly bucketsOf: Uint32Array;
  readonly bucketCount: number;
}

/** What states are made of. */
interface Answered extends MatchedTimes {
  /** Of each bucket. */
  readonly rowCounts: Float64Array;
  /** Those that are answered. */
  readonly buckets: readonly number[];
}

function stateOf(aggregation: Aggregation, segment: Segment, answered: Answered): PartialColumn {
  const { sums, buckets, rowCounts } = answered;
  if (aggregation.type === 'count') {
    const values = BigInt64Array.from(buckets, (bucket) => BigInt(rowCounts[bucket]));
    return { type: 'long', values, nulls: null };
  }
  if (aggregation.type === 'cardinality')
    throw new InvariantError('Sums by time hold no sketches.');
  const column = sums.columns.get(aggregation.fieldName);
  if (column === undefined || !segment.columnNames.includes(aggregation.fieldName)) {
    return nothing(aggregation, buckets.length);
  }
  const { valueCounts } = column;
  const counts = valueCounts === null ? rowCounts : countRows(valueCounts, answered);
  const nulls = Uint8Array.from(buckets, (bucket) => (counts[bucket] === 0 ? 1 : 0));
  const state =
    column.type === 'long'
      ? sumLongs(aggregation.name, column, answered)
      : sumDoubles(aggregation.type === 'floatSum' ? 'floatSum' : 'doubleSum', column, answered);
  return { ...state, nulls: nulls.includes(1) ? nulls : null };
}

function countRows(
  rowCounts: Uint32Array,
  { times, bucketsOf, bucketCount }: MatchedTimes,
): Float64Array {
  const counts = new Float64Array(bucketCount);
  for (let i = 0; i < times.length; i++) counts[bucketsOf[i]] += rowCounts[times[i]];
  return counts;
}

/** As doubles where that is exact; else halves apart, which those of 65,536 times at most are. */
function sumLongs(
  name: string,
  { sums, exact }: Extract<ColumnTimeSums, { type: 'long' }>,
  { times, bucketsOf, bucketCount, buckets }: Answered,
): { type: 'long'; values: BigInt64Array } {
  const low = new Float64Array(bucketCount);
  if (exact !== null) {
    for (let i = 0; i < times.length; i++) low[bucketsOf[i]] += exact[times[i]];
    return { type: 'long', values: BigInt64Array.from(buckets, (bucket) => BigInt(low[bucket])) };
  }
  const halves = new Int32Array(sums.buffer, sums.byteOffset, sums.length * 2);
  const high = new Float64Array(bucketCount);
  for (let i = 0; i < times.length; i++) {
    const bucket = bucketsOf[i];
    low[bucket] += halves[times[i] * 2] >>> 0;
    high[bucket] += halves[times[i] * 2 + 1];
  }
  const values = BigInt64Array.from(buckets, (bucket) =>
    joinLanes(name, high[bucket], low[bucket]),
  );
  return { type: 'long', values };
}

/** Adds by Knuth's two-sum, as the loops over rows do. */
function sumDoubles(
  type: 'doubleSum' | 'floatSum',
  { sums, errors }: Extract<ColumnTimeSums, { type: 'double' | 'float' }>,
  { times, bucketsOf, bucketCount, buckets }: Answered,
): { type: 'doubleSum' | 'floatSum'; values: Float64Array; errors: Float64Array } {
  const high = new Float64Array(bucketCount);
  const low = new Float64Array(bucketCount);
  for (let i = 0; i < times.length; i++) {
    const bucket = bucketsOf[i];
    const value = sums[times[i]];
    const sum = high[bucket];
    const next = sum + value;
    const shift = next - sum;
    low[bucket] += sum - (next - shift) + (value - shift) + errors[times[i]];
    high[bucket] = next;
  }
  const values = Float64Array.from(buckets, (bucket) => high[bucket]);
  const left = Float64Array.from(buckets, (bucket) =>
    Number.isFinite(high[bucket]) ? low[bucket] : 0,
  );
  return { type, values, errors: left };
}
