/**
 * timeseries: one row a time bucket, with rows for empty buckets inside the time of the segments
 * unless the query skips them.
 */
import { withScratch } from '@isotherm/kernels';
import type { GroupedPartial, PartialResult, TimeseriesQuery } from '@isotherm/query';
import { mergePartials } from '@isotherm/query';
import { segmentsAlike } from './columns-alike.ts';
import type { GroupingRun, RunPiece } from './engine.ts';
import { groupRows, groupedPartial, usedSlots } from './group-rows.ts';
import { groupedColumns } from './needed-columns.ts';
import { joinBuckets } from './join-buckets.ts';
import { type KeyPart, bucketPart } from './key-part.ts';
import { planBuckets, planFilledBuckets } from './plan-time.ts';
import { timeseriesByTime } from './timeseries-by-time.ts';
import { timeseriesFromStatistics } from './timeseries-statistics.ts';
import { usedBuckets } from './used-buckets.ts';

/** Runs a timeseries; from statistics or sums by time where they know the answer of a segment. */
export function runTimeseries(run: GroupingRun<TimeseriesQuery>): PartialResult[] {
  const { query } = run;
  const partials: GroupedPartial[] = [];
  const unknown: RunPiece[] = [];
  for (const piece of run.segments) {
    const known =
      timeseriesFromStatistics(query, piece.segment, piece.intervals) ??
      withScratch(() => timeseriesByTime(query, piece, run));
    if (known === null) unknown.push(piece);
    else partials.push(known);
  }
  for (const segments of segmentsAlike(unknown, groupedColumns(query.aggregations, []))) {
    partials.push(withScratch(() => groupByBucket({ ...run, segments })));
  }
  return mergePartials(query, partials);
}

function groupByBucket(run: GroupingRun<TimeseriesQuery>): GroupedPartial {
  const { query, segments } = run;
  const skips = query.context.skipEmptyBuckets;
  const hasBuckets = query.granularity.type !== 'all';
  const plan = skips ? planBuckets : planFilledBuckets;
  const skipsSegments = skips && hasBuckets;
  let buckets = joinBuckets(
    skipsSegments
      ? []
      : segments.map(({ segment, intervals }) => plan(query.granularity, segment, intervals)),
  );
  const makeParts = (places: readonly number[]): KeyPart[] => {
    if (!hasBuckets) return [];
    if (!skipsSegments) return [bucketPart(buckets, segments, places)];
    const used = usedBuckets(query.granularity, segments, places);
    buckets = used.buckets;
    return [used.part];
  };
  const grouped = groupRows(run, query, makeParts, { everySlot: !skips });
  const bucketCount = hasBuckets ? buckets.starts.length : Math.min(1, buckets.starts.length);
  const slots = skips ? usedSlots(grouped) : everyBucket(bucketCount);
  const bucketOf = hasBuckets ? grouped.keys.idsOf(slots)[0] : null;
  const times =
    bucketOf === null
      ? new Float64Array(slots.length).fill(
          buckets.wholeStart(skips ? grouped.matched : [...segments.keys()]),
        )
      : Float64Array.from(bucketOf, (bucket) => buckets.starts[bucket]);
  return groupedPartial(grouped, slots, { times, dimensions: [] });
}

/** With every slot wanted, a bucket is its own slot. */
function everyBucket(bucketCount: number): Uint32Array {
  return Uint32Array.from({ length: bucketCount }, (_none, bucket) => bucket);
}
