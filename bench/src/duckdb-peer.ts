/**
 * DuckDB in memory. Tables: text as VARCHAR in order of time; codes in order of time, which lets
 * zone maps skip other weeks; codes in order of ads. Statements are prepared before they are timed.
 */
import { join } from 'node:path';
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBPreparedStatement,
} from '@duckdb/node-api';
import { type OpenPeer, type Peer, type PeerTable, dialectOf, sqlOf, sqlTime } from './peer.ts';

const tables: readonly PeerTable[] = [
  table('text', false),
  table('codes', true),
  table('codes_by_ad', true),
];

function table(name: string, isCoded: boolean): PeerTable {
  const dialect = dialectOf(isCoded, {
    day: 'CAST(time AS DATE)',
    distinct: (column) => `approx_count_distinct("${column}")`,
    instant: (ms) => `TIMESTAMP '${sqlTime(ms)}'`,
  });
  return { name, isCoded, dialect };
}

/** Opens DuckDB and loads the input. */
export const openDuckdb: OpenPeer = async (input) => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const read = (dir: string): string => `SELECT * FROM read_parquet('${join(dir, '*.parquet')}')`;
  await connection.run(`CREATE TABLE text AS ${read(input.textDir)} ORDER BY time`);
  await connection.run(`CREATE TABLE codes AS ${read(input.codesDir)} ORDER BY time`);
  await connection.run('CREATE TABLE codes_by_ad AS SELECT * FROM codes ORDER BY ad, time');
  return peerOver(instance, connection);
};

function peerOver(instance: DuckDBInstance, connection: DuckDBConnection): Peer {
  const prepared = new Map<string, DuckDBPreparedStatement>();
  return {
    name: 'duckdb',
    tables,
    async useThreads(count) {
      await connection.run(`SET threads = ${count}`);
    },
    async run(query, table) {
      const key = `${query.name}/${table.name}`;
      const statement = prepared.get(key) ?? (await connection.prepare(sqlOf(query, table)));
      prepared.set(key, statement);
      await statement.run();
    },
    async rows(query, table) {
      const reader = await connection.runAndReadAll(sqlOf(query, table));
      return reader.getRows();
    },
    async text(sql) {
      const statement = prepared.get(sql) ?? (await connection.prepare(sql));
      prepared.set(sql, statement);
      const reader = await statement.runAndReadAll();
      return reader.getRows().join('\n');
    },
    async firstColumn(sql) {
      const reader = await connection.runAndReadAll(sql);
      return reader.getRows().map((row) => String(row[0]));
    },
    close() {
      for (const statement of prepared.values()) statement.destroySync();
      connection.closeSync();
      instance.closeSync();
    },
  };
}
