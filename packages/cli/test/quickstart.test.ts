/** The quickstart as a process, with few rows: three answers, exit 0, and the same again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finish } from './processes.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-quickstart-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const words = [
  'quickstart',
  '--exit',
  '--rows',
  '20000',
  '--port',
  '0',
  '--data-dir',
  '.quickstart',
];

it('makes data, ingests it, and prints three answers within 80 columns', async () => {
  const { exitCode, stdout } = await finish(words, folder);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('20,000 rows over 90 days, 9 CSV files in .quickstart/input\n');
  expect(stdout).toMatch(/20,000 rows rolled up to [\d,]+ in 90 segments/);
  expect(stdout.match(/^[\d.]+ m?s, [\d,]+ rows scanned, (\d+) of \1 segments$/gm)).toHaveLength(3);
  expect(stdout.match(/^2026-08-1\d /gm)).toHaveLength(7);
  expect(stdout.match(/^acct-\S+ +\$/gm)).toHaveLength(10);
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

it('uses what is there when it is run again, and answers the same', async () => {
  const { exitCode, stdout } = await finish(words, folder);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('They were there already.');
  expect(stdout).toContain('The same job was published before as version 1.');
  expect(stdout.match(/^acct-\S+ +\$/gm)).toHaveLength(10);
});
