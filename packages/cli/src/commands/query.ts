/** `isotherm query`: sends a native query and prints the answer. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidInputError } from '@isotherm/errors';
import type { Command, Invocation } from '../command.ts';
import { exitCodeOfStatus, exitCodes } from '../exit-codes.ts';
import { widthOf } from '../host.ts';
import { errorMessageOf, request } from '../http-client.ts';
import { resultRecords } from '../result-records.ts';
import { configOption, urlOption } from '../setting-options.ts';
import { parseJson } from '../settings.ts';
import { recordTable } from '../text-table.ts';

/** The command. */
export const queryCommand: Command = {
  name: 'query',
  summary: 'send a native JSON query and print the answer',
  arguments: ['FILE.json'],
  options: {
    url: urlOption,
    table: { type: 'switch', description: 'Print a table instead of JSON.' },
    config: configOption,
  },
  examples: [
    { line: 'isotherm query examples/top-campaigns.json --table', effect: 'a table for people' },
    { line: 'isotherm query query.json | jq .', effect: 'the JSON as the server sent it' },
    { line: 'isotherm query - < query.json', effect: 'reads the query from standard input' },
  ],
  notes: [
    'A refused query is exit code 2, an answer that is missing, late or partial 10: a script may retry on 10.',
  ],
  run: runQueryCommand,
};

async function runQueryCommand({ arguments: words, values, host }: Invocation): Promise<number> {
  const [file = ''] = words;
  const text = file === '-' ? await host.readStdin() : readQueryFile(resolve(host.cwd, file));
  // Parsed here too, so that a cut file is reported by name instead of by the server.
  parseJson(text, file === '-' ? 'Standard input' : `File "${file}"`);
  const answer = await request(values.text('url'), '/druid/v2', {
    body: text,
    signal: host.interrupted,
  });
  if (answer.status !== 200) {
    host.stderr.write(`isotherm: ${errorMessageOf(answer)}\n`);
    return exitCodeOfStatus(answer.status);
  }
  host.stdout.write(
    values.isOn('table') ? asTable(answer.body, widthOf(host.stdout)) : withNewline(answer.body),
  );
  if (answer.context['partial'] !== true) return exitCodes.ok.code;
  host.stderr.write('isotherm: the answer is partial: segments are missing.\n');
  return exitCodes.unavailable.code;
}

/** Reads a query. @throws InvalidInputError if the file cannot be read */
export function readQueryFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new InvalidInputError(
      `File "${path}" cannot be read (${code}). Expected a native query in JSON, or "-" for standard input.`,
      { code: 'NO_FILE', cause: error },
    );
  }
}

function asTable(body: string, width: number | null): string {
  const records = resultRecords(parseJson(body, 'The answer'));
  return records.length === 0 ? 'no rows\n' : recordTable(records, width);
}

function withNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
