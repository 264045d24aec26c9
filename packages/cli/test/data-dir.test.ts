/** Data directories that cannot be used: a file in the place, a database of somebody else. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './captured-host.ts';
import { clicksSpec } from './processes.ts';

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'isotherm-data-dir-'));
  writeFileSync(join(cwd, 'clicks.csv'), 'time,country,clicks\n2026-07-31T10:00:00Z,DE,1\n');
  writeFileSync(join(cwd, 'clicks.json'), JSON.stringify(clicksSpec()));
  writeFileSync(join(cwd, 'file'), '');
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe('a data directory that is a file', () => {
  const ingest = ['ingest', 'clicks.json'];
  it.each([
    [ingest, 'file'],
    [ingest, 'file/below'],
    [['standalone', '--port', '0'], 'file'],
  ])('is refused by %j --data-dir %s with exit code 3', async (words, path) => {
    expect(await run([...words, '--data-dir', path], { cwd })).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: `isotherm: Data directory "${join(cwd, path)}" is a file, or below one. Expected a folder that this user may write to. Check --data-dir.\n`,
    });
  });
});

describe('a data directory with a database of another program', () => {
  it('is refused with exit code 6, by reading commands too', async () => {
    mkdirSync(join(cwd, 'theirs'));
    const path = join(cwd, 'theirs', 'metadata.sqlite');
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE albums (title TEXT)');
    database.close();
    expect(await run(['segments', 'list', '--data-dir', 'theirs'], { cwd })).toEqual({
      exitCode: 6,
      stdout: '',
      stderr: `isotherm: "${path}" is a SQLite database, but no metadata store: it has other tables. Name another file or data directory.\n`,
    });
  });
});

describe('a spec with a byte order mark', () => {
  it('is read', async () => {
    writeFileSync(join(cwd, 'marked.json'), `\uFEFF${JSON.stringify(clicksSpec())}`);
    const { exitCode, stdout } = await run(['ingest', 'marked.json', '--dry-run'], { cwd });
    expect([exitCode, stdout.split('.')[0]]).toEqual([
      0,
      'clicks: 1 row read, 1 stored in 1 segment',
    ]);
  });

  it.each([
    ['', 'is empty. Expected JSON.'],
    [
      '// a comment\n{}',
      'is not valid JSON. Expected it whole, without comments and without a comma behind the last item.',
    ],
    [
      '{"type": "index_parallel",}',
      'is not valid JSON: it breaks at position 26 (line 1 column 27). Correct it there.',
    ],
  ])('or %j instead is told what is wrong', async (text, what) => {
    writeFileSync(join(cwd, 'broken.json'), text);
    expect((await run(['ingest', 'broken.json'], { cwd })).stderr).toBe(
      `isotherm: File "${join(cwd, 'broken.json')}" ${what}\n`,
    );
  });
});
