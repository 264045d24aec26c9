/** Functions of time. Times are longs in epoch milliseconds; text times are ISO-8601. */
import { InvalidInputError } from '@isotherm/errors';
import {
  bucketStart,
  formatInstant,
  type Granularity,
  parseGranularity,
  parseInstant,
} from '@isotherm/timeline';
import type { ExpressionValue } from '../expression.ts';
import { asLong, asText } from '../values.ts';
import { type FunctionDefinition, eager } from './definition.ts';

/** Functions by name. */
export const timeFunctions: Readonly<Record<string, FunctionDefinition>> = {
  timestamp: eager(1, 1, ([value]) => {
    const text = asText(value ?? null);
    return text === null ? null : BigInt(parseInstant(text.replace(' ', 'T')));
  }),
  timestamp_parse: eager(1, 1, ([value]) => {
    const text = asText(value ?? null);
    return text === null ? null : parsedOrNull(text.replace(' ', 'T'));
  }),
  timestamp_floor: eager(2, 4, ([time, period, origin, zone]) => {
    const ms = instantOf(time ?? null);
    const text = asText(period ?? null);
    if (ms === null || text === null) return null;
    const originMs = instantOf(origin ?? null);
    return BigInt(bucketStart(granularityOf(text, originMs, asText(zone ?? null) ?? 'UTC'), ms));
  }),
  timestamp_extract: eager(2, 3, ([time, unit, zone]) => {
    const ms = instantOf(time ?? null);
    if (ms === null) return null;
    const local = formatInstant(ms, asText(zone ?? null) ?? 'UTC');
    return extract(local, ms, asText(unit ?? null) ?? 'null');
  }),
  unix_timestamp: eager(1, 1, ([time]) => {
    const ms = instantOf(time ?? null);
    return ms === null ? null : BigInt(Math.floor(ms / 1000));
  }),
};

function instantOf(value: ExpressionValue): number | null {
  if (typeof value === 'string' && !/^-?\d+$/.test(value)) return parseInstant(value);
  const long = asLong(value);
  return long === null ? null : Number(long);
}

function parsedOrNull(text: string): bigint | null {
  try {
    return BigInt(parseInstant(text));
  } catch (error) {
    if (error instanceof InvalidInputError) return null;
    throw error;
  }
}

const granularities = new Map<string, Granularity>();

/** Parsing a period anew for each row would cost more than the floor itself. */
function granularityOf(period: string, originMs: number | null, timeZone: string): Granularity {
  const key = `${period}\n${originMs}\n${timeZone}`;
  let granularity = granularities.get(key);
  if (granularity === undefined) {
    const origin = originMs === null ? {} : { origin: formatInstant(originMs) };
    granularity = parseGranularity({ type: 'period', period, timeZone, ...origin });
    if (granularities.size >= maxGranularities) granularities.clear();
    granularities.set(key, granularity);
  }
  return granularity;
}

const maxGranularities = 256;

const places: Readonly<Record<string, readonly [start: number, end: number]>> = {
  YEAR: [0, 4],
  MONTH: [5, 7],
  DAY: [8, 10],
  HOUR: [11, 13],
  MINUTE: [14, 16],
  SECOND: [17, 19],
  MILLISECOND: [20, 23],
};
const units = ['EPOCH', 'DOW', 'QUARTER', ...Object.keys(places)];

function extract(local: string, ms: number, unit: string): bigint {
  const upper = unit.toUpperCase();
  if (upper === 'EPOCH') return BigInt(Math.floor(ms / 1000));
  const quarter = Math.ceil(Number(local.slice(5, 7)) / 3);
  if (upper === 'QUARTER') return BigInt(quarter);
  // ISO: Monday is 1, Sunday 7.
  if (upper === 'DOW') return BigInt(new Date(`${local.slice(0, 10)}T00:00:00Z`).getUTCDay() || 7);
  const place = places[upper];
  if (place !== undefined) return BigInt(local.slice(...place));
  throw new InvalidInputError(
    `timestamp_extract has the unknown unit "${unit}". Expected one of ${units.join(', ')}.`,
    { code: 'EXPRESSION_FAILED' },
  );
}
