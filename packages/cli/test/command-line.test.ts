/** The command line as a manual: what is refused, with which sentence and which exit code. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../src/command-table.ts';
import { run } from './captured-host.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-cli-'));
  writeFileSync(join(folder, 'typo.json'), '{"dataDri": "x"}');
  writeFileSync(join(folder, 'broken.json'), '{"port": ');
  writeFileSync(join(folder, 'list.json'), '[]');
  writeFileSync(join(folder, 'wrong-type.json'), '{"port": true}');
  writeFileSync(join(folder, 'wrong-port.json'), '{"port": "many"}');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the command line', () => {
  const refused: [words: string[], exitCode: number, message: string][] = [
    [['ingets'], 2, '"ingets" is not a command. Did you mean "ingest"? See "isotherm --help".'],
    [
      ['quikstart'],
      2,
      '"quikstart" is not a command. Did you mean "quickstart"? See "isotherm --help".',
    ],
    [['frobnicate'], 2, '"frobnicate" is not a command. See "isotherm --help".'],
    [
      ['segments', 'lsit'],
      2,
      '"segments lsit" is not a command. Expected "segments list" or "segments revert". Did you mean "segments list"?',
    ],
    [
      ['segments'],
      2,
      '"segments" needs a second word. Expected "segments list" or "segments revert".',
    ],
    [
      ['segment'],
      2,
      '"segment" needs a second word. Expected "segment inspect" or "segment explain".',
    ],
    [
      ['--port', '1'],
      2,
      '"--port" stands where the command should. Write isotherm COMMAND --port; see "isotherm --help".',
    ],
    [
      ['ingest'],
      2,
      'SPEC.json is missing. Write "isotherm ingest SPEC.json"; see "isotherm ingest --help".',
    ],
    [
      ['ingest', 'a.json', 'b.json'],
      2,
      '"b.json" is one argument too many. Expected "isotherm ingest SPEC.json"; flags start with "--".',
    ],
    [
      ['ingest', 'a.json', '--data-dri', 'x'],
      2,
      '"--data-dri" is not a flag of "isotherm ingest". Did you mean "--data-dir"? See "isotherm ingest --help".',
    ],
    [['ingest', 'a.json', '--data-dir'], 2, '"--data-dir" has no value. Write --data-dir DIR.'],
    [
      ['ingest', 'a.json', '--data-dir', '--json'],
      2,
      '"--data-dir" has no value. Write --data-dir DIR.',
    ],
    [['ingest', 'a.json', '--wait=yes'], 2, '"--wait" takes no value. Write it alone.'],
    [
      ['standalone', '--port', 'http'],
      2,
      '"--port" is "http". Expected a whole number from 0 to 65535.',
    ],
    [
      ['standalone', '--port', '65536'],
      2,
      '"--port" is "65536". Expected a whole number from 0 to 65535.',
    ],
    [
      ['segments', 'revert', 'ads'],
      2,
      '"--version" is missing. "isotherm segments list" shows the versions.',
    ],
    [
      ['help', 'exit-code'],
      2,
      '"exit-code" is not a command. Did you mean "exit-codes"? See "isotherm --help".',
    ],
    [
      ['query', 'q.json', '--url', 'localhost'],
      3,
      'File "/nowhere/q.json" cannot be read (ENOENT). Expected a native query in JSON, or "-" for standard input.',
    ],
  ];
  it.each(refused)('refuses %j with exit code %i', async (words, exitCode, message) => {
    expect(await run(words)).toEqual({ exitCode, stdout: '', stderr: `isotherm: ${message}\n` });
  });

  it('suggests every flag of every command when one letter of it is missing', async () => {
    for (const command of commands) {
      for (const flag of Object.keys(command.options).filter((name) => name.length > 3)) {
        const typo = `--${flag.slice(0, 2)}${flag.slice(3)}`;
        const { exitCode, stderr } = await run([...command.name.split(' '), typo]);
        expect([exitCode, stderr]).toEqual([
          2,
          `isotherm: "${typo}" is not a flag of "isotherm ${command.name}". Did you mean "--${flag}"? See "isotherm ${command.name} --help".\n`,
        ]);
      }
    }
  });

  it('suggests every command when two letters of it are swapped', async () => {
    for (const { name } of commands) {
      const typo = `${name.slice(0, -2)}${name.at(-1)}${name.at(-2)}`;
      const { exitCode, stderr } = await run(typo.split(' '));
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`Did you mean "${name}"?`)]);
    }
  });
});

describe('settings', () => {
  const refused: [name: string, env: Record<string, string>, words: string[], message: RegExp][] = [
    [
      'a misspelt variable',
      { ISOTHERM_DATADIR: 'x' },
      ['segments', 'list'],
      /^isotherm: Variable ISOTHERM_DATADIR is not a setting\. Known: .*\. Did you mean "ISOTHERM_DATA_DIR"\? Unset it or correct its name\.\n$/,
    ],
    [
      'a variable that is no number',
      { ISOTHERM_PORT: 'http' },
      ['standalone'],
      /^isotherm: Variable ISOTHERM_PORT is "http"\. Expected a whole number from 0 to 65535\.\n$/,
    ],
    [
      'a misspelt key',
      {},
      ['segments', 'list', '--config', 'typo.json'],
      /^isotherm: "dataDri" in ".*typo\.json" is not a known setting\. Known: .*\. Did you mean "dataDir"\?\n$/,
    ],
    [
      'a file that is cut short',
      {},
      ['segments', 'list', '--config', 'broken.json'],
      /^isotherm: File ".*broken\.json" is not valid JSON.*\. (Correct it there|Expected it whole, .*)\.\n$/,
    ],
    [
      'a file that holds no object',
      {},
      ['segments', 'list', '--config', 'list.json'],
      /^isotherm: File ".*list\.json" holds a list\. Expected a JSON object in braces\.\n$/,
    ],
    [
      'a missing file that was named',
      {},
      ['segments', 'list', '--config', 'none.json'],
      /^isotherm: File ".*none\.json" does not exist\. Check the path\.\n$/,
    ],
    [
      'a value of another type',
      {},
      ['standalone', '--config', 'wrong-type.json'],
      /^isotherm: "port" in the configuration file is true\. Expected text or a number\.\n$/,
    ],
    [
      'a text that is no number',
      {},
      ['standalone', '--config', 'wrong-port.json'],
      /^isotherm: "port" in the configuration file is "many"\. Expected a whole number from 0 to 65535\.\n$/,
    ],
  ];
  it.each(refused)('refuse %s with exit code 3', async (_name, env, words, message) => {
    const outcome = await run(words, { env, cwd: folder });
    expect(outcome).toEqual({ exitCode: 3, stdout: '', stderr: expect.stringMatching(message) });
  });

  it('leave the variables of the test suite alone', async () => {
    const env = { ISOTHERM_TEST_REQUIRE: 'all', ISOTHERM_DATA_DIR: 'nothing-there' };
    const { stderr } = await run(['segments', 'list'], { env, cwd: folder });
    expect(stderr).toContain(`"${join(folder, 'nothing-there')}" holds no metadata store`);
  });

  it('come from flags, then variables, then the file, then defaults', async () => {
    writeFileSync(join(folder, 'isotherm.json'), '{"dataDir": "from-file"}');
    const words = ['rules', 'list'];
    const env = { ISOTHERM_DATA_DIR: 'from-variable' };
    const seen = async (...call: Parameters<typeof run>): Promise<string | undefined> =>
      /"([^"]+)" holds no/.exec((await run(...call)).stderr)?.[1]?.slice(folder.length + 1);
    expect([
      await seen([...words, '--data-dir', 'from-flag'], { env, cwd: folder }),
      await seen(words, { env, cwd: folder }),
      await seen(words, { cwd: folder }),
    ]).toEqual(['from-flag', 'from-variable', 'from-file']);
    rmSync(join(folder, 'isotherm.json'));
    expect(await seen(words, { cwd: folder })).toBe('data');
  });
});
