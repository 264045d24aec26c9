import {
  bucketStart,
  bucketStarts,
  bucketStartsOf,
  eternity,
  formatInstant,
  granularityTimeZone,
  nextBucket,
  parseGranularity,
  parseInstant,
  parseInterval,
} from '@isotherm/timeline';
import { describe, expect, it } from 'vitest';

const zoned = (period: string, timeZone: string): object => ({ type: 'period', period, timeZone });

const cases: [json: unknown, time: string, start: string, next: string][] = [
  ['second', '2011-01-12T13:14:15.678', '2011-01-12T13:14:15.000Z', '2011-01-12T13:14:16.000Z'],
  ['five_minute', '2011-01-12T13:14:15', '2011-01-12T13:10:00.000Z', '2011-01-12T13:15:00.000Z'],
  ['six_hour', '2011-01-12T13:14:15', '2011-01-12T12:00:00.000Z', '2011-01-12T18:00:00.000Z'],
  ['day', '1969-12-31T23:59', '1969-12-31T00:00:00.000Z', '1970-01-01T00:00:00.000Z'],
  ['week', '2011-01-12', '2011-01-10T00:00:00.000Z', '2011-01-17T00:00:00.000Z'],
  ['month', '2012-02-29', '2012-02-01T00:00:00.000Z', '2012-03-01T00:00:00.000Z'],
  ['quarter', '2011-06-30', '2011-04-01T00:00:00.000Z', '2011-07-01T00:00:00.000Z'],
  ['year', '1969-06-30', '1969-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z'],
  // Several units count from the epoch, in the zone's own time.
  [
    { type: 'period', period: 'P10D' },
    '2011-01-12',
    '2011-01-06T00:00:00.000Z',
    '2011-01-16T00:00:00.000Z',
  ],
  [
    zoned('P7D', 'America/Los_Angeles'),
    '2011-01-12',
    '2011-01-06T00:00:00.000-08:00',
    '2011-01-13T00:00:00.000-08:00',
  ],
  [
    { type: 'period', period: 'P2W' },
    '2011-01-12',
    '2011-01-06T00:00:00.000Z',
    '2011-01-20T00:00:00.000Z',
  ],
  [
    { type: 'period', period: 'P5Y' },
    '2011-01-12',
    '2010-01-01T00:00:00.000Z',
    '2015-01-01T00:00:00.000Z',
  ],
  [
    { type: 'period', period: 'P1DT12H' },
    '1970-01-02',
    '1970-01-01T00:00:00.000Z',
    '1970-01-02T12:00:00.000Z',
  ],
  [
    zoned('PT6H', 'America/Los_Angeles'),
    '2015-09-12T00:47',
    '2015-09-11T13:00:00.000-07:00',
    '2015-09-11T19:00:00.000-07:00',
  ],
  // An origin shifts them, before it as well as after.
  [
    { type: 'period', period: 'P10D', origin: '2011-01-12' },
    '2011-01-11',
    '2011-01-02T00:00:00.000Z',
    '2011-01-12T00:00:00.000Z',
  ],
  [
    { type: 'period', period: 'P1W', origin: '1970-01-04' },
    '2011-01-12',
    '2011-01-09T00:00:00.000Z',
    '2011-01-16T00:00:00.000Z',
  ],
  [
    { type: 'period', period: 'P2M', origin: '2011-01-01' },
    '2011-04-12',
    '2011-03-01T00:00:00.000Z',
    '2011-05-01T00:00:00.000Z',
  ],
  [
    { type: 'period', period: 'P1M', origin: '2011-01-31' },
    '2011-03-30',
    '2011-02-28T00:00:00.000Z',
    '2011-03-31T00:00:00.000Z',
  ],
  [
    { type: 'period', period: 'PT1H', origin: '1970-01-01T00:01' },
    '2011-04-15',
    '2011-04-14T23:01:00.000Z',
    '2011-04-15T00:01:00.000Z',
  ],
  [
    { type: 'duration', duration: 7_200_000, origin: '2011-01-01T01:00' },
    '2010-12-31T23:30',
    '2010-12-31T23:00:00.000Z',
    '2011-01-01T01:00:00.000Z',
  ],
  // Zones.
  [
    zoned('PT1H', 'Asia/Kolkata'),
    '2015-09-12T00:47',
    '2015-09-12T06:00:00.000+05:30',
    '2015-09-12T07:00:00.000+05:30',
  ],
  [
    zoned('P1Y', 'Asia/Tokyo'),
    '2011-05-01',
    '2011-01-01T00:00:00.000+09:00',
    '2012-01-01T00:00:00.000+09:00',
  ],
  [
    zoned('P1W', 'America/New_York'),
    '2011-03-13T12:00',
    '2011-03-07T00:00:00.000-05:00',
    '2011-03-14T00:00:00.000-04:00',
  ],
  // Days of 23 and 25 hours.
  [
    zoned('P1D', 'America/Los_Angeles'),
    '2011-03-13T12:00',
    '2011-03-13T00:00:00.000-08:00',
    '2011-03-14T00:00:00.000-07:00',
  ],
  [
    zoned('P1D', 'America/Los_Angeles'),
    '2011-11-06T12:00',
    '2011-11-06T00:00:00.000-07:00',
    '2011-11-07T00:00:00.000-08:00',
  ],
  // A repeated hour is two buckets.
  [
    zoned('PT1H', 'America/Los_Angeles'),
    '2011-11-06T08:30',
    '2011-11-06T01:00:00.000-07:00',
    '2011-11-06T01:00:00.000-08:00',
  ],
  [
    zoned('PT1H', 'America/Los_Angeles'),
    '2011-11-06T09:30',
    '2011-11-06T01:00:00.000-08:00',
    '2011-11-06T02:00:00.000-08:00',
  ],
  // Lord Howe shifts by half an hour: one hour has 90 minutes, another one 30.
  [
    zoned('PT1H', 'Australia/Lord_Howe'),
    '2011-04-02T15:10',
    '2011-04-03T01:00:00.000+11:00',
    '2011-04-03T02:00:00.000+10:30',
  ],
  [
    zoned('PT1H', 'Australia/Lord_Howe'),
    '2011-10-01T15:40',
    '2011-10-02T02:30:00.000+11:00',
    '2011-10-02T03:00:00.000+11:00',
  ],
  // A midnight that is skipped, one that comes twice, and a day that is skipped.
  [
    zoned('P1D', 'America/Sao_Paulo'),
    '2011-10-16T12:00',
    '2011-10-16T01:00:00.000-02:00',
    '2011-10-17T00:00:00.000-02:00',
  ],
  [
    zoned('P1D', 'America/Sao_Paulo'),
    '2011-10-15T12:00',
    '2011-10-15T00:00:00.000-03:00',
    '2011-10-16T01:00:00.000-02:00',
  ],
  [
    zoned('P1D', 'America/Havana'),
    '2011-11-13T05:30',
    '2011-11-13T00:00:00.000-04:00',
    '2011-11-14T00:00:00.000-05:00',
  ],
  [
    zoned('P1D', 'Pacific/Apia'),
    '2011-12-29T12:00',
    '2011-12-29T00:00:00.000-10:00',
    '2011-12-31T00:00:00.000+14:00',
  ],
];

describe('a bucket', () => {
  it.each(cases)('of %j with %s starts at %s and ends at %s', (json, time, start, next) => {
    const granularity = parseGranularity(json);
    const zone = granularityTimeZone(granularity);
    const startMs = bucketStart(granularity, parseInstant(time));
    expect(formatInstant(startMs, zone)).toBe(start);
    expect(formatInstant(nextBucket(granularity, startMs), zone)).toBe(next);
  });

  it('of all is all of time, and of none one millisecond', () => {
    const [all, none] = [parseGranularity('all'), parseGranularity('none')];
    expect([bucketStart(all, 5), nextBucket(all, eternity.start)]).toEqual([-8.64e15, 8.64e15]);
    expect([bucketStart(none, 5), nextBucket(none, 5)]).toEqual([5, 6]);
  });
});

describe('buckets of an interval', () => {
  it('are those that it touches, half-open', () => {
    const list = (json: unknown, text: string): string[] =>
      [...bucketStarts(parseGranularity(json), parseInterval(text))].map((ms) => formatInstant(ms));
    expect(list('day', '2011-01-01T12/2011-01-03')).toEqual([
      '2011-01-01T00:00:00.000Z',
      '2011-01-02T00:00:00.000Z',
    ]);
    expect(list('day', '2011-01-01/2011-01-01')).toEqual([]);
    expect(list('all', '2011-01-01/2011-02-01')).toEqual(['-146136543-09-08T08:23:32.096Z']);
    expect(list('none', '1970-01-01/PT0.003S')).toHaveLength(3);
  });

  it('of eternity begin and end with time', () => {
    const years = [...bucketStarts(parseGranularity('year'), eternity)];
    expect([years.length, years[0]]).toEqual([275_760 + 271_821 + 1, -8.64e15]);
  });
});

const seed = Number(process.env['SEED'] ?? 20_260_131);
const zones = [
  'UTC',
  'America/Los_Angeles',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Havana',
  'America/Caracas',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Asia/Pyongyang',
  'Pacific/Apia',
  'Europe/Dublin',
  'Africa/Casablanca',
];
const periods = [
  'PT1S',
  'PT1M',
  'PT5M',
  'PT1H',
  'PT6H',
  'P1D',
  'P10D',
  'P1W',
  'P2W',
  'P1M',
  'P3M',
  'P1Y',
  'P1DT12H',
];

describe(`buckets in every zone (seed ${seed})`, () => {
  it.each(zones)('are contiguous and hold their times: %s', (timeZone) => {
    const random = randomOf(seed);
    for (const period of periods) {
      const granularity = parseGranularity({ type: 'period', period, timeZone });
      for (let round = 0; round < 60; round++) {
        const ms = Math.floor(random() * 4.2e12) - 1.2e12;
        const start = bucketStart(granularity, ms);
        const next = nextBucket(granularity, start);
        const facts = { period, ms, start, next };
        expect({ ...facts, holds: start <= ms && ms < next }).toEqual({ ...facts, holds: true });
        expect([period, ms, bucketStart(granularity, start)]).toEqual([period, ms, start]);
        expect([period, ms, bucketStart(granularity, next - 1)]).toEqual([period, ms, start]);
        expect([period, ms, bucketStart(granularity, next)]).toEqual([period, ms, next]);
      }
    }
  });

  it.each(zones)('of one day start when Temporal says that the day does: %s', (timeZone) => {
    const random = randomOf(seed);
    const granularity = parseGranularity({ type: 'period', period: 'P1D', timeZone });
    for (let round = 0; round < 500; round++) {
      const day = new Temporal.PlainDate(1930, 1, 1).add({ days: Math.floor(random() * 40_000) });
      const start = day.toZonedDateTime(timeZone).epochMilliseconds;
      expect([String(day), bucketStart(granularity, start)]).toEqual([String(day), start]);
    }
  });

  it.each(zones)('for a column are those of its times one by one: %s', (timeZone) => {
    const random = randomOf(seed);
    const times = Float64Array.from(
      { length: 2000 },
      () => Math.floor(random() * 1e11) + 1.25e12,
    ).sort();
    for (const json of [
      'all',
      'none',
      ...periods.map((period) => ({ type: 'period', period, timeZone })),
    ]) {
      const granularity = parseGranularity(json);
      const expected = times.map((ms) => bucketStart(granularity, ms));
      expect(bucketStartsOf(granularity, times)).toEqual(expected);
      expect(bucketStartsOf(granularity, times.toReversed())).toEqual(expected.toReversed());
    }
  });
});

it('Five million times are put into days of Los Angeles within a second or so', () => {
  const granularity = parseGranularity(zoned('P1D', 'America/Los_Angeles'));
  const times = Float64Array.from({ length: 5_000_000 }, (_, row) => 1.3e12 + row * 6000);
  const startMs = performance.now();
  bucketStartsOf(granularity, times);
  expect(performance.now() - startMs).toBeLessThan(3000);
});

/** Uniform in [0, 1), by a linear congruence: enough to spread test times. */
function randomOf(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
