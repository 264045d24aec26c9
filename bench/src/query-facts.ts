/** What the bench must know about the rows before it can ask: popular ads, exact counts, matching rows. */
import type { AnswerRow } from './answers.ts';
import type { Peer } from './peer.ts';
import { type BenchQuery, type QueryFacts, reportMonth } from './queries.ts';

/** Values that queries ask for, the same for the same rows. */
export async function askFacts(duckdb: Peer): Promise<QueryFacts> {
  const distinct = (column: string, count: number): string =>
    `SELECT ${column} FROM (SELECT DISTINCT ${column} FROM text) ORDER BY md5(${column}) LIMIT ${count}`;
  const { dialect } = duckdb.tables[0];
  return {
    popularAds: await duckdb.firstColumn(
      `SELECT ad FROM text WHERE ${dialect.timeBetween(reportMonth[0], reportMonth[1])} GROUP BY ad ORDER BY count(*) DESC, ad LIMIT 2000`,
    ),
    randomAds: await duckdb.firstColumn(distinct('ad', 2000)),
    advertisers: await duckdb.firstColumn(distinct('advertiser', 1000)),
  };
}

/** Exact distinct users of each day. */
export async function exactUsersByDay(duckdb: Peer): Promise<AnswerRow[]> {
  const rows = await duckdb.firstColumn(
    `SELECT CAST(CAST(time AS DATE) AS VARCHAR) || ' ' || count(DISTINCT "user") FROM codes GROUP BY CAST(time AS DATE) ORDER BY 1`,
  );
  return rows.map((row) => {
    const [key = '', count] = row.split(' ');
    return { key, values: [Number(count)] };
  });
}

/** Rows of the table, and rows that a query's condition holds on. */
export async function matchingRows(
  duckdb: Peer,
  query: BenchQuery,
): Promise<{ readonly all: number; readonly matching: number }> {
  const [table] = duckdb.tables;
  const condition = /WHERE (.*?)(?: GROUP BY|$)/.exec(query.sql(table.dialect))?.[1] ?? 'true';
  const count = async (where: string): Promise<number> =>
    Number((await duckdb.firstColumn(`SELECT count(*) FROM ${table.name} WHERE ${where}`))[0]);
  return { all: await count('true'), matching: await count(condition) };
}
