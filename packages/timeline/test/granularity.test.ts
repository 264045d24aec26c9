import {
  formatInstant,
  granularityTimeZone,
  granularityToJson,
  parseGranularity,
} from '@isotherm/timeline';
import { describe, expect, it } from 'vitest';

const utc = (period: string): object => ({ type: 'period', period, timeZone: 'UTC', origin: null });
const names: [name: string, json: object][] = [
  ['all', { type: 'all' }],
  ['none', { type: 'none' }],
  ['second', utc('PT1S')],
  ['minute', utc('PT1M')],
  ['five_minute', utc('PT5M')],
  ['ten_minute', utc('PT10M')],
  ['fifteen_minute', utc('PT15M')],
  ['thirty_minute', utc('PT30M')],
  ['hour', utc('PT1H')],
  ['six_hour', utc('PT6H')],
  ['eight_hour', utc('PT8H')],
  ['day', utc('P1D')],
  ['week', utc('P1W')],
  ['month', utc('P1M')],
  ['quarter', utc('P3M')],
  ['year', utc('P1Y')],
];

describe('a granularity', () => {
  it.each(names)('%s has a name in any case', (name, json) => {
    for (const form of [name, name.toUpperCase(), { type: name }]) {
      expect(granularityToJson(parseGranularity(form))).toEqual(json);
    }
    expect(granularityToJson(parseGranularity(json))).toEqual(json);
  });

  it('of a duration counts milliseconds, also as text', () => {
    const granularity = parseGranularity({
      type: 'duration',
      duration: '3600000',
      origin: '2012-01-01',
    });
    expect(granularityToJson(granularity)).toEqual({
      type: 'duration',
      duration: 3_600_000,
      origin: '2012-01-01T00:00:00.000Z',
    });
    expect(granularityTimeZone(granularity)).toBe('UTC');
  });

  it('of a period has a zone and an origin', () => {
    const granularity = parseGranularity({
      type: 'Period',
      period: 'P2D',
      timeZone: 'america/los_angeles',
      origin: '2012-02-01T00:00:00-08:00',
    });
    expect(granularity).toMatchObject({ originMs: Date.UTC(2012, 1, 1, 8) });
    expect(formatInstant(Date.UTC(2012, 1, 1, 8))).toBe('2012-02-01T08:00:00.000Z');
    expect(granularityTimeZone(granularity)).toBe('America/Los_Angeles');
  });

  const list =
    'all, none, second, minute, five_minute, ten_minute, fifteen_minute, thirty_minute, hour, six_hour, eight_hour, day, week, month, quarter, year';
  const faults: [json: unknown, message: string][] = [
    [
      'dya',
      `Granularity "dya" is not known. Expected one of ${list}, or an object with "type" duration or period. Did you mean "day"?`,
    ],
    [
      'fortnight',
      `Granularity "fortnight" is not known. Expected one of ${list}, or an object with "type" duration or period.`,
    ],
    [7, 'The granularity is 7. Expected a name such as "day", or an object with "type".'],
    [null, 'The granularity is null. Expected a name such as "day", or an object with "type".'],
    [{}, '"granularity.type" is missing. Add it.'],
    [{ type: 'duration' }, '"granularity.duration" is missing. Add it.'],
    [
      { type: 'duration', duration: 0 },
      `"granularity.duration" is 0. Expected a whole number from 1 to ${Number.MAX_SAFE_INTEGER}.`,
    ],
    [
      { type: 'period', period: 'PT0S' },
      '"granularity.period" is "PT0S". Expected a period longer than zero.',
    ],
    [
      { type: 'period', period: 'P1D', timezone: 'UTC' },
      '"granularity.timezone" is not a known field. Known here: origin, period, timeZone, type. Did you mean "timeZone"?',
    ],
    [
      { type: 'day', timeZone: 'UTC' },
      '"granularity.timeZone" is not a known field. Known here: type.',
    ],
  ];
  it.each(faults)('%j is refused', (json, message) => {
    expect(() => parseGranularity(json)).toThrow(message);
  });
});
