/** Segments, nodes and updates for the tests of this package. */
import type { ServingNode, TimelineUpdate } from '@isotherm/rpc';
import { type SegmentDescriptor, formatSegmentId, parseInterval } from '@isotherm/timeline';

/** A segment of one day of 2026-01 that has rows from 01:00 to 22:59:59.999. */
export function daySegment(
  day: number,
  over: {
    dataSource?: string;
    namespace?: string;
    version?: number;
    partition?: number;
    partitionCount?: number;
    isEmpty?: boolean;
  } = {},
): SegmentDescriptor {
  const text = (n: number): string => `2026-01-${String(n).padStart(2, '0')}`;
  const interval = parseInterval(`${text(day)}/${text(day + 1)}`);
  const id = {
    dataSource: over.dataSource ?? 'ads',
    namespace: over.namespace ?? 'default',
    interval,
    version: over.version ?? 1,
    partition: over.partition ?? 0,
  };
  return {
    id,
    partitionCount: over.partitionCount ?? 1,
    rowCount: over.isEmpty === true ? 0 : 1000,
    bytes: 5000,
    memoryBytes: 9000,
    sha256: '0'.repeat(64),
    key: `segments/${formatSegmentId(id)}`,
    dimensions: [
      { name: 'country', type: 'string' },
      { name: 'device', type: 'string' },
    ],
    metrics: [{ name: 'clicks', type: 'long' }],
    timeRange:
      over.isEmpty === true
        ? null
        : { minMs: interval.start + 3_600_000, maxMs: interval.end - 3_600_001 },
    jobId: 'job-1',
  };
}

/** A node of the hot tier; it listens where its name says. */
export function servingNode(
  nodeId: string,
  segments: readonly SegmentDescriptor[],
  over: { priority?: number; address?: string } = {},
): ServingNode {
  return {
    nodeId,
    address: over.address ?? `${nodeId}:8083`,
    tier: 'hot',
    capacityBytes: 1e9,
    priority: over.priority ?? 0,
    served: segments.map(({ id }) => formatSegmentId(id)),
  };
}

/** A whole update, unless `over` says that it is a change. */
export function timelineUpdate(over: Partial<TimelineUpdate>): TimelineUpdate {
  return {
    full: true,
    timelineVersion: 1,
    added: [],
    removedKeys: [],
    unservedKeys: [],
    nodesChanged: [],
    nodesGone: [],
    ...over,
  };
}

/** Keys of segments. */
export function keysOf(segments: readonly SegmentDescriptor[]): string[] {
  return segments.map(({ id }) => formatSegmentId(id));
}
