/** Runs that wait for one worker: larger priority first, first come first served within. Bounded. */
import { CapacityError } from '@isotherm/errors';

interface Waiting<Run> {
  readonly run: Run;
  readonly priority: number;
}

/** A bounded priority queue. */
export class RunQueue<Run> {
  readonly #limit: number;
  /** Next one first. */
  readonly #runs: Waiting<Run>[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#runs.length;
  }

  /** @throws CapacityError when the queue is full; O(length) */
  push(run: Run, priority: number): void {
    if (this.#runs.length >= this.#limit) {
      throw new CapacityError(
        `${this.#limit} queries wait for a worker of this node already. Retry later.`,
      );
    }
    const place = this.#runs.findLastIndex((waiting) => waiting.priority >= priority);
    this.#runs.splice(place + 1, 0, { run, priority });
  }

  /** The next run, or undefined. */
  shift(): Run | undefined {
    return this.#runs.shift()?.run;
  }

  /** Takes a run out; false if it is not waiting. */
  remove(run: Run): boolean {
    const place = this.#runs.findIndex((waiting) => waiting.run === run);
    if (place >= 0) this.#runs.splice(place, 1);
    return place >= 0;
  }
}
