import { didYouMean, nearestName } from '@isotherm/errors';
import { describe, expect, it } from 'vitest';

const names = ['page', 'user', 'channel', 'countryName', 'a'];
const cases: [typed: string, nearest: string | null][] = [
  ['pags', 'page'],
  ['pgae', 'page'],
  ['Page', 'page'],
  ['pagee', 'page'],
  ['chanel', 'channel'],
  ['chnnael', 'channel'],
  ['contryname', 'countryName'],
  ['cuontrNmae', 'countryName'],
  ['revenue', null],
  ['usr', 'user'],
  ['b', 'a'],
  ['', 'a'],
  ['pa', 'a'],
  ['xyz', null],
];

describe('nearestName', () => {
  it.each(cases)('of "%s" is %s', (typed, nearest) => {
    expect(nearestName(typed, names)).toBe(nearest);
  });

  it('is the first of two that are equally near', () => {
    expect(nearestName('hat', ['cat', 'bat'])).toBe('cat');
  });

  it('is null without candidates', () => {
    expect(nearestName('page', [])).toBeNull();
  });
});

it('didYouMean writes a sentence to append, or nothing', () => {
  expect([didYouMean('pags', names), didYouMean('revenue', names)]).toEqual([
    ' Did you mean "page"?',
    '',
  ]);
});
