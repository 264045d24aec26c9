/** Buckets of several segments as one list, and each segment's buckets among them. */
import { scratchIds } from '@isotherm/kernels';
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
  const known = new Set<number>();
  for (const { starts } of all) for (const start of starts) known.add(start);
  const starts = Float64Array.from(known).sort();
  const isWhole = all.every(({ bucketOf }) => bucketOf === null);
  const placeOf = new Map(isWhole ? [] : Array.from(starts, (start, place) => [start, place]));
  return {
    starts,
    bucketsOf: all.map((buckets) => (isWhole ? null : placesIn(buckets, placeOf))),
    wholeStart,
  };
}

/** What a segment without any row gives has no buckets, and no times to look them up for. */
function placesIn(
  { starts, bucketOf }: TimeBuckets,
  placeOf: ReadonlyMap<number, number>,
): Uint32Array {
  if (bucketOf === null) return scratchIds(0);
  const places = Uint32Array.from(starts, (start) => placeOf.get(start) ?? 0);
  const joined = scratchIds(bucketOf.length);
  // Times outside the intervals may name a bucket behind the last one.
  for (let id = 0; id < joined.length; id++) joined[id] = places[bucketOf[id]] ?? 0;
  return joined;
}
