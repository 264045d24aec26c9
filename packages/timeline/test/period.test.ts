import {
  addPeriod,
  formatInstant,
  formatPeriod,
  parseInstant,
  parsePeriod,
} from '@isotherm/timeline';
import { describe, expect, it } from 'vitest';

describe('a period as text', () => {
  it('has the fields of ISO-8601', () => {
    expect(parsePeriod('P1Y2M3W4DT5H6M7.5S')).toEqual({
      years: 1,
      months: 2,
      weeks: 3,
      days: 4,
      hours: 5,
      minutes: 6,
      seconds: 7,
      milliseconds: 500,
    });
  });

  it.each(['P1Y2M3W4DT5H6M7.500S', 'P1D', 'P10D', 'PT5M', 'PT36H', 'P2W', 'PT0.001S', 'PT0S'])(
    '%s is written as it was read',
    (text) => expect(formatPeriod(parsePeriod(text))).toBe(text),
  );

  it.each(['', 'P', 'PT', 'P1', '1D', 'P-1D', '-P1D', 'P1DT', 'P1D2M', 'PT1D', 'p1d', 'P1.5D'])(
    '"%s" is refused',
    (text) =>
      expect(() => parsePeriod(text)).toThrow(
        `Period "${text}" is not an ISO-8601 period. Expected the form "P1D", "PT15M" or "P1Y2M3W4DT5H6M7S".`,
      ),
  );
});

const additions: [start: string, period: string, count: number, timeZone: string, end: string][] = [
  ['2011-01-31', 'P1M', 1, 'UTC', '2011-02-28T00:00:00.000Z'],
  ['2011-01-31', 'P1M', 2, 'UTC', '2011-03-31T00:00:00.000Z'],
  ['2012-02-29', 'P1Y', 1, 'UTC', '2013-02-28T00:00:00.000Z'],
  ['2011-03-31', 'P1M', -1, 'UTC', '2011-02-28T00:00:00.000Z'],
  ['2011-03-12T12:00', 'P1D', 1, 'America/Los_Angeles', '2011-03-13T12:00:00.000-07:00'],
  ['2011-03-12T12:00', 'PT24H', 1, 'America/Los_Angeles', '2011-03-13T13:00:00.000-07:00'],
  ['2011-03-12T02:30', 'P1D', 1, 'America/Los_Angeles', '2011-03-13T03:30:00.000-07:00'],
  ['2011-11-06T00:00', 'P1DT1H', 1, 'America/Los_Angeles', '2011-11-07T01:00:00.000-08:00'],
  ['2011-01-01', 'P1Y', 1e9, 'UTC', '146140482-04-24T15:36:27.903Z'],
];
it.each(additions)('%s and %s times %i in %s is %s', (start, text, count, timeZone, end) => {
  const sum = addPeriod(parseInstant(start, timeZone), parsePeriod(text), { timeZone, count });
  expect(formatInstant(sum, timeZone)).toBe(end);
});
