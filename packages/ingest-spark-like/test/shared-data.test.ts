/** Real data and Druid's own specs, where the shared test material is beside the checkout. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseSpec } from '../src/index.ts';
import { ingest, makeStores, readBack, type Row } from './ingest-in-memory.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const shared = process.env['ISOTHERM_TEST_SHARED'] ?? join(root, '../shared');
const isThere = existsSync(join(shared, 'conformance'));
const isRequired = process.env['ISOTHERM_TEST_REQUIRE'] === 'all';
if (!isThere)
  console.log('skipped: The folder ../shared with test material is not beside this checkout.');

/** A ready spec of test/specs, with its data where the shared folder is. */
function readySpec(name: string): unknown {
  const text = readFileSync(join(root, 'test/specs', `${name}.json`), 'utf8');
  return JSON.parse(text.replaceAll('../../../shared', shared));
}

function sum(rows: readonly Row[], name: string): number {
  return rows.reduce((total, row) => total + Number(row[name] ?? 0), 0);
}

describe.skipIf(!isThere && !isRequired)('real data', () => {
  it('testing has the 1,209 rows of the case files, in one segment', async () => {
    const stores = await makeStores();
    const report = await ingest(readySpec('testing'), stores);
    expect(report.segments.map(({ id, rowCount }) => [id, rowCount])).toEqual([
      ['testing_2011-01-12T00:00:00.000Z_2011-05-01T00:00:00.000Z_1', 1209],
    ]);
    const rows = await readBack(stores);
    expect(rows[0]).toEqual({
      __time: Date.UTC(2011, 0, 12),
      market: 'spot',
      quality: 'automotive',
      qualityLong: 1000n,
      qualityFloat: 10000,
      qualityDouble: 10000,
      qualityNumericString: '100000',
      longNumericNull: 10n,
      floatNumericNull: 10,
      doubleNumericNull: 10,
      placement: 'preferred',
      placementish: ['a', 'preferred'],
      null_column: null,
      partial_null_column: null,
      index: 100,
      indexFloat: 100,
      indexMin: 100,
      indexMinFloat: 100,
      indexMaxFloat: 100,
      indexMaxPlusTen: 110,
      quality_uniques: 1,
    });
    expect(new Set(rows.map((row) => row['partial_null_column']))).toEqual(
      new Set([null, 'value']),
    );
  });

  it("wikipedia has the sums of Druid's tutorial", async () => {
    const stores = await makeStores();
    const report = await ingest(readySpec('wikipedia'), stores);
    expect([report.rowsRead, report.rowsStored, report.segments.length]).toEqual([
      39_244, 39_244, 1,
    ]);
    const rows = await readBack(stores);
    expect([sum(rows, 'added'), sum(rows, 'deleted'), sum(rows, 'delta')]).toEqual([
      9_385_573, 394_298, 8_991_275,
    ]);
    expect(new Set(rows.map((row) => row['isRobot']))).toEqual(new Set(['true', 'false']));
  });

  it('Open Bandit has 20,000 impressions of a policy, with their clicks', async () => {
    const stores = await makeStores();
    const report = await ingest(
      {
        dataSchema: {
          dataSource: 'bandit',
          namespace: 'random',
          timestampSpec: { column: 'timestamp', format: 'auto' },
          dimensionsSpec: {
            dimensions: [{ type: 'long', name: 'item_id' }, 'position', 'user_feature_0'],
          },
          metricsSpec: [
            { type: 'count', name: 'impressions' },
            { type: 'longSum', name: 'clicks', fieldName: 'click' },
          ],
          granularitySpec: { segmentGranularity: 'day', queryGranularity: 'hour', rollup: true },
        },
        ioConfig: {
          inputSource: {
            type: 'local',
            baseDir: join(shared, 'data/open-bandit'),
            filter: 'random_*.csv',
          },
          inputFormat: { type: 'csv', findColumnsFromHeader: true },
        },
      },
      stores,
    );
    const rows = await readBack(stores);
    const clicks = ['random_men.csv', 'random_women.csv'].reduce(
      (total, file) =>
        total +
        readFileSync(join(shared, 'data/open-bandit', file), 'utf8')
          .split('\n')
          .filter((line) => line.split(',')[4] === '1').length,
      0,
    );
    expect([report.rowsRead, sum(rows, 'impressions'), sum(rows, 'clicks')]).toEqual([
      20_000,
      20_000,
      clicks,
    ]);
    expect(report.segments.length).toBe(7);
  });
});

function outcomeOf(parse: () => string): string {
  try {
    return `read as ${parse()}`;
  } catch (error) {
    return String(error);
  }
}

/** Druid's own specs that ask for what is not there, and what they are told. */
const notYet: readonly (readonly [path: RegExp, message: RegExp])[] = [
  [/wikipedia_index_task/, /"thetaSketch" is not supported yet/],
  [/qaArray|qaUnnest\/array/, /is not supported yet|"auto"|unknown function/],
  [/qaSql|qaWin/, /"json" is not supported yet|"auto" is not supported yet/],
];

describe.skipIf(!isThere && !isRequired)("Druid's specs", () => {
  const paths = globSync('tables/{integration/*task*,qa/**/ingest*}.json', {
    cwd: join(shared, 'conformance'),
  }).sort();

  it.each(paths)('%s', (path) => {
    const text = readFileSync(join(shared, 'conformance', path), 'utf8')
      .replaceAll(/%%\w+MILLIS%%/g, '0')
      .replaceAll(/%%\w+%%/g, 'wiki');
    const known = notYet.find(([pattern]) => pattern.test(path));
    const parse = (): string => parseSpec(JSON.parse(text)).dataSource;
    expect(outcomeOf(parse)).toMatch(known?.[1] ?? /^read as /);
  });

  it('wikipedia_index_task is read but for its sketches', () => {
    const path = join(shared, 'conformance/tables/integration/wikipedia_index_task.json');
    const text = readFileSync(path, 'utf8')
      .replaceAll(/%%\w+MILLIS%%/g, '0')
      .replaceAll('%%DATASOURCE%%', 'wiki');
    const task = JSON.parse(text) as { spec: { dataSchema: { metricsSpec: { type: string }[] } } };
    task.spec.dataSchema.metricsSpec = task.spec.dataSchema.metricsSpec.filter(
      ({ type }) => !/[sS]ketch/.test(type),
    );
    const spec = parseSpec(task);
    expect([spec.dimensions.fixed.length, spec.metrics.length, spec.partitions]).toEqual([
      13,
      4,
      { type: 'dynamic', maxRowsPerSegment: 3 },
    ]);
    expect(spec.withoutEffect).toEqual([
      'spec.dataSchema.dimensionsSpec.dimensions[1].createBitmapIndex',
      'spec.tuningConfig.awaitSegmentAvailabilityTimeoutMillis',
    ]);
  });
});
