/** Filters on one value, by the type of the column that holds it. */
import { describe, expect, it } from 'vitest';
import type { LeafFilter, Truth } from '../../src/index.ts';
import { filterColumns, leafPredicate } from '../../src/index.ts';

const selector = (value: string | null): LeafFilter => ({
  type: 'selector',
  dimension: 'd',
  value,
});
const bound = (parts: Partial<Extract<LeafFilter, { type: 'bound' }>>): LeafFilter => ({
  type: 'bound',
  dimension: 'd',
  lower: null,
  upper: null,
  lowerStrict: false,
  upperStrict: false,
  ordering: 'lexicographic',
  ...parts,
});

describe('a column of longs', () => {
  const cases: [name: string, filter: LeafFilter, value: number | bigint | null, truth: Truth][] = [
    ['selector "10" matches 10', selector('10'), 10, true],
    ['selector "10.0" matches 10', selector('10.0'), 10n, true],
    ['selector "10.5" matches nothing', selector('10.5'), 10, false],
    ['selector "abc" matches nothing', selector('abc'), 0, false],
    [
      'selector tells 2^53 and 2^53 + 1 apart',
      selector('9007199254740993'),
      9007199254740992n,
      false,
    ],
    ['selector is exact beyond 2^53', selector('9007199254740993'), 9007199254740993n, true],
    ['selector of a value does not know of null', selector('10'), null, null],
    ['selector null matches null', selector(null), null, true],
    ['selector null does not match 0', selector(null), 0, false],
    ['bound by text: "9" is above "10"', bound({ lower: '10', upper: '2' }), 15, true],
    ['bound by number', bound({ lower: '9', upper: '10.5', ordering: 'numeric' }), 10, true],
    ['bound below a fraction', bound({ upper: '10.5', ordering: 'numeric' }), 11, false],
    [
      'a lower limit that is no number is open',
      bound({ lower: 'x', ordering: 'numeric' }),
      -5,
      true,
    ],
    [
      'an upper limit that is no number lets nothing pass',
      bound({ upper: 'x', ordering: 'numeric' }),
      -5,
      false,
    ],
    [
      'like looks at the text',
      { type: 'like', dimension: 'd', pattern: '1_', escape: null },
      12,
      true,
    ],
  ];
  it.each(cases)('%s', (_name, filter, value, truth) => {
    expect(leafPredicate(filter).ofLong(value)).toBe(truth);
  });
});

describe('a bound with a lower limit on text', () => {
  it('does not know of null in lexicographic order, and leaves it out in every other', () => {
    expect(leafPredicate(bound({ lower: 'a' })).ofText(null)).toBe(null);
    for (const ordering of ['alphanumeric', 'numeric', 'strlen', 'version'] as const) {
      expect(leafPredicate(bound({ lower: 'a', ordering })).ofText(null)).toBe(false);
      expect(leafPredicate(bound({ upper: 'a', ordering })).ofText(null)).toBe(true);
    }
  });
});

describe('an equals of a double', () => {
  it('matches the long that it is exactly', () => {
    const filter = { type: 'equals', column: 'd', matchValueType: 'DOUBLE' } as const;
    const least = leafPredicate({ ...filter, matchValue: -(2 ** 63) });
    expect([-(1n << 63n), -(1n << 63n) + 1n].map(least.ofLong)).toEqual([true, false]);
  });
});

describe('columns of floats and doubles', () => {
  it('a float equals the text it prints, a double only itself', () => {
    const predicate = leafPredicate(selector('10.1'));
    expect(predicate.ofFloat(Math.fround(10.1))).toBe(true);
    expect(predicate.ofDouble(Math.fround(10.1))).toBe(false);
    expect(predicate.ofDouble(10.1)).toBe(true);
  });

  it('a lexicographic bound compares the text of a double', () => {
    expect(leafPredicate(bound({ lower: '10.0', upper: '10.0' })).ofDouble(10)).toBe(true);
  });
});

describe('a column of texts', () => {
  const inList: LeafFilter = { type: 'in', dimension: 'd', values: [null, 'a', 'b'] };
  const cases: [name: string, filter: LeafFilter, value: string | null, truth: Truth][] = [
    ['empty text is not null', selector(null), '', false],
    ['in with null matches null', inList, null, true],
    ['in matches a member', inList, 'b', true],
    ['in does not match another', inList, 'c', false],
    ['in without null does not know of null', { ...inList, values: ['a'] }, null, null],
    ['a bound without lower limit takes null for the least', bound({ upper: 'z' }), null, true],
    ['a bound with lower limit does not know of null', bound({ lower: 'a' }), null, null],
    [
      'a numeric range reads texts as numbers',
      {
        type: 'range',
        column: 'd',
        matchValueType: 'LONG',
        lower: 9,
        upper: null,
        lowerOpen: true,
        upperOpen: false,
      },
      '10',
      true,
    ],
    [
      'equals compares as text',
      { type: 'equals', column: 'd', matchValueType: 'LONG', matchValue: 10 },
      '10.0',
      false,
    ],
  ];
  it.each(cases)('%s', (_name, filter, value, truth) => {
    expect(leafPredicate(filter).ofText(value)).toBe(truth);
  });

  it('a list of 100,000 values costs a look-up a value', () => {
    const values = Array.from({ length: 100_000 }, (_, index) => `v${index}`);
    const predicate = leafPredicate({ type: 'in', dimension: 'd', values });
    const found = Array.from({ length: 200_000 }, (_, index) => predicate.ofText(`v${index}`));
    expect(found.filter((truth) => truth === true).length).toBe(100_000);
  });
});

describe('filterColumns', () => {
  it('names each column once, in the order of the filter', () => {
    expect(
      filterColumns({
        type: 'and',
        fields: [
          {
            type: 'or',
            fields: [{ ...selector('1'), dimension: 'b' } as LeafFilter, { type: 'true' }],
          },
          { type: 'not', field: { type: 'null', column: 'a' } },
          { ...selector('2'), dimension: 'b' } as LeafFilter,
        ],
      }),
    ).toEqual(['b', 'a']);
  });
});
