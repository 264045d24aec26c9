import { NotFoundError } from '@isotherm/errors';
import { type Query, parseQuery } from '@isotherm/query';
import { type SegmentDescriptor, formatInterval } from '@isotherm/timeline';
import { describe, expect, it } from 'vitest';
import { type QueryPlan, planQuery } from '../src/plan.ts';
import { applyUpdate } from '../src/timeline-view.ts';
import { daySegment, keysOf, timelineUpdate } from './fixtures.ts';

function planOf(
  json: Record<string, unknown>,
  segments: readonly SegmentDescriptor[],
  { unserved = [], allowed = null }: { unserved?: string[]; allowed?: string[] | null } = {},
): QueryPlan {
  const query = parseQuery({ dataSource: 'ads', ...json }, { queryId: 'q', timeoutMs: 1000 });
  const update = timelineUpdate({ timelineVersion: 9, added: segments, unservedKeys: unserved });
  return planQuery(query, applyUpdate(null, update), allowed);
}

const timeseries = (intervals: string, granularity: unknown = 'all') => ({
  queryType: 'timeseries',
  intervals,
  granularity,
  aggregations: [{ type: 'count', name: 'rows' }],
});

/** Pieces as `key: interval, …` without what all keys share. */
function pieces(plan: QueryPlan): string[] {
  return plan.pieces.map(({ segmentKey, intervals }) => {
    const short = segmentKey.replaceAll('T00:00:00.000Z', '').replaceAll('2026-01-', '');
    const parts = intervals.map((part) =>
      formatInterval(part).replaceAll('2026-01-', '').replaceAll(':00:00.000Z', ''),
    );
    return `${short}: ${parts.join(', ')}`;
  });
}

const week = [1, 2, 3].map((day) => daySegment(day));

describe('pieces', () => {
  const table: [name: string, intervals: string, segments: SegmentDescriptor[], found: string[]][] =
    [
      [
        'are the segments of the interval',
        '2026-01-01/2026-01-03',
        week,
        ['ads_01_02_1: 01T00/02T00', 'ads_02_03_1: 02T00/03T00'],
      ],
      [
        'are clipped to the interval',
        '2026-01-01T12/2026-01-02T06',
        week,
        ['ads_01_02_1: 01T12/02T00', 'ads_02_03_1: 02T00/02T06'],
      ],
      [
        'are hidden by newer versions',
        '2026-01-01/2026-01-03',
        [...week, daySegment(2, { version: 7 })],
        ['ads_01_02_1: 01T00/02T00', 'ads_02_03_7: 02T00/03T00'],
      ],
      [
        'are not hidden by an incomplete newer version',
        '2026-01-02/2026-01-03',
        [...week, daySegment(2, { version: 7, partitionCount: 2 })],
        ['ads_02_03_1: 02T00/03T00'],
      ],
      [
        'come from every namespace',
        '2026-01-02/2026-01-03',
        [...week, daySegment(2, { namespace: 'h07', version: 3 })],
        ['ads_02_03_1: 02T00/03T00', 'ads@h07_02_03_3: 02T00/03T00'],
      ],
      [
        'leave out segments without rows at those times',
        '2026-01-01T23/2026-01-02T06',
        week,
        ['ads_02_03_1: 02T00/02T06'],
      ],
      [
        'leave out segments without rows',
        '2026-01-01/2026-01-03',
        [daySegment(1, { isEmpty: true }), daySegment(2)],
        ['ads_02_03_1: 02T00/03T00'],
      ],
      ['are none where nothing is', '2026-02-01/2026-02-03', week, []],
    ];
  it.each(table)('%s', (_name, intervals, segments, found) => {
    expect(pieces(planOf(timeseries(intervals, 'hour'), segments))).toEqual(found);
  });

  it('keep segments without rows at those times where their bucket answers zeros', () => {
    const plan = planOf(timeseries('2026-01-01T23/2026-01-02', 'day'), week);
    expect(pieces(plan)).toEqual(['ads_01_02_1: 01T23/02T00']);
  });

  it('leave out what rules load nowhere, which still hides older versions', () => {
    const newer = daySegment(2, { version: 7 });
    const plan = planOf(timeseries('2026-01-01/2026-01-04'), [...week, newer], {
      unserved: keysOf([newer]),
    });
    expect(pieces(plan)).toEqual(['ads_01_02_1: 01T00/02T00', 'ads_03_04_1: 03T00/04T00']);
    expect(plan.uncoveredIntervals.map(formatInterval)).toEqual([
      '2026-01-02T00:00:00.000Z/2026-01-03T00:00:00.000Z',
    ]);
  });
});

describe('a plan', () => {
  const view = applyUpdate(null, timelineUpdate({ timelineVersion: 9, added: week }));
  const read = (json: Record<string, unknown>): Query =>
    parseQuery({ dataSource: 'ads', ...json }, { queryId: 'q', timeoutMs: 1000 });
  const days = timeseries('2026-01-01/2026-01-03', 'day');

  it('is kept for queries that differ in nothing it hangs on, and for that view alone', () => {
    const filter = { type: 'selector', dimension: 'ad', value: '1' };
    const plan = planQuery(read(days), view, null);
    expect(planQuery(read({ ...days, filter }), view, ['ads'])).toBe(plan);
    const newer = applyUpdate(view, timelineUpdate({ full: false, timelineVersion: 10 }));
    expect(planQuery(read(days), newer, null).timelineVersion).toBe(10);
    expect(() => planQuery(read(days), view, [])).toThrow(NotFoundError);
  });

  it.each([
    ['intervals', { intervals: '2026-01-01/2026-01-02' }],
    ['granularity', { granularity: 'hour' }],
    ['time zone', { granularity: { type: 'period', period: 'P1D', timeZone: 'Asia/Tokyo' } }],
    ['type', { queryType: 'groupBy', dimensions: [] }],
  ])('is another one for another %s', (_name, changes) => {
    const plan = planQuery(read({ ...days, ...changes }), view, null);
    expect(plan).not.toBe(planQuery(read(days), view, null));
  });

  it('of a timeBoundary hangs on its filter', () => {
    const boundary = { queryType: 'timeBoundary' };
    const filter = { type: 'selector', dimension: 'ad', value: '1' };
    expect(planQuery(read(boundary), view, null).known).toHaveLength(3);
    expect(planQuery(read({ ...boundary, filter }), view, null).known).toEqual([]);
  });
});

describe('visible intervals', () => {
  const table: [name: string, intervals: string, granularity: string, visible: string[]][] = [
    [
      'run from the first time to the end of the last bucket',
      '2026-01-01/2026-01-02',
      'hour',
      ['2026-01-01T01:00:00.000Z/2026-01-01T23:00:00.000Z'],
    ],
    [
      'end with the day for days',
      '2026-01-01/2026-01-02',
      'day',
      ['2026-01-01T01:00:00.000Z/2026-01-02T00:00:00.000Z'],
    ],
    [
      'count a segment whose rows all lie before the interval',
      '2026-01-01T23:30/2026-01-02',
      'all',
      ['2026-01-01T23:30:00.000Z/2026-01-02T00:00:00.000Z'],
    ],
    ['do not count one whose rows all lie after it', '2026-01-01/2026-01-01T00:30', 'all', []],
    ['are none where no segment is', '2026-02-01/2026-02-02', 'all', []],
  ];
  it.each(table)('%s', (_name, intervals, granularity, visible) => {
    const plan = planOf(timeseries(intervals, granularity), week);
    expect(plan.visibleIntervals.map(formatInterval)).toEqual(visible);
  });
});

it('uncovered intervals are what the timeline does not hold', () => {
  const plan = planOf(timeseries('2025-12-31/2026-01-05'), [daySegment(1), daySegment(3)]);
  expect(plan.uncoveredIntervals.map(formatInterval)).toEqual([
    '2025-12-31T00:00:00.000Z/2026-01-01T00:00:00.000Z',
    '2026-01-02T00:00:00.000Z/2026-01-03T00:00:00.000Z',
    '2026-01-04T00:00:00.000Z/2026-01-05T00:00:00.000Z',
  ]);
});

describe('timeBoundary', () => {
  const boundary = { queryType: 'timeBoundary' };

  it('of whole segments needs nobody', () => {
    const plan = planOf(boundary, [daySegment(1)]);
    expect(plan.pieces).toEqual([]);
    expect(plan.known).toEqual([
      {
        kind: 'timeBoundary',
        minMs: Date.UTC(2026, 0, 1, 1),
        maxMs: Date.UTC(2026, 0, 1, 23) - 1,
        scannedRows: 0,
      },
    ]);
    expect(plan.segmentCount).toBe(1);
  });

  it('of a segment that the interval cuts reads it', () => {
    const plan = planOf({ ...boundary, intervals: '2026-01-01T12/2026-01-03' }, week);
    expect(pieces(plan)).toEqual(['ads_01_02_1: 01T12/02T00']);
    expect(plan.known).toHaveLength(1);
  });

  it('with a filter reads all', () => {
    const filter = { type: 'selector', dimension: 'country', value: 'NL' };
    expect(planOf({ ...boundary, filter }, week).pieces).toHaveLength(3);
  });
});

describe('segmentMetadata', () => {
  const tenDays = Array.from({ length: 10 }, (_, index) => daySegment(index + 1));

  it('without intervals covers the last week of the timeline', () => {
    const plan = planOf({ queryType: 'segmentMetadata' }, tenDays);
    expect(plan.pieces.map(({ descriptor }) => descriptor.id.interval.start)).toEqual(
      [4, 5, 6, 7, 8, 9, 10].map((day) => Date.UTC(2026, 0, day)),
    );
  });

  it('with intervals covers those, segments without rows too', () => {
    const plan = planOf({ queryType: 'segmentMetadata', intervals: '2026-01-01/2026-01-03' }, [
      daySegment(1, { isEmpty: true }),
      daySegment(2),
    ]);
    expect(plan.pieces).toHaveLength(2);
  });
});

describe('an unknown datasource', () => {
  const failure = (name: string, allowed: string[] | null): NotFoundError => {
    try {
      planOf(
        { ...timeseries('2026-01-01/2026-01-02'), dataSource: name },
        [daySegment(1), daySegment(1, { dataSource: 'secret' })],
        { allowed },
      );
    } catch (error) {
      if (error instanceof NotFoundError) return error;
      throw error;
    }
    throw new Error('It was planned.');
  };

  it('is named, with the nearest known one', () => {
    const error = failure('abs', null);
    expect([error.status, error.code]).toEqual([404, 'UNKNOWN_DATASOURCE']);
    expect(error.message).toBe(
      'Datasource "abs" does not exist. Datasources: ads, secret. Did you mean "ads"?',
    );
    expect(error.details).toEqual({ dataSource: 'abs', dataSources: ['ads', 'secret'] });
  });

  it('reads the same when it exists but is not the caller’s to know', () => {
    const [hidden, absent] = [failure('secret', ['ads']), failure('sesame', ['ads'])];
    expect(hidden.message).toBe('Datasource "secret" does not exist. Datasources: ads.');
    expect(absent.message.replace('sesame', 'secret')).toBe(hidden.message);
  });
});
