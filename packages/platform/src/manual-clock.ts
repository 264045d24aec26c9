/**
 * A clock that stands still until a test moves it. Tasks run in order of their due time, those of
 * one instant in the order they were scheduled.
 */
import { abortReason } from './node-clock.ts';
import type { Clock } from './platform.ts';

/** A clock moved by hand. */
export interface ManualClock extends Clock {
  /**
   * Moves time forward. Every task that falls due runs at its own instant; before the first and after
   * each one, pending promises and deliveries of `memoryNet` run too, so what was just started is
   * under way before time moves, and loops that sleep again keep their rhythm.
   */
  advance(ms: number): Promise<void>;
}

interface Task {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Makes a clock that shows `startMs` (epoch milliseconds) and whose monotonic time starts at 0. */
export function manualClock(startMs: number): ManualClock {
  let elapsedMs = 0;
  let order = 0;
  const tasks = new Set<Task>();

  const schedule = (delayMs: number, run: () => void): (() => void) => {
    const task = { dueMs: elapsedMs + Math.max(delayMs, 0), order: order++, run };
    tasks.add(task);
    return () => tasks.delete(task);
  };

  return {
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    schedule,
    sleep(delayMs, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(abortReason(signal));
          return;
        }
        const cancel = schedule(delayMs, () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        });
        const abort = (): void => {
          cancel();
          reject(abortReason(signal));
        };
        signal?.addEventListener('abort', abort, { once: true });
      });
    },
    async advance(ms) {
      await settle();
      const endMs = elapsedMs + ms;
      for (let task = firstDue(tasks, endMs); task !== null; task = firstDue(tasks, endMs)) {
        tasks.delete(task);
        elapsedMs = Math.max(elapsedMs, task.dueMs);
        task.run();
        await settle();
      }
      elapsedMs = endMs;
      await settle();
    },
  };
}

function firstDue(tasks: ReadonlySet<Task>, endMs: number): Task | null {
  let first: Task | null = null;
  for (const task of tasks) {
    if (task.dueMs > endMs) continue;
    const earlier =
      first === null ||
      task.dueMs < first.dueMs ||
      (task.dueMs === first.dueMs && task.order < first.order);
    if (earlier) first = task;
  }
  return first;
}

/** Lets promises and two rounds of deliveries (a request and its answer) run. */
async function settle(): Promise<void> {
  for (let round = 0; round < 4; round++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
