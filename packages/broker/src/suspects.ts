/**
 * Nodes that were lost a moment ago. A hung node costs each query the seconds until its silence is
 * noticed, and the coordinator needs as long to take it out of the view: until then it is asked last.
 */
import type { Clock } from '@isotherm/platform';

/** Longer than the coordinator needs to notice, and short for a node that is back. */
const suspicionMs = 5000;

/** Remembers which nodes failed. */
export class Suspects {
  readonly #clock: Clock;
  /** Monotonic time until which a node is suspected, by node id. */
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes that a node was lost while it answered, or could not be reached. */
  blame(nodeId: string): void {
    this.#until.set(nodeId, this.#clock.monotonicMs() + suspicionMs);
  }

  /** Notes that a node answered. */
  trust(nodeId: string): void {
    this.#until.delete(nodeId);
  }

  /** True for a few seconds after `blame`. */
  has(nodeId: string): boolean {
    const untilMs = this.#until.get(nodeId);
    return untilMs !== undefined && this.#clock.monotonicMs() < untilMs;
  }
}
