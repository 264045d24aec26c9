/**
 * One process of a race: begins and publishes jobs in a store that others use at the same time.
 * Arguments: path, name, namespace, number of jobs, segments per job. Prints one line per job that it
 * published or began: its version, or the code of the error.
 */
import { IsothermError } from '@isotherm/errors';
import type { Job } from '@isotherm/metadata';
import { openSqliteStore } from '@isotherm/metadata';
import { nodeClock } from '@isotherm/platform';
import type { SegmentDescriptor } from '@isotherm/timeline';
import { segmentOf } from './segment-of.ts';

const [path = '', name = '', namespace = '', count = '1', segmentCount = '0'] =
  process.argv.slice(2);
const store = await openSqliteStore({ path, clock: nodeClock() });
for (let index = 0; index < Number(count); index++) {
  const jobId = `${name}-${index}`;
  try {
    const job = await store.beginJob({
      jobId,
      dataSource: 'ads',
      namespace,
      fingerprint: jobId,
      owner: name,
      leaseMs: 60_000,
    });
    // A race for one lease leaves it held; a series gives it back by publishing.
    if (Number(count) > 1) await store.publishJob(jobId, segmentsOf(job));
    console.log(job.version);
  } catch (error) {
    console.log(error instanceof IsothermError ? error.code : String(error));
  }
}
await store.close();

function segmentsOf(job: Job): SegmentDescriptor[] {
  return Array.from({ length: Number(segmentCount) }, (_, day) => {
    const start = new Date(Date.UTC(2026, 0, 1 + day)).toISOString();
    return segmentOf(job, `${start}/P1D`);
  });
}
