/** Resolves when the signal aborts; at once if it has. Keeps the process alive meanwhile. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // A listener for a signal does not hold the event loop; a timer does.
    const hold = setInterval(() => {}, 1 << 30);
    const stop = (): void => {
      clearInterval(hold);
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
