/** The real clock: `Date`, `performance.now` and the timers of Node. */
import type { Clock } from './platform.ts';

/** Longest delay that a timer of Node takes, 2^31 - 1 ms (24.8 days); a longer one fires at once there. */
const longestDelayMs = 2_147_483_647;

/**
 * Makes the clock of this machine. Tasks of `schedule` never keep the process alive; a pending
 * `sleep` does, because somebody awaits it.
 */
export function nodeClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    schedule(delayMs, task) {
      const timer = setTimeout(task, clampDelay(delayMs));
      timer.unref();
      return () => clearTimeout(timer);
    },
    sleep(delayMs, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(abortReason(signal));
          return;
        }
        const abort = (): void => {
          clearTimeout(timer);
          reject(abortReason(signal));
        };
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', abort);
          resolve();
        }, clampDelay(delayMs));
        signal?.addEventListener('abort', abort, { once: true });
      });
    },
  };
}

function clampDelay(delayMs: number): number {
  return Math.min(Math.max(delayMs, 0), longestDelayMs);
}

/** The error that an aborted wait rejects with: the signal's reason, wrapped when it is no error. */
export function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('The wait was aborted.', { cause: reason });
}
