/**
 * The in-memory shape of a segment's columns, the same for the writer that fills them and the
 * reader that maps them. Values are typed arrays; nothing here holds a row object.
 */

import type { Postings } from '@isotherm/kernels';

/** Unsigned integers in the narrowest width that holds them. */
export type NarrowUnsigned = Uint8Array | Uint16Array | Uint32Array;

/** Integers in the narrowest width that holds the segment's range. */
export type NarrowInteger =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array;

/**
 * A text dimension with one value a row. Entries are distinct and sorted by code points
 * (`compareCodePoints` of kernels); null, when the column has any, is entry 0.
 */
export interface StringColumn {
  readonly type: 'string';
  readonly dictionary: StringDictionary;
  /** Entry of each row, shape [rowCount]. */
  readonly ids: NarrowUnsigned;
  readonly index: StringIndex | null;
}

/** A text dimension with any number of values a row; an empty list is a null of its own (Druid reads it as null). */
export interface MultiStringColumn {
  readonly type: 'strings';
  readonly dictionary: StringDictionary;
  /** Row r has ids[offsets[r] … offsets[r + 1]), shape [rowCount + 1]. */
  readonly offsets: Int32Array;
  readonly ids: NarrowUnsigned;
  /** Postings list rows that hold the value at least once. */
  readonly index: StringIndex | null;
}

/** Sorted distinct text; decoding is lazy, so opening a segment costs no string objects. */
export interface StringDictionary {
  readonly size: number;
  /** Entry 0 is null. */
  readonly hasNull: boolean;
  /** Entry i is bytes[offsets[i] … offsets[i + 1]), shape [size + 1]; a null has no bytes. In the segment's memory. */
  readonly offsets: Int32Array;
  /** UTF-8 of all entries in order, in the segment's memory. Read in place; gone when the column is unloaded. */
  readonly bytes: Uint8Array;
  valueAt(id: number): string | null;
  /** Id of a value, or -1; O(log size). */
  idOf(value: string | null): number;
  /** First id whose value is not below `value` (null counts as below all); O(log size). */
  lowerBound(value: string): number;
}

/** Rows of each dictionary id. */
export type StringIndex =
  /** Rows are sorted by this column: id i has rows [starts[i], starts[i + 1]), shape [size + 1]. */
  | { readonly type: 'ranges'; readonly starts: Uint32Array }
  /** Ascending row numbers of id i, as steps from row to row; offsets have shape [size + 1]. */
  | ({ readonly type: 'postings' } & Postings);

/** A long dimension or metric. */
export interface LongColumn {
  readonly type: 'long';
  readonly values: NarrowInteger;
  /** Bit r (least significant first) is 1 where row r has a value; null when all have one. Values under a 0 are 0. */
  readonly validity: Uint8Array | null;
}

/** A double or float dimension or metric. */
export interface FloatingColumn {
  readonly type: 'double' | 'float';
  readonly values: Float64Array | Float32Array;
  readonly validity: Uint8Array | null;
}

/** `__time`: distinct sorted times and each row's place among them. */
export interface TimeColumn {
  readonly type: 'time';
  /** Ascending epoch milliseconds, shape [distinct]. */
  readonly distinct: Float64Array;
  /** shape [rowCount] */
  readonly ids: NarrowUnsigned;
}

/**
 * HyperLogLog sketches. A row's image is bytes[offsets[r] … offsets[r + 1]) in the form of kernels'
 * `encodeHyperUnique`; an empty image is null.
 */
export interface HyperUniqueColumn {
  readonly type: 'hyperUnique';
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** Any column. */
export type Column =
  | StringColumn
  | MultiStringColumn
  | LongColumn
  | FloatingColumn
  | TimeColumn
  | HyperUniqueColumn;

/** Per column figures kept in the file, so that some questions read no column. */
export interface ColumnStatistics {
  readonly nullCount: number;
  /** Dictionary size for text and time; null where it was not counted. */
  readonly distinctCount: number | null;
  /** Numbers: exact integers for long, doubles otherwise; text: first and last entry; null without values. */
  readonly min: bigint | number | string | null;
  readonly max: bigint | number | string | null;
  /** Exact for long (may leave 64 bits: then null); double-double high part for the others; null for text. */
  readonly sum: bigint | number | null;
  /** Low part of a double-double sum, else null. */
  readonly sumError: number | null;
}
