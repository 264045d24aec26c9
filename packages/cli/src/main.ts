/**
 * The command `isotherm`: finds the command that the words name, reads flags and settings, runs it,
 * and turns whatever it throws into one sentence and an exit code.
 */
import { IsothermError, didYouMean } from '@isotherm/errors';
import { parseArguments } from './arguments.ts';
import { commands } from './command-table.ts';
import { type Command, optionValues } from './command.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { commandHelp, exitCodesHelp, overviewHelp } from './help.ts';
import { type Host, stylesFor } from './host.ts';
import { flushOutputs, processHost } from './process-host.ts';
import { resolveSettings } from './settings.ts';
import { usageError } from './usage-error.ts';
import { versionText } from './version.ts';

/** Runs a command line in this process and ends the process with its exit code. */
export async function runProcess(words: readonly string[]): Promise<never> {
  const exitCode = await main(words, processHost());
  await flushOutputs();
  process.exit(exitCode);
}

/** Runs a command line. @returns the exit code; never throws */
export async function main(words: readonly string[], host: Host): Promise<number> {
  try {
    return await dispatch(words, host);
  } catch (error) {
    host.stderr.write(errorText(error, host));
    return host.interrupted.aborted ? exitCodes.interrupted.code : exitCodeOf(error);
  }
}

async function dispatch(words: readonly string[], host: Host): Promise<number> {
  const [first, second] = words;
  const styles = stylesFor(host.stdout, host.env);
  if (first === undefined || first === '--help' || first === '-h') {
    host.stdout.write(overviewHelp(commands, styles));
    return exitCodes.ok.code;
  }
  if (first === '--version') {
    host.stdout.write(`isotherm ${versionText()}\n`);
    return exitCodes.ok.code;
  }
  if (first === 'help') return showHelp(words.slice(1), host);
  if (second === '--help' || second === '-h') {
    const group = commands.filter((command) => command.name.startsWith(`${first} `));
    if (group.length > 0) {
      host.stdout.write(overviewHelp(group, styles));
      return exitCodes.ok.code;
    }
  }
  const { command, rest } = findCommand(words);
  const parsed = parseArguments(command, rest);
  if (parsed.helpAsked) {
    host.stdout.write(commandHelp(command, styles));
    return exitCodes.ok.code;
  }
  const values = resolveSettings(command, parsed.flags, host, commands);
  return command.run({
    arguments: parsed.arguments,
    values: optionValues(command.options, values),
    host,
  });
}

function showHelp(words: readonly string[], host: Host): number {
  const styles = stylesFor(host.stdout, host.env);
  const text =
    words.length === 0
      ? overviewHelp(commands, styles)
      : words[0] === 'exit-codes'
        ? exitCodesHelp()
        : commandHelp(findCommand(words, ['exit-codes']).command, styles);
  host.stdout.write(text);
  return exitCodes.ok.code;
}

/** Finds the command that the first one or two words name. @throws InvalidInputError code USAGE */
function findCommand(
  words: readonly string[],
  alsoKnown: readonly string[] = [],
): { command: Command; rest: readonly string[] } {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ');
    const command = commands.find((candidate) => candidate.name === name);
    if (command !== undefined) return { command, rest: words.slice(length) };
  }
  const [first = '', second = ''] = words;
  const group = commands
    .map((command) => command.name)
    .filter((name) => name.startsWith(`${first} `));
  const names = [...commands.map((command) => command.name), 'help', ...alsoKnown];
  if (group.length > 0) {
    const near = didYouMean(`${first} ${second}`, group);
    throw usageError(
      second === ''
        ? `"${first}" needs a second word. Expected ${orList(group)}.`
        : `"${first} ${second}" is not a command. Expected ${orList(group)}.${near}`,
    );
  }
  const firstWords = [...new Set(names.map((name) => name.split(' ')[0] ?? name))];
  throw usageError(
    first.startsWith('-')
      ? `"${first}" stands where the command should. Write isotherm COMMAND ${first}; see "isotherm --help".`
      : `"${first}" is not a command.${didYouMean(first, firstWords)} See "isotherm --help".`,
  );
}

function orList(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  return quoted.length === 1
    ? (quoted[0] ?? '')
    : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

/** Our own errors are sentences for people; anything else is a bug, and then the stack is worth more. */
function errorText(error: unknown, host: Host): string {
  if (host.interrupted.aborted)
    return 'isotherm: stopped. Nothing that was not finished is kept.\n';
  if (error instanceof IsothermError) return `isotherm: ${error.message}\n`;
  if (exitCodeOf(error) !== exitCodes.internal.code && error instanceof Error) {
    return `isotherm: ${error.message}. Free what it needs, or name another place, and try again.\n`;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `isotherm: an unexpected error, which is a bug. Please report it with these lines:\n${stack}\n`;
}
