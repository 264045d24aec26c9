/**
 * How many queries run at a time. Those beyond wait in a bounded queue, larger priority first and in
 * order of arrival within one; beyond that they are refused at once, which costs nothing.
 */
import { CapacityError } from '@isotherm/errors';

/** Both bounds. */
interface AdmissionLimits {
  readonly maxRunningQueries: number;
  readonly maxQueuedQueries: number;
}

interface Waiting {
  readonly priority: number;
  readonly admit: () => void;
}

/** Lets queries in. */
export class Admission {
  readonly #limits: AdmissionLimits;
  /** In the order in which they will run. */
  readonly #waiting: Waiting[] = [];
  #runningCount = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Queries that run and that wait. */
  get counts(): { readonly running: number; readonly waiting: number } {
    return { running: this.#runningCount, waiting: this.#waiting.length };
  }

  /**
   * Waits for a place.
   *
   * @returns gives the place back; to be called once
   * @throws CapacityError when the queue is full; the signal's reason when it aborts first
   */
  async enter(priority: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const { maxRunningQueries, maxQueuedQueries } = this.#limits;
    if (this.#runningCount < maxRunningQueries) {
      this.#runningCount++;
    } else if (this.#waiting.length < maxQueuedQueries) {
      await this.#wait(priority, signal);
    } else {
      throw new CapacityError(
        `${this.#runningCount} queries run and ${this.#waiting.length} wait, which is the most that this broker takes. Retry later.`,
        { details: { running: this.#runningCount, waiting: this.#waiting.length } },
      );
    }
    return () => this.#leave();
  }

  #wait(priority: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1);
        // Only errors are given as the reason of a query's signal.
        reject(signal.reason as Error);
      };
      const entry: Waiting = {
        priority,
        admit: () => {
          signal.removeEventListener('abort', abort);
          resolve();
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      const after = this.#waiting.findIndex((other) => other.priority < priority);
      this.#waiting.splice(after < 0 ? this.#waiting.length : after, 0, entry);
    });
  }

  /** Hands the place to the next one, or frees it. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#runningCount--;
    else next.admit();
  }
}
