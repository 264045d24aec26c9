/**
 * The metadata store: jobs, segments, timeline versions, rules, leases and audit. The one source of
 * order: versions come from its sequences and leases from its clock. SQLite is embedded; the
 * interface is asynchronous because MySQL stands behind the same one.
 */
import type { Interval, SegmentDescriptor } from '@isotherm/timeline';

/** A load or drop rule in Druid's JSON; the first that matches a segment decides. */
export type Rule =
  | { readonly type: 'loadForever'; readonly tieredReplicants: TieredReplicants }
  | {
      readonly type: 'loadByInterval';
      readonly interval: string;
      readonly tieredReplicants: TieredReplicants;
    }
  | {
      readonly type: 'loadByPeriod';
      readonly period: string;
      readonly includeFuture: boolean;
      readonly tieredReplicants: TieredReplicants;
    }
  | { readonly type: 'dropForever' }
  | { readonly type: 'dropByInterval'; readonly interval: string }
  | { readonly type: 'dropByPeriod'; readonly period: string; readonly includeFuture: boolean }
  | { readonly type: 'dropBeforeByPeriod'; readonly period: string };

/** Wanted copies by tier name. */
export type TieredReplicants = Readonly<Record<string, number>>;

/** A job's life: building → published (one transaction) → visible (the atomic flip); or failed. */
export type JobState = 'building' | 'published' | 'visible' | 'failed';

/** One ingestion job. */
export interface Job {
  readonly jobId: string;
  readonly dataSource: string;
  readonly namespace: string;
  readonly state: JobState;
  /** Version of its segments. */
  readonly version: number;
  /** The timeline version at which it became visible, else null. */
  readonly timelineVersion: number | null;
  /** Digest of spec and inputs; a re-run of the same one after publishing changes nothing. */
  readonly fingerprint: string;
}

/** What a job asks for before it builds. */
export interface JobRequest {
  readonly jobId: string;
  readonly dataSource: string;
  readonly namespace: string;
  readonly fingerprint: string;
  /** Who runs it, for conflict messages: host and process id. */
  readonly owner: string;
  readonly leaseMs: number;
}

/** A segment as the store knows it. */
export interface SegmentRecord {
  readonly descriptor: SegmentDescriptor;
  readonly state: JobState;
  /** Disabled segments are outside the timeline and can be enabled again. */
  readonly used: boolean;
}

/** All visible segments of one timeline version. */
export interface TimelineSnapshot {
  readonly timelineVersion: number;
  readonly segments: readonly SegmentDescriptor[];
}

/** The coordinator's leadership; `epoch` fences every write of a leader. */
export interface Leadership {
  readonly epoch: number;
  readonly holder: string;
}

/** Metadata store; every method is one transaction. @throws StoreError on a failing store */
export interface MetadataStore {
  /**
   * Takes the lease on (dataSource, namespace) and the next segment version. A lease whose owner let it
   * run out is taken over and its job marked failed.
   * @returns the job; state `published` or `visible` when the same fingerprint was published before, and then it must not be built again
   * @throws ConflictError code INTERVAL_LOCKED naming the holder
   */
  beginJob(request: JobRequest): Promise<Job>;
  /** Prolongs the lease. @throws ConflictError code LEASE_LOST if another job holds it */
  renewLease(jobId: string, leaseMs: number): Promise<void>;
  /**
   * Inserts all segments of the job and marks it published, in one transaction; gives back the lease.
   * Publishing the same job again is a success that changes nothing.
   * @throws ConflictError code LEASE_LOST
   */
  publishJob(jobId: string, segments: readonly SegmentDescriptor[]): Promise<void>;
  /** Marks a building job failed and gives back its lease; nothing of it was visible. */
  failJob(jobId: string, reason: string): Promise<void>;
  job(jobId: string): Promise<Job | null>;

  /** Jobs that are published but not visible yet, oldest first, with their segments. */
  publishedJobs(): Promise<{ job: Job; segments: SegmentDescriptor[] }[]>;
  /**
   * The atomic flip: makes all segments of these published jobs visible under the next timeline version.
   * @throws ConflictError code NOT_LEADER if the epoch is not the current one
   */
  makeVisible(jobIds: readonly string[], leadership: Leadership): Promise<number>;
  /** Number of the newest timeline version; changes whenever visible or used segments change. */
  timelineVersion(): Promise<number>;
  /** Every visible and used segment, overshadowed ones included, at the newest version, read consistently. */
  timeline(): Promise<TimelineSnapshot>;
  /** Segments in any state, newest version first. */
  segments(filter?: { dataSource?: string; namespace?: string }): Promise<SegmentRecord[]>;
  /**
   * Enables or disables whole segment versions of a namespace inside an interval (revert and redo),
   * under the next timeline version. @returns how many segments changed
   */
  setUsed(
    selection: {
      dataSource: string;
      namespace: string;
      version: number;
      interval: Interval | null;
    },
    used: boolean,
    audit: { author: string; comment: string },
  ): Promise<number>;

  /** Rules by datasource; `_default` holds the rules of all others. Never empty: loadForever is built in. */
  rules(): Promise<Readonly<Record<string, readonly Rule[]>>>;
  setRules(
    dataSource: string,
    rules: readonly Rule[],
    audit: { author: string; comment: string },
  ): Promise<void>;

  /** Takes or keeps the leadership for `leaseMs` by the store's clock; null when another leads. */
  lead(holder: string, leaseMs: number): Promise<Leadership | null>;
  resign(leadership: Leadership): Promise<void>;
  close(): Promise<void>;
}
