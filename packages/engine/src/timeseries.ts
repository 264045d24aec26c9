/**
 * timeseries over one segment: one row a time bucket, with rows for empty buckets inside the time
 * of the segment unless the query skips them.
 */
import type { GroupedPartial, TimeseriesQuery } from '@isotherm/query';
import type { RunOf } from './engine.ts';
import { bucketParts, groupRows, groupedPartial, usedSlots } from './group-rows.ts';
import { planBuckets, planFilledBuckets } from './plan-time.ts';
import { timeseriesFromStatistics } from './timeseries-statistics.ts';

/** Runs a timeseries; from statistics where they know the answer. */
export function runTimeseries(run: RunOf<TimeseriesQuery>): GroupedPartial {
  const { query, segment, intervals } = run;
  const known = timeseriesFromStatistics(query, segment, intervals);
  if (known !== null) return known;
  const skips = query.context.skipEmptyBuckets;
  const plan = skips ? planBuckets : planFilledBuckets;
  const buckets = plan(query.granularity, segment, intervals);
  const byBucket = bucketParts(buckets, segment);
  const grouped = groupRows(run, query, byBucket, { everySlot: !skips });
  const slots = skips ? usedSlots(grouped) : everyBucket(buckets.starts.length);
  const bucketOf = byBucket.length === 0 ? null : grouped.keys.idsOf(slots)[0];
  const times = Float64Array.from(slots, (_slot, i) => buckets.starts[bucketOf?.[i] ?? 0]);
  return groupedPartial(grouped, slots, { times, dimensions: [] });
}

/** With every slot wanted, a bucket is its own slot. */
function everyBucket(bucketCount: number): Uint32Array {
  return Uint32Array.from({ length: bucketCount }, (_none, bucket) => bucket);
}
