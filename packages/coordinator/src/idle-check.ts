/**
 * Spares the cycles that could not find anything to do: nothing has changed since one that left nothing
 * undone. Rules by period move with time, so even then a whole cycle runs now and again.
 */
import type { Clock } from '@isotherm/platform';

/** Longest time without a whole cycle. */
const maxIdleMs = 10_000;

/** What the last cycle saw, if it left nothing to do. */
export class IdleCheck {
  readonly #clock: Clock;
  #seen: readonly unknown[] | null = null;
  #sinceMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes a cycle that left nothing to do. @param seen  all that it depended on, compared by identity */
  begin(seen: readonly unknown[]): void {
    this.#seen = seen;
    this.#sinceMs = this.#clock.monotonicMs();
  }

  /** Notes that there is something to do. */
  end(): void {
    this.#seen = null;
  }

  /** True when a cycle that sees this would find nothing to do. */
  isIdle(seen: readonly unknown[]): boolean {
    return (
      this.#seen !== null &&
      this.#seen.every((value, index) => value === seen[index]) &&
      this.#clock.monotonicMs() - this.#sinceMs < maxIdleMs
    );
  }
}
