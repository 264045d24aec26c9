import { localStorage } from '@isotherm/deep-storage';
import { memoryDisk } from '@isotherm/platform';
import { uncompressSegment } from '@isotherm/segment';
import { describe, expect, it } from 'vitest';
import { SegmentCache } from '../src/segment-cache.ts';
import { sampleSegment, store } from './fixture.ts';

const segment = sampleSegment(0);
const { segmentKey, descriptor, bytes } = segment;
const asIs = { uncompressed: false };

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
  const cache = new SegmentCache({ disk, storage: counting, uncompress: uncompressSegment });
  return { cache, disk, deep, gets };
}

describe('the cache of local copies', () => {
  it('fetches a segment once', async () => {
    const { cache, disk, deep, gets } = bench();
    await store(localStorage(deep), [segment]);
    await cache.fetch(segmentKey, descriptor, asIs);
    await cache.fetch(segmentKey, descriptor, asIs);
    expect(gets).toEqual([descriptor.key]);
    expect(await disk.read(cache.pathOf(segmentKey))).toEqual(bytes);
  });

  it('keeps what is to be loaded as a whole without compression, and finds it again', async () => {
    const { cache, disk, deep, gets } = bench();
    await store(localStorage(deep), [segment]);
    const plain = await uncompressSegment(bytes);
    const options = { uncompressed: true };
    expect(await cache.fetch(segmentKey, descriptor, options)).toBe(plain.length);
    expect(await disk.read(cache.pathOf(segmentKey))).toEqual(plain);
    expect(await cache.list()).toEqual([{ segmentKey, descriptor, byteLength: plain.length }]);
    expect(await cache.fetch(segmentKey, descriptor, asIs)).toBe(plain.length);
    expect(gets).toHaveLength(1);
  });

  it('finds copies whose descriptor stands alone, as earlier versions wrote it', async () => {
    const { cache, disk, deep, gets } = bench();
    await store(localStorage(deep), [segment]);
    await cache.fetch(segmentKey, descriptor, asIs);
    const proof = cache.pathOf(segmentKey).replace('segment.arrow', 'descriptor.json');
    await disk.writeAtomic(proof, new TextEncoder().encode(JSON.stringify(descriptor)));
    expect(await cache.list()).toEqual([{ segmentKey, descriptor, byteLength: descriptor.bytes }]);
    expect(await cache.fetch(segmentKey, descriptor, { uncompressed: true })).toBe(bytes.length);
    expect(gets).toHaveLength(1);
  });

  it('finds its copies again after a restart', async () => {
    const { cache, disk, deep } = bench();
    await store(localStorage(deep), [segment]);
    await cache.fetch(segmentKey, descriptor, asIs);
    const storage = localStorage(memoryDisk());
    const restarted = new SegmentCache({ disk, storage, uncompress: uncompressSegment });
    expect(await restarted.list()).toEqual([{ segmentKey, descriptor, byteLength: bytes.length }]);
    await restarted.fetch(segmentKey, descriptor, asIs);
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
    await expect(cache.fetch(segmentKey, descriptor, asIs)).rejects.toMatchObject({
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
    await cache.fetch(segmentKey, descriptor, asIs);
    const proof = cache.pathOf(segmentKey).replace('segment.arrow', 'descriptor.json');
    await disk.remove(proof);
    expect(await cache.list()).toEqual([]);
    expect(await disk.list('')).toEqual([]);
    await cache.fetch(segmentKey, descriptor, asIs);
    await disk.writeAtomic(proof, new TextEncoder().encode('{"id"'));
    expect(await cache.list()).toEqual([]);
    await cache.fetch(segmentKey, descriptor, asIs);
    await disk.writeAtomic(cache.pathOf(segmentKey), bytes.slice(1));
    expect(await cache.list()).toEqual([]);
  });

  it('moves a damaged copy aside and fetches a new one', async () => {
    const { cache, disk, deep, gets } = bench();
    await store(localStorage(deep), [segment]);
    await cache.fetch(segmentKey, descriptor, asIs);
    await cache.quarantine(segmentKey);
    expect(await disk.list('segments')).toEqual([]);
    expect(await disk.list('quarantine')).toHaveLength(1);
    await cache.fetch(segmentKey, descriptor, asIs);
    expect(gets).toHaveLength(2);
    await cache.remove(segmentKey);
    expect(await disk.list('')).toEqual([]);
    await cache.quarantine(segmentKey);
    expect(await disk.list('')).toEqual([]);
  });
});
