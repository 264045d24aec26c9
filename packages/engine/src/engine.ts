import type { PartialResult, Query } from '@isotherm/query';
import type { Segment } from '@isotherm/segment';
import type { Interval } from '@isotherm/timeline';
import type { SharedDictionaries } from './shared-dictionaries.ts';

/** A segment of a run, and what of it is asked for. */
export interface RunPiece {
  /** Text form of the segment's id, for scan and segmentMetadata answers. */
  readonly segmentId: string;
  readonly segment: Segment;
  /** The parts of the query's intervals that this segment answers: sorted, disjoint, inside the segment's interval. */
  readonly intervals: readonly Interval[];
}

/** How a run goes on, whatever its query and segments. */
export interface RunPace {
  /** Rows a kernel handles at a time; tests use 2 and 3. */
  readonly batchRows: number;
  /** Called between batches; throws to stop the run (cancelled, timed out). */
  readonly checkpoint: () => void;
  /** Bytes that groups may take while they are found; `defaultRunBytes` if not given. */
  readonly memoryBytes?: number | undefined;
}

/** What one run over several segments needs. */
export interface SegmentsRun extends RunPace {
  readonly query: Query;
  readonly segments: readonly RunPiece[];
  /** Ids of texts that mean the same in all segments; outlives the run. */
  readonly dictionaries: SharedDictionaries;
  /** True if no other run has rows of the query: then groups that cannot be in its answer may be left out. */
  readonly seesAllRows?: boolean;
}

/** What one run over one segment needs. */
export interface SegmentRun extends RunPace, RunPiece {
  readonly query: Query;
}

/** A run of one type of query over one segment. */
export type RunOf<Q extends Query> = Omit<SegmentRun, 'query'> & { readonly query: Q };

/** A run of one type of query over segments whose columns are of the same types, or missing in all. */
export type GroupingRun<Q extends Query> = Omit<SegmentsRun, 'query'> & { readonly query: Q };

/** Half of what kernels can address: some ten million groups with three sums. */
export const defaultRunBytes = 2 ** 31;

/** Rows of a batch: its scratch arrays stay in the second-level cache, and its fixed costs vanish. */
export const defaultBatchRows = 8192;

/**
 * Names of the columns that a run over `segment` reads, or `timeSumsPart` alone; load them first.
 *
 * @param intervals those of the run; without them a query that statistics could answer still asks
 *   for its columns, because an interval may have been cut by a newer segment
 */
export type NeededColumns = (
  query: Query,
  segment: Segment,
  intervals?: readonly Interval[],
) => string[];

/** Runs a query over segments whose needed columns are loaded. */
export type RunSegments = (run: SegmentsRun) => PartialResult[];
