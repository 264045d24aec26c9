/** `isotherm standalone` and what goes with it, as processes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './captured-host.ts';
import {
  clicksByDay,
  clicksByDayAnswer,
  clicksSpec,
  finish,
  post,
  serve,
  workplace,
} from './processes.ts';

let place: ReturnType<typeof workplace>;
let dataDir = '';
let server: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  place = workplace();
  dataDir = join(place.path, 'data');
  const ingested = await finish(['ingest', place.specPath, '--data-dir', dataDir]);
  if (ingested.exitCode !== 0) throw new Error(ingested.stderr);
  server = await serve(['standalone', '--data-dir', dataDir, '--port', '0']);
});

afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  place.remove();
});

describe('isotherm standalone', () => {
  it('answers over what was ingested as soon as it is ready', async () => {
    expect(await post(server.address, clicksByDay)).toMatchObject({
      status: 200,
      body: clicksByDayAnswer,
    });
  });

  it('makes a job visible that is ingested while it runs, and --wait returns then', async () => {
    const specPath = join(place.path, 'more.json');
    writeFileSync(specPath, JSON.stringify(clicksSpec({ dataSource: 'more' })));
    const ingested = await finish(['ingest', specPath, '--data-dir', dataDir, '--wait']);
    expect([ingested.exitCode, ingested.stderr]).toEqual([0, expect.any(String)]);
    const answer = await post(server.address, { ...clicksByDay, dataSource: 'more' });
    expect(answer).toMatchObject({ status: 200, body: clicksByDayAnswer });
  });

  it('is asked by isotherm query, as JSON and as a table', async () => {
    const file = join(place.path, 'query.json');
    writeFileSync(file, JSON.stringify(clicksByDay));
    const json = await run(['query', file, '--url', server.address]);
    expect([json.exitCode, JSON.parse(json.stdout)]).toEqual([0, clicksByDayAnswer]);
    const table = await run(['query', file, '--url', server.address, '--table']);
    expect(table.stdout).toBe(
      [
        'timestamp                 clicks',
        '────────────────────────  ──────',
        '2026-07-31T00:00:00.000Z       3',
        '2026-08-01T00:00:00.000Z      28',
        '',
      ].join('\n'),
    );
  });

  it('has a refused query as exit code 2 and the sentence of the server', async () => {
    const stdin = JSON.stringify({ ...clicksByDay, granularity: 'dya' });
    const { exitCode, stdout, stderr } = await run(['query', '-', '--url', server.address], {
      stdin,
    });
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('"dya"');
    expect(stderr).toContain('Did you mean "day"?');
  });

  it('lists the same segments from the server as from the metadata store', async () => {
    const ids = async (...words: string[]): Promise<string[]> => {
      const { stdout } = await run(['segments', 'list', '--json', ...words]);
      // The command's own JSON, whose shape this test states.
      return (JSON.parse(stdout) as { id: string }[]).map(({ id }) => id).sort();
    };
    const served = await ids('--url', server.address, '--data-source', 'clicks');
    expect(served).toEqual(await ids('--data-dir', dataDir, '--data-source', 'clicks'));
    expect(served).toEqual([
      'clicks_2026-07-31T00:00:00.000Z_2026-08-01T00:00:00.000Z_1',
      'clicks_2026-08-01T00:00:00.000Z_2026-08-02T00:00:00.000Z_1',
    ]);
  });

  it('refuses a second process on the same directory with exit code 7', async () => {
    const { exitCode, stdout, stderr } = await finish([
      'standalone',
      '--data-dir',
      dataDir,
      '--port',
      '0',
    ]);
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 7,
      stdout: '',
      stderr: `isotherm: Data directory "${dataDir}" is served by another process already. Stop that one, ask it with "isotherm query", or name another --data-dir.\n`,
    });
  });

  it('refuses a port that is taken with exit code 7 and the next step', async () => {
    const port = new URL(server.address).port;
    const other = join(place.path, 'other');
    const { exitCode, stderr } = await run(['standalone', '--data-dir', other, '--port', port]);
    expect([exitCode, stderr]).toEqual([
      7,
      `isotherm: Port ${port} is taken by another process. Stop that one, or add --port ${Number(port) + 1}, or --port 0 for any free port.\n`,
    ]);
  });

  it('starts again after kill -9, at once and with everything', async () => {
    server.child.kill('SIGKILL');
    expect(await server.ended).toBe('SIGKILL');
    const startMs = performance.now();
    server = await serve(['standalone', '--data-dir', dataDir, '--port', '0']);
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(await post(server.address, clicksByDay)).toMatchObject({ body: clicksByDayAnswer });
  });

  it('stops cleanly with exit code 0, having printed one line', async () => {
    server.child.kill('SIGINT');
    expect(await server.ended).toBe(0);
    expect(server.stdout).toBe(`ready ${server.address}\n`);
  });
});
