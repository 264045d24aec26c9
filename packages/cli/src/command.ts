/** What a command is: a declaration that help, parsing and settings read, and a function that runs it. */
import { InvariantError } from '@isotherm/errors';
import type { Host } from './host.ts';

/** One `--flag` of a command. */
export interface Option {
  readonly type: 'text' | 'integer' | 'switch';
  /** What stands for the value in help, such as `DIR`; none for a switch. */
  readonly placeholder?: string;
  readonly description: string;
  /** Used when no flag, variable or file names a value. */
  readonly default?: string | number;
  /** Least value of an integer; 0 where none is given. */
  readonly min?: number;
  /** Largest value of an integer. */
  readonly max?: number;
  /** True for settings that `ISOTHERM_*` variables and the configuration file may also give. */
  readonly isSetting?: boolean;
}

/** Options by flag name without the dashes. */
export type Options = Readonly<Record<string, Option>>;

/** A command, named by the words after `isotherm`. */
export interface Command {
  readonly name: string;
  /** One line for the table of commands. */
  readonly summary: string;
  /** Names of the arguments in order; all are required. */
  readonly arguments: readonly string[];
  readonly options: Options;
  /** Command lines with what each does, the commonest first. */
  readonly examples: readonly { readonly line: string; readonly effect: string }[];
  /** Paragraphs that follow the options. */
  readonly notes?: readonly string[];
  /** @returns the exit code; a thrown error becomes a message and its exit code */
  run(invocation: Invocation): Promise<number>;
}

/** One call of a command. */
export interface Invocation {
  readonly arguments: readonly string[];
  readonly values: OptionValues;
  readonly host: Host;
}

/** Values of options after flags, variables, file and defaults were put together. */
export interface OptionValues {
  /** @throws InvariantError if the option has no value: declare a default or ask `optionalText` */
  text(name: string): string;
  optionalText(name: string): string | null;
  integer(name: string): number;
  optionalInteger(name: string): number | null;
  isOn(name: string): boolean;
}

/** Wraps plain values; texts and numbers only under names that `options` declares. */
export function optionValues(
  options: Options,
  values: Readonly<Record<string, string | number | boolean>>,
): OptionValues {
  const valueOf = (name: string): string | number | boolean | null => {
    if (!Object.hasOwn(options, name))
      throw new InvariantError(`Option "${name}" is not declared.`);
    return values[name] ?? null;
  };
  const needed = <Value>(name: string, value: Value | null): Value => {
    if (value !== null) return value;
    throw new InvariantError(`Option "${name}" has no value and no default.`);
  };
  const optionalText = (name: string): string | null => {
    const value = valueOf(name);
    return value === null ? null : String(value);
  };
  const optionalInteger = (name: string): number | null => {
    const value = valueOf(name);
    return typeof value === 'number' ? value : null;
  };
  return {
    text: (name) => needed(name, optionalText(name)),
    optionalText,
    integer: (name) => needed(name, optionalInteger(name)),
    optionalInteger,
    isOn: (name) => valueOf(name) === true,
  };
}
