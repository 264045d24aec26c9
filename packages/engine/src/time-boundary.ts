/** timeBoundary over one segment: first and last time of the rows that match. */
import { countSlots, readIds } from '@isotherm/kernels';
import type { TimeBoundaryPartial, TimeBoundaryQuery } from '@isotherm/query';
import type { Segment } from '@isotherm/segment';
import type { Interval } from '@isotherm/timeline';
import type { RunOf } from './engine.ts';
import { planRunRows } from './group-rows.ts';
import { visitBatches } from './visit-batches.ts';

/** Runs a timeBoundary; without a filter, over a segment that lies inside the intervals, it reads no column. */
export function runTimeBoundary(run: RunOf<TimeBoundaryQuery>): TimeBoundaryPartial {
  const { query, segment, intervals } = run;
  const range = segment.timeRange;
  if (range === null) return { kind: 'timeBoundary', minMs: null, maxMs: null, scannedRows: 0 };
  if (boundaryIsKnown(query, segment, intervals)) {
    return { kind: 'timeBoundary', ...range, scannedRows: 0 };
  }
  const time = segment.time();
  const plan = planRunRows(run, query.filter);
  const counts = new Uint32Array(time.distinct.length);
  const ids = new Uint32Array(Math.max(1, Math.min(run.batchRows, plan.source.rowCount)));
  const scannedRows = visitBatches(run, plan, (batch) => {
    readIds(time.ids, batch, ids);
    countSlots(ids, batch.count, counts);
    return true;
  });
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) return { kind: 'timeBoundary', minMs: null, maxMs: null, scannedRows };
  const last = counts.findLastIndex((count) => count > 0);
  return {
    kind: 'timeBoundary',
    minMs: time.distinct[first],
    maxMs: time.distinct[last],
    scannedRows,
  };
}

/** True if the segment's own time range is the answer. */
export function boundaryIsKnown(
  query: TimeBoundaryQuery,
  segment: Segment,
  intervals: readonly Interval[],
): boolean {
  const range = segment.timeRange;
  if (range === null) return true;
  if (query.filter !== null && query.filter.type !== 'true') return false;
  return intervals.some(({ start, end }) => start <= range.minMs && range.maxMs < end);
}
