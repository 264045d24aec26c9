/**
 * The queries at work, by id: each has one signal, whose reason is the error that it ends with, be it
 * the time limit, a cancellation by id, or a caller that went away.
 */
import { CancelledError, IsothermError, TimeoutError } from '@isotherm/errors';
import type { Clock } from '@isotherm/platform';

/** A query at work. */
export interface RunningQuery {
  readonly signal: AbortSignal;
  /** What is left of the time limit; may be negative. */
  remainingMs(): number;
  /** The error for its time limit: historicals notice it too, but know only what was left for them. */
  timedOut(): TimeoutError;
  /** To be called once, when the last byte of the answer has been taken. */
  stop(): void;
}

/** Keeps track of queries. */
export class RunningQueries {
  readonly #clock: Clock;
  readonly #byId = new Map<string, Set<AbortController>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts the clock of a query. Several may share an id; cancelling it stops them all. */
  start(query: { queryId: string; timeoutMs: number }, caller: AbortSignal): RunningQuery {
    const { queryId, timeoutMs } = query;
    const controller = new AbortController();
    const group = this.#byId.get(queryId) ?? new Set();
    this.#byId.set(queryId, group.add(controller));
    const deadlineMs = this.#clock.monotonicMs() + timeoutMs;
    const stopTimer = this.#clock.schedule(timeoutMs, () => controller.abort(timedOut(query)));
    const abandon = (): void => controller.abort(abandoned(queryId, caller.reason));
    if (caller.aborted) abandon();
    else caller.addEventListener('abort', abandon, { once: true });
    return {
      signal: controller.signal,
      timedOut: () => timedOut(query),
      remainingMs: () => deadlineMs - this.#clock.monotonicMs(),
      stop: () => {
        stopTimer();
        caller.removeEventListener('abort', abandon);
        group.delete(controller);
        if (group.size === 0 && this.#byId.get(queryId) === group) this.#byId.delete(queryId);
      },
    };
  }

  /** Stops the queries of that id. @returns false when there is none */
  cancel(queryId: string): boolean {
    const group = this.#byId.get(queryId) ?? new Set();
    for (const controller of group) {
      controller.abort(new CancelledError(`Query "${queryId}" was cancelled by request.`));
    }
    return group.size > 0;
  }
}

function timedOut({ queryId, timeoutMs }: { queryId: string; timeoutMs: number }): TimeoutError {
  return new TimeoutError(
    `Query "${queryId}" took longer than its limit of ${timeoutMs} ms. Ask for a shorter interval or fewer groups, or raise "timeout" in the context.`,
    { details: { timeoutMs } },
  );
}

function abandoned(queryId: string, reason: unknown): IsothermError {
  return reason instanceof IsothermError
    ? reason
    : new CancelledError(`The caller of query "${queryId}" went away.`, { cause: reason });
}
