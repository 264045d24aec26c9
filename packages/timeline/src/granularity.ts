/**
 * Granularities as Druid writes them: a name, `{type: duration}` or `{type: period}`. What they do to
 * times is in `buckets.ts`.
 */
import { InvalidInputError, JsonFields, didYouMean, kindOf } from '@isotherm/errors';
import { formatInstant, parseInstant } from './instant.ts';
import type { Period } from './period.ts';
import { formatPeriod, parsePeriod, periodClockMs, periodDays, periodMonths } from './period.ts';
import { zoneOf } from './zone.ts';

/**
 * How times are put into buckets: `all` is one bucket, `none` one a millisecond, a duration counts
 * milliseconds from its origin, a period follows the calendar of its time zone. `originMs` null means
 * the calendar's own edges for one unit (P1W: Mondays) and 1970-01-01 of the zone for several.
 */
export type Granularity =
  | { readonly type: 'all' }
  | { readonly type: 'none' }
  | { readonly type: 'duration'; readonly durationMs: number; readonly originMs: number }
  | {
      readonly type: 'period';
      readonly period: Period;
      readonly timeZone: string;
      readonly originMs: number | null;
    };

const namedPeriods: ReadonlyMap<string, string> = new Map([
  ['second', 'PT1S'],
  ['minute', 'PT1M'],
  ['five_minute', 'PT5M'],
  ['ten_minute', 'PT10M'],
  ['fifteen_minute', 'PT15M'],
  ['thirty_minute', 'PT30M'],
  ['hour', 'PT1H'],
  ['six_hour', 'PT6H'],
  ['eight_hour', 'PT8H'],
  ['day', 'P1D'],
  ['week', 'P1W'],
  ['month', 'P1M'],
  ['quarter', 'P3M'],
  ['year', 'P1Y'],
]);
const names = ['all', 'none', ...namedPeriods.keys()];

/**
 * Reads a granularity: a name in any case, or an object with `type` duration, period or a name.
 *
 * @throws InvalidInputError naming the field; code UNKNOWN_GRANULARITY for a name that does not exist
 */
export function parseGranularity(json: unknown): Granularity {
  if (typeof json === 'string') return namedGranularity(json);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new InvalidInputError(
      `The granularity is ${kindOf(json)}. Expected a name such as "day", or an object with "type".`,
      { code: 'UNKNOWN_GRANULARITY' },
    );
  }
  const fields = new JsonFields(json, 'granularity');
  const type = fields.string('type');
  switch (type.toLowerCase()) {
    case 'duration':
      return durationGranularity(fields);
    case 'period':
      return periodGranularity(fields);
    default:
      fields.end();
      return namedGranularity(type);
  }
}

/** Writes a granularity in Druid's JSON; `parseGranularity` reads it back. */
export function granularityToJson(granularity: Granularity): Record<string, unknown> {
  switch (granularity.type) {
    case 'all':
    case 'none':
      return { type: granularity.type };
    case 'duration': {
      const { type, durationMs, originMs } = granularity;
      return { type, duration: durationMs, origin: formatInstant(originMs) };
    }
    case 'period': {
      const { type, period, timeZone, originMs } = granularity;
      const origin = originMs === null ? null : formatInstant(originMs);
      return { type, period: formatPeriod(period), timeZone, origin };
    }
  }
}

/** The zone in which bucket starts are written; UTC unless a period names another. */
export function granularityTimeZone(granularity: Granularity): string {
  return granularity.type === 'period' ? granularity.timeZone : 'UTC';
}

function namedGranularity(name: string): Granularity {
  const lower = name.toLowerCase();
  if (lower === 'all' || lower === 'none') return { type: lower };
  const period = namedPeriods.get(lower);
  if (period === undefined) {
    throw new InvalidInputError(
      `Granularity "${name}" is not known. Expected one of ${names.join(', ')}, or an object with "type" duration or period.${didYouMean(name, names)}`,
      { code: 'UNKNOWN_GRANULARITY' },
    );
  }
  return { type: 'period', period: parsePeriod(period), timeZone: 'UTC', originMs: null };
}

function durationGranularity(fields: JsonFields): Granularity {
  fields.required('duration');
  const durationMs = fields.optionalInteger('duration', { min: 1 }) ?? 1;
  const originMs = readOrigin(fields) ?? 0;
  fields.end();
  return { type: 'duration', durationMs, originMs };
}

function periodGranularity(fields: JsonFields): Granularity {
  const text = fields.string('period');
  const period = parsePeriod(text);
  const timeZone = zoneOf(fields.optionalString('timeZone') ?? 'UTC').name;
  const originMs = readOrigin(fields);
  fields.end();
  if (periodMonths(period) === 0 && periodDays(period) === 0 && periodClockMs(period) === 0) {
    throw fields.fault(
      'period',
      `is "${text}"`,
      'Expected a period longer than zero.',
      'INVALID_PERIOD',
    );
  }
  return { type: 'period', period, timeZone, originMs };
}

/** Epoch milliseconds or an ISO time. */
function readOrigin(fields: JsonFields): number | null {
  const value = fields.optional('origin');
  if (value === undefined) return null;
  if (typeof value === 'string') return parseInstant(value);
  return fields.optionalInteger('origin', { min: -8.64e15, max: 8.64e15 });
}
