import type { Interval } from '@isotherm/timeline';
import {
  condenseIntervals,
  containsInterval,
  eternity,
  formatInterval,
  intersectIntervals,
  overlaps,
  parseInterval,
  subtractIntervals,
} from '@isotherm/timeline';
import { describe, expect, it } from 'vitest';

const texts: [text: string, written: string][] = [
  ['2011-01-01/2011-02-01', '2011-01-01T00:00:00.000Z/2011-02-01T00:00:00.000Z'],
  ['2011-01-01/P1M', '2011-01-01T00:00:00.000Z/2011-02-01T00:00:00.000Z'],
  ['2012-01-31/P1M', '2012-01-31T00:00:00.000Z/2012-02-29T00:00:00.000Z'],
  ['P1D/2011-03-01', '2011-02-28T00:00:00.000Z/2011-03-01T00:00:00.000Z'],
  ['2011-01-01T00:00:00+01:00/PT1H', '2010-12-31T23:00:00.000Z/2011-01-01T00:00:00.000Z'],
  ['-5000/5000', '-5000-01-01T00:00:00.000Z/5000-01-01T00:00:00.000Z'],
  ['2011/2011', '2011-01-01T00:00:00.000Z/2011-01-01T00:00:00.000Z'],
  [
    '-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z',
    '-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z',
  ],
];

const forms =
  'Expected start/end, start/period or period/end, such as "2011-01-01/2011-02-01" or "2011-01-01/P1M".';
const faults: [text: string, message: string][] = [
  ['2011-01-01', `Interval "2011-01-01" has no slash. ${forms}`],
  ['', `Interval "" has no slash. ${forms}`],
  ['2011/', `Interval "2011/" does not have two parts. ${forms}`],
  ['2011/2012/2013', `Interval "2011/2012/2013" does not have two parts. ${forms}`],
  ['P1D/P1D', `Interval "P1D/P1D" is two periods. ${forms}`],
  [
    '2012/2011',
    'Interval "2012/2011" ends before it starts. Expected start/end. Swap the two times.',
  ],
  [
    '2011-02-30/2012',
    'Interval "2011-02-30/2012" cannot be read. Time "2011-02-30" has the day 30. That month has the days 01 to 28.',
  ],
  [
    '2011/P1X',
    'Interval "2011/P1X" cannot be read. Period "P1X" is not an ISO-8601 period. Expected the form "P1D", "PT15M" or "P1Y2M3W4DT5H6M7S".',
  ],
];

describe('an interval as text', () => {
  it.each(texts)('%s is %s', (text, written) => {
    expect(formatInterval(parseInterval(text))).toBe(written);
  });

  it.each(faults)('"%s" is refused', (text, message) => {
    expect(() => parseInterval(text)).toThrow(message);
  });

  it('of eternity is all of time, and can be computed with', () => {
    expect(parseInterval('-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z')).toEqual(
      eternity,
    );
    expect(containsInterval(eternity, parseInterval('2011/2012'))).toBe(true);
    expect(intersectIntervals(eternity, parseInterval('2011/2012'))).toEqual(
      parseInterval('2011/2012'),
    );
  });
});

const span = (start: number, end: number): Interval => ({ start, end });

describe('two intervals', () => {
  const pairs: [a: Interval, b: Interval, shared: Interval | null, contains: boolean][] = [
    [span(0, 10), span(5, 15), span(5, 10), false],
    [span(0, 10), span(2, 3), span(2, 3), true],
    [span(0, 10), span(0, 10), span(0, 10), true],
    [span(0, 10), span(10, 20), null, false],
    [span(0, 10), span(5, 5), null, true],
    [span(5, 5), span(0, 10), null, false],
  ];
  it.each(pairs)('%j and %j share %j', (a, b, shared, contains) => {
    expect(intersectIntervals(a, b)).toEqual(shared);
    expect(overlaps(a, b)).toBe(shared !== null);
    expect(containsInterval(a, b)).toBe(contains);
  });
});

describe('lists of intervals', () => {
  it('are condensed: sorted, merged where they touch, without empty ones', () => {
    const list = [span(20, 30), span(0, 5), span(5, 7), span(2, 3), span(9, 9), span(25, 40)];
    expect(condenseIntervals(list)).toEqual([span(0, 7), span(20, 40)]);
  });

  const subtractions: [list: Interval[], minus: Interval[], rest: Interval[]][] = [
    [[span(0, 10)], [], [span(0, 10)]],
    [[span(0, 10)], [span(0, 10)], []],
    [[span(0, 10)], [span(3, 5), span(7, 20)], [span(0, 3), span(5, 7)]],
    [[span(0, 10), span(20, 30)], [span(5, 25)], [span(0, 5), span(25, 30)]],
    [[span(0, 10)], [span(-5, 0), span(10, 11)], [span(0, 10)]],
    [[], [span(0, 1)], []],
  ];
  it.each(subtractions)('%j without %j is %j', (list, minus, rest) => {
    expect(subtractIntervals(list, minus)).toEqual(rest);
  });
});
