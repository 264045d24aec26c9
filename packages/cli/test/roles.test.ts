/** A cluster of processes: coordinator, two historicals of two tiers, broker, query service. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  clicksByDay,
  clicksByDayAnswer,
  finish,
  post,
  serve,
  until,
  workplace,
} from './processes.ts';

type Server = Awaited<ReturnType<typeof serve>>;

let place: ReturnType<typeof workplace>;
let dataDir = '';
const servers: Server[] = [];

/** Writes a role's configuration and starts it. */
async function role(name: string, fileName: string, config: unknown): Promise<Server> {
  const path = join(place.path, `${fileName}.json`);
  writeFileSync(path, JSON.stringify(config));
  const server = await serve([name, '--config', path]);
  servers.push(server);
  return server;
}

let historicals: Record<'hot' | 'cold', Server>;
let url = '';

beforeAll(async () => {
  place = workplace();
  dataDir = join(place.path, 'data');
  const listen = '127.0.0.1:0';
  const coordinator = await role('coordinator', 'coordinator', {
    listen,
    metadata: { type: 'sqlite', path: join(dataDir, 'metadata.sqlite') },
    pollMs: 100,
  });
  const historical = (tier: string): Promise<Server> =>
    role('historical', tier, {
      listen,
      coordinator: coordinator.address,
      tier,
      cacheDir: join(place.path, `cache-${tier}`),
      deepStorage: { type: 'local', path: join(dataDir, 'deep-storage') },
      workerThreads: 1,
    });
  historicals = { hot: await historical('hot'), cold: await historical('cold') };
  const broker = await role('broker', 'broker', {
    listen,
    coordinator: coordinator.address,
    snapshotDir: join(place.path, 'broker'),
  });
  const service = await role('query-service', 'service', { listen, broker: broker.address });
  url = service.address;
});

afterAll(async () => {
  for (const { child } of servers) child.kill('SIGTERM');
  await Promise.all(servers.map((server) => server.ended));
  place.remove();
});

const onlyCold = '2026-07-31T00:00:00.000Z/2026-08-01T00:00:00.000Z';
const inBoth = '2026-08-01T00:00:00.000Z/2026-08-02T00:00:00.000Z';

describe('a cluster of processes', () => {
  it('serves a job once both tiers hold what the rules give them', async () => {
    const rulesPath = join(place.path, 'rules.json');
    writeFileSync(
      rulesPath,
      JSON.stringify([
        { type: 'loadByInterval', interval: inBoth, tieredReplicants: { hot: 1, cold: 1 } },
        { type: 'loadForever', tieredReplicants: { cold: 1 } },
      ]),
    );
    const set = await finish(['rules', 'set', '_default', rulesPath, '--data-dir', dataDir]);
    expect([set.exitCode, set.stderr]).toEqual([0, '']);
    const ingested = await finish(['ingest', place.specPath, '--data-dir', dataDir, '--wait']);
    expect([ingested.exitCode, ingested.stderr]).toEqual([0, expect.any(String)]);
    const answer = await until('the broker to follow', async () => {
      const { status, body } = await post(url, clicksByDay);
      return status === 200 && JSON.stringify(body).includes('28') ? body : null;
    });
    expect(answer).toEqual(clicksByDayAnswer);
  });

  it('answers from the other tier when a historical is killed', async () => {
    await until('a copy in the hot tier', () => {
      const files = readdirSync(join(place.path, 'cache-hot'), { recursive: true });
      return files.some((name) => String(name).endsWith('segment.arrow')) ? true : null;
    });
    historicals.hot.child.kill('SIGKILL');
    expect(await historicals.hot.ended).toBe('SIGKILL');
    expect(await post(url, { ...clicksByDay, intervals: [inBoth] })).toMatchObject({
      status: 200,
      body: clicksByDayAnswer.slice(1),
    });
  });

  it('answers 503 with the names of missing segments when no copy is left', async () => {
    historicals.cold.child.kill('SIGKILL');
    expect(await historicals.cold.ended).toBe('SIGKILL');
    const answer = await post(url, { ...clicksByDay, intervals: [onlyCold] });
    expect(answer.status).toBe(503);
    expect(answer.retryAfter).toMatch(/^\d+$/);
    expect(JSON.stringify(answer.body)).toContain('SEGMENTS_UNAVAILABLE');
    expect(JSON.stringify(answer.body)).toContain(
      'clicks_2026-07-31T00:00:00.000Z_2026-08-01T00:00:00.000Z_1',
    );
  });
});

describe('a role', () => {
  it('refuses a misspelt key of its file with exit code 3 and a suggestion', async () => {
    const path = join(place.path, 'typo.json');
    writeFileSync(path, JSON.stringify({ lisen: '127.0.0.1:0' }));
    const { exitCode, stdout, stderr } = await finish(['query-service', '--config', path]);
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(
      /^isotherm: "lisen" is not a known field\. .*Did you mean "listen"\?\n$/,
    );
  });

  it('takes flags over its file', async () => {
    const path = join(place.path, 'service.json');
    const { exitCode, stderr } = await finish(['query-service', '--config', path, '--listen', 'x']);
    expect([exitCode, stderr]).toEqual([
      3,
      'isotherm: Address "x" cannot be read. Expected host:port, such as 127.0.0.1:8081 or [::1]:8081.\n',
    ]);
  });
});
