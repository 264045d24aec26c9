/**
 * A timeseries answered from the sums that a segment keeps for each of its distinct times: no row is
 * read, whatever the granularity and the intervals. A filter may look at the time, and at columns
 * that the segment does not have.
 *
 * Which times count and which bucket each is in are found by the same code as for rows, over a
 * segment that has one row a distinct time.
 */
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
  if (aggregation.filter !== undefined) return false;
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
  const matched = new Uint8Array(sums.times.length);
  visitBatches(pace, planRunRows(times, query.filter), (batch) => {
    mark(batch, matched);
    return true;
  });
  const skips = query.context.skipEmptyBuckets;
  const plan = skips ? planBuckets : planFilledBuckets;
  const buckets = plan(query.granularity, times.segment, piece.intervals);
  const slotOf = slotsOf(matched, buckets.bucketOf);
  const used = new Uint8Array(buckets.starts.length);
  for (const slot of slotOf) if (slot !== noSlot) used[slot] = 1;
  const slots = Array.from(used.keys()).filter((slot) => !skips || used[slot] === 1);
  const parts = { sums, slotOf, slotCount: used.length, slots };
  return {
    kind: 'grouped',
    rowCount: slots.length,
    times: Float64Array.from(slots, (slot) => buckets.starts[slot]),
    dimensions: [],
    states: query.aggregations.map((each) => stateOf(each, piece.segment, parts)),
    scannedRows: 0,
  };
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

function mark({ start, count, rows }: Batch, matched: Uint8Array): void {
  for (let i = 0; i < count; i++) matched[rows === null ? start + i : rows[i]] = 1;
}

/** Of a time whose rows are not asked for. */
const noSlot = 0xffffffff;

/** Slot of each distinct time. */
function slotsOf(matched: Uint8Array, bucketOf: Uint32Array | null): Uint32Array {
  return Uint32Array.from(matched, (truth, time) =>
    truth === 0 ? noSlot : (bucketOf?.[time] ?? 0),
  );
}

/** What aggregators are made of. */
interface Parts {
  readonly sums: TimeSums;
  readonly slotOf: Uint32Array;
  /** Slots are below this. */
  readonly slotCount: number;
  /** Those that are answered. */
  readonly slots: readonly number[];
}

function stateOf(aggregation: Aggregation, segment: Segment, parts: Parts): PartialColumn {
  const { sums, slots } = parts;
  if (aggregation.type === 'count') {
    const counts = countRows(sums.rowCounts, parts);
    return {
      type: 'long',
      values: BigInt64Array.from(slots, (slot) => BigInt(counts[slot])),
      nulls: null,
    };
  }
  const column = sums.columns.get(aggregation.fieldName);
  if (column === undefined || !segment.columnNames.includes(aggregation.fieldName)) {
    return nothing(aggregation, slots.length);
  }
  const counts = countRows(column.valueCounts ?? sums.rowCounts, parts);
  const nulls = Uint8Array.from(slots, (slot) => (counts[slot] === 0 ? 1 : 0));
  const state =
    column.type === 'long'
      ? sumLongs(aggregation.name, column, parts)
      : sumDoubles(aggregation.type === 'floatSum' ? 'floatSum' : 'doubleSum', column, parts);
  return { ...state, nulls: nulls.includes(1) ? nulls : null };
}

function countRows(rowCounts: Uint32Array, { slotOf, slotCount }: Parts): Float64Array {
  const counts = new Float64Array(slotCount);
  for (let time = 0; time < slotOf.length; time++) {
    if (slotOf[time] !== noSlot) counts[slotOf[time]] += rowCounts[time];
  }
  return counts;
}

/** Halves are added apart: those of 65,536 times at most stay exact in doubles. */
function sumLongs(
  name: string,
  { sums }: Extract<ColumnTimeSums, { type: 'long' }>,
  { slotOf, slotCount, slots }: Parts,
): { type: 'long'; values: BigInt64Array } {
  const halves = new Int32Array(sums.buffer, sums.byteOffset, sums.length * 2);
  const high = new Float64Array(slotCount);
  const low = new Float64Array(slotCount);
  for (let time = 0; time < slotOf.length; time++) {
    const slot = slotOf[time];
    if (slot === noSlot) continue;
    low[slot] += halves[time * 2] >>> 0;
    high[slot] += halves[time * 2 + 1];
  }
  const values = BigInt64Array.from(slots, (slot) => joinLanes(name, high[slot], low[slot]));
  return { type: 'long', values };
}

/** Adds by Knuth's two-sum, as the loops over rows do. */
function sumDoubles(
  type: 'doubleSum' | 'floatSum',
  { sums, errors }: Extract<ColumnTimeSums, { type: 'double' | 'float' }>,
  { slotOf, slotCount, slots }: Parts,
): { type: 'doubleSum' | 'floatSum'; values: Float64Array; errors: Float64Array } {
  const high = new Float64Array(slotCount);
  const low = new Float64Array(slotCount);
  for (let time = 0; time < slotOf.length; time++) {
    const slot = slotOf[time];
    if (slot === noSlot) continue;
    const sum = high[slot];
    const next = sum + sums[time];
    const shift = next - sum;
    low[slot] += sum - (next - shift) + (sums[time] - shift) + errors[time];
    high[slot] = next;
  }
  const values = Float64Array.from(slots, (slot) => high[slot]);
  const left = Float64Array.from(slots, (slot) => (Number.isFinite(high[slot]) ? low[slot] : 0));
  return { type, values, errors: left };
}
