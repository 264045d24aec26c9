/** What a job tells: while it runs, and when it has ended. Survives JSON. */
import type { BadRow } from './bad-rows.ts';

/** The parts of a job, in order. */
export type IngestionPhase = 'find' | 'read' | 'spill' | 'merge' | 'publish';

/** A sign of life. */
export interface IngestionProgress {
  readonly phase: IngestionPhase;
  readonly rows: number;
  /** Bytes of the input as stored, read so far and in all. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** A segment that was written; of a dry run one that would be. */
export interface SegmentReport {
  /** Text form of its id; null in a dry run. */
  readonly id: string | null;
  readonly interval: string;
  readonly rowCount: number;
  /** Size of the file; null in a dry run. */
  readonly bytes: number | null;
}

/** What became of a job. */
export interface IngestionReport {
  readonly status: 'published' | 'alreadyPublished' | 'dryRun';
  /** null in a dry run */
  readonly jobId: string | null;
  /** null in a dry run */
  readonly version: number | null;
  readonly dataSource: string;
  readonly namespace: string;
  readonly files: number;
  readonly inputBytes: number;
  readonly rowsRead: number;
  /** Outside the intervals or not matched by the filter. */
  readonly rowsFiltered: number;
  readonly rowsRejected: number;
  /** The first hundred. */
  readonly badRows: readonly BadRow[];
  /** After roll-up. */
  readonly rowsStored: number;
  /** Rows read and kept for each one stored; null without rows. */
  readonly rollupRatio: number | null;
  readonly segments: readonly SegmentReport[];
  readonly segmentBytes: number;
  /** Name and type of each column. */
  readonly dimensions: readonly { readonly name: string; readonly type: string }[];
  readonly metrics: readonly { readonly name: string; readonly type: string }[];
  /** How often the index was spilled to the scratch disk. */
  readonly spills: number;
  readonly phaseMs: Readonly<Record<IngestionPhase, number>>;
  /** Settings of Druid's that the spec has and that do nothing here. */
  readonly withoutEffect: readonly string[];
  readonly warnings: readonly string[];
}
