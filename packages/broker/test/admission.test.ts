import { CapacityError } from '@isotherm/errors';
import { describe, expect, it } from 'vitest';
import { Admission } from '../src/admission.ts';

const never = new AbortController().signal;

describe('admission', () => {
  it('lets queries in up to the bound, queues some, and refuses the rest at once', async () => {
    const admission = new Admission({ maxRunningQueries: 1, maxQueuedQueries: 1 });
    const leave = await admission.enter(0, never);
    const second = admission.enter(0, never);
    expect(admission.counts).toEqual({ running: 1, waiting: 1 });
    const refusal = await admission.enter(0, never).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(CapacityError);
    expect(refusal).toMatchObject({
      status: 429,
      retryAfterSeconds: 1,
      message: '1 queries run and 1 wait, which is the most that this broker takes. Retry later.',
    });
    leave();
    (await second)();
    expect(admission.counts).toEqual({ running: 0, waiting: 0 });
  });

  it('takes larger priorities first, and earlier ones among equals', async () => {
    const admission = new Admission({ maxRunningQueries: 1, maxQueuedQueries: 9 });
    const leave = await admission.enter(0, never);
    const order: string[] = [];
    const enter = async (name: string, priority: number): Promise<void> => {
      const done = await admission.enter(priority, never);
      order.push(name);
      done();
    };
    const all = [enter('a0', 0), enter('b5', 5), enter('c0', 0), enter('d5', 5), enter('e-1', -1)];
    leave();
    await Promise.all(all);
    expect(order).toEqual(['b5', 'd5', 'a0', 'c0', 'e-1']);
  });

  it('lets go of a query that ends while it waits', async () => {
    const admission = new Admission({ maxRunningQueries: 1, maxQueuedQueries: 1 });
    const leave = await admission.enter(0, never);
    const stop = new AbortController();
    const waiting = admission.enter(0, stop.signal);
    stop.abort(new Error('Cancelled.'));
    await expect(waiting).rejects.toThrow('Cancelled.');
    expect(admission.counts).toEqual({ running: 1, waiting: 0 });
    leave();
    expect(admission.counts).toEqual({ running: 0, waiting: 0 });
  });
});
