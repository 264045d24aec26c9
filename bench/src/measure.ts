/** Times something that is repeated: medians, after warm-up runs that are not counted. */

/** How often a thing is run. */
export interface Repetition {
  readonly minRuns: number;
  readonly maxRuns: number;
  /** No further run is started after this, once `minRuns` are done; after four times this in any case. */
  readonly budgetMs: number;
}

/** Enough for a stable median of anything that takes less than half a second. */
export const defaultRepetition: Repetition = { minRuns: 5, maxRuns: 25, budgetMs: 1500 };

/** Milliseconds of one run. */
export async function timeOnce(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

/** Median milliseconds of several runs; the first only warms up, unless it takes the whole budget. */
export async function medianMs(
  run: () => Promise<unknown>,
  repetition: Repetition = defaultRepetition,
): Promise<number> {
  const { minRuns, maxRuns, budgetMs } = repetition;
  const firstMs = await timeOnce(run);
  if (firstMs > budgetMs) return firstMs;
  const times: number[] = [];
  const started = performance.now();
  const isTired = (): boolean => {
    const spentMs = performance.now() - started;
    return times.length < minRuns ? spentMs > 4 * budgetMs : spentMs > budgetMs;
  };
  while (times.length === 0 || (times.length < maxRuns && !isTired())) {
    times.push(await timeOnce(run));
  }
  return quantile(times, 0.5);
}

/** The value below which a share of the values lies. Values are sorted in place. */
export function quantile(values: number[], share: number): number {
  values.sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.floor(values.length * share))];
}
