/**
 * What a coordinator says of itself: who leads, what waits, and why.
 */
import type { ControlLoop } from './control-loop.ts';

/** State of a coordinator at one moment. */
export interface CoordinatorStatus {
  readonly isLeader: boolean;
  /** Null when it does not lead. */
  readonly epoch: number | null;
  /** The version that brokers are told; null before the first. */
  readonly timelineVersion: number | null;
  /** The newest version of the metadata store; null before it was read. */
  readonly newestVersion: number | null;
  readonly nodes: readonly NodeStatus[];
  readonly brokers: readonly {
    readonly brokerId: string;
    readonly isConnected: boolean;
    readonly acknowledged: number | null;
  }[];
  /** Jobs that are published but not visible, oldest first; null while it is not known whether there are any. */
  readonly pendingJobs: readonly PendingJobStatus[] | null;
  /** Visible segments that want more copies than they have, with the reason, at most 100. */
  readonly short: readonly { readonly segmentKey: string; readonly reason: string }[];
  /** Sentences about what keeps the coordinator from its work. */
  readonly problems: readonly string[];
}

/** One historical as the coordinator sees it. */
export interface NodeStatus {
  readonly nodeId: string;
  readonly tier: string;
  readonly isConnected: boolean;
  readonly served: number;
  readonly loading: number;
  readonly leaving: number;
}

/** Why a job is not visible yet. */
export interface PendingJobStatus {
  readonly jobId: string;
  readonly dataSource: string;
  readonly namespace: string;
  readonly segmentCount: number;
  readonly missingCount: number;
  /** True while nothing but time keeps one of them from being served. */
  readonly isLoading: boolean;
  /** Segments that no node serves yet, with the reason where nothing can be done now; at most 100. */
  readonly missing: readonly { readonly segmentKey: string; readonly reason: string }[];
}

const maxListed = 100;

/** Describes a coordinator. */
export function describe({
  leader,
  cluster,
  feed,
  findings,
  newestVersion,
}: ControlLoop): CoordinatorStatus {
  const nodes = [...cluster.nodes].map(({ node, lostMs, held, loading, leaving }) => ({
    nodeId: node.nodeId,
    tier: node.tier,
    isConnected: lostMs === null,
    served: held.size - leaving.size,
    loading: loading.size,
    leaving: leaving.size,
  }));
  const pendingKeys = new Set(findings.pending.flatMap(({ segments }) => [...segments.keys()]));
  return {
    isLeader: leader.current !== null,
    epoch: leader.current?.epoch ?? null,
    timelineVersion: feed.view?.timelineVersion ?? null,
    newestVersion,
    nodes,
    brokers: feed.brokers,
    pendingJobs: describePending(findings),
    short: [...findings.reasons]
      .filter(([segmentKey]) => !pendingKeys.has(segmentKey))
      .slice(0, maxListed)
      .map(([segmentKey, reason]) => ({ segmentKey, reason })),
    problems: findings.problems,
  };
}

function describePending({
  isKnown,
  pending,
  missingByJob,
  reasons,
}: ControlLoop['findings']): PendingJobStatus[] | null {
  if (!isKnown) return null;
  return pending.map(({ job, segments }) => {
    const missing = missingByJob.get(job.jobId) ?? [];
    return {
      jobId: job.jobId,
      dataSource: job.dataSource,
      namespace: job.namespace,
      segmentCount: segments.size,
      missingCount: missing.length,
      isLoading: missing.some((segmentKey) => !reasons.has(segmentKey)),
      missing: missing.slice(0, maxListed).map((segmentKey) => ({
        segmentKey,
        reason: reasons.get(segmentKey) ?? 'It is being loaded.',
      })),
    };
  });
}
