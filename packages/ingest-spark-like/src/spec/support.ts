/** What a spec may ask for that is not there, and what it may set that does nothing here. */
import type { JsonFields } from '@isotherm/errors';
import { didYouMean, InvalidInputError } from '@isotherm/errors';

/** Paths of settings without effect, gathered while a spec is read. */
export type WithoutEffect = string[];

/** Makes the error for a feature that is not there. */
export function notSupported(path: string, what: string, instead: string): InvalidInputError {
  return new InvalidInputError(`"${path}" ${what} is not supported yet. ${instead}`, {
    code: 'NOT_SUPPORTED',
  });
}

/** Reads `type`, which is one of the supported ones. @throws code NOT_SUPPORTED for one of Druid's others */
export function supportedType<Type extends string>(
  fields: JsonFields,
  supported: readonly Type[],
  known: readonly string[],
): Type {
  const type = fields.string('type');
  const found = supported.find((candidate) => candidate === type);
  if (found !== undefined) return found;
  const expected = `Expected one of ${supported.join(', ')}.`;
  if (known.includes(type)) throw notSupported(fields.pathOf('type'), `"${type}"`, expected);
  throw fields.fault(
    'type',
    `is "${type}"`,
    `${expected}${didYouMean(type, [...supported, ...known])}`,
    'UNKNOWN_VALUE',
  );
}

/** Reads text that has a form of its own, and says which field it stood in when it is wrong. */
export function inField<Value>(fields: JsonFields, name: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new InvalidInputError(`"${fields.pathOf(name)}" is not valid. ${error.message}`, {
      code: error.code,
      cause: error,
    });
  }
}

/** Accepts settings of Druid's that have no meaning here, and notes those that are set. */
export function ignoreSettings(
  fields: JsonFields,
  names: readonly string[],
  withoutEffect: WithoutEffect,
): void {
  for (const name of names) if (fields.has(name)) withoutEffect.push(fields.pathOf(name));
}

/** Refuses settings that would change the result, unless they are empty or false. */
export function refuseSettings(fields: JsonFields, names: readonly string[]): void {
  for (const name of names) {
    const value = fields.optional(name);
    const isEmpty =
      value === undefined || value === false || (Array.isArray(value) && value.length === 0);
    if (!isEmpty) throw notSupported(fields.pathOf(name), 'is set, which', 'Remove it.');
  }
}
