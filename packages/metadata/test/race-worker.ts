/**
 * One process of a race: begins and publishes jobs in a store that others use at the same time.
 * Arguments: path, name, namespace, number of jobs. Prints one line per job: its version or the code of
 * the error.
 */
import { IsothermError } from '@isotherm/errors';
import { openSqliteStore } from '@isotherm/metadata';
import { nodeClock } from '@isotherm/platform';

const [path = '', name = '', namespace = '', count = '1'] = process.argv.slice(2);
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
    if (Number(count) > 1) await store.publishJob(jobId, []);
    console.log(job.version);
  } catch (error) {
    console.log(error instanceof IsothermError ? error.code : String(error));
  }
}
await store.close();
