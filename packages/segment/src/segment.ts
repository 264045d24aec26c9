import type { Column, ColumnStatistics, TimeColumn } from './columns.ts';
import type { SegmentSchema } from './schema.ts';
import type { TimeSums } from './time-sums.ts';
import type { ZoneMap } from './zones.ts';

/** Bytes of a file from offset `start` on, as many as `target` takes, and where they go. */
export interface ReadPart {
  readonly start: number;
  readonly target: Uint8Array;
}

/** Where the bytes of a segment file are: local disk, deep storage or memory. `[start, end)` are file offsets. */
export interface ByteSource {
  readonly byteLength: number;
  read(start: number, end: number): Promise<Uint8Array>;
  /**
   * Reads many parts straight to where they stay, in file order; a source that would have to copy
   * them has none. Targets may lie in shared memory. @throws what `read` throws; fails when cut
   */
  readInto?(parts: readonly ReadPart[]): Promise<void>;
}

/** Memory for the arrays that queries loop over. What is allocated is freed when its column is unloaded. */
export interface ColumnMemory {
  /** Bytes of undefined content at an address that fits every type; null when the memory is full. */
  allocate(byteLength: number): Uint8Array | null;
  free(bytes: Uint8Array): void;
}

/** How a segment is opened. */
export interface OpenOptions {
  /**
   * Where values, ids, dictionaries, indexes and validity bits of loaded columns go; ordinary arrays without it,
   * and when it is full. A segment that is given a memory must be unloaded when it is dropped.
   */
  readonly memory?: ColumnMemory;
}

/** An open segment. Columns are loaded by name once and then read without waiting. */
export interface Segment {
  readonly schema: SegmentSchema;
  readonly rowCount: number;
  /** Size of the file. */
  readonly fileBytes: number;
  readonly timeRange: { readonly minMs: number; readonly maxMs: number } | null;
  /** `__time` first, then dimensions, then metrics. */
  readonly columnNames: readonly string[];
  /** Bytes that loaded columns and sums by time hold in memory. */
  readonly loadedBytes: number;
  /** Columns that have sums by time in the file; empty without. */
  readonly timeSummed: ReadonlySet<string>;
  /** Whether the file holds sums by time, be it only the number of rows. */
  readonly hasTimeSums: boolean;
  statistics(name: string): ColumnStatistics | null;
  /** Uncompressed bytes of a column or of `timeSumsPart`, loaded or not, and of what was derived from it; 0 for an unknown one. */
  columnBytes(name: string): number;
  /**
   * Reads, verifies and uncompresses what is not in memory yet: the columns of these names, the sums
   * by time as `timeSumsPart`; all of it without names. Unknown names are ignored.
   * @throws CorruptSegmentError if a checksum fails
   */
  load(names?: readonly string[]): Promise<void>;
  /** A loaded column; null if the segment has none of that name. @throws InvariantError if it was not loaded */
  column(name: string): Column | null;
  /** The loaded `__time`. @throws InvariantError if it was not loaded */
  time(): TimeColumn;
  /** The zone map of a loaded numeric column or `__time`; null for other kinds. @throws InvariantError if it was not loaded */
  zones(name: string): ZoneMap | null;
  /**
   * Bytes computed from a loaded column on first use and kept until it is unloaded, in the segment's
   * memory where it has room.
   *
   * @param what names them among those of the column
   * @param fill writes them all; not called again, unless it throws
   * @throws InvariantError if the column was not loaded
   */
  derived(
    name: string,
    what: { readonly key: string; readonly byteLength: number },
    fill: (bytes: Uint8Array) => void,
  ): Uint8Array;
  /** The loaded sums by time; null if the file has none. @throws InvariantError if they were not loaded */
  timeSums(): TimeSums | null;
  /** Forgets what was loaded, all or the named parts; their arrays must not be used any more. */
  unload(names?: readonly string[]): void;
}
