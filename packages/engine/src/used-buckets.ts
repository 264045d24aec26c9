/**
 * Time buckets of those segments of a run that may have matching rows. A query for one ad finds it in one
 * segment of many, and the buckets of the others, a figure for every distinct time, would cost more than
 * the answer.
 */
import type { Granularity } from '@isotherm/timeline';
import type { RunPiece } from './engine.ts';
import { type JoinedBuckets, joinBuckets } from './join-buckets.ts';
import { type KeyPart, bucketPart } from './key-part.ts';
import { planBuckets } from './plan-time.ts';

/** Buckets that hold rows, and the part of the key that tells them apart. */
interface UsedBuckets {
  readonly buckets: JoinedBuckets;
  readonly part: KeyPart;
}

/**
 * Plans the buckets of the segments at `places`, for another granularity than `all`.
 *
 * @param segments at least one
 */
export function usedBuckets(
  granularity: Granularity,
  segments: readonly RunPiece[],
  places: readonly number[],
): UsedBuckets {
  // A key needs buckets even where there are no rows for them.
  const used = places.length === 0 ? [segments[0]] : places.map((place) => segments[place]);
  const buckets = joinBuckets(
    used.map(({ segment, intervals }) => planBuckets(granularity, segment, intervals)),
  );
  return { buckets, part: bucketPart(buckets, used, [...places.keys()]) };
}
