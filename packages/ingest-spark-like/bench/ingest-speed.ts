/**
 * Measures ingestion: the quickstart's ads data as csv, json and parquet, each run in a process of its own.
 *
 *   node packages/ingest-spark-like/bench/ingest-speed.ts [--rows 1000000] [--runs 3] [--formats parquet,csv,json]
 *     [--metrics 4|5] [--workers n] [--json]
 *
 * Prints one line a format: wall and CPU seconds (medians), rows a second of both, peak resident MiB.
 * Files are made once in the folder for temporary files and found again. With 5 metrics the fifth is a
 * hyperUnique of user ids.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { enableCompileCache } from 'node:module';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { localStorage } from '@isotherm/deep-storage';
import { openSqliteStore } from '@isotherm/metadata';
import { nodeClock, nodeDisk, nodeRandom } from '@isotherm/platform';
import { DuckDBInstance } from '@duckdb/node-api';
import { parseSpec, runIngestion } from '../src/index.ts';

type Format = 'parquet' | 'csv' | 'json';

/** What one run of one format took. */
interface Run {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  readonly rows: number;
  readonly segments: number;
  readonly bytes: number;
  /** Of all segments: their keys hold their own digests. */
  readonly digest: string;
}

const folder = join(tmpdir(), 'isotherm-ingest-bench');
const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
    formats: { type: 'string', default: 'parquet,csv,json' },
    metrics: { type: 'string', default: '4' },
    workers: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
    /** Set by this script for the process of one run. */
    run: { type: 'string' },
  },
});
const rowCount = Number(options.rows);

if (options.run === undefined) await measureAll();
else process.stdout.write(JSON.stringify(await runOnce(options.run as Format)));

async function measureAll(): Promise<void> {
  // The user named them; an unknown one fails when its file is asked for.
  const formats = options.formats.split(',') as Format[];
  await makeFiles();
  for (const format of formats) {
    const runs = Array.from({ length: Number(options.runs) }, () => runApart(format));
    const [first] = runs;
    if (first === undefined) continue;
    const wallSeconds = median(runs.map((run) => run.wallSeconds));
    const cpuSeconds = median(runs.map((run) => run.cpuSeconds));
    const peakMiB = Math.max(...runs.map((run) => run.peakMiB));
    const figures = {
      format,
      rows: rowCount,
      stored: first.rows,
      segments: first.segments,
      megabytes: round(first.bytes / 1e6),
      wallSeconds: round(wallSeconds),
      cpuSeconds: round(cpuSeconds),
      rowsPerSecond: Math.round(rowCount / wallSeconds),
      rowsPerCpuSecond: Math.round(rowCount / cpuSeconds),
      peakMiB: Math.round(peakMiB),
      digest: first.digest,
    };
    process.stdout.write(`${options.json ? JSON.stringify(figures) : textOf(figures)}\n`);
  }
}

function textOf(figures: Readonly<Record<string, unknown>>): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join('  ');
}

function runApart(format: Format): Run {
  const script = fileURLToPath(import.meta.url);
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...process.execArgv, script, ...process.argv.slice(2), '--run', format],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`The run of ${format} failed.\n${stderr}`);
  return JSON.parse(stdout) as Run;
}

async function runOnce(format: Format): Promise<Run> {
  // As the command does, so that threads start as they do for users.
  enableCompileCache(join(folder, 'compiled'));
  const target = join(folder, `run-${process.pid}`);
  const specJson = benchSpec(format);
  const metadata = await openSqliteStore({ path: ':memory:', clock: nodeClock() });
  try {
    // The start of Node, which strips the types of all sources, is not counted.
    const before = process.cpuUsage();
    const started = performance.now();
    const stored: string[] = [];
    const storage = localStorage(nodeDisk(join(target, 'deep')));
    const report = await runIngestion({
      spec: parseSpec(specJson),
      specJson,
      metadata,
      storage: {
        ...storage,
        put: (key, bytes) => {
          stored.push(key);
          return storage.put(key, bytes);
        },
      },
      scratch: nodeDisk(join(target, 'scratch')),
      clock: nodeClock(),
      random: nodeRandom(),
      baseDir: folder,
      owner: `bench:${process.pid}`,
      threads: Number(options.workers),
    });
    const wallSeconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(before);
    return {
      wallSeconds,
      cpuSeconds: (user + system) / 1e6,
      peakMiB: process.resourceUsage().maxRSS / 1024,
      rows: report.rowsStored,
      segments: report.segments.length,
      bytes: report.segments.reduce((sum, segment) => sum + (segment.bytes ?? 0), 0),
      digest: createHash('sha256').update(stored.toSorted().join()).digest('hex').slice(0, 12),
    };
  } finally {
    await metadata.close();
    rmSync(target, { recursive: true, force: true });
  }
}

function benchSpec(format: Format): unknown {
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: 'ads',
        timestampSpec: { column: 'time', format: 'iso' },
        dimensionsSpec: {
          dimensions: [
            'ad_account',
            'campaign',
            'ad_group',
            'ad',
            'country',
            'device',
            'placement',
          ],
        },
        metricsSpec: [
          { type: 'count', name: 'rows' },
          { type: 'longSum', name: 'impressions', fieldName: 'impressions' },
          { type: 'longSum', name: 'clicks', fieldName: 'clicks' },
          { type: 'longSum', name: 'spend_micros', fieldName: 'spend_micros' },
          { type: 'hyperUnique', name: 'users', fieldName: 'user_id' },
        ].slice(0, Number(options.metrics)),
        granularitySpec: { segmentGranularity: 'day', queryGranularity: 'hour', rollup: true },
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'local', files: [fileOf(format)] },
        inputFormat:
          format === 'csv' ? { type: 'csv', findColumnsFromHeader: true } : { type: format },
      },
      tuningConfig: {
        type: 'index_parallel',
      },
    },
  };
}

function fileOf(format: Format): string {
  return join(folder, `ads-${rowCount}.${format}`);
}

async function makeFiles(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(fileOf('csv'))) {
    // The command's package depends on this one, so it is found by its place.
    const place = new URL('../../cli/src/quickstart/ads-data.ts', import.meta.url).href;
    const made = (await import(place)) as {
      adsHeader: string;
      adsDays(of: { seed: number; rowCount: number }): Iterable<{ text: string }>;
    };
    const file = openSync(`${fileOf('csv')}.part`, 'w');
    writeSync(file, made.adsHeader);
    for (const { text } of made.adsDays({ seed: 1, rowCount })) writeSync(file, text);
    closeSync(file);
    renameSync(`${fileOf('csv')}.part`, fileOf('csv'));
  }
  if (existsSync(fileOf('parquet')) && existsSync(fileOf('json'))) return;
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const source = `read_csv('${fileOf('csv')}', types = {'time': 'VARCHAR'})`;
  await connection.run(
    `SET threads = 2; SET memory_limit = '2GB'; COPY (FROM ${source}) TO '${fileOf('json')}' (FORMAT json)`,
  );
  await connection.run(
    `COPY (SELECT * REPLACE (time::TIMESTAMP AS time) FROM ${source}) TO '${fileOf('parquet')}' (FORMAT parquet, COMPRESSION zstd)`,
  );
  connection.closeSync();
  instance.closeSync();
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
