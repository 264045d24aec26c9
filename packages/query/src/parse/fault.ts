/**
 * Errors of the query parser. All are `InvalidQueryError`s whose message names the path of what is
 * wrong; what Druid knows and we do not has the code UNSUPPORTED, so that it is never mistaken for a typo.
 */
import type { FaultFactory, JsonFields } from '@isotherm/errors';
import { InvalidInputError, InvalidQueryError, didYouMean } from '@isotherm/errors';

/** Makes the errors of `JsonFields` for queries. */
export const queryFault: FaultFactory = (message, code) => new InvalidQueryError(message, { code });

/** The error for a part of Druid's query language that is not there yet. `what` is quoted by the caller. */
export function unsupported(what: string, advice = 'Remove it.'): InvalidQueryError {
  return new InvalidQueryError(`${what} is not supported yet. ${advice}`, { code: 'UNSUPPORTED' });
}

/** Refuses keys that Druid knows and that would change the answer; empty lists and nulls are harmless. */
export function refuseKeys(fields: JsonFields, names: readonly string[]): void {
  for (const name of names) {
    const value = fields.optional(name);
    const isHarmless = value === undefined || (Array.isArray(value) && value.length === 0);
    if (!isHarmless) throw unsupported(`"${fields.pathOf(name)}"`);
  }
}

/** Marks keys that Druid knows and that cannot change the answer as read. */
export function ignoreKeys(fields: JsonFields, names: readonly string[]): void {
  for (const name of names) fields.has(name);
}

/** What a `type` may be: ours, and those of Druid that we refuse by name. */
interface KnownTypes {
  readonly supported: readonly string[];
  readonly later: readonly string[];
}

/** The error for a `type` outside `supported`; `name` is the key that holds it. */
export function wrongType(
  fields: JsonFields,
  type: string,
  known: KnownTypes,
  name = 'type',
): Error {
  const path = fields.pathOf(name);
  const listed = `Supported: ${known.supported.join(', ')}.`;
  if (known.later.includes(type)) return unsupported(`"${path}" of "${type}"`, listed);
  return new InvalidQueryError(
    `"${path}" is "${type}", which does not exist. ${listed}${didYouMean(type, known.supported)}`,
    { code: 'UNKNOWN_TYPE' },
  );
}

/** Runs a reader of `timeline` and turns its complaint about the input into one about the query at `path`. */
export function atPath<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause;
    throw new InvalidQueryError(`"${path}" is not valid. ${cause.message}`, {
      code: cause.code,
      cause,
    });
  }
}
