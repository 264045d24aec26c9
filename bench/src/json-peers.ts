/**
 * The peers' own time to the JSON that our service answers a groupBy with: the rows are made into Druid's
 * text by their SQL, from the tables that hold text, and leave the peer as one string.
 */
import { medianMs } from './measure.ts';
import { type Peer, sqlOf } from './peer.ts';
import type { BenchQuery } from './queries.ts';

/** Median milliseconds to the whole text, on two threads. */
export type JsonTimes = Readonly<Record<Peer['name'], number>>;

/**
 * Times a groupBy by ad and day in both peers, once their texts agree with ours.
 *
 * @param json our answer
 * @throws Error at the first row that differs
 */
export async function timeJson(
  query: BenchQuery,
  peers: readonly Peer[],
  json: string,
): Promise<JsonTimes> {
  const times: Record<Peer['name'], number> = { duckdb: Number.NaN, clickhouse: Number.NaN };
  const wanted = rowsOf(json.slice(1, -1));
  for (const peer of peers) {
    const table = peer.tables.find(({ isCoded }) => !isCoded);
    if (table === undefined) throw new Error(`${peer.name} has no table of text.`);
    const sql = jsonSql(peer.name, query, sqlOf(query, table));
    await peer.useThreads(2);
    const found = rowsOf(await peer.text(sql));
    const at = wanted.findIndex((row, place) => row !== found[place]);
    if (at !== -1 || found.length !== wanted.length) {
      throw new Error(
        `${query.name}: ${peer.name} writes ${found[at]} where we have ${wanted[at]}.`,
      );
    }
    times[peer.name] = await medianMs(() => peer.text(sql));
  }
  return times;
}

/** Rows of a JSON text in one order, whatever divides them. */
function rowsOf(text: string): string[] {
  return text
    .trim()
    .split(/(?<=\}\}),?\n?/)
    .sort();
}

function jsonSql(peer: Peer['name'], query: BenchQuery, inner: string): string {
  const time =
    peer === 'duckdb'
      ? "strftime(d, '%Y-%m-%dT00:00:00.000Z')"
      : "concat(toString(d), 'T00:00:00.000Z')";
  const values = query.values.map(
    (name, at) => `'${at === 0 ? '' : ','}"${name}":', CAST(${name}_sum AS ${textType[peer]})`,
  );
  const row = `concat('{"version":"v1","timestamp":"', ${time}, '","event":{"ad":"', ad, '",', ${values.join(', ')}, '}}')`;
  // One value a peer hands out fastest: DuckDB one text, ClickHouse one line a row.
  return peer === 'duckdb'
    ? `SELECT string_agg(${row}, ',') FROM (${inner})`
    : `SELECT ${row} FROM (${inner.replace('FROM ', 'FROM bench.')})`;
}

const textType = { duckdb: 'VARCHAR', clickhouse: 'String' } as const;
