/** `isotherm quickstart`: sample data, a cluster in this process, three queries. */
import type { Command } from '../command.ts';
import { configOption } from '../setting-options.ts';
import { portOption } from './standalone.ts';

/** The command. */
export const quickstartCommand: Command = {
  name: 'quickstart',
  summary: 'make sample ads data, ingest it, start a cluster and ask three questions',
  arguments: [],
  options: {
    'data-dir': {
      type: 'text',
      placeholder: 'DIR',
      description: 'Where data and segments go.',
      default: '.quickstart',
      isSetting: true,
    },
    port: portOption,
    rows: {
      type: 'integer',
      placeholder: 'N',
      description: 'Rows to make.',
      default: 1_000_000,
      min: 10_000,
      max: 100_000_000,
    },
    seed: {
      type: 'integer',
      placeholder: 'N',
      description: 'Another seed gives other data.',
      default: 1,
      max: 4_294_967_295,
    },
    exit: { type: 'switch', description: 'Stop after the queries instead of staying up.' },
    config: configOption,
  },
  examples: [
    { line: 'npm run quickstart', effect: 'from a fresh clone: installs first' },
    { line: 'npm run quickstart -- --exit', effect: 'stops after the three queries' },
    { line: 'isotherm quickstart --rows 5000000 --port 9000', effect: 'more of it, elsewhere' },
  ],
  notes: [
    'Running it again uses the data and segments that are there. Delete the directory to start over.',
  ],
  async run(invocation) {
    // Loaded here, because the roles bring their whole engine and `--help` needs none of it.
    const { runQuickstart } = await import('../quickstart/run-quickstart.ts');
    return runQuickstart(invocation);
  },
};
