/**
 * Makes the input: seeded rows as Parquet, in order of time as logs come, once as text for the
 * ingestor and once as codes for the peers. Both hold the same rows. What was made before for the
 * same seed, row count and shape is used again.
 *
 *   .cache/rows-<count>-seed-<seed>-v1/text/ads-1.parquet …   columns as users have them
 *   .cache/rows-<count>-seed-<seed>-v1/codes/ads-1.parquet …  dimensions as small integers
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { dayCount, dimensions, textSql } from './table.ts';

/** Written into the folder's name: another value makes all inputs anew. */
const shapeVersion = 1;
/** Files an input is cut into, by time. */
const fileCount = 6;

/** Where the input is. */
export interface Input {
  readonly dir: string;
  readonly textDir: string;
  readonly codesDir: string;
  readonly wasMade: boolean;
}

/** Makes the input unless it is there. @throws what DuckDB or the disk says */
export async function generateInput(options: {
  readonly rowCount: number;
  readonly seed: number;
  readonly cacheDir: string;
}): Promise<Input> {
  const { rowCount, seed, cacheDir } = options;
  const dir = join(cacheDir, `rows-${rowCount}-seed-${seed}-v${shapeVersion}`);
  const paths = { dir, textDir: join(dir, 'text'), codesDir: join(dir, 'codes') };
  if (existsSync(dir)) return { ...paths, wasMade: false };
  const unfinished = `${dir}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(join(unfinished, 'text'), { recursive: true });
  mkdirSync(join(unfinished, 'codes'));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await writeFiles(connection, { rowCount, seed, dir: unfinished });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  renameSync(unfinished, dir);
  return { ...paths, wasMade: true };
}

async function writeFiles(
  connection: DuckDBConnection,
  { rowCount, seed, dir }: { rowCount: number; seed: number; dir: string },
): Promise<void> {
  await connection.run(`CREATE TABLE codes AS ${codesSql(rowCount, seed)}`);
  const texts = dimensions.map((dimension) => `${textSql(dimension)} AS ${dimension.name}`);
  const time = `TIMESTAMP '2026-01-01' + to_hours(CAST(hour AS INTEGER)) AS time`;
  const names = dimensions.map(({ name }) => name);
  const metrics = 'impressions, clicks, spend';
  const hoursAFile = (dayCount * 24) / fileCount;
  for (let part = 0; part < fileCount; part++) {
    const where = `WHERE hour >= ${part * hoursAFile} AND hour < ${(part + 1) * hoursAFile} ORDER BY hour`;
    for (const [folder, columns] of [
      ['text', texts],
      ['codes', names],
    ] as const) {
      const path = join(dir, folder, `ads-${part + 1}.parquet`);
      await connection.run(
        `COPY (SELECT ${time}, ${columns.join(', ')}, ${metrics} FROM codes ${where}) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`,
      );
    }
  }
}

/**
 * Draws the rows. Advertisers are zipf: large ones have more campaigns. Campaigns live for 10 to 60
 * days (one that runs over the end goes on at the beginning); half of the rows go to a few popular
 * ones. Ids are permuted, so that they tell neither rank nor hierarchy.
 */
function codesSql(rowCount: number, seed: number): string {
  const draw = (key: string, purpose: number): string =>
    `((hash(${key} * 32 + ${purpose} + ${seed} * 1000000007) >> 11)::DOUBLE / 9007199254740992)`;
  const u = (purpose: number): string => draw('i', purpose);
  return `
    WITH campaigns AS (
      SELECT CASE WHEN ${u(0)} < 0.5 THEN floor(${u(1)} * 50000)
        ELSE (floor(50000 * pow(${u(1)}, 3)) * 21937) % 50000 END::BIGINT AS c, i
      FROM range(${rowCount}) AS r(i)
    ), lives AS (
      SELECT i, c, floor(10 * pow(${u(2)}, 1.3))::BIGINT AS j,
        10 + floor(50 * pow(${draw('c', 20)}, 1.5)) AS days, ${draw('c', 21)} AS begins,
        floor(exp(7 * pow(${u(3)}, 2)))::BIGINT AS impressions
      FROM campaigns
    )
    SELECT
      ((floor(begins * ${dayCount}) * 24 + floor(${u(4)} * days * 24))::BIGINT % ${dayCount * 24})::USMALLINT AS hour,
      (((c * 10 + j) * 219377) % 500000)::UINTEGER AS ad,
      ((c * 21937) % 50000)::USMALLINT AS campaign,
      ((floor(exp((c + 0.5) / 50000 * ln(5001)) - 1)::BIGINT * 2193) % 5000)::USMALLINT AS advertiser,
      floor(60 * pow(${u(5)}, 2.5))::UTINYINT AS country,
      floor(5 * pow(${u(6)}, 2))::UTINYINT AS device,
      floor(12 * pow(${u(7)}, 1.7))::UTINYINT AS placement,
      floor(1000000 * pow(${u(8)}, 1.5))::UINTEGER AS "user",
      impressions::USMALLINT AS impressions,
      floor(impressions * 0.2 * pow(${u(9)}, 4))::UTINYINT AS clicks,
      (impressions * (1000 + floor(9000 * ${u(10)})))::UINTEGER AS spend
    FROM lives`;
}
