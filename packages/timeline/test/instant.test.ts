import { formatInstant, parseInstant } from '@isotherm/timeline';
import { describe, expect, it } from 'vitest';

const read: [text: string, timeZone: string, iso: string][] = [
  ['2011', 'UTC', '2011-01-01T00:00:00.000Z'],
  ['2011-04', 'UTC', '2011-04-01T00:00:00.000Z'],
  ['2011-04-01', 'UTC', '2011-04-01T00:00:00.000Z'],
  ['2011-04-01T09', 'UTC', '2011-04-01T09:00:00.000Z'],
  ['2011-04-01T09:30', 'UTC', '2011-04-01T09:30:00.000Z'],
  ['2011-04-01T09:30:15.5', 'UTC', '2011-04-01T09:30:15.500Z'],
  ['2011-04-01T09:30:15.123456789Z', 'UTC', '2011-04-01T09:30:15.123Z'],
  ['2011-04-01T00:00:00+05:30', 'UTC', '2011-03-31T18:30:00.000Z'],
  ['2011-04-01T00:00:00-0800', 'UTC', '2011-04-01T08:00:00.000Z'],
  ['2011-04-01T00:00:00-08', 'UTC', '2011-04-01T08:00:00.000Z'],
  ['2011-04-01', 'America/Los_Angeles', '2011-04-01T07:00:00.000Z'],
  ['2011-04-01T00:00:00Z', 'America/Los_Angeles', '2011-04-01T00:00:00.000Z'],
  ['2012-02-29', 'UTC', '2012-02-29T00:00:00.000Z'],
  ['2000-02-29', 'UTC', '2000-02-29T00:00:00.000Z'],
  ['0000-02-29', 'UTC', '0000-02-29T00:00:00.000Z'],
  ['-5000', 'UTC', '-5000-01-01T00:00:00.000Z'],
  ['0050-01-01', 'UTC', '0050-01-01T00:00:00.000Z'],
  ['12345-01-01', 'UTC', '12345-01-01T00:00:00.000Z'],
  ['+12345', 'UTC', '12345-01-01T00:00:00.000Z'],
];

const dst: [name: string, text: string, timeZone: string, iso: string][] = [
  [
    'a skipped hour moves on',
    '2011-03-13T02:30',
    'America/Los_Angeles',
    '2011-03-13T10:30:00.000Z',
  ],
  [
    'of a repeated hour the first is meant',
    '2011-11-06T01:30',
    'America/Los_Angeles',
    '2011-11-06T08:30:00.000Z',
  ],
  [
    'a skipped midnight is the end of the gap',
    '2011-10-16',
    'America/Sao_Paulo',
    '2011-10-16T03:00:00.000Z',
  ],
  ['a skipped day is the end of the gap', '2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
  [
    'half an hour is skipped on Lord Howe',
    '2011-10-02T02:15',
    'Australia/Lord_Howe',
    '2011-10-01T15:45:00.000Z',
  ],
];

const faults: [text: string, message: string][] = [
  ['2015-02-30', 'Time "2015-02-30" has the day 30. That month has the days 01 to 28.'],
  ['1900-02-29', 'Time "1900-02-29" has the day 29. That month has the days 01 to 28.'],
  ['2015-13-01', 'Time "2015-13-01" has the month 13. Months are 01 to 12.'],
  ['2015-00-01', 'Time "2015-00-01" has the month 0. Months are 01 to 12.'],
  ['2015-01-01T24:00', 'Time "2015-01-01T24:00" has the hour 24. The hour is 00 to 23.'],
  ['2015-01-01T23:60', 'Time "2015-01-01T23:60" has the minute 60. The minute is 00 to 59.'],
  ['2015-01-01T23:59:60', 'Time "2015-01-01T23:59:60" has the second 60. The second is 00 to 59.'],
  [
    '2015-01-01T00:00+25:00',
    'Time "2015-01-01T00:00+25:00" has the offset hour 25. The offset hour is 00 to 23.',
  ],
  ...[
    '',
    'today',
    '15-01-01',
    '2015-1-1',
    '2015-01-01 00:00',
    '20150101',
    '2015-01-01Z',
    ' 2015',
    '2015-W01',
  ].map((text): [string, string] => [
    text,
    `Time "${text}" is not an ISO-8601 time. Expected the form "2011-04-01T00:00:00.000Z".`,
  ]),
];

describe('parseInstant', () => {
  it.each(read)('reads %s in %s as %s', (text, timeZone, iso) => {
    expect(formatInstant(parseInstant(text, timeZone))).toBe(iso);
  });

  it.each(dst)('%s: %s in %s', (_name, text, timeZone, iso) => {
    expect(formatInstant(parseInstant(text, timeZone))).toBe(iso);
  });

  it.each(faults)('refuses "%s"', (text, message) => {
    expect(() => parseInstant(text)).toThrow(message);
  });

  it('agrees with Date on every day of 800 years', () => {
    const wrong: string[] = [];
    for (let day = -500 * 365; day < 300 * 365; day++) {
      const ms = day * 86_400_000 + 12_345_678;
      const iso = new Date(ms).toISOString();
      if (parseInstant(iso) !== ms || formatInstant(ms) !== iso) wrong.push(iso);
    }
    expect(wrong).toEqual([]);
  });

  it('clamps what lies outside the range of Date, and writes its ends as eternity', () => {
    expect(parseInstant('-146136543-09-08T08:23:32.096Z')).toBe(-8.64e15);
    expect(parseInstant('+999999999')).toBe(8.64e15);
    expect(formatInstant(-8.64e15)).toBe('-146136543-09-08T08:23:32.096Z');
    expect(formatInstant(8.64e15, 'Asia/Tokyo')).toBe('146140482-04-24T15:36:27.903Z');
    expect(formatInstant(8.64e15 - 1)).toBe('275760-09-12T23:59:59.999Z');
    expect(formatInstant(-8.64e15 + 1)).toBe('-271821-04-20T00:00:00.001Z');
  });
});

describe('formatInstant', () => {
  const ms = Date.UTC(2011, 3, 1);
  const texts: [timeZone: string, text: string][] = [
    ['UTC', '2011-04-01T00:00:00.000Z'],
    ['Etc/UTC', '2011-04-01T00:00:00.000Z'],
    ['America/Los_Angeles', '2011-03-31T17:00:00.000-07:00'],
    ['america/los_angeles', '2011-03-31T17:00:00.000-07:00'],
    ['Asia/Kolkata', '2011-04-01T05:30:00.000+05:30'],
    ['+05:30', '2011-04-01T05:30:00.000+05:30'],
    ['Africa/Abidjan', '2011-04-01T00:00:00.000Z'],
  ];
  it.each(texts)('writes the time of %s as %s', (timeZone, text) => {
    expect(formatInstant(ms, timeZone)).toBe(text);
  });

  it('writes local mean time with its seconds', () => {
    expect(formatInstant(Date.UTC(1850, 0, 1), 'America/Los_Angeles')).toBe(
      '1849-12-31T16:07:02.000-07:52:58',
    );
  });

  it('refuses a zone that does not exist', () => {
    expect(() => formatInstant(ms, 'America/Los_Angles')).toThrow(
      'Time zone "America/Los_Angles" is not known. Expected an IANA name such as "America/Los_Angeles", or an offset such as "+05:30". Did you mean "America/Los_Angeles"?',
    );
  });
});
