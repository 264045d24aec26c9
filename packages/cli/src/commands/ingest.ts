/** `isotherm ingest`: turns the files of a spec into segments and publishes them. */
import type { Command } from '../command.ts';
import { configOption, dataDirOption } from '../setting-options.ts';

/** The command. */
export const ingestCommand: Command = {
  name: 'ingest',
  summary: 'turn files into segments and publish them together',
  arguments: ['SPEC.json'],
  options: {
    'data-dir': dataDirOption,
    'dry-run': {
      type: 'switch',
      description: 'Read everything, report rows and rejects, publish nothing.',
    },
    json: { type: 'switch', description: 'Print events as JSON, one a line, instead of a bar.' },
    wait: { type: 'switch', description: 'Return when queries see the job.' },
    'wait-timeout': {
      type: 'integer',
      placeholder: 'SECONDS',
      description: 'How long --wait waits.',
      default: 120,
      min: 1,
      max: 86_400,
      isSetting: true,
    },
    config: configOption,
  },
  examples: [
    {
      line: 'isotherm ingest examples/ads.json --data-dir ./data',
      effect: 'with a progress bar; Ctrl-C stops without publishing, twice stops at once',
    },
    {
      line: 'isotherm ingest spec.json --data-dir ./data --dry-run',
      effect: 'checks the spec and every row',
    },
    {
      line: 'isotherm ingest spec.json --data-dir ./data --wait --json',
      effect: 'for scripts: events as JSON lines, returns once queries see the data',
    },
  ],
  notes: [
    'The spec is Apache Druid\'s index_parallel JSON, plus "dataSchema.namespace". All segments of a job become visible together. Running the same job again changes nothing.',
  ],
  async run(invocation) {
    // Loaded here: the ingestor brings its readers, and `--help` needs none of them.
    const { runIngest } = await import('../run-ingest.ts');
    return runIngest(invocation);
  },
};
