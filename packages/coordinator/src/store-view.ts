/**
 * What the metadata store says, read once a cycle. The timeline is read only when its version has moved,
 * and what has not changed is the same object as before.
 */
import { isDeepStrictEqual } from 'node:util';
import type { MetadataStore, Rule } from '@isotherm/metadata';
import { formatSegmentId } from '@isotherm/timeline';
import type { PendingJob, VisibleTimeline } from './targets.ts';
import { visibleTimeline } from './targets.ts';

/** The store as a cycle sees it. */
export interface StoreView {
  readonly visible: VisibleTimeline;
  /** Published jobs, oldest first. */
  readonly pending: readonly PendingJob[];
  readonly rules: Readonly<Record<string, readonly Rule[]>>;
}

/** Reads the store. @returns `before` itself when nothing has changed. @throws StoreError */
export async function readStore(
  metadata: MetadataStore,
  before: StoreView | null,
): Promise<StoreView> {
  const version = await metadata.timelineVersion();
  const visible =
    before?.visible.timelineVersion === version
      ? before.visible
      : visibleTimeline(await metadata.timeline());
  const jobs = await metadata.publishedJobs();
  const rules = await metadata.rules();
  const isSame =
    before !== null &&
    before.visible === visible &&
    before.pending.length + jobs.length === 0 &&
    isDeepStrictEqual(before.rules, rules);
  if (isSame) return before;
  const pending = jobs.map(({ job, segments }) => ({
    job,
    segments: new Map(segments.map((one) => [formatSegmentId(one.id), one])),
  }));
  return { visible, pending, rules };
}
