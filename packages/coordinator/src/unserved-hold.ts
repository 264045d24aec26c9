/**
 * Chooses the visible segments that brokers leave out. Those are the segments that rules load nowhere,
 * and for a while those that rules have begun to load again: until the first copy is there, queries go on
 * without them, as before, instead of failing.
 */
import type { Clock } from '@isotherm/platform';
import type { BrokerView } from './broker-feed.ts';
import type { VisibleTimeline } from './targets.ts';

/** Segments that are on their way back, and since when. */
export class UnservedHold {
  readonly #clock: Clock;
  readonly #maxHoldMs: number;
  readonly #returningMs = new Map<string, number>();

  constructor(clock: Clock, maxHoldMs: number) {
    this.#clock = clock;
    this.#maxHoldMs = maxHoldMs;
  }

  /**
   * @param unloaded  visible segments that rules load nowhere
   * @param before  what brokers were told last
   * @returns the keys that brokers leave out, sorted
   */
  choose(
    unloaded: readonly string[],
    before: BrokerView | null,
    shown: VisibleTimeline,
    served: ReadonlySet<string>,
  ): readonly string[] {
    const now = this.#clock.monotonicMs();
    const isUnloaded = new Set(unloaded);
    const returning = (before?.unservedKeys ?? []).filter(
      (key) => !isUnloaded.has(key) && shown.segments.has(key) && !served.has(key),
    );
    const since = new Map(returning.map((key) => [key, this.#returningMs.get(key) ?? now]));
    this.#returningMs.clear();
    for (const [key, sinceMs] of since) this.#returningMs.set(key, sinceMs);
    const held = returning.filter((key) => now - (since.get(key) ?? now) < this.#maxHoldMs);
    return held.length === 0 ? unloaded : [...unloaded, ...held].sort();
  }
}
