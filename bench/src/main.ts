/**
 * The bench, from nothing to a line of history: make the input, ingest it by the product's command, load
 * it into the engine and into both peers, check that all answers agree, measure, print.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AnswerRow } from './answers.ts';
import { measureBandwidth } from './bandwidth.ts';
import { openClickhouse } from './clickhouse-peer.ts';
import { checkQuery, type QueryTimes, timeQuery } from './compare.ts';
import { openDuckdb } from './duckdb-peer.ts';
import { startEngine } from './engine-runner.ts';
import { generateInput } from './generate.ts';
import { benchHttp } from './http-bench.ts';
import { ingest } from './ingest.ts';
import { type BenchOptions, helpText, readOptions } from './options.ts';
import { type JsonTimes, timeJson } from './json-peers.ts';
import type { Peer } from './peer.ts';
import { profileQuery } from './profile.ts';
import { type BenchQuery, benchQueries } from './queries.ts';
import { askFacts, exactUsersByDay, matchingRows } from './query-facts.ts';
import { type QueryRecord, type RunRecord, recordOf, runTable } from './report.ts';
import { type LoadFigures, type SegmentFile, listSegments, measureLoad } from './segment-files.ts';

const benchDir = fileURLToPath(new URL('..', import.meta.url));
const cacheDir = join(benchDir, '.cache');
/** The query whose JSON the peers make as well. */
const jsonQuery = 'Q5w';

const options = readOptions(process.argv.slice(2));
if (options === null) process.stdout.write(helpText);
else await bench(options);

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function bench(options: BenchOptions): Promise<void> {
  mkdirSync(cacheDir, { recursive: true });
  const { rowCount, seed, profiledQuery } = options;
  log(`Making ${rowCount} rows.`);
  const input = await generateInput({ rowCount, seed, cacheDir });
  const dataDir = join(input.dir, 'data');
  const reuses = options.reusesIngest && existsSync(dataDir);
  log(reuses ? 'Keeping the segments of an earlier run.' : 'Ingesting.');
  const ingested = reuses ? null : await ingest(input, { dataDir, rowCount });
  const files = await listSegments(dataDir);
  log('Loading DuckDB.');
  const duckdb = await openDuckdb(input, cacheDir);
  const facts = await askFacts(duckdb);
  const all = benchQueries(facts);
  const queries = options.onlyQueries?.map((name) => queryNamed(all, name)) ?? all;
  if (profiledQuery !== null) {
    duckdb.close();
    process.stdout.write(await profileQuery(dataDir, files, queryNamed(all, profiledQuery)));
    return;
  }
  log('Measuring memory and loading.');
  const bandwidth = await measureBandwidth();
  const load = await measureLoad(dataDir, files);
  log('Loading ClickHouse.');
  const clickhouse = await openClickhouse(input, cacheDir);
  const compared = await compareAll({ dataDir, files, queries, peers: [duckdb, clickhouse] });
  const bytesRead = await bytesOf(queries, duckdb, load);
  duckdb.close();
  clickhouse.close();
  const http = await benchHttp(dataDir, queries, {
    ...compared,
    oneAd: queryNamed(all, 'Q9').native,
    ads: facts.popularAds,
    log,
  });
  const records = queries.map(({ name }): [string, QueryRecord] => [
    name,
    recordOf(named(compared.times, name), named(bytesRead, name), bandwidth),
  ]);
  finish(options, queries, {
    rows: rowCount,
    commit: commit(),
    time: new Date().toISOString(),
    node: process.version,
    loadAverage: loadavg()[0],
    bandwidth: { one: bandwidth[0], two: bandwidth[1] },
    queries: Object.fromEntries(records),
    tables: Object.fromEntries([...compared.times].map(([name, { tables }]) => [name, tables])),
    http,
    jsonTextMs: compared.jsonTextMs,
    jsonBytesPerSecond: compared.jsonBytesPerSecond,
    ingest: {
      rowsPerSecond: ingested?.rowsPerSecond ?? null,
      peakBytes: ingested?.peakBytes ?? null,
      bytesPerRowDisk: load.bytesPerRowDisk,
      bytesPerRowMemory: load.bytesPerRowMemory,
      loadBytesPerSecond: load.loadBytesPerSecond,
      segments: files.length,
    },
  });
}

/** Times of each query, and what the service is held against. */
interface Compared {
  readonly times: ReadonlyMap<string, QueryTimes>;
  readonly answers: ReadonlyMap<string, readonly AnswerRow[]>;
  readonly exactUsers: readonly AnswerRow[];
  readonly jsonBytesPerSecond: number;
  readonly jsonTextMs: JsonTimes | null;
}

async function compareAll(parts: {
  readonly dataDir: string;
  readonly files: readonly SegmentFile[];
  readonly queries: readonly BenchQuery[];
  readonly peers: readonly [duckdb: Peer, clickhouse: Peer];
}): Promise<Compared> {
  const { dataDir, files, queries, peers } = parts;
  const engines = [
    await startEngine(dataDir, files, 1),
    await startEngine(dataDir, files, 2),
  ] as const;
  const contestants = { engines, peers };
  const exactUsers = await exactUsersByDay(peers[0]);
  const times = new Map<string, QueryTimes>();
  const answers = new Map<string, readonly AnswerRow[]>();
  let pace = { bytes: 0, bytesPerSecond: 0 };
  let jsonTextMs: JsonTimes | null = null;
  try {
    for (const query of queries) {
      answers.set(query.name, await checkQuery(query, contestants, exactUsers));
      const time = await timeQuery(query, contestants);
      times.set(query.name, time);
      const json = await engines[0].jsonPace(query.native);
      if (json.bytes > pace.bytes) pace = json;
      if (query.name === jsonQuery) {
        jsonTextMs = await timeJson(query, peers, await engines[0].jsonOf(query.native));
      }
      const [one, two] = time.engine;
      log(`${query.name}: all agree; ${one.toFixed(2)} and ${two.toFixed(2)} ms`);
    }
  } finally {
    await Promise.all(engines.map((engine) => engine.close()));
  }
  return { times, answers, exactUsers, jsonBytesPerSecond: pace.bytesPerSecond, jsonTextMs };
}

/** Bytes that each query cannot do without: scanned columns of all rows of its interval, gathered ones of matches. */
async function bytesOf(
  queries: readonly BenchQuery[],
  duckdb: Peer,
  { valueBytes }: LoadFigures,
): Promise<Map<string, number>> {
  const width = (names: readonly string[]): number =>
    names.reduce((sum, name) => sum + (valueBytes.get(name) ?? 0), 0);
  const bytes = new Map<string, number>();
  for (const query of queries) {
    const { all, matching } = await matchingRows(duckdb, query);
    bytes.set(query.name, all * width(query.scanned) + matching * width(query.gathered));
  }
  return bytes;
}

function finish({ isJson }: BenchOptions, queries: readonly BenchQuery[], record: RunRecord): void {
  const line = `${JSON.stringify(record)}\n`;
  appendFileSync(join(benchDir, 'history.jsonl'), line);
  process.stdout.write(runTable(record, queries));
  if (isJson) process.stdout.write(line);
}

function queryNamed(queries: readonly BenchQuery[], name: string): BenchQuery {
  const found = queries.find((query) => query.name === name);
  if (found !== undefined) return found;
  const names = queries.map((query) => query.name).join(', ');
  throw new Error(`"${name}" is no query. Expected one of ${names}.`);
}

function named<Value>(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name);
  if (value === undefined) throw new Error(`${name} was not measured.`);
  return value;
}

/** Short hash, with `+` when files differ from it. */
function commit(): string {
  const git = (...words: string[]): string =>
    execFileSync('git', words, { cwd: benchDir, encoding: 'utf8' }).trim();
  const changes = git('status', '--porcelain', '--untracked-files=no', '--', '../packages');
  return git('rev-parse', '--short', 'HEAD') + (changes === '' ? '' : '+');
}
