/** A run as one line of the history, and as a table for people. */
import type { QueryTimes } from './compare.ts';
import type { HttpReport } from './http-bench.ts';
import type { JsonTimes } from './json-peers.ts';
import type { BenchQuery } from './queries.ts';

/** Figures of one query. Times are medians in milliseconds; the digit is the number of threads. */
export interface QueryRecord {
  readonly engine1: number;
  readonly engine2: number;
  readonly duckdb1: number;
  readonly duckdb2: number;
  readonly clickhouse1: number;
  readonly clickhouse2: number;
  /** Best peer ÷ ours. */
  readonly ratio1: number;
  readonly ratio2: number;
  /** Ours ÷ the time that reading the needed bytes takes. */
  readonly bound1: number;
  readonly bound2: number;
}

/** One line of `history.jsonl`. */
export interface RunRecord {
  readonly rows: number;
  readonly commit: string;
  readonly time: string;
  readonly node: string;
  /** Of the last minute; above the number of cores other work took part of the machine. */
  readonly loadAverage: number;
  readonly bandwidth: { readonly one: number; readonly two: number };
  readonly queries: Readonly<Record<string, QueryRecord>>;
  readonly tables: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly http: HttpReport;
  /** The peers' own time to the JSON text of Q5w, on two threads; null when it was not run. */
  readonly jsonTextMs: JsonTimes | null;
  /** Of the longest answer, on one thread, from columns. */
  readonly jsonBytesPerSecond: number;
  readonly ingest: {
    /** null when segments of an earlier run were used. */
    readonly rowsPerSecond: number | null;
    readonly peakBytes: number | null;
    readonly bytesPerRowDisk: number;
    readonly bytesPerRowMemory: number;
    readonly loadBytesPerSecond: number;
    readonly segments: number;
  };
}

/** Puts times and the bytes that had to be read into one record. */
export function recordOf(
  times: QueryTimes,
  bytesRead: number,
  bandwidth: readonly [one: number, two: number],
): QueryRecord {
  const { engine, duckdb, clickhouse } = times;
  const ratio = (at: 0 | 1): number => Math.min(duckdb[at], clickhouse[at]) / engine[at];
  const bound = (at: 0 | 1): number => engine[at] / 1000 / (bytesRead / bandwidth[at]);
  return {
    engine1: rounded(engine[0]),
    engine2: rounded(engine[1]),
    duckdb1: rounded(duckdb[0]),
    duckdb2: rounded(duckdb[1]),
    clickhouse1: rounded(clickhouse[0]),
    clickhouse2: rounded(clickhouse[1]),
    ratio1: rounded(ratio(0)),
    ratio2: rounded(ratio(1)),
    bound1: rounded(bound(0)),
    bound2: rounded(bound(1)),
  };
}

/** The table that a run prints. */
export function runTable(record: RunRecord, queries: readonly BenchQuery[]): string {
  const head =
    'query  engine ms       duckdb ms       clickhouse ms   best peer ÷ ours  ours ÷ bound    http ms';
  const lines = queries.map(({ name, title }) => {
    const of = record.queries[name];
    const cells = [
      name.padEnd(5),
      two(of.engine1, of.engine2),
      two(of.duckdb1, of.duckdb2),
      two(of.clickhouse1, of.clickhouse2),
      two(of.ratio1, of.ratio2).padEnd(16),
      two(of.bound1, of.bound2),
      String(rounded(record.http.queries[name].ms)).padEnd(9),
      title,
    ];
    return cells.join('  ');
  });
  return [head, ...lines, '', ...remarks(record), ''].join('\n');
}

function remarks({
  http,
  ingest,
  bandwidth,
  rows,
  commit,
  jsonTextMs,
  ...run
}: RunRecord): string[] {
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(2);
  const pace =
    ingest.rowsPerSecond === null
      ? 'not measured in this run'
      : `${ingest.rowsPerSecond} rows/s, peak ${ingest.peakBytes === null ? 'unknown' : `${gigabytes(ingest.peakBytes)} GB`}`;
  return [
    `${rows} rows, commit ${commit}, load average ${run.loadAverage.toFixed(1)}; two figures are one and two threads.`,
    `Memory is read at ${gigabytes(bandwidth.one)} and ${gigabytes(bandwidth.two)} GB/s; JSON is written at ${gigabytes(run.jsonBytesPerSecond)} GB/s.`,
    ...(jsonTextMs === null
      ? []
      : [
          `To the JSON text of Q5w: DuckDB ${rounded(jsonTextMs.duckdb)} ms, ClickHouse ${rounded(jsonTextMs.clickhouse)} ms, ours over HTTP ${rounded(http.queries['Q5w'].ms)} ms.`,
        ]),
    `Ingestion: ${pace}. Bytes a row: ${ingest.bytesPerRowDisk.toFixed(1)} in deep storage, ${ingest.bytesPerRowMemory.toFixed(1)} in memory; ${ingest.segments} segments; loading at ${gigabytes(ingest.loadBytesPerSecond)} GB/s.`,
    `16 clients over HTTP: one ad ${http.oneAd16Clients.queriesPerSecond}/s (p99 ${rounded(http.oneAd16Clients.p99)} ms), five ads ${http.fiveAds16Clients.queriesPerSecond}/s (p99 ${rounded(http.fiveAds16Clients.p99)} ms). IN of 100,000 ads: ${rounded(http.in100k.ms)} ms.`,
  ];
}

function two(one: number, both: number): string {
  return `${one}/${both}`.padEnd(14);
}

/** Three significant digits. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
