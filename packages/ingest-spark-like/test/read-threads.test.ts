/** Reading in several threads: the same bytes and the same report, however many there are and in whatever order files come. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@isotherm/platform';
import { afterAll, describe, expect, it } from 'vitest';
import { ingest, inlineSpec, makeStores, segmentDigests } from './ingest-in-memory.ts';

const root = mkdtempSync(join(tmpdir(), 'ingest-threads-'));
afterAll(() => rmSync(root, { recursive: true }));

const header = 't,country,page,size,clicks,spend,user\n';

function fileText(seed: number, rowCount: number): string {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random.next() * limit);
  const line = (): string =>
    [
      1_600_000_000_000 + below(48) * 3_600_000,
      ['DE', 'US', 'é😀', ''][below(4)],
      `https://example.org/pages/${below(300)}`,
      below(5),
      below(50) === 0 ? 'many' : below(1000),
      below(1000) / 8,
      `user ${below(500)}`,
    ].join();
  return header + Array.from({ length: rowCount }, line).join('\n');
}

/** Writes the files in an order of their own: their names decide which is read first. */
function writeFiles(folder: string, seeds: readonly number[]): void {
  seeds.forEach((seed, place) => {
    writeFileSync(join(root, `${folder}-${place}.csv`), fileText(seed, 3000));
  });
}

function spec(folder: string, change: Record<string, unknown> = {}): Record<string, unknown> {
  const { type, spec: inner } = inlineSpec(
    '',
    {
      timestampSpec: { column: 't', format: 'millis' },
      dimensionsSpec: { dimensions: ['country', 'page', { type: 'long', name: 'size' }] },
      metricsSpec: [
        { type: 'count', name: 'count' },
        { type: 'longSum', name: 'clicks', fieldName: 'clicks' },
        { type: 'doubleSum', name: 'spend', fieldName: 'spend' },
        { type: 'hyperUnique', name: 'users', fieldName: 'user' },
      ],
      granularitySpec: { segmentGranularity: 'day', queryGranularity: 'hour', rollup: true },
      ...change,
    },
    { type: 'csv', findColumnsFromHeader: true },
    { maxRowsInMemory: 1500, maxParseExceptions: 1_000_000 },
  ) as { type: string; spec: Record<string, Record<string, unknown>> };
  const inputSource = { type: 'local', baseDir: root, filter: `${folder}-*.csv` };
  return { type, spec: { ...inner, ioConfig: { ...inner['ioConfig'], inputSource } } };
}

async function run(folder: string, threads: number, change: Record<string, unknown> = {}) {
  const stores = await makeStores();
  const report = await ingest(spec(folder, change), stores, { threads });
  expect(await stores.scratch.list('')).toEqual([]);
  return { digests: await segmentDigests(stores), report };
}

describe('reading in several threads', () => {
  writeFiles('up', [1, 2, 3, 4, 5]);
  writeFiles('down', [5, 4, 3, 2, 1]);

  it.each([
    ['with roll-up', {}],
    ['without roll-up', { granularitySpec: { segmentGranularity: 'day', rollup: false } }],
    ['with dimensions that are found', { dimensionsSpec: { dimensionExclusions: ['user'] } }],
  ])('writes the same bytes, %s', async (_name, change) => {
    const alone = await run('up', 0, change);
    for (const [folder, threads] of [
      ['up', 2],
      ['up', 8],
      ['down', 3],
    ] as const) {
      const { digests } = await run(folder, threads, change);
      expect([folder, threads, digests]).toEqual([folder, threads, alone.digests]);
    }
  });

  it('tells the same of rows and bad rows', async () => {
    const alone = (await run('up', 0)).report;
    const apart = (await run('up', 3)).report;
    const told = ({ rowsRead, rowsRejected, rowsStored, badRows, warnings }: typeof alone) => ({
      rowsRead,
      rowsRejected,
      rowsStored,
      badRows,
      warnings,
    });
    expect(alone.rowsRejected).toBeGreaterThan(100);
    expect(told(apart)).toEqual(told(alone));
  });

  it('fails with what a thread could not read', async () => {
    writeFiles('broken', [1, 2]);
    writeFileSync(join(root, 'broken-1.csv'), 't,country\n1,DE\n');
    const message =
      'Column "clicks" of metric "clicks" is not in input file "broken-1.csv". Columns: t, country.';
    const stores = await makeStores();
    await expect(ingest(spec('broken'), stores, { threads: 2 })).rejects.toMatchObject({
      kind: 'InvalidInputError',
      code: 'UNKNOWN_COLUMN',
      message,
    });
    expect(await stores.metadata.segments()).toEqual([]);
  });
});
