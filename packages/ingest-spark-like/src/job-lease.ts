/**
 * A job's identity and its hold on the datasource: the fingerprint that makes a second run of the same job
 * change nothing, the lease that is renewed while it runs, and taking over from an owner that died.
 */
import { createHash } from 'node:crypto';
import { ConflictError, IsothermError } from '@isotherm/errors';
import type { Job, JobRequest, MetadataStore } from '@isotherm/metadata';
import type { Clock, Disk } from '@isotherm/platform';
import type { Input } from './read/open-batches.ts';

const scratchRoot = 'ingest';

/** Folder of a job on the scratch disk. */
export function scratchFolder(jobId: string): string {
  return `${scratchRoot}/${jobId}`;
}

/** SHA-256 over the spec and what it reads: path, size and time of change of each file. */
export function fingerprintOf(specJson: unknown, inputs: readonly Input[]): string {
  const hash = createHash('sha256').update(JSON.stringify(sorted(specJson)));
  for (const input of inputs) {
    if (input.type === 'inline') continue;
    const { path, bytes, modifiedMs } = input.file;
    hash.update(JSON.stringify([path, bytes, modifiedMs]));
  }
  return hash.digest('hex');
}

/** The order of keys has no meaning. */
function sorted(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(sorted);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, sorted(value)]),
  );
}

/**
 * Begins the job, at once also where the lease's owner is known to be dead.
 *
 * @throws ConflictError code INTERVAL_LOCKED naming the job that runs
 */
export async function beginJob(
  metadata: MetadataStore,
  request: JobRequest,
  isOwnerDead: (owner: string) => boolean,
): Promise<Job> {
  try {
    return await metadata.beginJob(request);
  } catch (error) {
    if (!(error instanceof ConflictError) || error.code !== 'INTERVAL_LOCKED') throw error;
    const { jobId, owner } = error.details;
    if (typeof jobId !== 'string' || typeof owner !== 'string' || !isOwnerDead(owner)) throw error;
    await metadata.failJob(jobId, `Its process "${owner}" died; job "${request.jobId}" took over.`);
    return metadata.beginJob(request);
  }
}

/** True when an owner `host:pid` names a process of this host that is gone. */
export function isDeadProcess(owner: string, host: string): boolean {
  const at = owner.lastIndexOf(':');
  const pid = Number(owner.slice(at + 1));
  if (owner.slice(0, at) !== host || !Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

/** Renews the lease three times in its span. `failure` is set once it is lost. */
export interface LeaseRenewal {
  failure(): Error | null;
  stop(): void;
}

/** Begins to renew; a failing store is tried again, a lost lease ends it. */
export function renewLease(
  metadata: MetadataStore,
  clock: Clock,
  jobId: string,
  leaseMs: number,
): LeaseRenewal {
  let failure: Error | null = null;
  let isStopped = false;
  let cancel = (): void => {};
  const plan = (): void => {
    cancel = clock.schedule(leaseMs / 3, () => void renew());
  };
  const renew = async (): Promise<void> => {
    try {
      await metadata.renewLease(jobId, leaseMs);
    } catch (error) {
      if (error instanceof ConflictError) failure = error;
      else if (!(error instanceof IsothermError)) failure = asError(error);
    }
    if (!isStopped && failure === null) plan();
  };
  plan();
  return {
    failure: () => failure,
    stop() {
      isStopped = true;
      cancel();
    },
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('The metadata store failed.');
}

/** Removes the scratch folders of attempts that ended or died. */
export async function sweepScratch(metadata: MetadataStore, scratch: Disk): Promise<void> {
  const folders = new Set((await scratch.list(scratchRoot)).map((path) => path.split('/')[1]));
  for (const jobId of folders) {
    const job = await metadata.job(jobId);
    if (job?.state !== 'building') await scratch.remove(scratchFolder(jobId));
  }
}
