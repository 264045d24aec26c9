/** kill -9 at every phase of a job: nothing is visible, and the next run goes through at once. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSqliteStore } from '@isotherm/metadata';
import { nodeClock, nodeDisk } from '@isotherm/platform';
import { afterAll, describe, expect, it } from 'vitest';
import { inlineSpec } from './ingest-in-memory.ts';

const root = mkdtempSync(join(tmpdir(), 'ingest-kill-'));
afterAll(() => rmSync(root, { recursive: true }));

const specPath = join(root, 'spec.json');
const lines = Array.from(
  { length: 40_000 },
  (_, row) => `2011-01-${String(10 + (row % 10))}T00:00:00Z,user ${row},1`,
);
const spec = inlineSpec(
  `t,d,n\n${lines.join('\n')}\n`,
  {
    dimensionsSpec: { dimensions: ['d'] },
    metricsSpec: [{ type: 'longSum', name: 'n', fieldName: 'n' }],
    granularitySpec: { segmentGranularity: 'day', rollup: true },
  },
  { type: 'csv', findColumnsFromHeader: true },
  { maxRowsInMemory: 10_000 },
);
writeFileSync(specPath, JSON.stringify(spec));

/** Runs the process; kills it at its first sign of a phase. @returns its last line, or null when killed */
function run(folder: string, killAt: string | null): Promise<string | null> {
  const entry = fileURLToPath(new URL('ingest-process.ts', import.meta.url));
  const child = spawn(process.execPath, [entry, folder, specPath], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString();
    if (killAt !== null && output.split('\n').includes(killAt)) child.kill('SIGKILL');
  });
  return new Promise((resolve) => {
    child.on('close', (code) =>
      resolve(code === 0 ? (output.trim().split('\n').at(-1) ?? '') : null),
    );
  });
}

describe('a job that is killed', () => {
  it.each(['read', 'spill', 'merge', 'publish'])('in the phase %s', async (phase) => {
    const folder = join(root, phase);
    const first = await run(folder, phase);
    const metadata = await openSqliteStore({
      path: join(folder, 'metadata.sqlite'),
      clock: nodeClock(),
    });
    const published = (await metadata.segments()).length;
    // The last phase may have committed before the signal came; then all of it is there.
    expect(phase === 'publish' ? [0, 10] : [0]).toContain(published);
    expect(first === null || published === 10).toBe(true);
    const again = await run(folder, null);
    expect(again).toBe(published === 10 ? '["alreadyPublished",0,0]' : '["published",40000,10]');
    expect((await metadata.segments()).length).toBe(10);
    const scratch = await nodeDisk(join(folder, 'scratch')).list('');
    expect(published === 10 ? [] : scratch).toEqual([]);
    await metadata.close();
  });
});
