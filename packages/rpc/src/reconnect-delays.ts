import type { Random } from '@isotherm/platform';

/**
 * Gives the waits of a caller that keeps a stream open and must not hammer a node that is down:
 * each is drawn from [half, whole] of a span that doubles from `minMs` to `maxMs`. Start anew after
 * a success.
 */
export function* reconnectDelays(
  random: Random,
  { minMs = 100, maxMs = 5_000 }: { minMs?: number; maxMs?: number } = {},
): Generator<number, never> {
  for (let spanMs = minMs; ; spanMs = Math.min(spanMs * 2, maxMs)) {
    yield spanMs * (0.5 + random.next() / 2);
  }
}
