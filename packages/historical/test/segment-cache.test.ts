import { localStorage } from '@isotherm/deep-storage';
import { memoryDisk } from '@isotherm/platform';
import { describe, expect, it } from 'vitest';
import { SegmentCache } from '../src/segment-cache.ts';
import { sampleSegment, store } from './fixture.ts';

const segment = sampleSegment(0);
const { segmentKey, descriptor, bytes } = segment;

function bench(): {
  cache: SegmentCache;
  disk: ReturnType<typeof memoryDisk>;
  deep: ReturnType<typeof memoryDisk>;
  gets: string[];
} {
  const disk = memoryDisk();
  const deep = memoryDisk();
  const gets: string[] = [];
  const storage = localStorage(deep);
  const counting = {
    ...storage,
    get: (key: string) => {
      gets.push(key);
      return storage.get(key);
    },
  };
  return { cache: new SegmentCache({ disk, storage: counting }), disk, deep, gets };
}

describe('the cache of local copies', () => {
  it('fetches a segment once', async () => {
    const { cache, disk, deep, gets } = bench();
    await store(localStorage(deep), [segment]);
    await cache.fetch(segmentKey, descriptor);
    await cache.fetch(segmentKey, descriptor);
    expect(gets).toEqual([descriptor.key]);
    expect(await disk.read(cache.pathOf(segmentKey))).toEqual(bytes);
  });

  it('finds its copies again after a restart', async () => {
    const { cache, disk, deep } = bench();
    await store(localStorage(deep), [segment]);
    await cache.fetch(segmentKey, descriptor);
    const restarted = new SegmentCache({ disk, storage: localStorage(memoryDisk()) });
    expect(await restarted.list()).toEqual([{ segmentKey, descriptor }]);
    await restarted.fetch(segmentKey, descriptor);
  });

  it.each([
    [
      'cut short',
      bytes.slice(0, -1),
      `it has ${bytes.length - 1} bytes instead of ${bytes.length}`,
    ],
    [
      'changed in one byte',
      bytes.map((byte, index) => (index === 99 ? byte ^ 1 : byte)),
      'its SHA-256 is another one',
    ],
    [
      'another answer altogether',
      new TextEncoder().encode('<html>'),
      `it has 6 bytes instead of ${bytes.length}`,
    ],
  ])('takes no object that is %s, and tries three times', async (_what, wrong, fault) => {
    const { cache, disk, deep, gets } = bench();
    await deep.writeAtomic(descriptor.key, wrong);
    await expect(cache.fetch(segmentKey, descriptor)).rejects.toMatchObject({
      kind: 'CorruptSegmentError',
      code: 'CORRUPT_IN_DEEP_STORAGE',
      message: `Segment "${segmentKey}" is damaged in deep storage: ${fault}. Ingest it again.`,
    });
    expect(gets).toHaveLength(3);
    expect(await disk.list('')).toEqual([]);
  });

  it('keeps no copy without proof: a download that was cut off is removed', async () => {
    const { cache, disk, deep } = bench();
    await store(localStorage(deep), [segment]);
    await cache.fetch(segmentKey, descriptor);
    const proof = cache.pathOf(segmentKey).replace('segment.arrow', 'descriptor.json');
    await disk.remove(proof);
    expect(await cache.list()).toEqual([]);
    expect(await disk.list('')).toEqual([]);
    await cache.fetch(segmentKey, descriptor);
    await disk.writeAtomic(proof, new TextEncoder().encode('{"id"'));
    expect(await cache.list()).toEqual([]);
    await cache.fetch(segmentKey, descriptor);
    await disk.writeAtomic(cache.pathOf(segmentKey), bytes.slice(1));
    expect(await cache.list()).toEqual([]);
  });

  it('moves a damaged copy aside and fetches a new one', async () => {
    const { cache, disk, deep, gets } = bench();
    await store(localStorage(deep), [segment]);
    await cache.fetch(segmentKey, descriptor);
    await cache.quarantine(segmentKey);
    expect(await disk.list('segments')).toEqual([]);
    expect(await disk.list('quarantine')).toHaveLength(1);
    await cache.fetch(segmentKey, descriptor);
    expect(gets).toHaveLength(2);
    await cache.remove(segmentKey);
    expect(await disk.list('')).toEqual([]);
    await cache.quarantine(segmentKey);
    expect(await disk.list('')).toEqual([]);
  });
});
