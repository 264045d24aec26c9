/** Contents page of the engine: one file per type of query. */
import { withScratch } from '@isotherm/kernels';
import type { RunSegment, SegmentRun } from './engine.ts';
import { runGroupBy } from './group-by.ts';
import { runScan } from './scan.ts';
import { runSegmentMetadata } from './segment-metadata.ts';
import { runTimeBoundary } from './time-boundary.ts';
import { runTimeseries } from './timeseries.ts';
import { runTopN } from './top-n.ts';

/**
 * Runs a query over one segment whose needed columns are loaded.
 *
 * @throws InvalidQueryError if a column is used as what it is not
 * @throws ResourceLimitError if a long sum overflows, or buckets or sketches are too many
 */
export const runSegment: RunSegment = (run) => {
  run.checkpoint();
  return withScratch(() => runQuery(run));
};

function runQuery(run: SegmentRun): ReturnType<RunSegment> {
  const { query } = run;
  switch (query.queryType) {
    case 'timeseries':
      return runTimeseries({ ...run, query });
    case 'topN':
      return runTopN({ ...run, query });
    case 'groupBy':
      return runGroupBy({ ...run, query });
    case 'scan':
      return runScan({ ...run, query });
    case 'timeBoundary':
      return runTimeBoundary({ ...run, query });
    case 'segmentMetadata':
      return runSegmentMetadata({ ...run, query });
  }
}
