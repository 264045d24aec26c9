import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { MetadataStore } from '@isotherm/metadata';
import { openSqliteStore } from '@isotherm/metadata';
import { nodeClock } from '@isotherm/platform';
import { afterEach, describe, expect, it } from 'vitest';
import { metadataSuite, publish, request } from './metadata-suite.ts';

const folders: string[] = [];
async function freshPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-metadata-'));
  folders.push(folder);
  return join(folder, 'sub', 'metadata.db');
}
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

metadataSuite('SQLite', async () => {
  const path = await freshPath();
  const stores: MetadataStore[] = [];
  return {
    async open() {
      const store = await openSqliteStore({ path, clock: nodeClock() });
      stores.push(store);
      return store;
    },
    async remove() {
      for (const store of stores) await store.close();
    },
  };
});

describe('several processes on one SQLite file', () => {
  const worker = fileURLToPath(new URL('race-worker.ts', import.meta.url));
  const run = async (...values: string[]): Promise<string[]> => {
    const { stdout } = await promisify(execFile)(process.execPath, [worker, ...values]);
    return stdout.trim().split('\n');
  };

  it('make a new file together, and one of those that begin the same job wins', async () => {
    const path = await freshPath();
    const names = ['a', 'b', 'c', 'd'];
    const results = (
      await Promise.all(names.map((name) => run(path, name, 'default', '1')))
    ).flat();
    expect(results.sort()).toEqual(['1', 'INTERVAL_LOCKED', 'INTERVAL_LOCKED', 'INTERVAL_LOCKED']);
  });

  it('writing at once get every version once', async () => {
    const path = await freshPath();
    const names = ['a', 'b', 'c'];
    const results = (await Promise.all(names.map((name) => run(path, name, name, '40')))).flat();
    expect(results.map(Number).sort((one, two) => one - two)).toEqual(
      Array.from({ length: 120 }, (_, index) => index + 1),
    );
    const store = await openSqliteStore({ path, clock: nodeClock() });
    expect(await store.publishedJobs()).toHaveLength(120);
    await store.close();
  });
});

describe('kill -9', () => {
  it('at any moment leaves every job whole: published with all its segments, or not at all', async () => {
    const worker = fileURLToPath(new URL('race-worker.ts', import.meta.url));
    const path = await freshPath();
    const segmentCount = 40;
    let printed = 0;
    for (let round = 0; round < 5; round++) {
      const values = [path, `run${round}`, `n${round}`, '1000000', String(segmentCount)];
      const child = spawn(process.execPath, [worker, ...values], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines = createInterface({ input: child.stdout });
      const stopAfter = 3 + round * 4;
      for await (const _ of lines) if (++printed % stopAfter === 0) child.kill('SIGKILL');
    }
    const store = await openSqliteStore({ path, clock: nodeClock() });
    const jobs = await store.publishedJobs();
    const sizes = new Set(jobs.map(({ segments }) => segments.length));
    expect({ sizes: [...sizes], atLeastPrinted: jobs.length >= printed }).toEqual({
      sizes: [segmentCount],
      atLeastPrinted: true,
    });
    expect(await store.segments()).toHaveLength(jobs.length * segmentCount);
    await store.close();
  });
});

describe('a SQLite file', () => {
  it('is in write-ahead mode, synced in full, with foreign keys checked', async () => {
    const path = await freshPath();
    const store = await openSqliteStore({ path, clock: nodeClock() });
    await publish(store, request('j1'));
    expect((await readdir(join(path, '..'))).sort()).toEqual([
      'metadata.db',
      'metadata.db-shm',
      'metadata.db-wal',
    ]);
    await store.close();
    const file = new DatabaseSync(path);
    expect(file.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(file.prepare('SELECT version FROM schemaVersion').all()).toEqual([{ version: 1 }]);
    file.close();
  });

  it('of a newer schema is refused', async () => {
    const path = await freshPath();
    await (await openSqliteStore({ path, clock: nodeClock() })).close();
    const file = new DatabaseSync(path);
    file.exec('INSERT INTO schemaVersion (version, appliedAt) VALUES (99, 0)');
    file.close();
    await expect(openSqliteStore({ path, clock: nodeClock() })).rejects.toMatchObject({
      kind: 'StoreError',
      code: 'METADATA_TOO_NEW',
      message: `Metadata store "${path}" has schema version 99. This program knows versions up to 1. Use the newer program that wrote it.`,
    });
  });

  it('that is no database is refused by name', async () => {
    const path = fileURLToPath(import.meta.url);
    await expect(openSqliteStore({ path, clock: nodeClock() })).rejects.toMatchObject({
      kind: 'StoreError',
      code: 'METADATA_DAMAGED',
      message: `Metadata store "${path}" is damaged: file is not a database. Restore it from a backup, or move it away and ingest again.`,
    });
  });

  it('that was cut short is refused as damaged', async () => {
    const path = await freshPath();
    await (await openSqliteStore({ path, clock: nodeClock() })).close();
    await truncate(path, 8192);
    await expect(openSqliteStore({ path, clock: nodeClock() })).rejects.toMatchObject({
      code: 'METADATA_DAMAGED',
    });
  });

  it('of another program is refused and stays as it is', async () => {
    const path = await freshPath();
    await mkdir(dirname(path));
    const file = new DatabaseSync(path);
    file.exec('CREATE TABLE albums (title TEXT)');
    file.close();
    const before = await readFile(path);
    await expect(openSqliteStore({ path, clock: nodeClock() })).rejects.toMatchObject({
      code: 'METADATA_FOREIGN',
      message: `"${path}" is a SQLite database, but no metadata store: it has other tables. Name another file or data directory.`,
    });
    expect(await readFile(path)).toEqual(before);
  });

  it('notes who changed rules and segments', async () => {
    const path = await freshPath();
    const store = await openSqliteStore({ path, clock: nodeClock() });
    const { version } = await publish(store, request('j1'));
    await store.setRules('ads', [{ type: 'dropForever' }], { author: 'ann', comment: 'cost' });
    await store.setUsed(
      { dataSource: 'ads', namespace: 'default', version, interval: null },
      false,
      { author: 'bob', comment: 'wrong input' },
    );
    await store.close();
    const file = new DatabaseSync(path);
    const rows = file.prepare('SELECT action, subject, author, comment, payload FROM audit').all();
    file.close();
    expect(rows).toEqual([
      {
        action: 'setRules',
        subject: 'ads',
        author: 'ann',
        comment: 'cost',
        payload: '[{"type":"dropForever"}]',
      },
      {
        action: 'disableSegments',
        subject: 'ads@default',
        author: 'bob',
        comment: 'wrong input',
        payload: '{"version":1,"interval":null,"changedCount":1}',
      },
    ]);
  });
});
