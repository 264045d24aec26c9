/** When a cluster of one process may be called ready. */
import { CancelledError, UnavailableError } from '@isotherm/errors';
import { nodeClock } from '@isotherm/platform';
import type { StandaloneCluster } from './standalone-cluster.ts';

const pollMs = 20;
/** Jobs that no node can load, for this long, do not hold up what is visible already. */
const stuckMs = 10_000;

/** How far loading is. */
export interface Loading {
  readonly missingSegments: number;
  readonly pendingJobs: number;
}

/**
 * Waits until every visible segment is served and every job that is published has become visible.
 *
 * @returns sentences about jobs that could not become visible; none as a rule
 * @throws UnavailableError code NOT_READY naming what is missing; CancelledError when interrupted
 */
export async function untilReady(
  cluster: StandaloneCluster,
  options: {
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    readonly onLoading?: (loading: Loading) => void;
  },
): Promise<string[]> {
  const clock = nodeClock();
  const startMs = clock.monotonicMs();
  let progressMs = startMs;
  for (;;) {
    if (options.signal.aborted) throw new CancelledError('Loading was stopped.');
    const loading = loadingOf(cluster);
    options.onLoading?.(loading);
    const nowMs = clock.monotonicMs();
    const isServed = isVisibleServed(cluster);
    const jobs = cluster.coordinator.status().pendingJobs;
    if (isServed && jobs?.length === 0) return [];
    // A busy machine may take long for one segment: that is no reason to answer without it.
    if (jobs === null || jobs.some((job) => job.isLoading)) progressMs = nowMs;
    if (isServed && nowMs - progressMs > stuckMs) return pendingSentences(cluster);
    if (nowMs - startMs > options.timeoutMs) throw notReady(cluster, options.timeoutMs);
    await clock.sleep(pollMs);
  }
}

function loadingOf({ coordinator, broker }: StandaloneCluster): Loading {
  const pendingJobs = coordinator.status().pendingJobs ?? [];
  const waiting = pendingJobs.reduce((sum, job) => sum + job.missingCount, 0);
  return {
    missingSegments: waiting + broker.status().unavailableSegments,
    pendingJobs: pendingJobs.length,
  };
}

function isVisibleServed({ coordinator, broker }: StandaloneCluster): boolean {
  const { isLeader, newestVersion } = coordinator.status();
  const { timelineVersion, unavailableSegments } = broker.status();
  return (
    isLeader &&
    newestVersion !== null &&
    timelineVersion === newestVersion &&
    unavailableSegments === 0
  );
}

function pendingSentences({ coordinator }: StandaloneCluster): string[] {
  return (coordinator.status().pendingJobs ?? []).map((job) => {
    const first = job.missing[0];
    const reason = first === undefined ? '' : ` ${first.segmentKey}: ${first.reason}`;
    return `Job ${job.jobId} of ${job.dataSource} is not visible: ${job.missingCount} of ${job.segmentCount} segments are not loaded.${reason}`;
  });
}

function notReady(cluster: StandaloneCluster, timeoutMs: number): UnavailableError {
  const { problems, short } = cluster.coordinator.status();
  const { missingSegments } = loadingOf(cluster);
  const reasons = [
    ...problems,
    ...short.slice(0, 1).map((item) => `${item.segmentKey}: ${item.reason}`),
  ];
  return new UnavailableError(
    `The cluster was not ready after ${timeoutMs / 1000} s: ${missingSegments} segments are not served. ${reasons.join(' ')} Raise --ready-timeout, or look at "isotherm segments list".`,
    { code: 'NOT_READY' },
  );
}
