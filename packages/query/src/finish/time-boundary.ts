/** TimeBoundary: the first and the last time over all segments. */
import type { TimeBoundaryPartial } from '../partial.ts';
import type { FinishedTimeBoundary } from './finished-result.ts';

/** Finishes a timeBoundary. */
export function finishTimeBoundary(partials: readonly TimeBoundaryPartial[]): FinishedTimeBoundary {
  let [minMs, maxMs]: [number | null, number | null] = [null, null];
  for (const partial of partials) {
    if (partial.minMs !== null) minMs = Math.min(minMs ?? partial.minMs, partial.minMs);
    if (partial.maxMs !== null) maxMs = Math.max(maxMs ?? partial.maxMs, partial.maxMs);
  }
  const rowCount = minMs === null && maxMs === null ? 0 : 1;
  return { queryType: 'timeBoundary', rowCount, minMs, maxMs };
}
