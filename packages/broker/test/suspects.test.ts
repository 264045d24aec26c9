import { manualClock } from '@isotherm/platform';
import { expect, it } from 'vitest';
import { Suspects } from '../src/suspects.ts';

it('a lost node is suspected for five seconds, or until it answers', async () => {
  const clock = manualClock(0);
  const suspects = new Suspects(clock);
  suspects.blame('a');
  suspects.blame('b');
  suspects.trust('b');
  expect(['a', 'b', 'c'].map((id) => suspects.has(id))).toEqual([true, false, false]);
  await clock.advance(4999);
  expect(suspects.has('a')).toBe(true);
  await clock.advance(1);
  expect(suspects.has('a')).toBe(false);
});
