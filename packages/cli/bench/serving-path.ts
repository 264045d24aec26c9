/**
 * Times the way from the socket to the engine and back:
 *
 *   node packages/cli/bench/serving-path.ts [--profile] [--queries 8000] [--data-dir DIR --ads FILE]
 *
 * A standalone over a table on which the engine has little to do, asked by one and by 16 kept-alive
 * clients in a closed loop that shares the machine, and once by a filter of 100,000 values. It prints
 * queries a second, p50 and p99, and the CPU time of a query by thread, which other work on the
 * machine disturbs least; it is right only once the code is warm, after some thousand queries.
 * `--profile` adds where the time goes, by function and by file, and
 * makes everything slower. `--data-dir` takes another table, whose ads are the lines of FILE.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type HttpClient, httpClient } from './http-client.ts';
import { printProfile } from './print-profile.ts';
import { adName, makeSmallTable } from './small-table.ts';

const command = fileURLToPath(new URL('../bin/isotherm.mjs', import.meta.url));
const smallTableDir = join(tmpdir(), 'isotherm-serving-path-v1');
const manyValues = 100_000;
/** Ticks a second of the times in /proc. */
const ticksPerSecond = 100;

const { values: flags } = parseArgs({
  options: {
    profile: { type: 'boolean', default: false },
    queries: { type: 'string', default: '8000' },
    'data-dir': { type: 'string' },
    ads: { type: 'string' },
    only: { type: 'string' },
  },
});
const queryCount = Number(flags.queries);

const sums = ['impressions', 'clicks', 'spend'].map((name) => ({
  type: 'longSum',
  name,
  fieldName: name,
}));
const oneAd = (ad: string): unknown => ({
  queryType: 'timeseries',
  dataSource: 'ads',
  intervals: ['2026-02-10T00:00:00.000Z/2026-03-12T00:00:00.000Z'],
  granularity: 'day',
  aggregations: sums,
  filter: { type: 'selector', dimension: 'ad', value: ad },
  context: { skipEmptyBuckets: true },
});
const fiveAds = (ads: readonly string[]): unknown => ({
  queryType: 'groupBy',
  dataSource: 'ads',
  intervals: ['2026-03-02/2026-03-09'],
  granularity: 'day',
  dimensions: ['ad'],
  aggregations: sums,
  filter: { type: 'in', dimension: 'ad', values: ads },
});
const manyAds = (): unknown => ({
  queryType: 'timeseries',
  dataSource: 'ads',
  intervals: ['2026-02-10T00:00:00.000Z/2026-03-12T00:00:00.000Z'],
  granularity: 'all',
  aggregations: sums,
  filter: {
    type: 'in',
    dimension: 'ad',
    values: Array.from({ length: manyValues }, (_, at) => `6870${String(at * 5).padStart(8, '0')}`),
  },
});

await main();

async function main(): Promise<void> {
  const dataDir = flags['data-dir'] ?? (await makeSmallTable(smallTableDir, command));
  const ads =
    flags.ads === undefined
      ? Array.from({ length: 1000 }, (_, at) => adName(at * 37))
      : readFileSync(flags.ads, 'utf8').trim().split('\n');
  const profileDir = flags.profile ? mkdtempSync(join(tmpdir(), 'isotherm-profile-')) : null;
  const { child, url } = await start(dataDir, profileDir);
  try {
    const one = ads.map((ad) => encode(oneAd(ad)));
    const five = ads.slice(0, -5).map((_, at) => encode(fiveAds(ads.slice(at, at + 5))));
    const runs: [name: string, clientCount: number, bodies: readonly Uint8Array[]][] = [
      ['one ad, 1 client', 1, one],
      ['one ad, 16 clients', 16, one],
      ['five ads, 16 clients', 16, five],
      ['IN of 100,000, 1 client', 1, [encode(manyAds())]],
    ];
    for (const run of runs) {
      if (flags.only === undefined || run[0].startsWith(flags.only)) await measure(url, child, run);
    }
  } finally {
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    await ended;
  }
  if (profileDir !== null) {
    printProfile(profileDir);
    rmSync(profileDir, { recursive: true });
  }
}

async function start(
  dataDir: string,
  profileDir: string | null,
): Promise<{ child: ChildProcess; url: URL }> {
  const profiling = profileDir === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const words = [...profiling, command, 'standalone', '--data-dir', dataDir, '--port', '0'];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<URL>((resolve, reject) => {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const ready = /^ready (\S+)$/m.exec(output)?.[1];
      if (ready !== undefined) resolve(new URL(ready));
    });
    child.once('close', () => reject(new Error('"isotherm standalone" ended early.')));
  });
  return { child, url };
}

async function measure(
  url: URL,
  child: ChildProcess,
  [name, clientCount, bodies]: [string, number, readonly Uint8Array[]],
): Promise<void> {
  const client = httpClient(url);
  const count = name.startsWith('IN') ? 40 : clientCount === 1 ? queryCount / 4 : queryCount;
  await loop(client, clientCount, bodies, count / 2);
  const before = { own: process.cpuUsage(), threads: threadSeconds(child.pid ?? 0) };
  const startedMs = performance.now();
  const times = await loop(client, clientCount, bodies, count);
  const tookMs = performance.now() - startedMs;
  const own = process.cpuUsage(before.own);
  const threads = threadSeconds(child.pid ?? 0);
  client.close();
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
  console.log(
    `${name}: ${Math.round((times.length / tookMs) * 1000)} queries/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
  );
  const micros = (spent: number): string => `${Math.round((spent / times.length) * 1e6)} µs`;
  const parts = [...threads].flatMap(([thread, spent]) => {
    const since = spent - (before.threads.get(thread) ?? 0);
    return since > (0.05 * tookMs) / 1000 ? [`${thread} ${micros(since)}`] : [];
  });
  console.log(
    `  CPU a query: ${parts.join(', ')}, client ${micros((own.user + own.system) / 1e6)}`,
  );
}

function encode(query: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(query));
}

/** Asks in turn, `clientCount` at a time. @returns milliseconds of each query */
async function loop(
  client: HttpClient,
  clientCount: number,
  bodies: readonly Uint8Array[],
  count: number,
): Promise<number[]> {
  const times: number[] = [];
  let next = 0;
  const runs = Array.from({ length: clientCount }, async () => {
    let beganMs = performance.now();
    while (next < count) {
      await client.post('/druid/v2', bodies[next++ % bodies.length] ?? new Uint8Array());
      const endedMs = performance.now();
      times.push(endedMs - beganMs);
      beganMs = endedMs;
    }
  });
  await Promise.all(runs);
  return times;
}

/** CPU seconds of each thread of a process, by kind and id; empty where there is no /proc. */
function threadSeconds(pid: number): Map<string, number> {
  const folder = `/proc/${pid}/task`;
  const found = new Map<string, number>();
  let ids: string[] = [];
  try {
    ids = readdirSync(folder);
  } catch {
    return found;
  }
  for (const id of ids) {
    const stat = readFileSync(join(folder, id, 'stat'), 'utf8');
    const nameEnd = stat.lastIndexOf(')');
    const threadName = stat.slice(stat.indexOf('(') + 1, nameEnd);
    const fields = stat.slice(nameEnd + 2).split(' ');
    const spent = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    const kind = Number(id) === pid ? 'main' : threadName;
    found.set(Number(id) === pid ? kind : `${kind}#${id}`, spent);
  }
  return found;
}
