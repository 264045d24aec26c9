/** What ends a call before its answer does: the caller's signal, and its time limit. */
import { CancelledError, IsothermError, TimeoutError } from '@isotherm/errors';
import type { Clock } from '@isotherm/platform';

/** How a call may end early. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** For the whole call, connecting included. */
  readonly timeoutMs?: number;
}

/** Limits of a call at work. */
export interface CallLimits {
  /** Its reason is the error to throw. */
  readonly signal: AbortSignal;
  /** Aborts the signal for a reason that is neither the caller's nor the time limit. */
  abort(reason: Error): void;
  /** Forgets the caller's signal and the time limit. */
  stop(): void;
}

/** Joins the caller's signal and time limit in one signal, whose reason is the error to throw. */
export function watchLimits(clock: Clock, options: CallOptions & { what: string }): CallLimits {
  const { signal: outer, timeoutMs, what } = options;
  const controller = new AbortController();
  const cancel = (): void => {
    const reason: unknown = outer?.reason;
    controller.abort(
      reason instanceof IsothermError
        ? reason
        : new CancelledError(`${what} was cancelled.`, { cause: reason }),
    );
  };
  const expire = (): void => {
    controller.abort(new TimeoutError(`${what} took longer than ${timeoutMs} ms.`));
  };
  const stopTimer = timeoutMs === undefined ? () => {} : clock.schedule(timeoutMs, expire);
  if (outer?.aborted === true) cancel();
  else outer?.addEventListener('abort', cancel);
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    stop() {
      stopTimer();
      outer?.removeEventListener('abort', cancel);
    },
  };
}

/** Waits for a promise that others share, but no longer than the signal allows. */
export async function abortable<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => {
    // watchLimits aborts with an Error.
    aborted.reject(signal.reason as Error);
  };
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort);
  try {
    return await Promise.race([shared, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
