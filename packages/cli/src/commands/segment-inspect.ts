/** `isotherm segment inspect`: what is in a segment file. */
import type { Command } from '../command.ts';
import { jsonOption } from '../setting-options.ts';

/** The command. */
export const segmentInspectCommand: Command = {
  name: 'segment inspect',
  summary: 'show schema, encodings, sizes, checksums and first rows of a segment file',
  arguments: ['FILE'],
  options: { json: jsonOption },
  examples: [
    {
      line: 'isotherm segment inspect data/deep-storage/ads/…/0.arrow',
      effect: 'verifies every checksum; a damaged file is exit code 5',
    },
    { line: 'isotherm segment inspect 0.arrow --json', effect: 'for programs' },
  ],
  notes: ['A segment is an Arrow IPC file: pyarrow, Polars and DuckDB can open it, too.'],
  async run(invocation) {
    // Loaded here: opening segments needs decoders that `--help` does not.
    const { runInspect } = await import('../run-inspect.ts');
    return runInspect(invocation);
  },
};
