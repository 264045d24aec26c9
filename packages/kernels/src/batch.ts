/**
 * What every column loop is told about the rows it works on. A loop gets one batch at a time, so
 * that what it writes stays in the nearest caches; nothing here is made per row.
 *
 *   rows = null    rows start, start + 1, …, start + count - 1
 *   rows = array   rows[0], …, rows[count - 1], in any order, repeats allowed
 */

/** Rows that one call of a kernel handles. The owner overwrites and passes it again and again. */
export interface Batch {
  /** First row; unused when `rows` is given. */
  start: number;
  /** How many rows. */
  count: number;
  /** Row numbers, shape [≥ count]; null for consecutive rows. Read in place, never kept. */
  rows: Uint32Array | null;
}

/** Arrays whose values fit a double exactly. */
export type NumberArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** Ids of dictionary entries in the width that the segment chose. */
export type IdArray = Uint8Array | Uint16Array | Uint32Array;
