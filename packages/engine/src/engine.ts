import type { PartialResult, Query } from '@isotherm/query';
import type { Segment } from '@isotherm/segment';
import type { Interval } from '@isotherm/timeline';

/** What one run over one segment needs. */
export interface SegmentRun {
  readonly query: Query;
  /** Text form of the segment's id, for scan and segmentMetadata answers. */
  readonly segmentId: string;
  readonly segment: Segment;
  /** The parts of the query's intervals that this segment answers: sorted, disjoint, inside the segment's interval. */
  readonly intervals: readonly Interval[];
  /** Rows a kernel handles at a time; tests use 2 and 3. */
  readonly batchRows: number;
  /** Called between batches; throws to stop the run (cancelled, timed out). */
  readonly checkpoint: () => void;
}

/** Names of the columns that a run over `segment` reads; load them first. */
export type NeededColumns = (query: Query, segment: Segment) => string[];

/** Runs a query over one segment whose needed columns are loaded. */
export type RunSegment = (run: SegmentRun) => PartialResult;
