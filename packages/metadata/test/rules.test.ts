import { parseRules } from '@isotherm/metadata';
import { expect, it } from 'vitest';

const hot = { hot: 1 };

it('Rules are read in Druid’s JSON, and includeFuture is true when absent', () => {
  expect(
    parseRules([
      { type: 'loadByPeriod', period: 'P1M', tieredReplicants: { hot: 2, cold: 1 } },
      { type: 'loadByInterval', interval: '2026-01-01/P1M', tieredReplicants: {} },
      { type: 'dropByPeriod', period: 'P1Y', includeFuture: false },
      { type: 'dropBeforeByPeriod', period: 'P2Y' },
      { type: 'dropForever' },
    ]),
  ).toEqual([
    {
      type: 'loadByPeriod',
      period: 'P1M',
      includeFuture: true,
      tieredReplicants: { hot: 2, cold: 1 },
    },
    { type: 'loadByInterval', interval: '2026-01-01/P1M', tieredReplicants: {} },
    { type: 'dropByPeriod', period: 'P1Y', includeFuture: false },
    { type: 'dropBeforeByPeriod', period: 'P2Y' },
    { type: 'dropForever' },
  ]);
});

const faults: [unknown, string][] = [
  [{}, 'The rules are an object. Expected a list in brackets.'],
  [[7], '"rules[0]" is 7. Expected an object in braces.'],
  [
    [{ type: 'dropForver' }],
    '"rules[0].type" is "dropForver". Expected one of loadForever, loadByInterval, loadByPeriod, dropForever, dropByInterval, dropByPeriod, dropBeforeByPeriod. Did you mean "dropForever"?',
  ],
  [[{ type: 'loadForever' }], '"rules[0].tieredReplicants" is missing. Add it.'],
  [
    [{ type: 'loadForever', tieredReplicants: { hot: 0 } }],
    '"rules[0].tieredReplicants.hot" is 0. Expected a whole number of copies from 1 to 1000.',
  ],
  [
    [{ type: 'loadForever', tieredReplicants: { hot: 1.5 } }],
    '"rules[0].tieredReplicants.hot" is 1.5. Expected a whole number of copies from 1 to 1000.',
  ],
  [
    [{ type: 'loadForever', tieredReplicants: [] }],
    '"rules[0].tieredReplicants" is a list. Expected copies by tier, such as {"hot": 2, "cold": 1}.',
  ],
  [
    [{ type: 'loadByPeriod', period: '1M', tieredReplicants: hot }],
    '"rules[0].period": Period "1M" is not an ISO-8601 period. Expected the form "P1D", "PT15M" or "P1Y2M3W4DT5H6M7S".',
  ],
  [
    [{ type: 'dropByInterval', interval: '2026' }],
    '"rules[0].interval": Interval "2026" has no slash. Expected start/end, start/period or period/end, such as "2011-01-01/2011-02-01" or "2011-01-01/P1M".',
  ],
  [
    [{ type: 'dropForever', period: 'P1D' }],
    '"rules[0].period" is not a known field. Known here: type.',
  ],
];
it.each(faults)('%j is refused', (json, message) => {
  expect(() => parseRules(json)).toThrow(message);
});
