/** A job as a whole: identity, limits on bad rows, what is wrong with files, owners that died, dry runs. */
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { StoreError } from '@isotherm/errors';
import { afterAll, describe, expect, it } from 'vitest';
import { isDeadProcess } from '../src/index.ts';
import { ingest, inlineSpec, makeStores, readBack, segmentDigests } from './ingest-in-memory.ts';

const folder = mkdtempSync(join(tmpdir(), 'ingest-'));
afterAll(() => rmSync(folder, { recursive: true }));

const schema = {
  dataSource: 'ads',
  timestampSpec: { column: 't', format: 'iso' },
  dimensionsSpec: { dimensions: ['d'] },
  metricsSpec: [{ type: 'longSum', name: 'clicks', fieldName: 'clicks' }],
  granularitySpec: { segmentGranularity: 'day', queryGranularity: 'hour', rollup: true },
};
const csv = { type: 'csv', findColumnsFromHeader: true };

function fileSpec(
  filter: string,
  format: Record<string, unknown> = csv,
  change: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: { ...schema, ...change },
      ioConfig: { inputSource: { type: 'local', baseDir: '.', filter }, inputFormat: format },
    },
  };
}

const rows =
  't,d,clicks\n2011-01-12T01:10:00Z,a,1\n2011-01-12T01:20:00Z,a,2\n2011-01-13T00:00:00Z,b,3\n';

describe('a job', () => {
  it('reports what it read, rolled up and wrote', async () => {
    writeFileSync(join(folder, 'rows.csv'), rows);
    const stores = await makeStores();
    const report = await ingest(fileSpec('rows.csv'), stores, { baseDir: folder });
    const { jobId, phaseMs, segments, segmentBytes, ...rest } = report;
    expect(rest).toEqual({
      status: 'published',
      version: 1,
      dataSource: 'ads',
      namespace: 'default',
      files: 1,
      inputBytes: rows.length,
      rowsRead: 3,
      rowsFiltered: 0,
      rowsRejected: 0,
      badRows: [],
      rowsStored: 2,
      rollupRatio: 1.5,
      dimensions: [{ name: 'd', type: 'string' }],
      metrics: [{ name: 'clicks', type: 'long' }],
      spills: 0,
      withoutEffect: [],
      warnings: [],
    });
    expect(segments.map(({ id, rowCount }) => [id, rowCount])).toEqual([
      ['ads_2011-01-12T00:00:00.000Z_2011-01-13T00:00:00.000Z_1', 1],
      ['ads_2011-01-13T00:00:00.000Z_2011-01-14T00:00:00.000Z_1', 1],
    ]);
    expect(segmentBytes).toBe(segments.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0));
    expect(Object.keys(phaseMs)).toEqual(['find', 'read', 'spill', 'merge', 'publish']);
    expect((await stores.metadata.job(jobId ?? ''))?.state).toBe('published');
  });

  it('run again changes nothing; a changed file or spec is another job', async () => {
    const path = join(folder, 'again.csv');
    writeFileSync(path, rows);
    const stores = await makeStores();
    const run = async (spec = fileSpec('again.csv')): Promise<unknown[]> => {
      const { status, version, rowsRead, segments } = await ingest(spec, stores, {
        baseDir: folder,
      });
      return [status, version, rowsRead, segments.length];
    };
    expect(await run()).toEqual(['published', 1, 3, 2]);
    expect(await run()).toEqual(['alreadyPublished', 1, 0, 0]);
    writeFileSync(path, rows + '2011-01-14T00:00:00Z,c,4\n');
    expect(await run()).toEqual(['published', 2, 4, 3]);
    expect(await run(fileSpec('again.csv', csv, { namespace: 'other' }))).toEqual([
      'published',
      3,
      4,
      3,
    ]);
  });

  it('tells how far it is', async () => {
    const stores = await makeStores();
    const seen: string[] = [];
    await ingest(fileSpec('rows.csv'), stores, {
      baseDir: folder,
      onProgress: ({ phase, rows: count, bytes, totalBytes }) =>
        seen.push(`${phase} ${count} ${bytes}/${totalBytes}`),
    });
    const size = rows.length;
    expect(seen).toEqual([
      `read 0 0/${size}`,
      `read 3 ${size}/${size}`,
      `merge 3 ${size}/${size}`,
      `merge 3 ${size}/${size}`,
      `merge 3 ${size}/${size}`,
      `publish 3 ${size}/${size}`,
      `publish 3 ${size}/${size}`,
    ]);
  });

  it('dry run counts rows and segments, and leaves no trace', async () => {
    const stores = await makeStores();
    const report = await ingest(fileSpec('rows.csv'), stores, { baseDir: folder, dryRun: true });
    expect([report.status, report.jobId, report.rowsRead, report.rowsStored]).toEqual([
      'dryRun',
      null,
      3,
      2,
    ]);
    expect(report.segments).toEqual([
      {
        id: null,
        interval: '2011-01-12T00:00:00.000Z/2011-01-13T00:00:00.000Z',
        rowCount: 1,
        bytes: null,
      },
      {
        id: null,
        interval: '2011-01-13T00:00:00.000Z/2011-01-14T00:00:00.000Z',
        rowCount: 1,
        bytes: null,
      },
    ]);
    expect(await stores.metadata.segments()).toEqual([]);
    expect(await stores.storage.list('')).toEqual([]);
  });

  it('cancelled publishes nothing and gives the lease back', async () => {
    const stores = await makeStores();
    const signal = AbortSignal.abort();
    await expect(ingest(fileSpec('rows.csv'), stores, { baseDir: folder, signal })).rejects.toThrow(
      'The ingestion was cancelled. Nothing was published.',
    );
    expect((await ingest(fileSpec('rows.csv'), stores, { baseDir: folder })).status).toBe(
      'published',
    );
  });

  it('keeps rows inside the intervals and fills all their chunks with dropExisting', async () => {
    const stores = await makeStores();
    const granularitySpec = { ...schema.granularitySpec, intervals: ['2011-01-11/2011-01-13'] };
    const spec = inlineSpec(rows, { ...schema, granularitySpec }, csv) as {
      spec: { ioConfig: Record<string, unknown> };
    };
    spec.spec.ioConfig['dropExisting'] = true;
    const report = await ingest(spec, stores);
    expect(report.rowsFiltered).toBe(1);
    expect(
      report.segments.map(({ interval, rowCount }) => [interval.slice(0, 10), rowCount]),
    ).toEqual([
      ['2011-01-12', 1],
      ['2011-01-11', 0],
    ]);
  });

  it('filters and computes before it aggregates', async () => {
    const stores = await makeStores();
    const transformSpec = {
      transforms: [
        { type: 'expression', name: 'd', expression: "concat(upper(d), '-', clicks)" },
        { type: 'expression', name: 'hour', expression: "timestamp_extract(__time, 'HOUR')" },
      ],
      filter: { type: 'not', field: { type: 'selector', dimension: 'd', value: 'B-3' } },
    };
    const dimensionsSpec = { dimensions: ['d', { type: 'long', name: 'hour' }] };
    const report = await ingest(
      inlineSpec(rows, { ...schema, transformSpec, dimensionsSpec }, csv),
      stores,
    );
    expect(report.rowsFiltered).toBe(1);
    expect((await readBack(stores)).map(({ d, hour, clicks }) => [d, hour, clicks])).toEqual([
      ['A-1', 1n, 1n],
      ['A-2', 1n, 2n],
    ]);
  });

  it('without a list of dimensions takes every column but time and inputs of metrics', async () => {
    const stores = await makeStores();
    const data =
      '{"t":"2011-01-12T00:00:00Z","z":1,"clicks":1}\n{"t":"2011-01-12T00:00:00Z","a":["x","y"],"o":{"k":1}}';
    const { dimensionsSpec: _none, ...open } = schema;
    const report = await ingest(inlineSpec(data, open, { type: 'json' }), stores);
    expect(report.dimensions.map(({ name }) => name)).toEqual(['a', 'z']);
    expect((await readBack(stores)).map(({ a, z, clicks }) => [a, z, clicks])).toEqual([
      [[], '1', 1n],
      [['x', 'y'], null, null],
    ]);
  });
});

describe('a job at the edges', () => {
  it('of an input without rows publishes nothing and succeeds', async () => {
    const stores = await makeStores();
    const report = await ingest(inlineSpec('t,d,clicks\n', schema, csv), stores);
    expect([report.status, report.rowsRead, report.segments, report.rollupRatio]).toEqual([
      'published',
      0,
      [],
      null,
    ]);
  });

  it('with granularity all and no intervals covers all of time', async () => {
    const stores = await makeStores();
    const granularitySpec = { segmentGranularity: 'all', queryGranularity: 'all' };
    const report = await ingest(inlineSpec(rows, { ...schema, granularitySpec }, csv), stores);
    expect(report.segments.map(({ interval, rowCount }) => [interval, rowCount])).toEqual([
      ['-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z', 2],
    ]);
  });

  it('refuses a granularity that makes absurdly many chunks', async () => {
    const stores = await makeStores();
    const granularitySpec = { segmentGranularity: 'none' };
    const data = Array.from({ length: 10_001 }, (_, ms) => `{"t":${ms}}`).join('\n');
    const timestampSpec = { column: 't', format: 'millis' };
    await expect(
      ingest(
        inlineSpec(data, { ...schema, timestampSpec, granularitySpec }, { type: 'json' }),
        stores,
      ),
    ).rejects.toThrow('The segment granularity makes more than 10000 chunks of time.');
  });

  it('finds dimensions in later rows, and writes the same bytes as if they had come first', async () => {
    const few = Array.from({ length: 9000 }, (_, n) => `{"t":"2011-01-12","a":"${n % 50}"}`);
    const more = Array.from({ length: 9000 }, (_, n) => `{"t":"2011-01-12","b":"${n % 70}"}`);
    const { dimensionsSpec: _none, ...open } = schema;
    const digests: string[][] = [];
    for (const lines of [
      [...few, ...more],
      [...more, ...few],
    ]) {
      const stores = await makeStores();
      const report = await ingest(inlineSpec(lines.join('\n'), open, { type: 'json' }), stores);
      expect(report.dimensions.map(({ name }) => name)).toEqual(['a', 'b']);
      digests.push(await segmentDigests(stores));
    }
    expect(digests[0]).toEqual(digests[1]);
  });

  it('whose commit was answered by silence finds out that it is published', async () => {
    const stores = await makeStores();
    let commits = 0;
    const metadata: typeof stores.metadata = {
      ...stores.metadata,
      async publishJob(jobId, segments) {
        commits++;
        await stores.metadata.publishJob(jobId, segments);
        throw new StoreError('The connection was lost.');
      },
    };
    const report = await ingest(inlineSpec(rows, schema, csv), { ...stores, metadata });
    expect([report.status, commits]).toEqual(['published', 1]);
    expect((await stores.metadata.publishedJobs()).length).toBe(1);
  });
});

describe('bad rows', () => {
  const bad = (count: number, good: number): string =>
    't,d,clicks\n' +
    '2011-01-12T00:00:00Z,a,many\n'.repeat(count) +
    '2011-01-12T00:00:00Z,a,1\n'.repeat(good);

  it('up to 100 or 1 % are left out and told', async () => {
    const stores = await makeStores();
    const report = await ingest(inlineSpec(bad(100, 1), schema, csv), stores);
    expect([
      report.rowsRead,
      report.rowsRejected,
      report.rowsStored,
      report.badRows.length,
    ]).toEqual([101, 100, 1, 100]);
    expect(report.badRows[0]).toEqual({
      file: 'inline',
      line: 2,
      reason: 'Column "clicks" holds text that is no finite number. Expected a long.',
    });
    const more = await ingest(inlineSpec(bad(150, 20_000), schema, csv), stores);
    expect([more.rowsRejected, more.badRows.length]).toEqual([150, 100]);
  });

  it('above that the job fails and publishes nothing', async () => {
    const stores = await makeStores();
    await expect(ingest(inlineSpec(bad(101, 500), schema, csv), stores)).rejects.toMatchObject({
      code: 'TOO_MANY_BAD_ROWS',
      message:
        '101 of 601 rows are bad, more than the limit of max(100 rows, 1 %) = 100. Nothing was published. The first is line 2 of "inline": Column "clicks" holds text that is no finite number. Expected a long. Correct the input or the spec, or raise "tuningConfig.maxParseExceptions".',
    });
    expect(await stores.metadata.segments()).toEqual([]);
    expect(await stores.storage.list('')).toEqual([]);
  });

  it('fail the job when there are no others, however few they are', async () => {
    const stores = await makeStores();
    await expect(ingest(inlineSpec(bad(7, 0), schema, csv), stores)).rejects.toMatchObject({
      code: 'TOO_MANY_BAD_ROWS',
      message:
        'All 7 rows are bad. Nothing was published. The first is line 2 of "inline": Column "clicks" holds text that is no finite number. Expected a long. Correct the input or the spec, or raise "tuningConfig.maxParseExceptions".',
    });
    expect(await stores.metadata.publishedJobs()).toEqual([]);
  });

  it('count every line that an open quote swallows', async () => {
    const stores = await makeStores();
    const text = `${bad(0, 300)}2011-01-12T00:00:00Z,"a,1\n${'2011-01-12T00:00:00Z,a,1\n'.repeat(200)}`;
    await expect(ingest(inlineSpec(text, schema, csv), stores)).rejects.toMatchObject({
      message:
        '201 of 501 rows are bad, more than the limit of max(100 rows, 1 %) = 100. Nothing was published. The first is line 302 of "inline": Column 2 has a quote that is not closed. Correct the input or the spec, or raise "tuningConfig.maxParseExceptions".',
    });
  });

  it('are limited by maxParseExceptions', async () => {
    const stores = await makeStores();
    const spec = inlineSpec(bad(1, 5), schema, csv, { maxParseExceptions: 0 });
    await expect(ingest(spec, stores)).rejects.toMatchObject({
      code: 'TOO_MANY_BAD_ROWS',
      message:
        '1 row is bad so far, more than the limit of 0. Nothing was published. The first is line 2 of "inline": Column "clicks" holds text that is no finite number. Expected a long. Correct the input or the spec, or raise "tuningConfig.maxParseExceptions".',
    });
    const wide = inlineSpec(bad(300, 5), schema, csv, { maxParseExceptions: 300 });
    expect((await ingest(wide, stores)).rowsRejected).toBe(300);
  });

  it('are also those that are not UTF-8', async () => {
    const text = Buffer.from(
      't,d,clicks\n2011-01-12T00:00:00Z,\xFF,1\n2011-01-12T00:00:00Z,ok,1\n',
      'latin1',
    );
    writeFileSync(join(folder, 'latin.csv'), text);
    const stores = await makeStores();
    const report = await ingest(fileSpec('latin.csv'), stores, { baseDir: folder });
    expect(report.badRows).toEqual([
      { file: 'latin.csv', line: 2, reason: 'The text is not UTF-8.' },
    ]);
  });
});

describe('files', () => {
  it('may be gzip, in several parts', async () => {
    writeFileSync(
      join(folder, 'two.csv.gz'),
      Buffer.concat([gzipSync(rows), gzipSync('2011-01-15T00:00:00Z,z,9\n')]),
    );
    const stores = await makeStores();
    expect((await ingest(fileSpec('two.csv.gz'), stores, { baseDir: folder })).rowsRead).toBe(4);
  });

  it('may hold records that are longer than what is read at once', async () => {
    const long = `2011-01-12T00:00:00Z,"${'many lines\n'.repeat(500_000)}",1\n`;
    writeFileSync(join(folder, 'long.csv'), `${rows}${long}2011-01-15T00:00:00Z,z,9\n2011,y\n`);
    const stores = await makeStores();
    const report = await ingest(fileSpec('long.csv'), stores, { baseDir: folder });
    expect([report.rowsRead, report.badRows]).toEqual([
      6,
      [{ file: 'long.csv', line: 5, reason: 'Column "d" holds a text of more than 1 MiB.' }],
    ]);
  });

  it('without rows that are stored leave a warning', async () => {
    const stores = await makeStores();
    const nothing = await ingest(inlineSpec('t,d,clicks\n', schema, csv), stores);
    expect(nothing.warnings).toEqual(['No row was stored: the input has no rows.']);
    const granularitySpec = { ...schema.granularitySpec, intervals: ['2020-01-01/P1D'] };
    const outside = await ingest(inlineSpec(rows, { ...schema, granularitySpec }, csv), stores);
    expect([outside.rowsFiltered, outside.warnings]).toEqual([
      3,
      [
        'No row was stored: every row is outside "granularitySpec.intervals", not matched by "transformSpec.filter", or malformed.',
      ],
    ]);
  });

  it('may be Parquet, with every usual type', async () => {
    const path = join(folder, 'types[1].parquet');
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(
      `COPY (SELECT * FROM (VALUES
        (TIMESTAMP '2011-01-12 01:00:00', 'short', 1, 1.5::DECIMAL(10,2), true, ['b','a'], 9007199254740993),
        (TIMESTAMP '2011-01-12 02:00:00', 'a text of more than twelve bytes, 😀', NULL, 2.25, false, [], -1),
        (TIMESTAMP '2011-01-12 03:00:00', NULL, 3, NULL, NULL, NULL, NULL),
        (TIMESTAMP '2011-01-12 04:00:00', '', 4, 4, true, ['x'], 0)
      ) v(t, d, clicks, bid, flag, tags, big)) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`,
    );
    connection.closeSync();
    instance.closeSync();
    const dimensionsSpec = {
      dimensions: [
        'd',
        'flag',
        'tags',
        { type: 'double', name: 'bid' },
        { type: 'long', name: 'big' },
      ],
    };
    const stores = await makeStores();
    await ingest(fileSpec('types[1].parquet', { type: 'parquet' }, { dimensionsSpec }), stores, {
      baseDir: folder,
    });
    const found = (await readBack(stores)).map(({ __time, d, clicks, bid, flag, tags, big }) => [
      __time,
      d,
      clicks,
      bid,
      flag,
      tags,
      big,
    ]);
    const start = Date.UTC(2011, 0, 12);
    expect(found.sort(([a], [b]) => Number(a) - Number(b))).toEqual([
      [start + 3_600_000, 'short', 1n, 1.5, 'true', ['a', 'b'], 9007199254740993n],
      [start + 7_200_000, 'a text of more than twelve bytes, 😀', null, 2.25, 'false', [], -1n],
      [start + 10_800_000, null, 3n, null, null, [], null],
      [start + 14_400_000, '', 4n, 4, 'true', ['x'], 0n],
    ]);
  });

  it('may be Parquet, with texts of any length and script', async () => {
    const path = join(folder, 'texts.parquet');
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    // Lengths 0 to 99 in repeats of ten signs; the first rows have none of more than 29.
    await connection.run(
      `COPY (SELECT TIMESTAMP '2011-01-12 01:00:00' AS t, n AS clicks,
        CASE WHEN n % 7 = 0 THEN NULL
          WHEN n % 3 = 0 THEN substr(repeat('größe😀日本語', 12), 1, n % l)
          ELSE substr(repeat('0123456789', 10), 1, n % l) END AS d
        FROM (SELECT range AS n, CASE WHEN range < 3000 THEN 30 ELSE 100 END AS l FROM range(6000)))
        TO '${path}' (FORMAT parquet)`,
    );
    connection.closeSync();
    instance.closeSync();
    const stores = await makeStores();
    await ingest(
      fileSpec('texts.parquet', { type: 'parquet' }, { dimensionsSpec: { dimensions: ['d'] } }),
      stores,
      { baseDir: folder },
    );
    const sums = new Map<string | null, bigint>();
    for (let n = 0; n < 6000; n++) {
      const signs = Array.from(n % 3 === 0 ? 'größe😀日本語'.repeat(12) : '0123456789'.repeat(10));
      const text = n % 7 === 0 ? null : signs.slice(0, n % (n < 3000 ? 30 : 100)).join('');
      sums.set(text, (sums.get(text) ?? 0n) + BigInt(n));
    }
    const found = (await readBack(stores)).map(({ d, clicks }) => [d, clicks] as const);
    expect(new Map(found)).toEqual(sums);
  });

  const faults: readonly (readonly [
    name: string,
    file: string,
    prepare: (path: string) => void,
    format: Record<string, unknown>,
    message: string,
  ])[] = [
    [
      'that do not exist',
      'none.csv',
      () => {},
      csv,
      `No file in "." matches "none.csv". The folder holds`,
    ],
    [
      'cut short as gzip',
      'cut.csv.gz',
      (path) => {
        writeFileSync(path, gzipSync(rows.repeat(1000)));
        truncateSync(path, 100);
      },
      csv,
      'Input file "cut.csv.gz" ends too early: its gzip stream cannot be read to the end. Copy the file again.',
    ],
    [
      'damaged as gzip',
      'bad.csv.gz',
      (path) => {
        const bytes = gzipSync(rows);
        bytes[15] = 0xff;
        bytes[16] = 0xff;
        writeFileSync(path, bytes);
      },
      csv,
      'Input file "bad.csv.gz" is damaged: its gzip stream cannot be read to the end. Copy the file again.',
    ],
    [
      'without a Parquet footer',
      'cut.parquet',
      (path) => writeFileSync(path, 'PAR1 this is no footer'),
      { type: 'parquet' },
      'Input file "cut.parquet" has no valid Parquet footer; it may be cut short or no Parquet file. Write the file again.',
    ],
    [
      'without a column that is needed',
      'cols.csv',
      (path) => writeFileSync(path, 't,d,click\n2011-01-12T00:00:00Z,a,1\n'),
      csv,
      'Column "clicks" of metric "clicks" is not in input file "cols.csv". Columns: t, d, click. Did you mean "click"?',
    ],
    [
      'with a name twice in the header',
      'twice.csv',
      (path) => writeFileSync(path, 't,d,d\n'),
      csv,
      'The header of input file "twice.csv" names column "d" twice. Expected each name once.',
    ],
    [
      'cut by another character than the spec says',
      'semicolons.csv',
      (path) => writeFileSync(path, rows.replaceAll(',', ';')),
      csv,
      'Column "t" of the timestampSpec is not in input file "semicolons.csv". Columns: t;d;clicks. The header was read as a single column: check "type" and "delimiter" of "inputFormat".',
    ],
    [
      'with carriage returns alone',
      'returns.csv',
      (path) => writeFileSync(path, rows.replaceAll('\n', '\r')),
      csv,
      'The header of input file "returns.csv" holds carriage returns. Expected lines that end in a line feed, with or without a carriage return before it. Convert the file.',
    ],
    [
      'that are devices',
      'null.csv',
      (path) => symlinkSync('/dev/null', path),
      csv,
      'Input "null.csv" is a pipe or a device. Expected a file, whose size is known. Write it to a file first.',
    ],
  ];

  it.each(faults)('%s are one clear sentence', async (_name, file, prepare, format, message) => {
    prepare(join(folder, file));
    const stores = await makeStores();
    await expect(ingest(fileSpec(file, format), stores, { baseDir: folder })).rejects.toThrow(
      message,
    );
    expect(await stores.metadata.segments()).toEqual([]);
  });
});

describe('the lease', () => {
  const request = {
    jobId: 'earlier',
    dataSource: 'ads',
    namespace: 'default',
    fingerprint: 'x',
    owner: 'here:999999',
    leaseMs: 60_000,
  };

  it('of a running job is a conflict that names the owner', async () => {
    const stores = await makeStores();
    await stores.metadata.beginJob(request);
    await expect(ingest(inlineSpec(rows, schema, csv), stores)).rejects.toMatchObject({
      code: 'INTERVAL_LOCKED',
      details: { jobId: 'earlier', owner: 'here:999999' },
    });
  });

  it('of a process that died is taken over at once, and its scratch is removed', async () => {
    const stores = await makeStores();
    await stores.metadata.beginJob(request);
    await stores.scratch.writeAtomic('ingest/earlier/run-0.arrow', new Uint8Array(3));
    const isOwnerDead = (owner: string): boolean => owner === 'here:999999';
    const report = await ingest(inlineSpec(rows, schema, csv), stores, { isOwnerDead });
    expect([report.status, report.version]).toEqual(['published', 2]);
    expect((await stores.metadata.job('earlier'))?.state).toBe('failed');
    expect(await stores.scratch.list('')).toEqual([]);
  });

  it('tells a dead process of this host from a live one and from those of other hosts', () => {
    expect(isDeadProcess(`here:${process.pid}`, 'here')).toBe(false);
    expect(isDeadProcess('here:4194305', 'here')).toBe(true);
    expect(isDeadProcess('there:4194305', 'here')).toBe(false);
    expect(isDeadProcess('here', 'here')).toBe(false);
  });
});
