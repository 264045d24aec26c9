/** Reads the words of a command line by a command's declaration; a word that fits nothing is an error. */
import { parseArgs } from 'node:util';
import { didYouMean } from '@isotherm/errors';
import type { Command, Option, Options } from './command.ts';
import { usageError } from './usage-error.ts';

/** A command line that was read: arguments, and those flags that stood on it. */
export interface ParsedArguments {
  readonly arguments: readonly string[];
  readonly flags: Readonly<Record<string, string | number | boolean>>;
  readonly helpAsked: boolean;
}

/** @throws InvalidInputError code USAGE for an unknown flag, a missing or surplus value or argument */
export function parseArguments(command: Command, words: readonly string[]): ParsedArguments {
  const { tokens } = parseArgs({
    args: [...words],
    options: {
      help: { type: 'boolean', short: 'h' },
      ...Object.fromEntries(
        Object.entries(command.options).map(([name, option]) => [
          name,
          { type: option.type === 'switch' ? ('boolean' as const) : ('string' as const) },
        ]),
      ),
    },
    // Strict parsing would refuse with messages that know no suggestion; the tokens are checked here.
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags: Record<string, string | number | boolean> = {};
  const given: string[] = [];
  let helpAsked = false;
  for (const token of tokens) {
    if (token.kind === 'positional') given.push(token.value);
    if (token.kind !== 'option') continue;
    if (token.name === 'help') helpAsked = true;
    else flags[token.name] = flagValue(command, token);
  }
  if (!helpAsked) checkArguments(command, given);
  return { arguments: given, flags, helpAsked };
}

/** Reads an option's text as its type. @throws InvalidInputError code USAGE naming `origin` */
export function readOptionText(option: Option, text: string, origin: string): string | number {
  if (option.type !== 'integer') return text;
  const value = Number(text);
  const min = option.min ?? 0;
  const max = option.max ?? Number.MAX_SAFE_INTEGER;
  if (/^-?\d+$/.test(text) && value >= min && value <= max) return value;
  throw usageError(
    `${origin} is "${text}". Expected a whole number ${option.max === undefined ? `of at least ${min}` : `from ${min} to ${max}`}.`,
  );
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function flagValue(command: Command, token: OptionToken): string | number | boolean {
  const option = optionOf(command.options, token.name);
  if (option === null) {
    const known = [...Object.keys(command.options), 'help'].map((name) => `--${name}`);
    throw usageError(
      `"${token.rawName}" is not a flag of "isotherm ${command.name}".${didYouMean(token.rawName, known)} See "isotherm ${command.name} --help".`,
    );
  }
  if (option.type === 'switch') {
    if (token.value === undefined) return true;
    throw usageError(`"${token.rawName}" takes no value. Write it alone.`);
  }
  const missing =
    token.value === undefined || (token.inlineValue !== true && /^-./.test(token.value));
  if (missing) {
    throw usageError(
      `"${token.rawName}" has no value. Write ${token.rawName} ${option.placeholder ?? 'VALUE'}.`,
    );
  }
  return readOptionText(option, token.value ?? '', `"${token.rawName}"`);
}

function optionOf(options: Options, name: string): Option | null {
  return Object.hasOwn(options, name) ? (options[name] ?? null) : null;
}

function checkArguments(command: Command, given: readonly string[]): void {
  const wanted = command.arguments;
  const missing = wanted[given.length];
  const line = ['isotherm', command.name, ...wanted].join(' ');
  if (missing !== undefined) {
    throw usageError(
      `${missing} is missing. Write "${line}"; see "isotherm ${command.name} --help".`,
    );
  }
  const surplus = given[wanted.length];
  if (surplus !== undefined) {
    throw usageError(
      `"${surplus}" is one argument too many. Expected "${line}"; flags start with "--".`,
    );
  }
}
