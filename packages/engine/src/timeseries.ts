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
import { bucketPart } from './key-part.ts';
import { planBuckets, planFilledBuckets } from './plan-time.ts';
import { timeseriesByTime } from './timeseries-by-time.ts';
import { timeseriesFromStatistics } from './timeseries-statistics.ts';

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
  const plan = skips ? planBuckets : planFilledBuckets;
  const buckets = joinBuckets(
    segments.map(({ segment, intervals }) => plan(query.granularity, segment, intervals)),
  );
  const hasBuckets = query.granularity.type !== 'all';
  const grouped = groupRows(
    run,
    query,
    (places) => (hasBuckets ? [bucketPart(buckets, segments, places)] : []),
    { everySlot: !skips },
  );
  const bucketCount = hasBuckets ? buckets.starts.length : Math.min(1, buckets.starts.length);
  const slots = skips ? usedSlots(grouped) : everyBucket(bucketCount);
  const bucketOf = hasBuckets ? grouped.keys.idsOf(slots)[0] : null;
  const start = buckets.wholeStart(skips ? grouped.matched : [...segments.keys()]);
  const times = Float64Array.from(slots, (_slot, i) =>
    bucketOf === null ? start : buckets.starts[bucketOf[i]],
  );
  return groupedPartial(grouped, slots, { times, dimensions: [] });
}

/** With every slot wanted, a bucket is its own slot. */
function everyBucket(bucketCount: number): Uint32Array {
  return Uint32Array.from({ length: bucketCount }, (_none, bucket) => bucket);
}
