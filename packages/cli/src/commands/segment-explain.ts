/** `isotherm segment explain`: how a query would find its rows in a segment file. */
import type { Command } from '../command.ts';
import { jsonOption } from '../setting-options.ts';

/** The command. */
export const segmentExplainCommand: Command = {
  name: 'segment explain',
  summary: 'show how a native query would find its rows in a segment file',
  arguments: ['QUERY.json', 'FILE'],
  options: { json: jsonOption },
  examples: [
    {
      line: 'isotherm segment explain query.json data/deep-storage/ads/…/0.arrow',
      effect: 'which index is used, how many rows are looked at, what is tested on them, and why',
    },
    { line: 'isotherm segment explain query.json 0.arrow --json', effect: 'for programs' },
  ],
  notes: [
    'Nothing runs: the columns that the query needs are loaded and the plan is printed that a historical would follow.',
    'Costs are estimates; only their ratios mean something.',
  ],
  async run(invocation) {
    // Loaded here: planning needs an engine that `--help` does not.
    const { runExplain } = await import('../run-explain.ts');
    return runExplain(invocation);
  },
};
