/** Buckets of several segments as one list, and each segment's buckets among them. */
import { roomOfIds, scratchIds } from '@isotherm/kernels';
import type { TimeBuckets } from './plan-time.ts';

/** Buckets of all segments of a run. */
export interface JoinedBuckets {
  /** Start of each bucket, ascending; for granularity `all` those of all segments, which are one bucket. */
  readonly starts: Float64Array;
  /** Per segment the bucket of each distinct time; meaningless outside its intervals. */
  readonly bucketsOf: readonly (Uint32Array | null)[];
  /** Where the one bucket of granularity `all` starts: at the least start of these segments. */
  wholeStart(places: readonly number[]): number;
}

/** Joins the buckets of segments. */
export function joinBuckets(all: readonly TimeBuckets[]): JoinedBuckets {
  const wholeStart = (places: readonly number[]): number =>
    places.reduce((least, place) => Math.min(least, all[place].starts[0] ?? Infinity), Infinity);
  const [first] = all;
  if (all.length === 1) return { starts: first.starts, bucketsOf: [first.bucketOf], wholeStart };
  const starts = distinctStarts(all);
  const isWhole = all.every(({ bucketOf }) => bucketOf === null);
  return {
    starts,
    bucketsOf: all.map((buckets) => (isWhole ? null : placesIn(buckets, starts))),
    wholeStart,
  };
}

/** The starts of all segments, each once, ascending. */
function distinctStarts(all: readonly TimeBuckets[]): Float64Array {
  const joined = new Float64Array(all.reduce((sum, { starts }) => sum + starts.length, 0));
  let count = 0;
  for (const { starts } of all) {
    joined.set(starts, count);
    count += starts.length;
  }
  joined.sort();
  let kept = 0;
  for (const start of joined) {
    if (kept === 0 || joined[kept - 1] !== start) joined[kept++] = start;
  }
  return joined.slice(0, kept);
}

/** What a segment without any row gives has no buckets, and no times to look them up for. */
function placesIn({ starts, bucketOf }: TimeBuckets, all: Float64Array): Uint32Array {
  if (bucketOf === null) return scratchIds(0);
  const places = new Uint32Array(starts.length);
  for (let bucket = 0, place = 0; bucket < starts.length; bucket++) {
    while (all[place] < starts[bucket]) place++;
    places[bucket] = place;
  }
  const joined = roomOfIds(bucketOf.length);
  // Times outside the intervals may name a bucket behind the last one.
  for (let id = 0; id < joined.length; id++) joined[id] = places[bucketOf[id]] ?? 0;
  return joined;
}
