/** `isotherm standalone`: all roles in one process. */
import type { Command, Option } from '../command.ts';
import { configOption, dataDirOption } from '../setting-options.ts';

/** Where the query service of one process listens; always on the loopback interface. */
export const portOption: Option = {
  type: 'integer',
  placeholder: 'PORT',
  description: 'Port of the query service on 127.0.0.1; 0 picks a free one.',
  default: 8888,
  min: 0,
  max: 65_535,
  isSetting: true,
};

/** The command. */
export const standaloneCommand: Command = {
  name: 'standalone',
  summary: 'run all roles in one process and serve queries on this machine',
  arguments: [],
  options: {
    'data-dir': dataDirOption,
    port: portOption,
    threads: {
      type: 'integer',
      placeholder: 'N',
      description: 'Threads that read columns. Default: one a processor.',
      min: 1,
      max: 256,
      isSetting: true,
    },
    memory: {
      type: 'integer',
      placeholder: 'MIB',
      description:
        'MiB for columns in memory; segments beyond are read from disk. Default: half of the machine.',
      min: 16,
      isSetting: true,
    },
    'ready-timeout': {
      type: 'integer',
      placeholder: 'SECONDS',
      description: 'How long segments may take to load before it gives up.',
      default: 300,
      min: 1,
      max: 86_400,
      isSetting: true,
    },
    config: configOption,
  },
  examples: [
    {
      line: 'isotherm standalone --data-dir ./data',
      effect: 'prints "ready http://127.0.0.1:8888" when all visible segments are loaded',
    },
    {
      line: 'isotherm standalone --data-dir ./data --port 0',
      effect: 'on a free port, which the ready line names',
    },
  ],
  notes: [
    'Metadata is in DIR/metadata.sqlite, segments in DIR/deep-storage. It takes part in "isotherm ingest" at once: new jobs become visible while it runs. Ctrl-C or SIGTERM stops it cleanly.',
  ],
  async run(invocation) {
    // Loaded here, because the roles bring their whole engine and `--help` needs none of it.
    const { runStandalone } = await import('../run-standalone.ts');
    return runStandalone(invocation);
  },
};
