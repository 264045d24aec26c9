/** `isotherm ingest`: what it prints, what it refuses, and what a kill leaves behind. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './captured-host.ts';
import { clicksSpec, finish, start, until, workplace } from './processes.ts';

let place: ReturnType<typeof workplace>;
beforeAll(() => {
  place = workplace();
});
afterAll(() => place.remove());

/** Writes a spec beside the sample file. */
function writeSpec(name: string, spec: unknown): string {
  const path = join(place.path, name);
  writeFileSync(path, typeof spec === 'string' ? spec : JSON.stringify(spec));
  return path;
}

const dir = (name: string): string => join(place.path, name);

describe('isotherm ingest', () => {
  it('says what it read and stored, and publishes a version', async () => {
    const { exitCode, stdout } = await run(['ingest', place.specPath, '--data-dir', dir('a')]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^clicks: 5 rows read, 4 stored in 2 segments, [\d.]+ KiB, in [\d.]+ m?s\.\nPublished as version 1\.\n$/,
    );
  });

  it('changes nothing when the same job is run again', async () => {
    const again = await run(['ingest', place.specPath, '--data-dir', dir('a')]);
    expect([again.exitCode, again.stdout]).toEqual([
      0,
      'clicks: the same job was published before as version 1. Nothing to do.\n',
    ]);
  });

  it('leaves nothing behind in a dry run, and lists the segments that it would make', async () => {
    const { exitCode, stdout } = await run([
      'ingest',
      place.specPath,
      '--data-dir',
      dir('dry'),
      '--dry-run',
    ]);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: `clicks: 5 rows read, 4 stored in 2 segments. A dry run: nothing was written.
  2026-07-31T00:00:00.000Z/2026-08-01T00:00:00.000Z  2 rows
  2026-08-01T00:00:00.000Z/2026-08-02T00:00:00.000Z  2 rows
`,
    });
    expect(existsSync(dir('dry'))).toBe(false);
  });

  it('prints nothing but JSON lines with --json, the last of them the report', async () => {
    const { stdout } = await run(['ingest', place.specPath, '--data-dir', dir('b'), '--json']);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; status?: string; rowsRead?: number });
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(['progress', 'done']));
    expect(events.at(-1)).toMatchObject({ event: 'done', status: 'published', rowsRead: 5 });
  });

  it('gives up waiting with exit code 10 and says what is missing', async () => {
    const words = [
      'ingest',
      place.specPath,
      '--data-dir',
      dir('a'),
      '--wait',
      '--wait-timeout',
      '1',
    ];
    const { exitCode, stderr } = await run(words);
    expect(exitCode).toBe(10);
    expect(stderr).toMatch(
      /isotherm: Job "[0-9a-f]{32}" is published, but was not visible after 1 s\. Expected a running cluster to load its segments\. Start one with "isotherm standalone --data-dir .*"; the job needs nothing more\.\n$/,
    );
  });

  it('stops at an interruption with exit code 130, having published nothing', async () => {
    const interrupted = AbortSignal.abort('SIGINT');
    const stopped = await run(['ingest', place.specPath, '--data-dir', dir('c')], { interrupted });
    expect([stopped.exitCode, stopped.stdout]).toEqual([130, '']);
    expect(stopped.stderr).toContain('isotherm: stopped. Nothing that was not finished is kept.\n');
    const { stdout } = await run(['segments', 'list', '--data-dir', dir('c')]);
    expect(stdout).toBe('no segments\n');
  });
});

describe('a spec', () => {
  const { spec } = clicksSpec() as { spec: Record<string, Record<string, unknown>> };
  const refused: [name: string, content: unknown, message: RegExp][] = [
    ['that is cut short', '{"spec": ', /spec\.json" is not valid JSON/],
    ['that is a list', [], /spec\.json" holds a list\. Expected a JSON object/],
    [
      'with a misspelt key',
      {
        type: 'index_parallel',
        spec: { ...spec, dataSchema: { ...spec['dataSchema'], metricSpec: [] } },
      },
      /"spec\.dataSchema\.metricSpec" is not a known field\. .*Did you mean "metricsSpec"\?/,
    ],
    ['that names a file which is not there', clicksSpec({ filter: 'none.csv' }), /none\.csv/],
  ];
  it.each(refused)('%s is refused with exit code 3', async (_name, content, message) => {
    const path = writeSpec('spec.json', content);
    const outcome = await run(['ingest', path, '--data-dir', dir('d')]);
    expect(outcome).toEqual({ exitCode: 3, stdout: '', stderr: expect.stringMatching(message) });
  });

  it('that does not exist is refused by name', async () => {
    const path = join(place.path, 'nowhere.json');
    expect(await run(['ingest', path, '--data-dir', dir('d')])).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: `isotherm: File "${path}" does not exist. Check the path.\n`,
    });
  });
});

describe('malformed rows', () => {
  const withBadRows = (count: number): string =>
    `time,country,clicks\n2026-08-01T10:00:00Z,DE,4\n${'never,DE,4\n'.repeat(count)}`;

  it('up to 100 are left out and named', async () => {
    writeFileSync(join(place.path, 'few.csv'), withBadRows(2));
    const path = writeSpec('few.json', clicksSpec({ filter: 'few.csv' }));
    const { exitCode, stderr } = await run(['ingest', path, '--data-dir', dir('e')]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('Malformed rows that were left out: 2\n  few.csv:3: ');
  });

  it('beyond the limit end in exit code 4 with nothing published', async () => {
    writeFileSync(join(place.path, 'many.csv'), withBadRows(101));
    const path = writeSpec('many.json', clicksSpec({ filter: 'many.csv' }));
    const { exitCode, stdout, stderr } = await run(['ingest', path, '--data-dir', dir('f')]);
    expect([exitCode, stdout]).toEqual([4, '']);
    expect(stderr).toContain('  many.csv:3: ');
    expect(stderr).toMatch(/isotherm: 101 of 102 rows are bad, more than the limit of .*\n$/);
    expect((await run(['segments', 'list', '--data-dir', dir('f')])).stdout).toBe('no segments\n');
  });
});

describe('kill -9 in the middle of a job', () => {
  it('leaves nothing visible and nothing that blocks the next run', async () => {
    const rows = Array.from({ length: 400_000 }, (_, index) => {
      const time = new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString();
      return `${time},${index % 7 === 0 ? 'DE' : 'US'},1`;
    });
    writeFileSync(join(place.path, 'large.csv'), `time,country,clicks\n${rows.join('\n')}\n`);
    const path = writeSpec('large.json', clicksSpec({ dataSource: 'large', filter: 'large.csv' }));
    const words = ['ingest', path, '--data-dir', dir('killed'), '--json'];

    const killed = start(words);
    await until('the job to build', () => (killed.stdout.includes('"phase":"read"') ? true : null));
    killed.child.kill('SIGKILL');
    expect(await killed.ended).toBe('SIGKILL');
    expect((await run(['segments', 'list', '--data-dir', dir('killed')])).stdout).toBe(
      'no segments\n',
    );

    const startMs = performance.now();
    const next = await finish(words);
    expect([next.exitCode, next.stderr]).toEqual([0, '']);
    expect(performance.now() - startMs).toBeLessThan(12_000);
    const report = JSON.parse(next.stdout.trimEnd().split('\n').at(-1) ?? '') as object;
    expect(report).toMatchObject({ status: 'published', rowsRead: 400_000 });
    const scratch = join(dir('killed'), 'scratch');
    expect(existsSync(scratch) ? readdirSync(scratch) : []).toEqual([]);
  });
});
