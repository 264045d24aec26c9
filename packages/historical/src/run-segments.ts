/** Answers `historical.run`: takes a merge buffer where one is needed, runs, and sees to damaged copies. */
import type { Clock } from '@isotherm/platform';
import type { Message, SegmentsAnswer, SegmentsRequest } from '@isotherm/rpc';
import { TimeoutError } from '@isotherm/errors';
import type { MergeBuffers } from './merge-buffers.ts';
import type { PoolAnswer, SegmentPool } from './segment-pool.ts';
import type { ServedSegments } from './served-segments.ts';

/** What answering needs. */
interface RunParts {
  readonly pool: SegmentPool;
  readonly buffers: MergeBuffers;
  readonly clock: Clock;
  readonly segments: ServedSegments;
}

/**
 * Runs a part of a query. Gives one item: what is missing, and one attachment of encoded partial
 * results for each worker that took part.
 *
 * @throws CapacityError, TimeoutError, the signal's reason, or what the query itself ran into
 */
export async function* runSegments(
  { json: request, bytes }: Message<SegmentsRequest>,
  signal: AbortSignal,
  parts: RunParts,
): AsyncGenerator<Message<SegmentsAnswer>, void, undefined> {
  const startMs = parts.clock.monotonicMs();
  // The workers parse it; here only its type matters.
  const query = textOf(bytes[0] ?? new Uint8Array());
  const giveBack =
    request.queryType === 'groupBy'
      ? await parts.buffers.take(request.timeoutMs, signal)
      : () => {};
  let answer: PoolAnswer;
  try {
    const timeoutMs = request.timeoutMs - (parts.clock.monotonicMs() - startMs);
    if (timeoutMs <= 0) {
      throw new TimeoutError(`Query "${request.queryId}" had no time left when it could start.`);
    }
    answer = await parts.pool.run({ ...request, query, timeoutMs }, signal);
  } finally {
    giveBack();
  }
  for (const { segmentKey, reason } of answer.damaged) {
    void parts.segments.replaceDamaged(segmentKey, reason);
  }
  const { missingKeys, scannedRows, blocks } = answer;
  yield { json: { missingKeys, scannedRows }, bytes: blocks };
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
}
