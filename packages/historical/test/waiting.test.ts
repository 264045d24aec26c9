import { manualClock } from '@isotherm/platform';
import { describe, expect, it } from 'vitest';
import { MergeBuffers } from '../src/merge-buffers.ts';
import { RunQueue } from '../src/run-queue.ts';
import { Turnstile } from '../src/turnstile.ts';

const never = new AbortController().signal;

describe('the queue of a worker', () => {
  it('gives larger priorities first, and within one the oldest', () => {
    const queue = new RunQueue<string>(10);
    const runs: [string, number][] = [
      ['a', 0],
      ['b', 5],
      ['c', 0],
      ['d', 5],
      ['e', -1],
    ];
    for (const [run, priority] of runs) queue.push(run, priority);
    expect(runs.map(() => queue.shift())).toEqual(['b', 'd', 'a', 'c', 'e']);
    expect(queue.shift()).toBeUndefined();
  });

  it('refuses more than its limit and takes runs out that gave up', () => {
    const queue = new RunQueue<string>(2);
    queue.push('a', 0);
    queue.push('b', 0);
    expect(() => queue.push('c', 9)).toThrow(
      '2 queries wait for a worker of this node already. Retry later.',
    );
    expect(queue.remove('a')).toBe(true);
    expect(queue.remove('a')).toBe(false);
    queue.push('c', 0);
    expect([queue.shift(), queue.shift(), queue.length]).toEqual(['b', 'c', 0]);
  });
});

describe('merge buffers', () => {
  it('are given in order and never more than there are', async () => {
    const buffers = new MergeBuffers(manualClock(0), 1);
    const giveBack = await buffers.take(1_000, never);
    const order: string[] = [];
    const waiting = ['first', 'second'].map(async (name) => {
      const back = await buffers.take(1_000, never);
      order.push(name);
      back();
    });
    expect(buffers.waitingCount).toBe(2);
    giveBack();
    giveBack();
    await Promise.all(waiting);
    expect(order).toEqual(['first', 'second']);
    expect(buffers.waitingCount).toBe(0);
  });

  it('that stay busy end in a refusal, and the one who gave up takes none', async () => {
    const clock = manualClock(0);
    const buffers = new MergeBuffers(clock, 1);
    const giveBack = await buffers.take(1_000, never);
    const refused = buffers.take(300, never).catch((error: unknown) => error);
    const controller = new AbortController();
    const cancelled = buffers.take(1_000, controller.signal).catch((error: unknown) => error);
    await clock.advance(300);
    expect(await refused).toMatchObject({
      kind: 'CapacityError',
      status: 429,
      code: 'MERGE_BUFFERS_BUSY',
      message: 'All 1 merge buffers were busy for 300 ms. Retry later, or raise "mergeBuffers".',
    });
    controller.abort(new Error('gone'));
    giveBack();
    expect(await cancelled).toMatchObject({ message: 'gone' });
    (await buffers.take(0, never))();
  });
});

describe('a turnstile', () => {
  it('lets so many pass at a time, in order, also after a failure', async () => {
    const turnstile = new Turnstile(2);
    let inside = 0;
    let most = 0;
    const done: number[] = [];
    await Promise.allSettled(
      [0, 1, 2, 3, 4].map((task) =>
        turnstile.pass(async () => {
          most = Math.max(most, ++inside);
          await Promise.resolve();
          inside--;
          done.push(task);
          if (task === 1) throw new Error('no');
        }),
      ),
    );
    expect(most).toBe(2);
    expect(done).toEqual([0, 1, 2, 3, 4]);
  });
});
