/**
 * Answers as columns and row numbers, ready to be written. Row numbers point into the columns; nothing
 * is copied and no row is an object.
 */
import type { Interval } from '@isotherm/timeline';
import type { ScanPartial } from '../partial.ts';
import type { OutputColumn } from './output-column.ts';
import type { SegmentAnalysis } from './segment-metadata.ts';

/** What the planner knows and an answer depends on. */
export interface FinishFacts {
  /** Intervals of the segments that the query was planned over; empty when there were none. */
  readonly visibleIntervals: readonly Interval[];
}

/** Rows in order, and behind them the grand total if asked for. */
export interface FinishedTimeseries {
  readonly queryType: 'timeseries';
  readonly rowCount: number;
  readonly times: Float64Array;
  readonly rows: Uint32Array;
  readonly columns: readonly OutputColumn[];
  /** Row 0 of these columns is the total. */
  readonly grandTotal: readonly OutputColumn[] | null;
}

/** Rows of one bucket of a topN in order. */
export interface TopNBucket {
  readonly time: number;
  readonly rows: Uint32Array;
}

/** Buckets in order of time. */
export interface FinishedTopN {
  readonly queryType: 'topN';
  readonly rowCount: number;
  readonly buckets: readonly TopNBucket[];
  readonly columns: readonly OutputColumn[];
}

/** Rows in order; with granularity `all` their times are no part of a row given as array. */
export interface FinishedGroupBy {
  readonly queryType: 'groupBy';
  readonly rowCount: number;
  readonly times: Float64Array;
  readonly rows: Uint32Array;
  readonly columns: readonly OutputColumn[];
  readonly isAll: boolean;
}

/** Consecutive rows of a scan that are written as one object. */
export interface ScanBatch {
  /** null where rows of several segments are mixed by time. */
  readonly segmentId: string | null;
  /** Runs of rows of one partial. */
  readonly runs: readonly { readonly partial: ScanPartial; readonly rows: Uint32Array }[];
}

/** Batches in order. */
export interface FinishedScan {
  readonly queryType: 'scan';
  readonly rowCount: number;
  readonly batches: readonly ScanBatch[];
}

/** First and last time, or neither. */
export interface FinishedTimeBoundary {
  readonly queryType: 'timeBoundary';
  readonly rowCount: number;
  readonly minMs: number | null;
  readonly maxMs: number | null;
}

/** Analyses by segment, or one of all. */
export interface FinishedSegmentMetadata {
  readonly queryType: 'segmentMetadata';
  readonly rowCount: number;
  readonly analyses: readonly SegmentAnalysis[];
}

/** Any finished answer. `rowCount` counts what a user would call rows. */
export type FinishedResult =
  | FinishedTimeseries
  | FinishedTopN
  | FinishedGroupBy
  | FinishedScan
  | FinishedTimeBoundary
  | FinishedSegmentMetadata;
