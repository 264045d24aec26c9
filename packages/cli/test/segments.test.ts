/** Looking at segments and taking versions back. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './captured-host.ts';
import { workplace } from './processes.ts';

let place: ReturnType<typeof workplace>;
let dataDir = '';
let segmentFile = '';
beforeAll(async () => {
  place = workplace();
  dataDir = join(place.path, 'data');
  const { exitCode, stderr } = await run(['ingest', place.specPath, '--data-dir', dataDir]);
  if (exitCode !== 0) throw new Error(stderr);
  const storage = join(dataDir, 'deep-storage');
  const files = readdirSync(storage, { recursive: true }).map(String).sort();
  segmentFile = join(storage, files.find((name) => name.endsWith('.arrow')) ?? '');
});
afterAll(() => place.remove());

describe('isotherm segments list', () => {
  it('lists segments that are published but not visible yet, too', async () => {
    const { stdout } = await run(['segments', 'list', '--data-dir', dataDir]);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^segment +state +rows +size$/);
    expect(lines[2]).toMatch(/^clicks_\S+_1 +published +2 +[\d.]+ KiB$/);
    expect(lines[4]).toMatch(/^2 segments, 4 rows, [\d.]+ KiB$/);
  });

  it('leaves the zeros of midnight out on a terminal, so that a line fits', async () => {
    const { stdout } = await run(['segments', 'list', '--data-dir', dataDir], { isTerminal: true });
    expect(stdout.split('\n')[2]).toMatch(
      /^clicks_2026-07-31_2026-08-01_1 +published +2 +[\d.]+ KiB$/,
    );
  });

  it('does not make a metadata store where there is none', async () => {
    const none = join(place.path, 'none');
    expect(await run(['segments', 'list', '--data-dir', none])).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: `isotherm: Data directory "${none}" holds no metadata store. Expected the directory of an earlier "isotherm ingest" or "isotherm standalone". Check --data-dir.\n`,
    });
  });

  it('says who does not answer with exit code 10', async () => {
    const { exitCode, stderr } = await run(['segments', 'list', '--url', 'http://127.0.0.1:1']);
    expect(exitCode).toBe(10);
    expect(stderr).toMatch(
      /^isotherm: No complete answer came from http:\/\/127\.0\.0\.1:1 \(.*\)\./,
    );
  });
});

describe('isotherm segments revert', () => {
  const words = ['segments', 'revert', 'clicks', '--version'];

  it('lists in a dry run what would go', async () => {
    const { stdout } = await run([...words, '1', '--data-dir', dataDir, '--dry-run']);
    expect(stdout).toBe(
      [
        'clicks_2026-07-31T00:00:00.000Z_2026-08-01T00:00:00.000Z_1  would go',
        'clicks_2026-08-01T00:00:00.000Z_2026-08-02T00:00:00.000Z_1  would go',
        '',
      ].join('\n'),
    );
  });

  it('takes a version out of the timeline and puts it back', async () => {
    const states = async (): Promise<string[]> => {
      const { stdout } = await run(['segments', 'list', '--data-dir', dataDir, '--json']);
      return (JSON.parse(stdout) as { state: string }[]).map(({ state }) => state);
    };
    const taken = await run([...words, '1', '--data-dir', dataDir]);
    expect([taken.stdout, await states()]).toEqual([
      '2 segments of clicks version 1 taken out of the timeline.\n',
      ['disabled', 'disabled'],
    ]);
    const back = await run([...words, '1', '--undo', '--data-dir', dataDir]);
    expect([back.stdout, await states()]).toEqual([
      '2 segments of clicks version 1 put back into the timeline.\n',
      ['published', 'published'],
    ]);
  });

  it('names the versions that there are when asked for another', async () => {
    const { exitCode, stderr } = await run([...words, '9', '--data-dir', dataDir]);
    expect([exitCode, stderr]).toEqual([
      3,
      'isotherm: Datasource "clicks" has no version 9 in namespace "default" there. Versions: 1.\n',
    ]);
  });
});

describe('isotherm rules', () => {
  it('are set from a file and listed', async () => {
    const path = join(place.path, 'rules.json');
    const rules = [{ type: 'loadForever', tieredReplicants: { hot: 1 } }];
    writeFileSync(path, JSON.stringify(rules));
    const set = await run(['rules', 'set', 'clicks', path, '--data-dir', dataDir]);
    expect([set.exitCode, set.stdout]).toEqual([
      0,
      'Rules set for clicks: 1. The coordinator follows within its next round.\n',
    ]);
    const { stdout } = await run(['rules', 'list', '--data-dir', dataDir]);
    expect(JSON.parse(stdout)).toMatchObject({ clicks: rules });
  });

  it('with a typo are refused with exit code 3', async () => {
    const path = join(place.path, 'typo.json');
    writeFileSync(path, JSON.stringify([{ type: 'loadForver', tieredReplicants: {} }]));
    const { exitCode, stderr } = await run(['rules', 'set', 'clicks', path, '--data-dir', dataDir]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('Did you mean "loadForever"?');
  });
});

describe('isotherm segment inspect', () => {
  it('shows schema, encodings, sizes, checksums and first rows', async () => {
    const { exitCode, stdout } = await run(['segment', 'inspect', segmentFile]);
    expect(exitCode).toBe(0);
    for (const text of [
      'datasource  clicks, namespace default',
      'checksums   all hold',
      'First 2 rows',
    ]) {
      expect(stdout).toContain(text);
    }
    expect(stdout).toMatch(/^country {2}string {2}uint8 +2 +0 +ranges/m);
  });

  it('has the same as JSON', async () => {
    const { stdout } = await run(['segment', 'inspect', segmentFile, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      rowCount: 2,
      schema: { dataSource: 'clicks' },
      firstRows: [{ country: 'DE' }, { country: 'US' }],
    });
  });

  it('of a damaged file is exit code 5, of none 3', async () => {
    const bytes = readFileSync(segmentFile);
    const damaged = join(place.path, 'damaged.arrow');
    writeFileSync(damaged, bytes.subarray(0, bytes.length - 100));
    expect((await run(['segment', 'inspect', damaged])).exitCode).toBe(5);
    expect((await run(['segment', 'inspect', join(place.path, 'none.arrow')])).exitCode).toBe(3);
  });
});

describe('isotherm segment explain', () => {
  const write = (name: string, query: unknown): string => {
    const path = join(place.path, name);
    writeFileSync(path, JSON.stringify(query));
    return path;
  };
  const query = {
    queryType: 'timeseries',
    dataSource: 'clicks',
    granularity: 'day',
    intervals: ['2026-01-01/2027-01-01'],
    aggregations: [{ type: 'count', name: 'rows' }],
    filter: { type: 'selector', dimension: 'nowhere', value: 'x' },
  };

  it('says how a query would find its rows, for people and for programs', async () => {
    const file = write('explained.json', query);
    const { exitCode, stdout } = await run(['segment', 'explain', file, segmentFile]);
    expect([exitCode, stdout]).toEqual([
      0,
      [
        'No row can satisfy the filter and the intervals.',
        'rows     0 of 2 are looked at',
        'access   none',
        'columns  __time',
        '',
      ].join('\n'),
    ]);
    const { stdout: json } = await run(['segment', 'explain', file, segmentFile, '--json']);
    expect(JSON.parse(json)).toMatchObject({ access: 'none', segmentRows: 2, candidateRows: 0 });
  });

  it('refuses a query that the segment is no part of', async () => {
    const file = write('outside.json', { ...query, intervals: ['1999-01-01/2000-01-01'] });
    expect(await run(['segment', 'explain', file, segmentFile])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('outside of the intervals of the query') as string,
    });
  });
});
