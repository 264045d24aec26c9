/**
 * What should be where: the visible timeline and the published jobs, seen through the rules.
 */
import type { Job, TimelineSnapshot } from '@isotherm/metadata';
import type { SegmentDescriptor } from '@isotherm/timeline';
import { NamespacedTimeline, formatSegmentId } from '@isotherm/timeline';
import type { PlanSegment } from './assignment.ts';
import type { ruleBook } from './rules.ts';

/** A timeline version as brokers are told it. */
export interface VisibleTimeline {
  readonly timelineVersion: number;
  /** Without overshadowed segments, by key. */
  readonly segments: ReadonlyMap<string, SegmentDescriptor>;
  /** The overshadowed ones, by key. */
  readonly hidden: ReadonlyMap<string, SegmentDescriptor>;
}

/** A job that waits to become visible. */
export interface PendingJob {
  readonly job: Job;
  readonly segments: ReadonlyMap<string, SegmentDescriptor>;
}

/** Segments by what the rules want of them. */
export interface Targets {
  /** Segments of which some copy is wanted, visible or pending. */
  readonly wanted: ReadonlyMap<string, PlanSegment>;
  /** Visible segments that rules load nowhere, sorted. */
  readonly unservedKeys: readonly string[];
}

/** Leaves out what newer segments hide. Cost: O(n log n); worth doing once per timeline version. */
export function visibleTimeline(snapshot: TimelineSnapshot): VisibleTimeline {
  const segments = new Map(snapshot.segments.map((one) => [formatSegmentId(one.id), one]));
  const hidden = new Map<string, SegmentDescriptor>();
  const byDataSource = Map.groupBy(snapshot.segments, ({ id }) => id.dataSource);
  for (const list of byDataSource.values()) {
    for (const descriptor of NamespacedTimeline.of(list).overshadowed()) {
      const key = formatSegmentId(descriptor.id);
      hidden.set(key, descriptor);
      segments.delete(key);
    }
  }
  return { timelineVersion: snapshot.timelineVersion, segments, hidden };
}

/** Applies the rules to what is visible and to what is about to be. */
export function findTargets(
  visible: VisibleTimeline,
  pending: readonly PendingJob[],
  copiesOf: ReturnType<typeof ruleBook>,
): Targets {
  const wanted = new Map<string, PlanSegment>();
  const unservedKeys: string[] = [];
  const add = (key: string, descriptor: SegmentDescriptor): boolean => {
    const copies = copiesOf(descriptor.id);
    const isWanted = Object.keys(copies).length > 0;
    if (isWanted) wanted.set(key, { key, descriptor, copies });
    return isWanted;
  };
  for (const [key, descriptor] of visible.segments) {
    if (!add(key, descriptor)) unservedKeys.push(key);
  }
  for (const { segments } of pending) {
    for (const [key, descriptor] of segments) add(key, descriptor);
  }
  return { wanted, unservedKeys: unservedKeys.sort() };
}

/** Keys of a job's segments that rules load and no node serves yet. None: the job can become visible. */
export function missingKeys(
  { segments }: PendingJob,
  { wanted }: Targets,
  served: ReadonlySet<string>,
): string[] {
  return [...segments.keys()].filter((key) => wanted.has(key) && !served.has(key));
}
