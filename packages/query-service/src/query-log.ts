/** The log of slow and failed queries: one JSON line each, with names and counts but no values of cells. */
import type { Interval } from '@isotherm/timeline';
import { formatInterval } from '@isotherm/timeline';

/** What is known of a query when it has ended. */
export interface QueryRecord {
  queryId: string;
  /** `unknown` until the query could be read. */
  queryType: string;
  dataSource: string | null;
  intervals: readonly Interval[];
  /** HTTP status; 499 when the client went away. */
  status: number;
  /** Code of the error; null when there was none. */
  code: string | null;
  /** Message of an error that is not the caller's fault. */
  reason: string | null;
  scannedRows: number;
  rowCount: number;
  segmentsAnswered: number;
  segmentsTotal: number;
}

/** A record of a query of which nothing is known yet. */
export function newRecord(queryId: string): QueryRecord {
  return {
    queryId,
    queryType: 'unknown',
    dataSource: null,
    intervals: [],
    status: 200,
    code: null,
    reason: null,
    scannedRows: 0,
    rowCount: 0,
    segmentsAnswered: 0,
    segmentsTotal: 0,
  };
}

/** Writes the line of one query. */
export function queryLogLine(
  record: QueryRecord,
  at: { nowMs: number; durationMs: number },
): string {
  const { intervals, ...rest } = record;
  return JSON.stringify({
    time: new Date(at.nowMs).toISOString(),
    role: 'query-service',
    event: record.code === null ? 'slow-query' : 'failed-query',
    durationMs: Math.round(at.durationMs),
    ...rest,
    // A query may name thousands.
    intervals: intervals.slice(0, 10).map(formatInterval),
  });
}
