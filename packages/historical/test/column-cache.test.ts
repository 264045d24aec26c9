import type { Segment } from '@isotherm/segment';
import { describe, expect, it } from 'vitest';
import { ColumnCache } from '../src/column-cache.ts';

/** A segment whose columns have 10 bytes each; notes what is unloaded. */
function fakeSegment(name: string, unloaded: string[]): Segment {
  const parts = {
    columnBytes: () => 10,
    unload: (names?: readonly string[]) => unloaded.push(`${name}.${names?.join()}`),
  };
  // The cache uses these two only.
  return parts as unknown as Segment;
}

describe('the column cache', () => {
  it('unloads what was used longest ago until the rest fits', () => {
    const unloaded: string[] = [];
    const cache = new ColumnCache(20);
    const [a, b] = [fakeSegment('a', unloaded), fakeSegment('b', unloaded)];
    cache.touch('a', a, ['x', 'y']);
    cache.touch('b', b, ['x']);
    cache.touch('a', a, ['x']);
    expect(cache.bytes).toBe(30);
    cache.trim();
    expect(unloaded).toEqual(['a.y']);
    cache.touch('b', b, ['z']);
    cache.trim();
    expect(unloaded).toEqual(['a.y', 'b.x']);
    expect(cache.bytes).toBe(20);
  });

  it('forgets a dropped segment, and unloads from the one that took its place', () => {
    const unloaded: string[] = [];
    const cache = new ColumnCache(0);
    cache.touch('a', fakeSegment('old', unloaded), ['x']);
    cache.drop('a');
    expect(cache.bytes).toBe(0);
    cache.touch('a', fakeSegment('old', unloaded), ['x']);
    cache.touch('a', fakeSegment('new', unloaded), ['x']);
    cache.trim();
    expect(unloaded).toEqual(['new.x']);
  });
});
