/** A database that the bench compares with. It holds the same rows in several tables, and is timed on the best. */
import type { Input } from './generate.ts';
import type { BenchQuery, Dialect } from './queries.ts';
import { codeOf, dimensionOf, startMs } from './table.ts';

/** A running peer. */
export interface Peer {
  readonly name: 'duckdb' | 'clickhouse';
  /** Tables of the same rows: other types or another order. */
  readonly tables: readonly PeerTable[];
  useThreads(count: number): Promise<void>;
  /** Runs a query and leaves its rows inside the peer. */
  run(query: BenchQuery, table: PeerTable): Promise<void>;
  /** Runs a query and gives its rows; a cell of a coded dimension is its code. */
  rows(query: BenchQuery, table: PeerTable): Promise<readonly (readonly unknown[])[]>;
  /** Runs SQL that gives rows of one text, and hands all of it over, in lines if there are several. */
  text(sql: string): Promise<string>;
  /** Runs any SQL and gives the cells of its first column as text. */
  firstColumn(sql: string): Promise<string[]>;
  close(): void;
}

/** One form of the ads table. */
export interface PeerTable {
  readonly name: string;
  /** Dimensions are small integers, which we do not allow ourselves: the best case for the peer. */
  readonly isCoded: boolean;
  readonly dialect: Dialect;
}

/** Opens a peer over the input. */
export type OpenPeer = (input: Input, scratchDir: string) => Promise<Peer>;

/** The parts of a dialect that both peers share. */
export function dialectOf(
  isCoded: boolean,
  parts: Pick<Dialect, 'day' | 'distinct'> & { readonly instant: (ms: number) => string },
): Dialect {
  const { instant, ...rest } = parts;
  return {
    ...rest,
    column: (name) => `"${name}"`,
    literal: (name, text) =>
      isCoded ? String(codeOf(dimensionOf(name), text)) : `'${text.replaceAll("'", "''")}'`,
    timeBetween: (fromMs, toMs) => `time >= ${instant(fromMs)} AND time < ${instant(toMs)}`,
  };
}

/** SQL of a query over a table. */
export function sqlOf(query: BenchQuery, table: PeerTable): string {
  return query.sql(table.dialect).replace('{table}', table.name);
}

/** `2026-01-01 00:00:00` */
export function sqlTime(ms: number = startMs): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
