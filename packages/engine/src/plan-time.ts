/**
 * Intervals and granularity of a run, worked out once per distinct time: `__time` is dictionary-
 * encoded, so that rows look up whether they are inside and which bucket they are in, whatever
 * their order.
 */
import { roomOfIds, scratchIds } from '@isotherm/kernels';
import { ResourceLimitError } from '@isotherm/errors';
import type { Segment } from '@isotherm/segment';
import type { Granularity, Interval } from '@isotherm/timeline';
import { bucketStart, bucketStarts, bucketStartsOf, nextBucket } from '@isotherm/timeline';
import { firstNotBelow } from './ascending.ts';
import { runsIn } from './id-runs.ts';
import type { FilterPlan } from './plan-filter.ts';
import { everyRow, planIds } from './plan-filter.ts';

/** Buckets of a run. */
export interface TimeBuckets {
  /** Start of each bucket, ascending. */
  readonly starts: Float64Array;
  /** Bucket of each distinct time; meaningless outside the intervals. Null for granularity `all`: bucket 0. */
  readonly bucketOf: Uint32Array | null;
}

/** Empty buckets that a timeseries fills in one segment; more is a mistake in the query. */
const bucketLimit = 5_000_000;

/** The condition that a row's time is inside one of the intervals. */
export function planTimeCondition(segment: Segment, intervals: readonly Interval[]): FilterPlan {
  const range = segment.timeRange;
  if (range === null || intervals.some((i) => i.start <= range.minMs && range.maxMs < i.end)) {
    return everyRow;
  }
  const column = segment.time();
  const { distinct } = column;
  const inside: [number, number][] = intervals.map(({ start, end }) => [
    firstNotBelow(distinct, start),
    firstNotBelow(distinct, end),
  ]);
  return planIds({ name: '__time', column, runs: runsIn(inside) });
}

/**
 * Buckets that hold rows. For `all` there is one, which starts where the run or the data starts,
 * whichever is later.
 */
export function planBuckets(
  granularity: Granularity,
  segment: Segment,
  intervals: readonly Interval[],
): TimeBuckets {
  if (granularity.type === 'all') return wholeBucket(segment, intervals);
  const column = segment.time();
  return bucketsIn(bucketStartsOf(granularity, column.distinct));
}

/**
 * Buckets of a timeseries, empty ones included: Druid fills them where an interval overlaps the
 * time from the segment's first row to the end of the bucket of its last row.
 *
 * @throws ResourceLimitError above `bucketLimit` buckets
 */
export function planFilledBuckets(
  granularity: Granularity,
  segment: Segment,
  intervals: readonly Interval[],
): TimeBuckets {
  const range = segment.timeRange;
  if (granularity.type === 'all' || range === null) return wholeBucket(segment, intervals);
  const dataEnd = nextBucket(granularity, bucketStart(granularity, range.maxMs));
  const starts: number[] = [];
  for (const interval of intervals) {
    const start = Math.max(interval.start, range.minMs);
    for (const bucket of bucketStarts(granularity, {
      start,
      end: Math.min(interval.end, dataEnd),
    })) {
      if (bucket !== starts.at(-1)) starts.push(bucket);
      if (starts.length > bucketLimit) throw tooManyBuckets();
    }
  }
  const filled = Float64Array.from(starts);
  const column = segment.time();
  const startOf = bucketStartsOf(granularity, column.distinct);
  const bucketOf = scratchIds(startOf.length);
  // Times ascend, and so do the starts of their buckets.
  for (let id = 0, bucket = 0; id < bucketOf.length; id++) {
    while (bucket < filled.length && filled[bucket] < startOf[id]) bucket++;
    bucketOf[id] = bucket;
  }
  return { starts: filled, bucketOf };
}

function wholeBucket(segment: Segment, intervals: readonly Interval[]): TimeBuckets {
  const minMs = segment.timeRange?.minMs ?? Infinity;
  const first = intervals.find((interval) => interval.end > minMs);
  const starts = first === undefined ? [] : [Math.max(first.start, minMs)];
  return { starts: Float64Array.from(starts), bucketOf: null };
}

/** The distinct ones of ascending starts, and where each is among them. @param startOf is overwritten */
function bucketsIn(startOf: Float64Array): TimeBuckets {
  const bucketOf = roomOfIds(startOf.length);
  let count = 0;
  for (let id = 0; id < bucketOf.length; id++) {
    const start = startOf[id];
    if (count === 0 || startOf[count - 1] !== start) startOf[count++] = start;
    bucketOf[id] = count - 1;
  }
  return { starts: startOf.slice(0, count), bucketOf };
}

function tooManyBuckets(): ResourceLimitError {
  return new ResourceLimitError(
    `The timeseries has more than ${bucketLimit} buckets in one segment. Ask for a coarser ` +
      'granularity, shorter intervals, or set "skipEmptyBuckets" in the context.',
    { code: 'TOO_MANY_BUCKETS', details: { limit: bucketLimit } },
  );
}
