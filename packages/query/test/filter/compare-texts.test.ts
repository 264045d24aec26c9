/** Orders of text. */
import { describe, expect, it } from 'vitest';
import type { StringOrdering } from '../../src/index.ts';
import { compareTexts } from '../../src/index.ts';

const orders: [name: string, ordering: StringOrdering, ascending: (string | null)[]][] = [
  [
    'lexicographic: by code points, not by UTF-16',
    'lexicographic',
    [null, '', '10', '9', 'Z', 'a', '\uFFFD', '😀'],
  ],
  [
    'alphanumeric: runs of digits as numbers, before letters, without case',
    'alphanumeric',
    [null, '', '2', '10', 'a', 'A1', 'a2', 'A10', 'b'],
  ],
  [
    'alphanumeric: numbers of any length',
    'alphanumeric',
    ['x99999999999999999998', 'x99999999999999999999', 'x100000000000000000000'],
  ],
  [
    'alphanumeric: a zero that ends the text is above one that does not',
    'alphanumeric',
    ['0.', '0'],
  ],
  ['alphanumeric: case is one character to one, so ß stays', 'alphanumeric', ['SSX', 'true', 'ß']],
  [
    'version: nothing before a divider is a zero',
    'version',
    ['-2', '1-SNAPSHOT', '1.', '1-1', '1.1'],
  ],
  ['version: release is no name of a release', 'version', ['..', 'release']],
  ['alphanumeric: leading zeros break ties', 'alphanumeric', ['a1', 'a01', 'a001']],
  [
    'numeric: what is no number comes first',
    'numeric',
    [null, '', 'abc', 'b', '-10', '-1.5', '0', '1e0', '2', '10', '1e2'],
  ],
  [
    'numeric: exact beyond 2^53',
    'numeric',
    ['9007199254740992', '9007199254740993', '9007199254740993.5', '9007199254740994'],
  ],
  ['strlen: by length, then by text', 'strlen', [null, '', 'b', 'z', 'aa', 'ab', 'aaa']],
  [
    'version: numbers by value, qualifiers below releases',
    'version',
    [
      null,
      '1.0-alpha-1',
      '1.0-beta',
      '1.0-rc1',
      '1.0-SNAPSHOT',
      '1.0',
      '1.0-sp',
      '1.2',
      '1.10',
      '2.0',
    ],
  ],
];

describe('compareTexts', () => {
  it.each(orders)('%s', (_name, ordering, ascending) => {
    const compare = compareTexts(ordering);
    const signs = ascending.map((a) => ascending.map((b) => Math.sign(compare(a, b))));
    const expected = ascending.map((_, a) => ascending.map((_, b) => Math.sign(a - b)));
    expect(signs).toEqual(expected);
  });

  const equal: [ordering: StringOrdering, a: string, b: string][] = [
    ['numeric', '10', '10.0'],
    ['numeric', '1e3', '1000'],
    ['version', '1', '1.0'],
    ['version', '1.0.0', '1-ga'],
    ['version', '1.0', '1-0.1'],
    ['alphanumeric', 'İ', 'ı'],
  ];
  it.each(equal)('%s: %s and %s are equal', (ordering, a, b) => {
    expect(compareTexts(ordering)(a, b) + 0).toBe(0);
  });
});
