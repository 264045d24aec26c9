/** Explains a native query over one segment file, planned as a worker would plan it, without running it. */
import { type SegmentExplanation, explainSegment, neededColumns } from '@isotherm/engine';
import { InvalidQueryError } from '@isotherm/errors';
import { kernelMemory } from '@isotherm/kernels';
import { parseQuery } from '@isotherm/query';
import { type ByteSource, openSegment } from '@isotherm/segment';
import { intersectIntervals } from '@isotherm/timeline';

export type { SegmentExplanation } from '@isotherm/engine';

/** Nothing runs, so the limit is never met. */
const timeoutMs = 60_000;

/**
 * Opens a segment, loads the columns that the query needs, and plans it.
 *
 * @param json a native query
 * @throws InvalidQueryError if it is none, or the segment is outside of its intervals
 * @throws CorruptSegmentError if the source holds no segment, or a damaged one
 */
export async function explainQuery(json: unknown, source: ByteSource): Promise<SegmentExplanation> {
  const query = parseQuery(json, { queryId: 'explain', timeoutMs });
  const segment = await openSegment(source, { memory: kernelMemory() });
  const { interval } = segment.schema;
  const intervals = query.intervals.flatMap((asked) => intersectIntervals(asked, interval) ?? []);
  if (intervals.length === 0) {
    throw new InvalidQueryError(
      'The segment is outside of the intervals of the query, which would leave it out. ' +
        'Explain a segment that the query meets.',
      { code: 'SEGMENT_OUTSIDE' },
    );
  }
  try {
    await segment.load(neededColumns(query, segment, intervals));
    return explainSegment(query, segment, intervals);
  } finally {
    segment.unload();
  }
}
