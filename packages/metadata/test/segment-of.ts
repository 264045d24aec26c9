import type { Job } from '@isotherm/metadata';
import type { SegmentDescriptor } from '@isotherm/timeline';
import { parseInterval } from '@isotherm/timeline';

/** A whole segment of a job. */
export function segmentOf(
  job: Job,
  interval: string,
  partition = 0,
  partitionCount = 1,
): SegmentDescriptor {
  const { jobId, dataSource, namespace, version } = job;
  return {
    id: { dataSource, namespace, interval: parseInterval(interval), version, partition },
    partitionCount,
    rowCount: 10,
    bytes: 1000,
    memoryBytes: 2000,
    sha256: 'ab'.repeat(32),
    key: `${dataSource}/${version}/${partition}`,
    dimensions: [{ name: 'country', type: 'string' }],
    metrics: [{ name: 'clicks', type: 'long' }],
    timeRange: { minMs: 0, maxMs: 1 },
    jobId,
  };
}
