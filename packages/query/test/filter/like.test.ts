/** LIKE patterns. */
import { describe, expect, it } from 'vitest';
import { likeMatcher } from '../../src/filter/like.ts';

const cases: [pattern: string, escape: string | null, matching: string[], others: string[]][] = [
  ['abc', null, ['abc'], ['', 'ab', 'abcd', 'xabc']],
  ['', null, [''], ['a']],
  ['%', null, ['', 'a', 'a\nb'], []],
  ['a%', null, ['a', 'abc'], ['', 'ba']],
  ['%a', null, ['a', 'ba', 'aa'], ['', 'ab']],
  ['%b%', null, ['b', 'abc', 'bb'], ['', 'ac']],
  ['a_c', null, ['abc', 'a%c', 'a😀c'], ['ac', 'abbc']],
  ['_', null, ['a', '😀'], ['', 'ab']],
  ['a%b%c', null, ['abc', 'axxbyyc', 'abbcbc'], ['acb', 'ab']],
  ['10\\%', '\\', ['10%'], ['10', '100', '10\\%']],
  ['a\\\\b', '\\', ['a\\b'], ['ab']],
  ['x!_y', '!', ['x_y'], ['xay']],
  ['a%', '%', ['a'], ['ab', 'a%']],
];

describe('likeMatcher', () => {
  it.each(cases)('%s with escape %s', (pattern, escape, matching, others) => {
    const matches = likeMatcher(pattern, escape);
    expect(matching.filter((text) => !matches(text))).toEqual([]);
    expect(others.filter((text) => matches(text))).toEqual([]);
  });

  it('is done in time with a pattern that a backtracking matcher never ends', () => {
    const matches = likeMatcher(`${'%a'.repeat(30)}b`, null);
    expect(matches('a'.repeat(5_000))).toBe(false);
  });
});
