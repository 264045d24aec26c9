/**
 * Runs a batch ingestion job. This file is the table of contents of the six steps:
 *
 *   1  read-rows.ts           read, filter to the intervals
 *   2  partition-rows.ts      put rows into chunks of time
 *   3  incremental-index.ts   roll up in memory, spill when it is full
 *   4  merge-runs.ts          merge what was spilled, chunk by chunk
 *   5  push-segments.ts       divide into segments, write, store
 *   6  publish-job.ts         commit them all in one metadata transaction
 *
 * roll-up.ts takes the rows through steps 1 to 4, build() through step 5.
 *
 * Whatever happens before the last step leaves nothing that anyone sees.
 */
import type { DeepStorage } from '@isotherm/deep-storage';
import { CancelledError } from '@isotherm/errors';
import type { Job, MetadataStore } from '@isotherm/metadata';
import type { Clock, Disk, Random } from '@isotherm/platform';
import {
  formatInterval,
  formatSegmentId,
  type Interval,
  type SegmentDescriptor,
} from '@isotherm/timeline';
import { JobAccount } from './job-account.ts';
import { beginJob, fingerprintOf, renewLease, scratchFolder, sweepScratch } from './job-lease.ts';
import { Chunks } from './partition-rows.ts';
import { publishJob } from './publish-job.ts';
import { defaultThreads } from './read-apart.ts';
import { emptyChunk, PushedSegments } from './push-segments.ts';
import type { SegmentRows } from './merge-runs.ts';
import { findInputs, type Input, inputBytes } from './read/open-batches.ts';
import type { IngestionProgress, IngestionReport } from './report.ts';
import { rollUp } from './roll-up.ts';
import type { IngestionSpec } from './spec/ingestion-spec.ts';
import { WriteQueue } from './write-queue.ts';

/** A lease runs out so long after its owner died unseen. */
export const defaultLeaseMs = 15_000;

/** What a job needs. */
export interface IngestionJob {
  readonly spec: IngestionSpec;
  /** As it was given; part of the job's identity. */
  readonly specJson: unknown;
  readonly metadata: MetadataStore;
  readonly storage: DeepStorage;
  /** For spilled runs; the job's part of it is removed when it ends. */
  readonly scratch: Disk;
  readonly clock: Clock;
  readonly random: Random;
  /** Absolute folder at which relative paths of the spec start: the spec's own. */
  readonly baseDir: string;
  /** `host:pid`, for others to see who holds the lease. */
  readonly owner: string;
  /** Tells of another owner whether its process is surely gone; then its lease is not waited for. */
  readonly isOwnerDead?: (owner: string) => boolean;
  readonly leaseMs?: number;
  /** Threads that read inputs, later write segments; changes no byte. 0 = all in this one; as many as cores by default. */
  readonly threads?: number;
  readonly onProgress?: (progress: IngestionProgress) => void;
  readonly signal?: AbortSignal;
  /** Does all but store and publish. */
  readonly dryRun?: boolean;
}

/**
 * @throws InvalidInputError for what is wrong with spec and input (code TOO_MANY_BAD_ROWS above the limit),
 *   ConflictError code INTERVAL_LOCKED or LEASE_LOST, CancelledError, StoreError
 */
export async function runIngestion(job: IngestionJob): Promise<IngestionReport> {
  const { spec, metadata } = job;
  const inputs = await findInputs(spec.input, job.baseDir);
  const account = new JobAccount(job, inputs.length, total(inputs));
  if (job.dryRun === true) return dryRun(job, inputs, account);

  const begun = await beginJob(
    metadata,
    {
      jobId: job.random.id(),
      dataSource: spec.dataSource,
      namespace: spec.namespace,
      fingerprint: fingerprintOf(job.specJson, inputs),
      owner: job.owner,
      leaseMs: job.leaseMs ?? defaultLeaseMs,
    },
    job.isOwnerDead ?? (() => false),
  );
  if (begun.state !== 'building') return account.report('alreadyPublished', begun, []);
  return buildAndPublish(job, begun, inputs, account);
}

async function buildAndPublish(
  job: IngestionJob,
  begun: Job,
  inputs: readonly Input[],
  account: JobAccount,
): Promise<IngestionReport> {
  const { metadata, scratch, clock } = job;
  const queue = new WriteQueue(job.threads ?? defaultThreads());
  const folder = scratchFolder(begun.jobId);
  const lease = renewLease(metadata, clock, begun.jobId, job.leaseMs ?? defaultLeaseMs);
  const check = (): void => {
    const failure = lease.failure();
    if (failure !== null) throw failure;
    checkSignal(job.signal);
  };
  try {
    await sweepScratch(metadata, scratch);
    const segments = await build(job, begun, inputs, account, folder, check, queue);
    account.begin('publish');
    check();
    await publishJob(metadata, begun, segments);
    return account.report('published', begun, segments.map(segmentReport));
  } catch (error) {
    await metadata
      .failJob(begun.jobId, error instanceof Error ? error.message : 'It failed.')
      .catch(() => {
        // The first error says more; the lease ends by itself.
      });
    throw error;
  } finally {
    // Nothing may be written into the folder once it is gone.
    await queue.close();
    lease.stop();
    await scratch.remove(folder);
  }
}

async function build(
  job: IngestionJob,
  begun: Job,
  inputs: readonly Input[],
  account: JobAccount,
  folder: string,
  check: () => void,
  queue: WriteQueue,
): Promise<SegmentDescriptor[]> {
  const { spec } = job;
  const chunks = new Chunks(spec.granularity);
  const rolled = await rollUp(job, inputs, chunks, account, folder, check);
  account.begin('merge');
  const pushed = new PushedSegments();
  const built = new Set<number>();
  const push = async (segment: SegmentRows, interval: Interval): Promise<void> => {
    check();
    built.add(segment.chunkStart);
    const { rowCount } = segment.rows;
    await pushed.push(spec, begun, job.storage, segment, interval, rolled.dimensions, queue);
    account.addStored(rowCount);
  };
  for await (const segment of rolled.segments()) {
    await push(segment, chunks.intervalOf(segment.chunkStart));
  }
  if (spec.dropExisting) {
    for (const interval of chunks.all()) {
      if (built.has(interval.start)) continue;
      await push(emptyChunk(spec, interval.start, rolled.dimensions), interval);
    }
  }
  await queue.drain();
  return pushed.descriptors();
}

async function dryRun(
  job: IngestionJob,
  inputs: readonly Input[],
  account: JobAccount,
): Promise<IngestionReport> {
  const { spec } = job;
  const chunks = new Chunks(spec.granularity);
  // No job stands behind it, so it must not lie where the sweep looks for jobs.
  const folder = `dry-run/${job.random.id()}`;
  try {
    const check = (): void => checkSignal(job.signal);
    const rolled = await rollUp(job, inputs, chunks, account, folder, check);
    account.begin('merge');
    const segments: IngestionReport['segments'][number][] = [];
    for await (const { chunkStart, rows } of rolled.segments()) {
      const interval = formatInterval(chunks.intervalOf(chunkStart));
      segments.push({ id: null, interval, rowCount: rows.rowCount, bytes: null });
      account.addStored(rows.rowCount);
    }
    return account.report('dryRun', null, segments);
  } finally {
    await job.scratch.remove(folder);
  }
}

function segmentReport({
  id,
  rowCount,
  bytes,
}: SegmentDescriptor): IngestionReport['segments'][number] {
  return { id: formatSegmentId(id), interval: formatInterval(id.interval), rowCount, bytes };
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new CancelledError('The ingestion was cancelled. Nothing was published.', {
    code: 'INGESTION_CANCELLED',
  });
}

function total(inputs: readonly Input[]): number {
  return inputs.reduce((sum, input) => sum + inputBytes(input), 0);
}
