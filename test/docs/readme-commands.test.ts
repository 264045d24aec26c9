/**
 * What the documents tell people to type. Every call of `isotherm` must be one that the command knows;
 * shell blocks that are cheap are run as they are written, the others are listed with the reason.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Host, main } from 'isotherm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../harness/isotherm-process.ts';
import { root } from '../tidy/source-tree.ts';
import { blocksOf, isothermCalls } from './command-lines.ts';

const documents = String(execFileSync('git', ['ls-files', '*.md'], { cwd: root }))
  .trimEnd()
  .split('\n');

/** Documents whose shell blocks are run below. */
const run = [
  'README.md',
  'docs/tutorials/sixty-second-start.md',
  'docs/how-to/ingest-your-own-csv.md',
  'examples/README.md',
];

/** Blocks, by a word of theirs, and documents that are not run here, and why. */
const notRun: readonly (readonly [what: string, reason: string])[] = [
  [
    'npm run quickstart',
    'packages/cli/test/quickstart.test.ts runs the quickstart with fewer rows',
  ],
  ['npm test', 'it is the run that this test is part of'],
  ['docs/how-to/run-roles-as-processes.md', 'packages/cli/test/roles.test.ts starts every role'],
  ['docs/how-to/revert-a-version.md', 'packages/cli/test/segments.test.ts reverts versions'],
  [
    'docs/how-to/see-how-a-query-finds-its-rows.md',
    'packages/cli/test/segments.test.ts explains a query',
  ],
  ['CONTRIBUTING.md', 'npm test runs the same checks over all packages'],
];

describe('a call of isotherm in a document', () => {
  it.each(documents.flatMap((file) => isothermCalls(file).map((words) => [file, words] as const)))(
    '%s: isotherm %j is one that the command knows',
    async (_file, words) => {
      const page = await help(words);
      expect(page.stderr).toBe('');
      const usage = /^ {2}isotherm (.*) \[options\]$/m.exec(page.stdout)?.[1];
      if (usage === undefined) return;
      const wanted = usage.split(' ').length;
      // In prose a call may leave its arguments out.
      expect([wanted, wanted - argumentsOf(usage).length]).toContain(
        positionals(words, page.stdout).length,
      );
    },
  );
});

describe('shell blocks', () => {
  it('are run here, or say why not', () => {
    const others = documents
      .flatMap(blocksOf)
      .filter(({ language, file }) => language === 'sh' && !run.includes(file))
      .filter(({ text, file }) => !notRun.some(([what]) => file === what || text.includes(what)));
    expect(others).toEqual([]);
  });

  const place = temporaryFolder();
  let environment: NodeJS.ProcessEnv = {};
  beforeAll(async () => {
    for (const name of ['node_modules', 'examples'])
      symlinkSync(join(root, name), join(place.path, name));
    const port = await freePort();
    environment = {
      ...process.env,
      PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
      ISOTHERM_PORT: String(port),
      ISOTHERM_URL: `http://127.0.0.1:${port}`,
    };
  });
  afterAll(() => place.remove());

  it('of README, tutorial and examples give answers over the data of a quickstart', async () => {
    const blocks = run
      .filter((file) => !file.includes('how-to'))
      .flatMap(shellOf)
      .map((text) => text.replaceAll(/^npm .*\n/gm, ''));
    const output = await shell(
      [
        'isotherm quickstart --rows 10000 --exit > /dev/null',
        'isotherm standalone --data-dir .quickstart > ready & until grep -q ready ready; do sleep 0.1; done',
        ...blocks,
      ],
      { cwd: place.path, env: environment },
    );
    expect(output).toMatch(/^timestamp +campaign +impressions +clicks/m);
    expect(output).toMatch(/^90 segments, [\d,]+ rows, /m);
    expect(output).toMatch(/^checksums +all hold$/m);
  });

  it('of the page on your own CSV sum what the CSV holds', async () => {
    const file = 'docs/how-to/ingest-your-own-csv.md';
    const cwd = join(place.path, 'own');
    mkdirSync(cwd);
    const spec = blocksOf(file).find(({ language }) => language === 'json');
    writeFileSync(join(cwd, 'sales.json'), spec?.text ?? '');
    writeFileSync(
      join(cwd, 'sales.csv'),
      'time,shop,product,amount\n2026-01-01 10:00:00,a,x,1.5\n2026-01-02,b,y,3\n',
    );
    const output = await shell(shellOf(file), { cwd, env: environment });
    expect(output).toContain('sales: 2 rows read, 2 stored in 2 segments. A dry run');
    expect(output).toContain('Visible to queries since timeline version 1.');
    expect(output).toMatch(/^2026-01-01T10:00:00\.000Z +4\.5$/m);
  });
});

function shellOf(file: string): string[] {
  return blocksOf(file)
    .filter(({ language }) => language === 'sh')
    .map(({ text }) => text);
}

/** Process groups of shells; a test that runs out of time must leave no server behind. */
const groups: number[] = [];
afterAll(() => {
  for (const group of groups) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // All of it has ended, as it should.
    }
  }
});

/** Runs scripts one after the other in one shell, and ends what they left running. */
async function shell(
  scripts: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<string> {
  const ending = 'trap - EXIT; kill -TERM $!; wait';
  const text = ['set -e', 'trap "kill 0" EXIT', ...scripts, ending];
  const child = spawn('sh', ['-c', text.join('\n')], { ...options, detached: true });
  if (child.pid !== undefined) groups.push(child.pid);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`The shell ended with ${code}.\n${output}`);
  return output;
}

async function help(words: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr'): Host['stdout'] => ({
    write: (text) => void (written[name] += text),
    isTerminal: false,
    columns: 80,
  });
  await main([...words, '--help'], {
    stdout: output('stdout'),
    stderr: output('stderr'),
    env: {},
    cwd: root,
    interrupted: new AbortController().signal,
    readStdin: () => Promise.resolve(''),
  });
  return written;
}

/** Arguments of a usage line: the words in capitals, such as `SPEC.json`. */
function argumentsOf(usage: string): string[] {
  return usage.split(' ').filter((word) => /^[A-Z]/.test(word));
}

/** Words that are neither flags nor their values, by what the help page says of flags. */
function positionals(words: readonly string[], page: string): string[] {
  const takesValue = (flag: string | undefined): boolean =>
    flag !== undefined && new RegExp(`^ {2}${flag} [A-Z]`, 'm').test(page);
  return words.filter((word, at) => !/^-./.test(word) && !takesValue(words[at - 1]));
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
