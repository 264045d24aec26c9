/**
 * The metadata store on `node:sqlite`. Every method is one transaction; what it does is in the file
 * of its subject.
 */
import type { Clock } from '@isotherm/platform';
import type { MetadataStore } from '../store.ts';
import { Connection } from './connection.ts';
import * as jobs from './jobs.ts';
import { lead, resign } from './leadership.ts';
import { readRules, writeRules } from './rules-table.ts';
import { listSegments, readTimeline, setUsed } from './segments.ts';

/**
 * Opens or makes a metadata store in one SQLite file, which several processes may use at once.
 *
 * @param options.path   the file; its folder is made. `:memory:` gives a store that is gone on close
 * @param options.clock  for pauses between attempts only: leases run by the database's clock
 * @throws StoreError; code METADATA_TOO_NEW when a newer program wrote the file
 */
export async function openSqliteStore(options: {
  readonly path: string;
  readonly clock: Clock;
}): Promise<MetadataStore> {
  const db = await Connection.open(options.path, options.clock);
  return {
    beginJob: (request) => db.write(() => jobs.beginJob(db, request)),
    renewLease: (jobId, leaseMs) => db.write(() => jobs.renewLease(db, jobId, leaseMs)),
    publishJob: (jobId, segments) => db.write(() => jobs.publishJob(db, jobId, segments)),
    failJob: (jobId, reason) => db.write(() => jobs.failJob(db, jobId, reason)),
    job: (jobId) => db.read(() => jobs.readJob(db, jobId)),
    publishedJobs: () => db.read(() => jobs.publishedJobs(db)),
    makeVisible: (jobIds, leadership) => db.write(() => jobs.makeVisible(db, jobIds, leadership)),
    timelineVersion: () => db.read(() => jobs.timelineVersion(db)),
    timeline: () => db.read(() => readTimeline(db)),
    segments: (filter = {}) => db.read(() => listSegments(db, filter)),
    setUsed: (selection, used, audit) => db.write(() => setUsed(db, selection, used, audit)),
    rules: () => db.read(() => readRules(db)),
    setRules: (dataSource, rules, audit) =>
      db.write(() => writeRules(db, dataSource, rules, audit)),
    lead: (holder, leaseMs) => db.write(() => lead(db, holder, leaseMs)),
    resign: (leadership) => db.write(() => resign(db, leadership)),
    close: () => {
      db.close();
      return Promise.resolve();
    },
  };
}
