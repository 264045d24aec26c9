import type { Interval } from './interval.ts';

/** What names a segment: its place in a namespaced, versioned timeline. */
export interface SegmentId {
  readonly dataSource: string;
  /** Letters, digits, `.`, `_`, `-`; parts divided by `/`; `default` when a spec names none. */
  readonly namespace: string;
  readonly interval: Interval;
  /** From the metadata store's sequence, never from a clock. A higher one overshadows. */
  readonly version: number;
  /** 0 … partitionCount - 1 within one interval and version. */
  readonly partition: number;
}

/** A physical column as the metadata knows it. */
export interface ColumnSummary {
  readonly name: string;
  readonly type: 'string' | 'long' | 'float' | 'double' | 'hyperUnique';
}

/** All that planning, loading and verifying need to know of a segment without opening it. Survives JSON. */
export interface SegmentDescriptor {
  readonly id: SegmentId;
  /** Partitions of this interval and version; all must be there before any is visible. */
  readonly partitionCount: number;
  readonly rowCount: number;
  /** Size of the file in deep storage. */
  readonly bytes: number;
  /** Size once its columns are uncompressed in memory. */
  readonly memoryBytes: number;
  /** SHA-256 of the file, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** Key in deep storage. */
  readonly key: string;
  /** Without `__time`, in the order of the spec. */
  readonly dimensions: readonly ColumnSummary[];
  readonly metrics: readonly ColumnSummary[];
  /** First and last `__time` in the segment, both inclusive; null when it has no rows. */
  readonly timeRange: { readonly minMs: number; readonly maxMs: number } | null;
  /** The job that built it. */
  readonly jobId: string;
}
