/**
 * ClickHouse inside the process (chdb). Tables: text as LowCardinality in memory; codes in memory;
 * codes as MergeTree by time and by ad, whose primary keys skip rows. Answers are made and discarded
 * (format Null). It has no prepared statements, so parsing the SQL is in its time.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from 'chdb';
import { type OpenPeer, type Peer, type PeerTable, dialectOf, sqlOf, sqlTime } from './peer.ts';
import { type Dimension, dimensions } from './table.ts';

const inMemory = 'Memory';
const forms: readonly { table: PeerTable; engine: string }[] = [
  { table: table('text', false), engine: inMemory },
  { table: table('codes', true), engine: inMemory },
  { table: table('codes_by_time', true), engine: 'MergeTree ORDER BY time' },
  { table: table('codes_by_ad', true), engine: 'MergeTree ORDER BY (ad, time)' },
];

function table(name: string, isCoded: boolean): PeerTable {
  const dialect = dialectOf(isCoded, {
    day: 'toDate(time)',
    distinct: (column) => `uniqHLL12("${column}")`,
    instant: (ms) => `toDateTime('${sqlTime(ms)}', 'UTC')`,
  });
  return { name, isCoded, dialect };
}

/** Opens ClickHouse and loads the input; MergeTree's files go to `scratchDir`. */
export const openClickhouse: OpenPeer = async (input, scratchDir) => {
  const dir = join(scratchDir, 'clickhouse');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const session = new Session(dir);
  const run = async (sql: string): Promise<void> => {
    await session.queryAsync(sql, { format: 'Null' });
  };
  await run('CREATE DATABASE bench');
  for (const { table, engine } of forms) {
    await run(`CREATE TABLE bench.${table.name} (${columnsSql(table.isCoded)}) ENGINE = ${engine}`);
    const files = join(table.isCoded ? input.codesDir : input.textDir, '*.parquet');
    const names = [
      'time',
      ...dimensions.map(({ name }) => `"${name}"`),
      'impressions',
      'clicks',
      'spend',
    ];
    await run(
      `INSERT INTO bench.${table.name} SELECT ${names.join(', ')} FROM file('${files}', Parquet)`,
    );
    if (engine !== inMemory) await run(`OPTIMIZE TABLE bench.${table.name} FINAL`);
  }
  return peerOver(session);
};

function columnsSql(isCoded: boolean): string {
  const typeOf = ({ bits }: Dimension): string =>
    isCoded ? `UInt${bits}` : 'LowCardinality(String)';
  const columns = dimensions.map((dimension) => `"${dimension.name}" ${typeOf(dimension)}`);
  const metrics = 'impressions UInt16, clicks UInt8, spend UInt32';
  return `time DateTime('UTC'), ${columns.join(', ')}, ${metrics}`;
}

function peerOver(session: Session): Peer {
  let threads = 1;
  const full = (sql: string): string =>
    `${sql.replace('FROM ', 'FROM bench.')} SETTINGS max_threads = ${threads}`;
  const cells = async (sql: string): Promise<unknown[][]> => {
    const result = await session.queryAsync(full(sql), { format: 'JSONCompactEachRow' });
    const lines = result.text().split('\n');
    // Every line of the format is an array of cells.
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown[]);
  };
  return {
    name: 'clickhouse',
    tables: forms.map(({ table }) => table),
    async useThreads(count) {
      threads = count;
    },
    async run(query, table) {
      await session.queryAsync(full(sqlOf(query, table)), { format: 'Null' });
    },
    rows: (query, table) => cells(sqlOf(query, table)),
    async text(sql) {
      const settings = `SETTINGS max_threads = ${threads}`;
      const result = await session.queryAsync(`${sql} ${settings}`, { format: 'TSVRaw' });
      return result.text();
    },
    firstColumn: async (sql) => (await cells(sql)).map((row) => String(row[0])),
    close: () => session.close(),
  };
}
