/**
 * What a job may publish; for every store alike.
 */
import { InvariantError } from '@isotherm/errors';
import type { SegmentDescriptor } from '@isotherm/timeline';
import { condenseIntervals, formatSegmentId } from '@isotherm/timeline';
import type { Job } from './store.ts';

/**
 * Asserts what the timeline relies on: whole partition sets over intervals that do not overlap.
 *
 * @throws InvariantError naming the segment
 */
export function checkSegments(job: Job, segments: readonly SegmentDescriptor[]): void {
  const sets = Map.groupBy(segments, ({ id }) => `${id.interval.start}/${id.interval.end}`);
  let coveredMs = 0;
  const intervals = [];
  for (const [interval, members] of sets) {
    for (const { id, partitionCount, jobId } of members) {
      const isOurs =
        id.dataSource === job.dataSource &&
        id.namespace === job.namespace &&
        id.version === job.version &&
        jobId === job.jobId;
      if (!isOurs || partitionCount !== members.length || id.partition >= partitionCount) {
        throw new InvariantError(
          `Segment "${formatSegmentId(id)}" does not fit job "${job.jobId}", version ${job.version}, with ${members.length} partitions.`,
        );
      }
      if (id.interval.start >= id.interval.end) {
        throw new InvariantError(
          `Segment "${formatSegmentId(id)}" has the empty interval ${interval}.`,
        );
      }
    }
    const [first] = members;
    if (first === undefined) continue;
    intervals.push(first.id.interval);
    coveredMs += first.id.interval.end - first.id.interval.start;
  }
  const unionMs = condenseIntervals(intervals).reduce(
    (sum, { start, end }) => sum + end - start,
    0,
  );
  if (unionMs !== coveredMs) {
    throw new InvariantError(`Segment intervals of job "${job.jobId}" overlap.`);
  }
}
