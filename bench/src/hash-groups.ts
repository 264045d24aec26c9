/**
 * The general way to group, a hash table, beside DuckDB's on the same rows: about fourteen million
 * groups of user and country with three sums, every one of them given out. One thread each.
 *
 *   node bench/src/hash-groups.ts [--rows N] [--seed N]     after a bench run with the same rows
 *
 * Prints seconds of wall and of CPU time: work of others on the machine stretches the first only.
 */
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type RunPiece, SharedDictionaries, defaultBatchRows, runSegments } from '@isotherm/engine';
import { kernelMemory } from '@isotherm/kernels';
import { parseQuery } from '@isotherm/query';
import { readOptions } from './options.ts';
import { listSegments, loadSegment } from './segment-files.ts';
import { type MetricName, dayCount, dayMs, startMs } from './table.ts';

const runs = 3;
const metrics: readonly MetricName[] = ['impressions', 'clicks', 'spend'];
const dimensions = ['user', 'country'] as const;
const limitBytes = 2 ** 30;

/** Groups found, their sums, and the least times of several runs. */
interface Figures {
  readonly groups: number;
  readonly sums: readonly bigint[];
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

/** What one run found. */
type Found = Pick<Figures, 'groups' | 'sums'>;

async function leastTimes(run: () => Promise<Found>): Promise<Figures> {
  let [wallSeconds, cpuSeconds] = [Infinity, Infinity];
  let found: Found = { groups: 0, sums: [] };
  for (let i = 0; i < runs; i++) {
    const [started, before] = [performance.now(), process.cpuUsage()];
    found = await run();
    wallSeconds = Math.min(wallSeconds, (performance.now() - started) / 1000);
    const { user, system } = process.cpuUsage(before);
    cpuSeconds = Math.min(cpuSeconds, (user + system) / 1_000_000);
  }
  return { ...found, wallSeconds, cpuSeconds };
}

async function engineFigures(dataDir: string): Promise<Figures> {
  const pieces: RunPiece[] = [];
  for (const file of await listSegments(dataDir)) {
    const segment = await loadSegment(dataDir, file);
    pieces.push({ segment, segmentId: file.path, intervals: [file.interval] });
  }
  const dictionaries = new SharedDictionaries({ memory: kernelMemory(), limitBytes });
  const [start, end] = [startMs, startMs + dayCount * dayMs].map((ms) =>
    new Date(ms).toISOString(),
  );
  const native = {
    queryType: 'groupBy',
    dataSource: 'ads',
    granularity: 'all',
    intervals: [`${start}/${end}`],
    dimensions,
    aggregations: metrics.map((name) => ({ type: 'longSum', name, fieldName: name })),
  };
  const query = parseQuery(native, { queryId: 'hash-groups', timeoutMs: 600_000 });
  const pace = { batchRows: defaultBatchRows, checkpoint: () => undefined };
  return leastTimes(async () => {
    const [partial] = runSegments({ ...pace, query, segments: pieces, dictionaries });
    if (partial?.kind !== 'grouped') throw new Error('The engine gave no groups.');
    const sums = partial.states.map((state) =>
      state.type === 'long' ? state.values.reduce((sum, value) => sum + value, 0n) : 0n,
    );
    return { groups: partial.rowCount, sums };
  });
}

async function duckdbFigures(codesDir: string): Promise<Figures> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const columns = [...dimensions, ...metrics].map((name) => `"${name}"`).join(', ');
  await connection.run(
    `CREATE TABLE ads AS SELECT ${columns} FROM read_parquet('${join(codesDir, '*.parquet')}')`,
  );
  const sums = metrics.map((name) => `sum(${name})::BIGINT AS ${name}`).join(', ');
  const totals = metrics.map((name) => `sum(${name})::BIGINT`).join(', ');
  const figures = await leastTimes(async () => {
    await connection.run(
      `CREATE OR REPLACE TABLE answer AS SELECT "user", country, ${sums} FROM ads GROUP BY ALL`,
    );
    return { groups: 0, sums: [] };
  });
  const reader = await connection.runAndReadAll(`SELECT count(*), ${totals} FROM answer`);
  const [row = []] = reader.getRows();
  connection.closeSync();
  instance.closeSync();
  const [groups, ...found] = row.map((value) => BigInt(String(value)));
  return { ...figures, groups: Number(groups), sums: found };
}

const options = readOptions(process.argv.slice(2));
if (options !== null) {
  const { rowCount, seed } = options;
  const root = new URL(`../.cache/rows-${rowCount}-seed-${seed}-v1/`, import.meta.url).pathname;
  const figures = {
    isotherm: await engineFigures(join(root, 'data')),
    duckdb: await duckdbFigures(join(root, 'codes')),
  };
  for (const [name, { groups, sums, wallSeconds, cpuSeconds }] of Object.entries(figures)) {
    const times = `${wallSeconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} s of CPU`;
    console.log(`${name}\t${times}\t${groups} groups, ${sums.join(' ')}`);
  }
  const { isotherm, duckdb } = figures;
  if (isotherm.groups !== duckdb.groups || isotherm.sums.join() !== duckdb.sums.join()) {
    throw new Error('The answers differ.');
  }
  console.log(`DuckDB's CPU time by ours: ${(duckdb.cpuSeconds / isotherm.cpuSeconds).toFixed(2)}`);
}
