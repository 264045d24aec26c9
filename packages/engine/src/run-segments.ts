/** Contents page of the engine: one file per type of query. */
import { withScratch } from '@isotherm/kernels';
import type { RunSegments } from './engine.ts';
import { runGroupBy } from './group-by.ts';
import { runScan } from './scan.ts';
import { runSegmentMetadata } from './segment-metadata.ts';
import { runTimeBoundary } from './time-boundary.ts';
import { runTimeseries } from './timeseries.ts';
import { runTopGroups } from './top-groups.ts';

/**
 * Runs a query over segments whose needed columns are loaded.
 *
 * @returns the groups of all segments in at most one partial result; of other queries one a segment,
 *   in the order of the segments
 * @throws InvalidQueryError if a column is used as what it is not
 * @throws ResourceLimitError if a long sum overflows, or buckets or sketches are too many
 */
export const runSegments: RunSegments = (run) => {
  run.checkpoint();
  const { query } = run;
  switch (query.queryType) {
    case 'timeseries':
      return runTimeseries({ ...run, query });
    case 'topN':
    case 'groupBy':
      return runTopGroups({ ...run, query }) ?? runGroupBy({ ...run, query });
    case 'scan':
      return run.segments.map((piece) => withScratch(() => runScan({ ...run, ...piece, query })));
    case 'timeBoundary':
      return run.segments.map((piece) =>
        withScratch(() => runTimeBoundary({ ...run, ...piece, query })),
      );
    case 'segmentMetadata':
      return run.segments.map((piece) =>
        withScratch(() => runSegmentMetadata({ ...run, ...piece, query })),
      );
  }
};
