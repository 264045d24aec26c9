/**
 * Isotherm against DuckDB over the same real files: the wikiticker sample and Open Bandit's
 * impressions (two policies, ingested as two namespaces of one datasource). Each seed makes one
 * question, asked natively over HTTP and in SQL; every cell must agree exactly.
 *
 * ISOTHERM_TEST_SEED sets the first seed; a failure prints its seed, query and SQL.
 */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isothermOk, serve, temporaryFolder, type Serving } from '../harness/isotherm-process.ts';
import { sharedFolder } from '../harness/shared-folder.ts';
import { randomQuestion, type Question, type TableShape } from './random-query.ts';

const questionCount = 2_400;
const firstSeed = Number(process.env['ISOTHERM_TEST_SEED'] ?? 20_261_121);
const shared = sharedFolder();

describe.skipIf(shared === null)('over the same files, Isotherm and DuckDB', () => {
  const folder = temporaryFolder();
  let serving: Serving;
  let duckdb: DuckDBConnection;
  let tables: TableShape[];

  beforeAll(async () => {
    const data = join(shared ?? '', 'data');
    const dataDir = join(folder.path, 'data');
    for (const spec of [wikipediaSpec(data), banditSpec(data, 'bts'), banditSpec(data, 'random')]) {
      const path = join(folder.path, 'spec.json');
      writeFileSync(path, JSON.stringify(spec));
      await isothermOk('ingest', path, '--data-dir', dataDir);
    }
    serving = await serve('standalone', '--data-dir', dataDir, '--port', '0');
    duckdb = await (await DuckDBInstance.create(':memory:')).connect();
    await duckdb.run(wikipediaSql(data));
    await duckdb.run(banditSql(data));
    tables = [
      await shapeOf(duckdb, 'wikipedia', wikipediaStrings, ['added', 'deleted', 'delta']),
      await shapeOf(duckdb, 'bandit', banditStrings, ['position', 'click']),
    ];
  });

  afterAll(async () => {
    await serving?.stop();
    duckdb?.closeSync();
    folder.remove();
  });

  it(`agree on ${questionCount} random questions, every cell`, { timeout: 300_000 }, async () => {
    console.log(`seeds ${firstSeed} to ${firstSeed + questionCount - 1}`);
    let rows = 0;
    for (let seed = firstSeed; seed < firstSeed + questionCount; seed++) {
      const question = randomQuestion(tables, seed);
      const theirs = await askDuckdb(duckdb, question);
      const ours = await askIsotherm(serving.address, question);
      rows += theirs.length;
      if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
        const first = theirs.findIndex(
          (row, at) => JSON.stringify(row) !== JSON.stringify(ours[at]),
        );
        throw new Error(
          `seed ${seed}: ${ours.length} rows against DuckDB's ${theirs.length}; first difference in row ${first}\n` +
            `native: ${JSON.stringify(question.native)}\nsql: ${question.sql}\n` +
            `ours: ${JSON.stringify(ours[first])}\nDuckDB: ${JSON.stringify(theirs[first])}`,
        );
      }
    }
    // A generator gone wrong would ask only questions without answers.
    expect(rows).toBeGreaterThan(questionCount * 10);
  });
});

type Cell = string | number | null;

async function askDuckdb(duckdb: DuckDBConnection, question: Question): Promise<Cell[][]> {
  const reader = await duckdb.runAndReadAll(question.sql);
  const rows = reader
    .getRows()
    .map((row) => row.map((cell) => (typeof cell === 'bigint' ? Number(cell) : (cell as Cell))));
  return question.ordered ? rows : sorted(rows);
}

async function askIsotherm(url: string, question: Question): Promise<Cell[][]> {
  const response = await fetch(`${url}/druid/v2`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(question.native),
  });
  const body = await response.json();
  if (response.status !== 200) {
    throw new Error(`${JSON.stringify(question.native)} answered ${JSON.stringify(body)}`);
  }
  const rows = rowsOf(question, body as never[]);
  return question.ordered ? rows : sorted(rows);
}

/** Flattens Druid's result shapes to cells in the order of the SQL's columns. */
function rowsOf(question: Question, body: readonly Record<string, unknown>[]): Cell[][] {
  const pick = (row: Record<string, unknown>): Cell[] =>
    question.columns.map((name) => (row[name] ?? null) as Cell);
  switch (question.native['queryType']) {
    case 'timeseries':
      return body.map((row) =>
        pick({
          ...(row['result'] as Record<string, unknown>),
          timestamp: Date.parse(String(row['timestamp'])),
        }),
      );
    case 'topN':
      return body.flatMap((row) => (row['result'] as Record<string, unknown>[]).map(pick));
    case 'groupBy':
      return body.map((row) => pick(row['event'] as Record<string, unknown>));
    default:
      return body.flatMap((batch) => batch['events'] as Cell[][]);
  }
}

function sorted(rows: Cell[][]): Cell[][] {
  return rows
    .map((row) => [JSON.stringify(row), row] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, row]) => row);
}

const wikipediaStrings = [
  'channel',
  'cityName',
  'countryName',
  'isAnonymous',
  'isRobot',
  'namespace',
  'page',
  'regionName',
  'user',
];
const banditStrings = ['item_id', 'user_feature_0', 'user_feature_1', 'policy'];

async function shapeOf(
  duckdb: DuckDBConnection,
  name: string,
  strings: readonly string[],
  longs: readonly string[],
): Promise<TableShape> {
  const rows = async (sql: string): Promise<unknown[][]> =>
    (await duckdb.runAndReadAll(sql)).getRows();
  const [span] = await rows(`SELECT min(ms), max(ms) FROM ${name}`);
  return {
    name,
    strings: await Promise.all(
      strings.map(async (column) => {
        const values = await rows(
          `SELECT "${column}" FROM ${name} WHERE "${column}" IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 60`,
        );
        return {
          name: column,
          values: [...values.map(([value]) => String(value)), 'no such value', ''],
        };
      }),
    ),
    longs: await Promise.all(
      longs.map(async (column) => {
        const [range] = await rows(
          `SELECT quantile_disc("${column}", 0.01), quantile_disc("${column}", 0.99) FROM ${name}`,
        );
        return { name: column, min: Number(range?.[0]), max: Number(range?.[1]) };
      }),
    ),
    start: Number(span?.[0]),
    end: Number(span?.[1]) + 1,
  };
}

function wikipediaSql(data: string): string {
  const texts = wikipediaStrings.map((name) => `"${name}": 'VARCHAR'`).join(', ');
  return `CREATE TABLE wikipedia AS SELECT epoch_ms(CAST("time" AS TIMESTAMP)) AS ms, * EXCLUDE ("time")
    FROM read_json('${data}/wikiticker-2015-09-12-sampled.json.gz', format = 'newline_delimited',
      columns = {"time": 'VARCHAR', ${texts}, added: 'BIGINT', deleted: 'BIGINT', delta: 'BIGINT'})`;
}

function banditSql(data: string): string {
  const one = (policy: string, sex: string): string =>
    `SELECT epoch_ms(CAST("timestamp" AS TIMESTAMPTZ)) AS ms, item_id, user_feature_0, user_feature_1,
       '${policy}' AS policy, CAST(position AS BIGINT) AS position, CAST(click AS BIGINT) AS click
     FROM read_csv('${data}/open-bandit/${policy}_${sex}.csv', all_varchar = true, header = true)`;
  const parts = ['bts', 'random'].flatMap((policy) => [one(policy, 'men'), one(policy, 'women')]);
  return `SET TimeZone = 'UTC'; CREATE TABLE bandit AS ${parts.join(' UNION ALL ')}`;
}

function wikipediaSpec(data: string): unknown {
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: 'wikipedia',
        timestampSpec: { column: 'time', format: 'iso' },
        dimensionsSpec: {
          dimensions: [
            ...wikipediaStrings,
            ...['added', 'deleted', 'delta'].map((name) => ({ type: 'long', name })),
          ],
        },
        metricsSpec: [],
        granularitySpec: { segmentGranularity: 'hour', queryGranularity: 'none', rollup: false },
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'local', baseDir: data, filter: 'wikiticker-*.json.gz' },
        inputFormat: { type: 'json' },
      },
    },
  };
}

function banditSpec(data: string, policy: string): unknown {
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: 'bandit',
        namespace: `policies/${policy}`,
        timestampSpec: { column: 'timestamp', format: 'auto' },
        transformSpec: {
          transforms: [{ type: 'expression', name: 'policy', expression: `'${policy}'` }],
        },
        dimensionsSpec: {
          dimensions: [
            ...banditStrings,
            ...['position', 'click'].map((name) => ({ type: 'long', name })),
          ],
        },
        metricsSpec: [],
        granularitySpec: { segmentGranularity: 'day', queryGranularity: 'none', rollup: false },
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'local', baseDir: `${data}/open-bandit`, filter: `${policy}_*.csv` },
        inputFormat: { type: 'csv', findColumnsFromHeader: true },
      },
    },
  };
}
