import type { Rule } from '@isotherm/metadata';
import { formatInterval, parseInterval } from '@isotherm/timeline';
import { describe, expect, it } from 'vitest';
import { ruleBook } from '../src/rules.ts';
import { nodesOfTier } from '../src/tiers.ts';

const now = Date.UTC(2026, 2, 31, 12);
const hot = { hot: 2 };

const cases: [string, Rule, Record<string, boolean>][] = [
  [
    'loadForever matches everything',
    { type: 'loadForever', tieredReplicants: hot },
    { '1970-01-01/P1D': true, '2400-01-01/P1D': true },
  ],
  [
    'loadByInterval matches what overlaps, half-open',
    { type: 'loadByInterval', interval: '2026-01-01/2026-02-01', tieredReplicants: hot },
    {
      '2025-12-31/P1D': false,
      '2025-12-31/P2D': true,
      '2026-01-31/P1M': true,
      '2026-02-01/P1D': false,
    },
  ],
  [
    'loadByPeriod counts back from now by the calendar: P1M before 31 March noon is 28 February noon',
    { type: 'loadByPeriod', period: 'P1M', includeFuture: false, tieredReplicants: hot },
    {
      '2026-02-27/P1D': false,
      '2026-02-28/P1D': true,
      '2026-02-28T00/2026-02-28T12': false,
      '2026-03-31/P1D': true,
      '2026-03-31T12/PT1H': false,
      '2026-04-01/P1D': false,
    },
  ],
  [
    'loadByPeriod with includeFuture has no end',
    { type: 'loadByPeriod', period: 'P1M', includeFuture: true, tieredReplicants: hot },
    { '2026-02-27/P1D': false, '2026-04-01/P1D': true, '2400-01-01/P1D': true },
  ],
  [
    'dropByInterval matches what is contained',
    { type: 'dropByInterval', interval: '2026-01-01/2026-02-01' },
    { '2026-01-31/P1D': true, '2026-01-31/P2D': false, '2026-01-01/2026-02-01': true },
  ],
  [
    'dropByPeriod matches what is contained in the period before now',
    { type: 'dropByPeriod', period: 'P1D', includeFuture: false },
    { '2026-03-30T12/P1D': true, '2026-03-30/P1D': false, '2026-03-31/P1D': false },
  ],
  [
    'dropBeforeByPeriod matches what has ended when the period begins',
    { type: 'dropBeforeByPeriod', period: 'P1D' },
    { '2026-03-29T12/P1D': true, '2026-03-30/P1D': false, '2020-01-01/P1D': true },
  ],
];

describe('a rule', () => {
  it.each(cases)('%s', (_name, rule, intervals) => {
    const byOpposite: Rule =
      'tieredReplicants' in rule
        ? { type: 'dropForever' }
        : { type: 'loadForever', tieredReplicants: { cold: 1 } };
    const copiesOf = ruleBook({ ads: [rule, byOpposite], _default: [] }, now);
    const matched = Object.fromEntries(
      Object.keys(intervals).map((interval) => {
        const copies = copiesOf({ dataSource: 'ads', interval: parseInterval(interval) });
        const isRule = 'tieredReplicants' in rule ? 'hot' in copies : !('cold' in copies);
        return [interval, isRule];
      }),
    );
    expect(matched).toEqual(intervals);
  });
});

describe('a list of rules', () => {
  const rules: Record<string, Rule[]> = {
    ads: [
      {
        type: 'loadByPeriod',
        period: 'P7D',
        includeFuture: true,
        tieredReplicants: { hot: 2, cold: 1 },
      },
      { type: 'loadByPeriod', period: 'P1Y', includeFuture: true, tieredReplicants: { cold: 1 } },
    ],
    gone: [{ type: 'dropForever' }],
    _default: [{ type: 'loadForever', tieredReplicants: { icy: 1 } }],
  };
  const copiesOf = ruleBook(rules, now);
  const table: [string, string, Record<string, number>][] = [
    ['ads', '2026-03-30/P1D', { hot: 2, cold: 1 }],
    ['ads', '2026-01-01/P1D', { cold: 1 }],
    ['ads', '2020-01-01/P1D', { icy: 1 }],
    ['gone', '2026-03-30/P1D', {}],
    ['other', '2026-03-30/P1D', { icy: 1 }],
    ['constructor', '2026-03-30/P1D', { icy: 1 }],
  ];
  it.each(table)(
    'gives %s %s the copies of the first match, defaults last',
    (dataSource, text, copies) => {
      expect(copiesOf({ dataSource, interval: parseInterval(text) })).toEqual(copies);
    },
  );

  it('that matches nothing loads nothing', () => {
    const interval = parseInterval('2026-01-01/P1D');
    expect(ruleBook({ _default: [] }, now)({ dataSource: 'ads', interval })).toEqual({});
    expect(formatInterval(interval)).toBe('2026-01-01T00:00:00.000Z/2026-01-02T00:00:00.000Z');
  });
});

describe('_default_tier', () => {
  const node = (tier: string): { tier: string } => ({ tier });
  const table: [string, string[], string[]][] = [
    ['is the tier of that name if there is one', ['_default_tier', 'hot'], ['_default_tier']],
    ['else it is the hot nodes', ['hot', 'cold', 'hot'], ['hot', 'hot']],
    ['else it is every node', ['cold', 'icy'], ['cold', 'icy']],
  ];
  it.each(table)('%s', (_name, tiers, expected) => {
    const found = nodesOfTier(tiers.map(node), '_default_tier');
    expect(found.map(({ tier }) => tier)).toEqual(expected);
  });

  it('is the only name that means other tiers', () => {
    expect(nodesOfTier([node('hot')], 'cold')).toEqual([]);
  });
});
