/**
 * The fixed number of groupBy queries that a node merges at a time. A query that gets no buffer
 * within its time is refused as overload, not timed out: it never ran.
 */
import { CapacityError } from '@isotherm/errors';
import type { Clock } from '@isotherm/platform';

/** A fixed pool of permits, given in the order they were asked for. */
export class MergeBuffers {
  readonly #clock: Clock;
  readonly #total: number;
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock, total: number) {
    this.#clock = clock;
    this.#total = total;
    this.#free = total;
  }

  /** Queries that wait. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  /**
   * Takes a buffer, waiting for one if need be.
   *
   * @returns gives it back; calling it twice gives it back once
   * @throws CapacityError code MERGE_BUFFERS_BUSY after `timeoutMs`, or the signal's reason
   */
  async take(timeoutMs: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#wait(timeoutMs, signal);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#giveBack();
    };
  }

  async #wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // A waiter that gave up leaves the line at once, so that no buffer is given to it any more.
    const giveUp = (error: unknown): void => {
      this.#waiting.delete(resolve);
      reject(error);
    };
    const refuse = (): void => {
      giveUp(
        new CapacityError(
          `All ${this.#total} merge buffers were busy for ${Math.round(timeoutMs)} ms. Retry later, or raise "mergeBuffers".`,
          { code: 'MERGE_BUFFERS_BUSY' },
        ),
      );
    };
    const abort = (): void => giveUp(signal.reason);
    const stopTimer = this.#clock.schedule(timeoutMs, refuse);
    signal.addEventListener('abort', abort);
    this.#waiting.add(resolve);
    try {
      await promise;
    } finally {
      stopTimer();
      signal.removeEventListener('abort', abort);
    }
  }

  #giveBack(): void {
    for (const resolve of this.#waiting) {
      this.#waiting.delete(resolve);
      resolve();
      return;
    }
    this.#free++;
  }
}
