/**
 * The query context. Keys that nobody knows are kept and ignored, as Druid does; booleans and numbers
 * may be given as text; what would change the answer and is not there yet is refused.
 */
import { InvalidQueryError, JsonFields } from '@isotherm/errors';
import type { QueryContext } from '../model.ts';
import { unsupported } from './fault.ts';

/** What holds when the query does not say. */
export interface QueryDefaults {
  readonly queryId: string;
  /** Also the meaning of `timeout: 0`. */
  readonly timeoutMs: number;
}

/** Timers take no more. */
const maxTimeoutMs = 2 ** 31 - 1;
/** Ids stand in a header, in logs and in the path that cancels. */
const maxIdLength = 255;
/** Keys that would give the answer another shape. */
const unsupportedFlags = ['bySegment', 'serializeDateTimeAsLong', 'serializeDateTimeAsLongInner'];

/**
 * Reads the context of a query.
 *
 * @throws InvalidQueryError code INVALID_CONTEXT when a known key has a value that does not fit
 */
export function readContext(fields: JsonFields, defaults: QueryDefaults): QueryContext {
  const value = fields.optional('context') ?? {};
  const context = new JsonFields(value, fields.pathOf('context'), contextFault);
  for (const name of unsupportedFlags) {
    if (context.optionalBoolean(name) === true) throw unsupported(`"${context.pathOf(name)}"`);
  }
  const timeoutMs = context.optionalInteger('timeout', { min: 0, max: Number.MAX_SAFE_INTEGER });
  const flag = (name: string, whenAbsent = false) => context.optionalBoolean(name) ?? whenAbsent;
  return {
    queryId: queryId(context) ?? defaults.queryId,
    timeoutMs: Math.min(timeoutMs || defaults.timeoutMs, maxTimeoutMs),
    priority: context.optionalNumber('priority') ?? 0,
    skipEmptyBuckets: flag('skipEmptyBuckets'),
    grandTotal: flag('grandTotal'),
    resultAsArray: flag('resultAsArray'),
    finalize: flag('finalize', true),
    sortByDimsFirst: flag('sortByDimsFirst'),
    allowPartial: flag('allowPartial'),
    // JsonFields has just checked that it is an object.
    raw: value as Readonly<Record<string, unknown>>,
  };
}

function queryId(context: JsonFields): string | null {
  const id = context.optional('queryId');
  if (id === undefined || id === '') return null;
  const text = typeof id === 'number' ? String(id) : context.string('queryId');
  if (text.length <= maxIdLength) return text;
  throw context.fault(
    'queryId',
    `has ${text.length} characters`,
    `Expected ${maxIdLength} at most.`,
    'INVALID_CONTEXT',
  );
}

function contextFault(message: string, code: string): InvalidQueryError {
  return code === 'NOT_AN_OBJECT'
    ? new InvalidQueryError(message, { code })
    : new InvalidQueryError(message, { code: 'INVALID_CONTEXT' });
}

/** The context key of Druid that adds the bucket's start to each row of a timeseries under a name. */
export function timestampResultField({ raw }: QueryContext): string | null {
  const name = raw['timestampResultField'];
  return typeof name === 'string' && name !== '' ? name : null;
}
