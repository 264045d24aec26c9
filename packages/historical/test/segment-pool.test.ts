import type { TextSpans } from '@isotherm/engine';
import { manualClock, seededRandom } from '@isotherm/platform';
import { describe, expect, it } from 'vitest';
import { SegmentPool } from '../src/segment-pool.ts';
import type { RunRequest, WorkerReply, WorkerRequest } from '../src/worker-messages.ts';
import type { WorkerListener, WorkerPool } from '../src/worker-pool.ts';
import { requestFor, sampleSegment, viewsQuery } from './fixture.ts';

const days = [0, 1, 2, 3].map((day) => sampleSegment(day));
const [first, second] = days as [(typeof days)[0], (typeof days)[0]];
const never = new AbortController().signal;

/** Workers that note what they are asked and answer when the test says so. Loads succeed at once. */
class ScriptedPool implements WorkerPool {
  readonly workerCount: number;
  /** Every worker that was started, the restarted ones too. */
  readonly workers: { listener: WorkerListener; requests: WorkerRequest[] }[] = [];
  failLoads: WorkerReply | null = null;
  /** What is said of segments that are loaded from now on. */
  spans: TextSpans = new Map();

  constructor(workerCount: number) {
    this.workerCount = workerCount;
  }

  start(listener: WorkerListener): ReturnType<WorkerPool['start']> {
    const worker = { listener, requests: [] as WorkerRequest[] };
    this.workers.push(worker);
    return {
      post: (request) => {
        worker.requests.push(request);
        if (request.type !== 'load') return;
        const { segmentKey } = request;
        const reply = this.failLoads ?? { type: 'loaded', segmentKey, spans: this.spans };
        queueMicrotask(() => listener.onReply(reply));
      },
      close: async () => {},
    };
  }

  runs(worker = 0): RunRequest[] {
    return (this.workers[worker]?.requests ?? []).filter((request) => request.type === 'run');
  }

  answer(worker: number, runId: number, reply: Partial<WorkerReply> = {}): void {
    this.workers[worker]?.listener.onReply({
      type: 'ran',
      runId,
      bytes: Uint8Array.of(runId),
      scannedRows: 1,
      missingKeys: [],
      damaged: [],
      leaders: null,
      ...reply,
    } as WorkerReply);
  }
}

function bench(workerCount = 1, queueLimit = 2) {
  const pool = new ScriptedPool(workerCount);
  const clock = manualClock(0);
  const lost: string[] = [];
  const segments = new SegmentPool({
    pool,
    clock,
    random: seededRandom(1),
    queueLimit,
    log: () => {},
    onLost: (segmentKey, error) => lost.push(`${segmentKey}: ${error.message}`),
  });
  const load = async (...samples: typeof days): Promise<void> => {
    for (const { segmentKey, descriptor } of samples) {
      const place = { type: 'file', path: descriptor.key, byteLength: 1 } as const;
      await segments.loadSegment(segmentKey, {
        place,
        keepsColumns: true,
        weightBytes: descriptor.memoryBytes,
        interval: descriptor.id.interval,
      });
    }
  };
  return { pool, clock, lost, segments, load };
}

describe('the workers of a node', () => {
  it('share segments by bytes, and each runs its own', async () => {
    const { pool, segments, load } = bench(2);
    await load(...days);
    const answering = segments.run(requestFor([...days, sampleSegment(9)]), never);
    const keysOf = (worker: number): string[] =>
      pool.runs(worker).flatMap((run) => run.segments.map(({ segmentKey }) => segmentKey));
    expect([...keysOf(0), ...keysOf(1)].sort()).toEqual(days.map(({ segmentKey }) => segmentKey));
    expect(keysOf(0)).toHaveLength(2);
    pool.answer(0, 1, { missingKeys: ['x'] });
    pool.answer(1, 2, { damaged: [{ segmentKey: 'y', reason: 'r' }] });
    expect(await answering).toEqual({
      blocks: [Uint8Array.of(1), Uint8Array.of(2)],
      scannedRows: 2,
      missingKeys: [sampleSegment(9).segmentKey, 'x'],
      damaged: [{ segmentKey: 'y', reason: 'r' }],
    });
  });

  it('share the segments of an interval, as far as all of them stay shared', async () => {
    const { pool, segments } = bench(2);
    const place = { type: 'file', path: 'x', byteLength: 1 } as const;
    const load = (key: string, weightBytes: number): Promise<void> => {
      const day = Number(key[0]);
      const interval = { start: day * 86_400_000, end: (day + 1) * 86_400_000 };
      return segments.loadSegment(key, { place, keepsColumns: true, weightBytes, interval });
    };
    await load('0a', 28);
    for (const key of ['0b', '1a', '1b', '1c']) await load(key, 10);
    expect(
      pool.workers.map(({ requests }) =>
        requests.map((request) => (request.type === 'load' ? request.segmentKey : '')),
      ),
    ).toEqual([
      ['0a', '1b'],
      ['0b', '1a', '1c'],
    ]);
  });

  it('are not asked for segments that cannot have rows of the query, unless it is long', async () => {
    const { pool, segments, load } = bench(2);
    pool.spans = new Map([['page', { first: 'p0', last: 'p3' }]]);
    await load(first);
    pool.spans = new Map([['page', { first: 'p4', last: 'p9' }]]);
    await load(second);
    const run = (values: readonly string[]) => {
      const query = JSON.parse(viewsQuery('groupBy')) as object;
      const filter = { type: 'in', dimension: 'page', values };
      return segments.run(
        requestFor([first, second], { query: JSON.stringify({ ...query, filter }) }),
        never,
      );
    };
    const answering = run(['p2', 'x']);
    expect([pool.runs(0).length, pool.runs(1).length]).toEqual([1, 0]);
    pool.answer(0, 1);
    expect(await answering).toMatchObject({ blocks: [Uint8Array.of(1)], missingKeys: [] });
    expect(await run(['x'])).toEqual({
      blocks: [],
      scannedRows: 0,
      missingKeys: [],
      damaged: [],
    });
    void run(['x'.repeat(10_000)]);
    expect([pool.runs(0).length, pool.runs(1).length]).toEqual([2, 1]);
  });

  it('run one query at a time each, larger priority first', async () => {
    const { pool, segments, load } = bench();
    await load(first);
    const outcomes = [0, 1, 5].map((priority) =>
      segments.run(requestFor([first], { priority, queryId: `p${priority}` }), never),
    );
    expect(segments.load).toEqual({ queued: 2, running: 1 });
    for (const runId of [1, 3, 2]) pool.answer(0, runId);
    await Promise.all(outcomes);
    expect(pool.runs().map(({ queryId }) => queryId)).toEqual(['p0', 'p5', 'p1']);
    expect(segments.load).toEqual({ queued: 0, running: 0 });
  });

  it('refuse a query when too many wait', async () => {
    const { segments, load } = bench();
    await load(first);
    const outcomes = [1, 2, 3].map(() => segments.run(requestFor([first]), never));
    await expect(segments.run(requestFor([first]), never)).rejects.toMatchObject({
      kind: 'CapacityError',
      status: 429,
      retryAfterSeconds: 1,
    });
    await segments.close();
    for (const outcome of await Promise.allSettled(outcomes)) {
      expect(outcome).toMatchObject({ reason: { message: 'The node is shutting down.' } });
    }
  });

  it('stop a run whose caller gave up, and free its place at once when it only waited', async () => {
    const { pool, segments, load } = bench();
    await load(first);
    const controller = new AbortController();
    const gone = new Error('gone');
    const outcomes = [1, 2].map(() => segments.run(requestFor([first]), controller.signal));
    controller.abort(gone);
    for (const outcome of await Promise.allSettled(outcomes)) {
      expect(outcome).toEqual({ status: 'rejected', reason: gone });
    }
    expect(pool.runs()[0]?.cancelled[0]).toBe(1);
    expect(segments.load).toEqual({ queued: 0, running: 1 });
    const next = segments.run(requestFor([first]), never);
    pool.answer(0, 1);
    pool.answer(0, 3);
    expect((await next).blocks).toEqual([Uint8Array.of(3)]);
  });

  it('answer a query in time or not at all, even when the worker says nothing', async () => {
    const { pool, clock, segments, load } = bench();
    await load(first);
    const outcome = segments
      .run(requestFor([first], { timeoutMs: 500 }), never)
      .catch((error: unknown) => error);
    await clock.advance(500);
    expect(await outcome).toMatchObject({
      kind: 'TimeoutError',
      message: 'Query "q1" took longer than 500 ms.',
    });
    expect(pool.runs()[0]?.cancelled[0]).toBe(1);
  });

  it('fail as a whole when one share fails, and stop the others', async () => {
    const { pool, segments, load } = bench(2);
    await load(first, second);
    const outcome = segments.run(requestFor([first, second]), never);
    const error = {
      kind: 'ResourceLimitError',
      message: 'Too much.',
      code: 'X',
      details: {},
      retryAfterSeconds: null,
    } as const;
    pool.workers[0]?.listener.onReply({
      type: 'runFailed',
      runId: 1,
      failure: { error, unexpected: null },
    });
    await expect(outcome).rejects.toMatchObject({
      kind: 'ResourceLimitError',
      message: 'Too much.',
    });
    expect(pool.runs(1)[0]?.cancelled[0]).toBe(1);
  });
});

describe('a worker that dies', () => {
  it('answers what it worked on and what waited as missing, starts again and loads its segments', async () => {
    const { pool, clock, segments, load } = bench();
    await load(first, second);
    const outcomes = [first, second].map((segment) => segments.run(requestFor([segment]), never));
    pool.workers[0]?.listener.onExit('it exited with code 1');
    for (const [index, outcome] of (await Promise.all(outcomes)).entries()) {
      expect(outcome).toEqual({
        blocks: [],
        scannedRows: 0,
        missingKeys: [days[index]?.segmentKey],
        damaged: [],
      });
    }
    const waiting = segments.run(requestFor([first]), never);
    await clock.advance(100);
    expect(pool.workers[1]?.requests.map((request) => request.type)).toEqual([
      'load',
      'load',
      'run',
    ]);
    pool.answer(1, 3);
    expect((await waiting).missingKeys).toEqual([]);
  });

  it('tells which segments it cannot load again', async () => {
    const { pool, clock, lost, load } = bench();
    await load(first);
    const error = {
      kind: 'CorruptSegmentError',
      message: 'Bad block.',
      code: 'X',
      details: {},
      retryAfterSeconds: null,
    } as const;
    pool.failLoads = {
      type: 'loadFailed',
      segmentKey: first.segmentKey,
      failure: { error, unexpected: null },
    };
    pool.workers[0]?.listener.onExit('killed');
    await clock.advance(100);
    expect(lost).toEqual([`${first.segmentKey}: Bad block.`]);
  });
});
