/**
 * Jobs, their leases, and what they publish. Every function runs inside a writing transaction.
 */
import { ConflictError, NotFoundError } from '@isotherm/errors';
import type { SegmentDescriptor } from '@isotherm/timeline';
import { formatSegmentId } from '@isotherm/timeline';
import type { Job, JobRequest, JobState, Leadership } from '../store.ts';
import { checkSegments } from '../check-segments.ts';
import { type Connection, type SqlRow, integerOf, now, textOf } from './connection.ts';
import { descriptorOf } from './descriptor.ts';
import { checkLeadership } from './leadership.ts';

const jobColumns = 'jobId, dataSource, namespace, state, version, timelineVersion, fingerprint';

/** Reads one job. */
export function readJob(db: Connection, jobId: string): Job | null {
  const row = db.get(`SELECT ${jobColumns} FROM jobs WHERE jobId = ?`, [jobId]);
  return row === undefined ? null : jobOf(row);
}

/** Takes the lease and a version, or finds the job that published the same before. */
export function beginJob(db: Connection, request: JobRequest): Job {
  const done = publishedBefore(db, request);
  if (done !== null) return done;
  takeOverLease(db, request);
  const { jobId, dataSource, namespace, fingerprint, owner, leaseMs } = request;
  const version = db.next('segmentVersion');
  db.run(
    `INSERT INTO jobs (jobId, dataSource, namespace, state, version, fingerprint, owner, changedAt)
     VALUES (?, ?, ?, 'building', ?, ?, ?, ${now})
     ON CONFLICT (jobId) DO UPDATE SET state = 'building', version = excluded.version,
       owner = excluded.owner, reason = NULL, changedAt = excluded.changedAt`,
    [jobId, dataSource, namespace, version, fingerprint, owner],
  );
  db.run(
    `INSERT INTO leases (dataSource, namespace, jobId, owner, expiresAt)
     VALUES (?, ?, ?, ?, ${now} + ? / 1000.0)`,
    [dataSource, namespace, jobId, owner, leaseMs],
  );
  return {
    jobId,
    dataSource,
    namespace,
    state: 'building',
    version,
    timelineVersion: null,
    fingerprint,
  };
}

/** Prolongs a lease that nobody took over, even one that ran out. */
export function renewLease(db: Connection, jobId: string, leaseMs: number): void {
  const sql = `UPDATE leases SET expiresAt = ${now} + ? / 1000.0 WHERE jobId = ?`;
  if (db.run(sql, [leaseMs, jobId]) === 0) throw leaseLost(jobId);
}

/** Inserts the segments and marks the job published; gives back the lease. */
export function publishJob(
  db: Connection,
  jobId: string,
  segments: readonly SegmentDescriptor[],
): void {
  const job = requireJob(db, jobId);
  if (job.state === 'published' || job.state === 'visible') return;
  const ownsLease = db.run('DELETE FROM leases WHERE jobId = ?', [jobId]) === 1;
  const isStale = segments.some(({ id }) => id.version < job.version);
  if (job.state === 'failed' || !ownsLease || isStale) throw leaseLost(jobId);
  checkSegments(job, segments);
  for (const descriptor of segments) {
    const { dataSource, namespace, interval, version, partition } = descriptor.id;
    db.run(
      `INSERT INTO segments (segmentKey, jobId, dataSource, namespace, startMs, endMs, version, partition, used, descriptor)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)`,
      [
        formatSegmentId(descriptor.id),
        jobId,
        dataSource,
        namespace,
        interval.start,
        interval.end,
        version,
        partition,
        JSON.stringify(descriptor),
      ],
    );
  }
  db.run(
    `UPDATE jobs SET state = 'published', publishOrder = ?, changedAt = ${now} WHERE jobId = ?`,
    [db.next('publishOrder'), jobId],
  );
}

/** Marks a building job failed; failing it again changes nothing. */
export function failJob(db: Connection, jobId: string, reason: string): void {
  const job = requireJob(db, jobId);
  if (job.state === 'published' || job.state === 'visible') {
    throw new ConflictError(
      `Job "${jobId}" is ${job.state} and can no longer fail. Disable its segments to take them back.`,
      { code: 'JOB_PUBLISHED' },
    );
  }
  db.run('DELETE FROM leases WHERE jobId = ?', [jobId]);
  if (job.state === 'building') markFailed(db, jobId, reason);
}

/** Published jobs with all their used segments, in the order of publishing. */
export function publishedJobs(db: Connection): { job: Job; segments: SegmentDescriptor[] }[] {
  const rows = db.all(
    `SELECT ${jobColumns} FROM jobs WHERE state = 'published' ORDER BY publishOrder`,
  );
  return rows.map((row) => {
    const job = jobOf(row);
    const segments = db.all(
      'SELECT descriptor FROM segments WHERE jobId = ? AND used = 1 ORDER BY startMs, partition',
      [job.jobId],
    );
    return { job, segments: segments.map(descriptorOf) };
  });
}

/** Makes published jobs visible under one new timeline version; returns the version that holds after. */
export function makeVisible(
  db: Connection,
  jobIds: readonly string[],
  leadership: Leadership,
): number {
  checkLeadership(db, leadership);
  const waiting = jobIds.filter((jobId) => {
    const { state } = requireJob(db, jobId);
    if (state === 'published' || state === 'visible') return state === 'published';
    throw new ConflictError(
      `Job "${jobId}" is ${state}. Only a published job can become visible.`,
      { code: 'JOB_NOT_PUBLISHED' },
    );
  });
  if (waiting.length === 0) return timelineVersion(db);
  const version = db.next('timelineVersion');
  for (const jobId of waiting) {
    db.run(
      `UPDATE jobs SET state = 'visible', timelineVersion = ?, changedAt = ${now} WHERE jobId = ?`,
      [version, jobId],
    );
  }
  return version;
}

/** Number of the newest timeline version. */
export function timelineVersion(db: Connection): number {
  const sql = `SELECT value FROM sequences WHERE name = 'timelineVersion'`;
  return integerOf(db.get(sql), 'value');
}

/** A job of this fingerprint that still counts: published, or visible with a segment that is used. */
function publishedBefore(db: Connection, request: JobRequest): Job | null {
  const row = db.get(
    `SELECT ${jobColumns} FROM jobs
     WHERE dataSource = ? AND namespace = ? AND fingerprint = ? AND state IN ('published', 'visible')
       AND (EXISTS (SELECT 1 FROM segments WHERE segments.jobId = jobs.jobId AND used = 1)
         OR NOT EXISTS (SELECT 1 FROM segments WHERE segments.jobId = jobs.jobId))
     ORDER BY version DESC LIMIT 1`,
    [request.dataSource, request.namespace, request.fingerprint],
  );
  return row === undefined ? null : jobOf(row);
}

/** Clears the way: fails whoever let the lease run out. @throws ConflictError when it is held */
function takeOverLease(db: Connection, request: JobRequest): void {
  const { jobId, dataSource, namespace, fingerprint } = request;
  const lease = db.get(
    `SELECT jobId, owner, (expiresAt - ${now}) * 1000 AS leftMs FROM leases
     WHERE dataSource = ? AND namespace = ?`,
    [dataSource, namespace],
  );
  if (lease !== undefined) {
    const holder = { jobId: textOf(lease, 'jobId'), owner: textOf(lease, 'owner') };
    const leftMs = integerOf(lease, 'leftMs');
    if (leftMs > 0) throw locked(request, holder, Math.ceil(leftMs / 1000));
    db.run('DELETE FROM leases WHERE dataSource = ? AND namespace = ?', [dataSource, namespace]);
    markFailed(db, holder.jobId, `Its lease ran out and job "${jobId}" took over.`);
  }
  const earlier = readJob(db, jobId);
  const isSameJob =
    earlier?.dataSource === dataSource &&
    earlier.namespace === namespace &&
    earlier.fingerprint === fingerprint;
  if (earlier !== null && !(isSameJob && earlier.state === 'failed')) {
    throw new ConflictError(
      `Job "${jobId}" exists already and is ${earlier.state}. Expected a new id for a new job.`,
      { code: 'JOB_EXISTS' },
    );
  }
}

function locked(
  { dataSource, namespace }: JobRequest,
  holder: { readonly jobId: string; readonly owner: string },
  seconds: number,
): ConflictError {
  return new ConflictError(
    `Datasource "${dataSource}", namespace "${namespace}" is being written by job "${holder.jobId}" of "${holder.owner}". Expected no other running job. Wait until it ends; if it died, its lease ends in ${seconds} s.`,
    { code: 'INTERVAL_LOCKED', details: holder, retryAfterSeconds: seconds },
  );
}

function jobOf(row: SqlRow): Job {
  const timelineVersion = row['timelineVersion'];
  return {
    jobId: textOf(row, 'jobId'),
    dataSource: textOf(row, 'dataSource'),
    namespace: textOf(row, 'namespace'),
    // The table's CHECK allows these states only.
    state: textOf(row, 'state') as JobState,
    version: integerOf(row, 'version'),
    timelineVersion: typeof timelineVersion === 'number' ? timelineVersion : null,
    fingerprint: textOf(row, 'fingerprint'),
  };
}

function markFailed(db: Connection, jobId: string, reason: string): void {
  db.run(`UPDATE jobs SET state = 'failed', reason = ?, changedAt = ${now} WHERE jobId = ?`, [
    reason,
    jobId,
  ]);
}

function requireJob(db: Connection, jobId: string): Job {
  const job = readJob(db, jobId);
  if (job !== null) return job;
  throw new NotFoundError(`Job "${jobId}" does not exist.`, { code: 'JOB_NOT_FOUND' });
}

function leaseLost(jobId: string): ConflictError {
  return new ConflictError(
    `Job "${jobId}" no longer holds its lease: it ran out and another job took over, or the job has ended. Nothing of it was published. Run it again.`,
    { code: 'LEASE_LOST' },
  );
}
