/**
 * Puts an option's value together from where it may stand. The first that has one wins:
 *
 *   --data-dir DIR                 on the command line
 *   ISOTHERM_DATA_DIR=DIR          in the environment
 *   { "dataDir": "DIR" }           in ./isotherm.json, or the file that --config names
 *   the default of the option
 *
 * A variable or key that no command knows is an error, so that a typo never silently does nothing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidInputError, didYouMean, kindOf } from '@isotherm/errors';
import { readOptionText } from './arguments.ts';
import type { Command, Option } from './command.ts';
import type { Host } from './host.ts';

/** Name of the configuration file that is read where a command starts, if it is there. */
const configFileName = 'isotherm.json';
const variablePrefix = 'ISOTHERM_';
/** Variables of the test suite and of the checkout's scripts are none of the command's. */
const foreignVariable = /^ISOTHERM_TEST_/;

/** @returns values by flag name @throws InvalidInputError naming the variable or key */
export function resolveSettings(
  command: Command,
  flags: Readonly<Record<string, string | number | boolean>>,
  host: Host,
  commands: readonly Command[],
): Record<string, string | number | boolean> {
  checkVariables(host.env, commands);
  const file = usesConfigFile(command) ? readConfigFile(flags, host, commands) : {};
  const values: Record<string, string | number | boolean> = {};
  for (const [name, option] of Object.entries(command.options)) {
    const value = flags[name] ?? settingOf(name, option, host.env, file) ?? option.default;
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/** `data-dir` → `ISOTHERM_DATA_DIR`. */
function variableName(flagName: string): string {
  return variablePrefix + flagName.toUpperCase().replaceAll('-', '_');
}

/** `data-dir` → `dataDir`. */
function keyName(flagName: string): string {
  return flagName.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Roles have a `--config` of their own, with the keys of the role. */
function usesConfigFile(command: Command): boolean {
  return command.options['config']?.isSetting !== true;
}

function settingOf(
  name: string,
  option: Option,
  env: Host['env'],
  file: Readonly<Record<string, unknown>>,
): string | number | undefined {
  if (option.isSetting !== true) return undefined;
  const variable = env[variableName(name)];
  if (variable !== undefined && variable !== '') {
    return asConfigFault(() => readOptionText(option, variable, `Variable ${variableName(name)}`));
  }
  const key = keyName(name);
  const value = file[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw configFault(
      `"${key}" in the configuration file is ${kindOf(value)}. Expected text or a number.`,
    );
  }
  return asConfigFault(() =>
    readOptionText(option, String(value), `"${key}" in the configuration file`),
  );
}

function checkVariables(env: Host['env'], commands: readonly Command[]): void {
  const known = settingNames(commands).map(variableName);
  for (const name of Object.keys(env)) {
    if (!name.startsWith(variablePrefix) || foreignVariable.test(name)) continue;
    if (known.includes(name)) continue;
    throw configFault(
      `Variable ${name} is not a setting. Known: ${known.join(', ')}.${didYouMean(name, known)} Unset it or correct its name.`,
    );
  }
}

function readConfigFile(
  flags: Readonly<Record<string, string | number | boolean>>,
  host: Host,
  commands: readonly Command[],
): Readonly<Record<string, unknown>> {
  const named = flags['config'] ?? host.env[variableName('config')];
  const path = resolve(host.cwd, String(named ?? configFileName));
  if (named === undefined && !existsSync(path)) return {};
  const file = readJsonObject(path);
  const known = settingNames(commands)
    .filter((name) => name !== 'config')
    .map(keyName);
  for (const key of Object.keys(file)) {
    if (known.includes(key)) continue;
    throw configFault(
      `"${key}" in "${path}" is not a known setting. Known: ${known.join(', ')}.${didYouMean(key, known)}`,
    );
  }
  return file;
}

/** Reads a JSON file that holds an object. @throws InvalidInputError naming the file and what is wrong */
export function readJsonObject(path: string): Readonly<Record<string, unknown>> {
  const value = readJsonFile(path);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw configFault(`File "${path}" holds ${kindOf(value)}. Expected a JSON object in braces.`);
}

/** Reads a JSON file. @throws InvalidInputError naming the file and what is wrong */
export function readJsonFile(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw configFault(
      code === 'ENOENT'
        ? `File "${path}" does not exist. Check the path.`
        : `File "${path}" cannot be read (${code}). Expected a readable JSON file.`,
    );
  }
  // Editors of Windows put a byte order mark in front.
  return parseJson(text.replace(/^\uFEFF/, ''), `File "${path}"`);
}

/** Parses JSON. @throws InvalidInputError that starts with `origin` and says where the text breaks */
export function parseJson(text: string, origin: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // V8 quotes the text around the fault; what stands there may be data, so only the place is kept.
    const place =
      error instanceof Error ? /at position \d+(?: \(.*\))?/.exec(error.message)?.[0] : null;
    throw configFault(
      text.trim() === ''
        ? `${origin} is empty. Expected JSON.`
        : place
          ? `${origin} is not valid JSON: it breaks ${place}. Correct it there.`
          : `${origin} is not valid JSON. Expected it whole, without comments and without a comma behind the last item.`,
    );
  }
}

function settingNames(commands: readonly Command[]): string[] {
  const names = commands.flatMap((command) =>
    Object.entries(command.options)
      .filter(([, option]) => option.isSetting)
      .map(([name]) => name),
  );
  return [...new Set([...names, 'config'])].sort();
}

function asConfigFault<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw configFault(error instanceof Error ? error.message : String(error));
  }
}

function configFault(message: string): InvalidInputError {
  return new InvalidInputError(message, { code: 'CONFIG' });
}
