import { localStorage } from '@isotherm/deep-storage';
import { kernelMemory } from '@isotherm/kernels';
import { type Clock, type Disk, manualClock, memoryDisk } from '@isotherm/platform';
import { decodePartials } from '@isotherm/rpc';
import { describe, expect, it } from 'vitest';
import { openPlaceFrom } from '../src/byte-sources.ts';
import { type SegmentWorker, segmentWorker } from '../src/segment-worker.ts';
import type { RunRequest, SegmentPlace } from '../src/worker-messages.ts';
import {
  type SampleSegment,
  requestFor,
  sampleSegment,
  sumOfViews,
  viewsQuery,
} from './fixture.ts';

const first = sampleSegment(0);
const second = sampleSegment(1, 3);

interface Bench {
  readonly disk: Disk;
  readonly worker: SegmentWorker;
  readonly reads: string[];
  readonly load: (segment: SampleSegment, options?: { keepsColumns: boolean }) => Promise<unknown>;
}

function bench(options: { clock?: Clock; columnCacheBytes?: number } = {}): Bench {
  const { clock = manualClock(0), columnCacheBytes = 1 << 20 } = options;
  const disk = memoryDisk();
  const reads: string[] = [];
  const open = openPlaceFrom(disk, localStorage(disk));
  const worker = segmentWorker({
    clock,
    memory: kernelMemory(),
    columnCacheBytes,
    batchRows: 2,
    openPlace: (place: SegmentPlace) => {
      const source = open(place);
      return {
        byteLength: source.byteLength,
        read: (start, end) => {
          reads.push(place.path);
          return source.read(start, end);
        },
      };
    },
  });
  return {
    disk,
    worker,
    reads,
    async load({ segmentKey, descriptor, bytes }, { keepsColumns } = { keepsColumns: true }) {
      await disk.writeAtomic(descriptor.key, bytes);
      const place = { type: 'file', path: descriptor.key, byteLength: bytes.length } as const;
      return worker({ type: 'load', segmentKey, place, keepsColumns });
    },
  };
}

function run(segments: readonly SampleSegment[], changes: Partial<RunRequest> = {}): RunRequest {
  const { query, queryId, timeoutMs, segments: parts } = requestFor(segments);
  return {
    type: 'run',
    runId: 1,
    query,
    queryId,
    timeoutMs,
    segments: parts,
    part: { type: 'every' },
    cancelled: new Int32Array(new SharedArrayBuffer(4)),
    ...changes,
  };
}

/** Flips one byte in the middle of a file. */
async function damage(disk: Disk, path: string): Promise<void> {
  const bytes = await disk.read(path);
  for (let index = 64; index < bytes.length / 2; index += 16) {
    bytes[index] = (bytes[index] ?? 0) ^ 0xff;
  }
  await disk.writeAtomic(path, bytes);
}

describe('a worker', () => {
  it.each([true, false])(
    'answers over all its segments as one partial (columns kept: %s)',
    async (keepsColumns) => {
      const { worker, load } = bench();
      for (const segment of [first, second]) {
        expect(await load(segment, { keepsColumns })).toEqual({
          type: 'loaded',
          segmentKey: segment.segmentKey,
          spans: new Map([['page', { first: 'p0', last: segment === first ? 'p3' : 'p2' }]]),
        });
      }
      const reply = await worker(run([first, second]));
      expect(reply).toMatchObject({
        type: 'ran',
        runId: 1,
        scannedRows: 7,
        missingKeys: [],
        damaged: [],
      });
      const partials = reply?.type === 'ran' ? decodePartials(reply.bytes) : [];
      expect(partials).toHaveLength(1);
      expect(sumOfViews(partials)).toBe(16n);
    },
  );

  it('answers only for the asked intervals of a segment', async () => {
    const { worker, load } = bench();
    await load(first);
    const segments = [{ segmentKey: first.segmentKey, intervals: [{ start: 1, end: 3 }] }];
    const reply = await worker(run([], { segments }));
    expect(sumOfViews(reply?.type === 'ran' ? decodePartials(reply.bytes) : [])).toBe(5n);
  });

  it('names segments that it does not hold, and those it was told to drop', async () => {
    const { worker, load } = bench();
    await load(first);
    await load(second);
    expect(await worker({ type: 'drop', segmentKey: second.segmentKey })).toBeNull();
    expect(await worker(run([first, second, sampleSegment(9)]))).toMatchObject({
      type: 'ran',
      scannedRows: 4,
      missingKeys: [second.segmentKey, sampleSegment(9).segmentKey],
      damaged: [],
    });
  });

  it('gives the memory of a dropped segment back, but not under a run that reads it', async () => {
    const { worker, load } = bench();
    const before = kernelMemory().usedBytes;
    await load(first);
    await load(first);
    await load(second, { keepsColumns: false });
    const running = worker(run([first, second]));
    await worker({ type: 'drop', segmentKey: first.segmentKey });
    await worker({ type: 'drop', segmentKey: second.segmentKey });
    expect(kernelMemory().usedBytes).toBeGreaterThan(before);
    expect(await running).toMatchObject({ type: 'ran' });
    expect(kernelMemory().usedBytes).toBe(before);
  });

  it('reads nothing at query time when columns are kept', async () => {
    const { worker, load, reads } = bench();
    await load(first);
    reads.length = 0;
    await worker(run([first]));
    expect(reads).toEqual([]);
  });

  it('reads a column once when it is loaded on demand, and again after it fell out of the cache', async () => {
    const roomy = bench();
    await roomy.load(first, { keepsColumns: false });
    await roomy.worker(run([first]));
    roomy.reads.length = 0;
    await roomy.worker(run([first]));
    expect(roomy.reads).toEqual([]);
    const narrow = bench({ columnCacheBytes: 0 });
    await narrow.load(first, { keepsColumns: false });
    const query = viewsQuery('groupBy');
    await narrow.worker(run([first], { query }));
    narrow.reads.length = 0;
    await narrow.worker(run([first], { query }));
    expect(narrow.reads.length).toBeGreaterThan(0);
  });

  it('never answers from a damaged file: the segment is missing and its damage is told', async () => {
    const { worker, load, disk } = bench();
    await load(first, { keepsColumns: false });
    await load(second, { keepsColumns: false });
    await damage(disk, first.descriptor.key);
    const reply = await worker(run([first, second], { query: viewsQuery('groupBy') }));
    expect(reply).toMatchObject({
      type: 'ran',
      scannedRows: 3,
      missingKeys: [first.segmentKey],
      damaged: [{ segmentKey: first.segmentKey, reason: expect.any(String) }],
    });
    expect(await load(first)).toMatchObject({ type: 'loaded' });
    await damage(disk, first.descriptor.key);
    const place = {
      type: 'file',
      path: first.descriptor.key,
      byteLength: first.bytes.length,
    } as const;
    expect(
      await worker({ type: 'load', segmentKey: first.segmentKey, place, keepsColumns: true }),
    ).toMatchObject({ type: 'loadFailed', failure: { error: { kind: 'CorruptSegmentError' } } });
  });

  it('counts a file that is gone as damaged, and an object that cannot be had as missing only', async () => {
    const { worker, load, disk } = bench();
    const query = viewsQuery('groupBy');
    await load(first, { keepsColumns: false });
    const place = {
      type: 'object',
      path: second.descriptor.key,
      byteLength: second.bytes.length,
    } as const;
    await disk.writeAtomic(second.descriptor.key, second.bytes);
    await worker({ type: 'load', segmentKey: second.segmentKey, place, keepsColumns: false });
    await disk.remove('pages');
    expect(await worker(run([first, second], { query }))).toMatchObject({
      missingKeys: [first.segmentKey, second.segmentKey],
      damaged: [{ segmentKey: first.segmentKey }],
    });
  });

  it('stops when it is cancelled or out of time', async () => {
    const { worker, load } = bench();
    await load(first);
    const cancelled = new Int32Array(new SharedArrayBuffer(4)).fill(1);
    expect(await worker(run([first], { cancelled }))).toMatchObject({
      type: 'runFailed',
      failure: {
        error: { kind: 'CancelledError', message: 'Query "q1" was cancelled.' },
        unexpected: null,
      },
    });
    let ticks = 0;
    const late = bench({ clock: { ...manualClock(0), monotonicMs: () => ticks++ * 6 } });
    await late.load(first);
    expect(await late.worker(run([first], { timeoutMs: 10 }))).toMatchObject({
      type: 'runFailed',
      failure: { error: { kind: 'TimeoutError', message: 'Query "q1" took longer than 10 ms.' } },
    });
  });

  it('answers a query that is none with the error of the query', async () => {
    const { worker } = bench();
    expect(await worker(run([], { query: '{"queryType":"topM"}' }))).toMatchObject({
      type: 'runFailed',
      failure: { error: { kind: 'InvalidQueryError' }, unexpected: null },
    });
  });
});
