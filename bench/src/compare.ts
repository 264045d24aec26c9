/**
 * Runs each query through the engine and the peers on one and on two threads, in turns, so that a
 * noisy minute hits all of them. Before anything is timed, all answers must agree.
 */
import {
  type AnswerRow,
  checkAgree,
  checkEstimates,
  hyperUniqueTolerance,
  nativeAnswer,
  peerAnswer,
} from './answers.ts';
import type { EngineRunner } from './engine-runner.ts';
import { medianMs, timeOnce } from './measure.ts';
import { type Peer, type PeerTable } from './peer.ts';
import type { BenchQuery } from './queries.ts';

/** Error that a peer's own sketch may have: DuckDB keeps 64 registers, ClickHouse 4,096. Five standard errors. */
const peerTolerance = { duckdb: (5 * 1.04) / 8, clickhouse: (5 * 1.04) / 64 } as const;

/** The engine on one and on two threads, and the peers. */
export interface Contestants {
  readonly engines: readonly [one: EngineRunner, two: EngineRunner];
  readonly peers: readonly Peer[];
}

/** Median milliseconds of one query; `tables` are those of the peers that were fastest. */
export interface QueryTimes {
  readonly engine: readonly [one: number, two: number];
  readonly duckdb: readonly [one: number, two: number];
  readonly clickhouse: readonly [one: number, two: number];
  readonly tables: Readonly<Record<string, string>>;
}

/** Checks that all agree. @returns the engine's rows @throws Error at the first difference */
export async function checkQuery(
  query: BenchQuery,
  { engines, peers }: Contestants,
  exactUsers: readonly AnswerRow[],
): Promise<AnswerRow[]> {
  const answers: Record<string, AnswerRow[]> = {};
  for (const [at, engine] of engines.entries()) {
    answers[`engine${at + 1}`] = nativeAnswer(query, await engine.jsonOf(query.native));
  }
  const tolerances: Record<string, number> = {
    engine1: hyperUniqueTolerance,
    engine2: hyperUniqueTolerance,
  };
  for (const peer of peers) {
    for (const table of peer.tables) {
      const name = `${peer.name} (${table.name})`;
      answers[name] = peerAnswer(query, table, await peer.rows(query, table));
      tolerances[name] = peerTolerance[peer.name];
    }
  }
  if (query.isApproximate) {
    for (const [name, rows] of Object.entries(answers)) {
      checkEstimates(query, { name, tolerance: tolerances[name] }, rows, exactUsers);
    }
    checkAgree(query, { engine1: answers['engine1'], engine2: answers['engine2'] });
  } else {
    checkAgree(query, answers);
  }
  return answers['engine1'];
}

/** Times a query that was checked. */
export async function timeQuery(
  query: BenchQuery,
  { engines, peers }: Contestants,
): Promise<QueryTimes> {
  const times: Record<string, number[]> = { engine: [], duckdb: [], clickhouse: [] };
  const tables: Record<string, string> = {};
  for (const [at, engine] of engines.entries()) {
    times['engine'].push(await medianMs(() => engine.run(query.native)));
    for (const peer of peers) {
      await peer.useThreads(at + 1);
      const table = await fastestTable(peer, query);
      tables[`${peer.name}${at + 1}`] = table.name;
      times[peer.name].push(await medianMs(() => peer.run(query, table)));
    }
  }
  return {
    engine: pair(times['engine']),
    duckdb: pair(times['duckdb']),
    clickhouse: pair(times['clickhouse']),
    tables,
  };
}

/** The table on which a peer answers fastest: the best of three runs after a warm-up. */
async function fastestTable(peer: Peer, query: BenchQuery): Promise<PeerTable> {
  let best: { table: PeerTable; ms: number } | null = null;
  for (const table of peer.tables) {
    const run = (): Promise<void> => peer.run(query, table);
    await run();
    const ms = Math.min(await timeOnce(run), await timeOnce(run), await timeOnce(run));
    if (best === null || ms < best.ms) best = { table, ms };
  }
  if (best === null) throw new Error(`${peer.name} has no table.`);
  return best.table;
}

function pair([one = Number.NaN, two = Number.NaN]: readonly number[]): readonly [number, number] {
  return [one, two];
}
