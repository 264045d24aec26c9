/** A process that runs one job on real stores: `node ingest-process.ts FOLDER SPEC`; tells its phases on stdout. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { localStorage } from '@isotherm/deep-storage';
import { openSqliteStore } from '@isotherm/metadata';
import { nodeClock, nodeDisk, nodeRandom } from '@isotherm/platform';
import { isDeadProcess, parseSpec, runIngestion } from '../src/index.ts';

const [, , folder = '', spec = ''] = process.argv;
const specJson: unknown = JSON.parse(readFileSync(spec, 'utf8'));
const clock = nodeClock();
const metadata = await openSqliteStore({ path: join(folder, 'metadata.sqlite'), clock });
const report = await runIngestion({
  spec: parseSpec(specJson),
  specJson,
  metadata,
  storage: localStorage(nodeDisk(join(folder, 'deep'))),
  scratch: nodeDisk(join(folder, 'scratch')),
  clock,
  random: nodeRandom(),
  baseDir: folder,
  owner: `${hostname()}:${process.pid}`,
  isOwnerDead: (owner) => isDeadProcess(owner, hostname()),
  onProgress: ({ phase }) => process.stdout.write(`${phase}\n`),
});
process.stdout.write(
  `${JSON.stringify([report.status, report.rowsStored, report.segments.length])}\n`,
);
await metadata.close();
