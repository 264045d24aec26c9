/** Help: examples first, within 80 columns, for every command, with exit code 0. */
import { describe, expect, it } from 'vitest';
import { commands } from '../src/command-table.ts';
import { run } from './captured-host.ts';

const pages: string[][] = [
  [],
  ['--help'],
  ['-h'],
  ['help'],
  ['help', 'exit-codes'],
  ['segments', '--help'],
  ...commands.map((command) => [...command.name.split(' '), '--help']),
  ...commands.map((command) => ['help', ...command.name.split(' ')]),
];

describe('help', () => {
  it.each(pages.map((words) => [words]))('%j fits into 80 columns', async (words) => {
    const { exitCode, stdout, stderr } = await run(words);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(stdout.endsWith('\n')).toBe(true);
  });

  it('of a command starts with examples and names every flag with its default', async () => {
    const { stdout } = await run(['standalone', '--help']);
    expect(stdout).toBe(`isotherm standalone: run all roles in one process and serve queries on this
machine

Examples
  isotherm standalone --data-dir ./data
      prints "ready http://127.0.0.1:8888" when all visible segments are loaded
  isotherm standalone --data-dir ./data --port 0
      on a free port, which the ready line names

Usage
  isotherm standalone [options]

Options
  --data-dir DIR           Directory of metadata and segments. Default: data.
  --port PORT              Port of the query service on 127.0.0.1; 0 picks a
                           free one. 0 to 65535. Default: 8888.
  --threads N              Threads that read columns. Default: one a processor.
                           1 to 256.
  --memory MIB             MiB for columns in memory; segments beyond are read
                           from disk. Default: half of the machine.
  --ready-timeout SECONDS  How long segments may take to load before it gives
                           up. 1 to 86400. Default: 300.
  --config FILE            Settings file instead of ./isotherm.json.
  -h, --help               Show this page.

Metadata is in DIR/metadata.sqlite, segments in DIR/deep-storage. It takes part
in "isotherm ingest" at once: new jobs become visible while it runs. Ctrl-C or
SIGTERM stops it cleanly.
`);
  });

  it('lists the exit codes', async () => {
    expect((await run(['help', 'exit-codes'])).stdout).toBe(`Exit codes
    0  done
    1  a bug of ours; the message says where
    2  the command line or the query is wrong
    3  a spec, an input file, a setting or a configuration is wrong
    4  more malformed rows than allowed; nothing was published
    5  deep storage failed, or a segment file is damaged
    6  the metadata store failed
    7  another job, process or port holder is in the way
    8  disk or memory ran out
    9  the server refused the credentials
   10  an answer is partial, late or not available; retry
  130  stopped by Ctrl-C
`);
  });

  it('is bold only for a terminal that wants colour', async () => {
    const bold = '\u001b[1mExamples\u001b[22m';
    expect((await run(['--help'], { isTerminal: true })).stdout).toContain(bold);
    const plain = { isTerminal: true, env: { NO_COLOR: '1' } };
    expect((await run(['--help'], plain)).stdout).not.toContain('\u001b');
    expect((await run(['--help'])).stdout).not.toContain('\u001b');
  });

  it('shows no example with a flag that does not exist', () => {
    for (const command of commands) {
      const known = ['--help', ...Object.keys(command.options).map((name) => `--${name}`)];
      for (const { line } of command.examples) {
        expect((line.match(/--[a-z-]+/g) ?? []).filter((flag) => !known.includes(flag))).toEqual(
          [],
        );
      }
    }
  });
});

it('is the reference page of the documentation, which `vitest run packages/cli -u` writes anew', async () => {
  const pages = await Promise.all(
    commands.map(async ({ name }) => {
      const { stdout } = await run([...name.split(' '), '--help']);
      return `## isotherm ${name}\n\n\`\`\`text\n${stdout}\`\`\`\n`;
    }),
  );
  const overview = (await run(['--help'])).stdout;
  const text = `# The command\n\nThe text of \`--help\`, page by page.\n\n\`\`\`text\n${overview}\`\`\`\n\n${pages.join('\n')}`;
  await expect(text).toMatchFileSnapshot('../../../docs/reference/command.md');
});
