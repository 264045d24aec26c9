/**
 * Chooses the timeline version that brokers plan by. A job becomes visible only when it is served, so
 * its version is shown at once. But a revert brings back segments whose copies may be gone: then
 * brokers keep the version before it until the copies are loaded, for a while at least. So a revert is as
 * atomic as an ingestion.
 */
import type { Clock } from '@isotherm/platform';
import type { Targets, VisibleTimeline } from './targets.ts';

/** The version shown, and since when a newer one is held back. */
export class TimelineHold {
  readonly #clock: Clock;
  readonly #maxHoldMs: number;
  #shown: VisibleTimeline | null = null;
  #heldSinceMs: number | null = null;

  constructor(clock: Clock, maxHoldMs: number) {
    this.#clock = clock;
    this.#maxHoldMs = maxHoldMs;
  }

  /** Forgets what was shown; the next version is shown as it is. */
  clear(): void {
    this.#shown = null;
    this.#heldSinceMs = null;
  }

  /** Gives the newest version, or the one shown before it while the newest cannot be answered yet. */
  choose(
    newest: VisibleTimeline,
    { wanted }: Targets,
    served: ReadonlySet<string>,
    problems: string[],
  ): VisibleTimeline {
    const shown = this.#shown;
    if (shown === null || shown.timelineVersion === newest.timelineVersion)
      return this.#show(newest);
    if (newest.timelineVersion < shown.timelineVersion) {
      problems.push(
        `The metadata store went back from timeline version ${shown.timelineVersion} to ${newest.timelineVersion}. Brokers keep the newer one. If the store was restored on purpose, restart the coordinator.`,
      );
      return shown;
    }
    const missing = [...newest.segments.keys()].filter(
      (key) => !shown.segments.has(key) && wanted.has(key) && !served.has(key),
    );
    if (missing.length === 0) return this.#show(newest);
    const now = this.#clock.monotonicMs();
    this.#heldSinceMs ??= now;
    if (now - this.#heldSinceMs >= this.#maxHoldMs) return this.#show(newest);
    problems.push(
      `Timeline version ${newest.timelineVersion} waits for ${missing.length} segments to be loaded, such as "${missing[0]}". Version ${shown.timelineVersion} answers meanwhile.`,
    );
    return shown;
  }

  #show(timeline: VisibleTimeline): VisibleTimeline {
    this.#heldSinceMs = null;
    return (this.#shown = timeline);
  }
}
