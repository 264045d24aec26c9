/**
 * Layout of partial results between nodes. Everything starts at a multiple of 8 bytes, so a receiver
 * whose buffer is aligned reads columns in place. Little-endian.
 *
 *   magic         u32   "IPR1"
 *   crc32         u32   of all that follows
 *   totalBytes    u32   of the whole, magic included
 *   partialCount  u32
 *   partials
 *
 * One partial:
 *
 *   kind          u32   1 grouped, 2 scan, 3 timeBoundary, 4 segmentMetadata
 *   rowCount      u32   0 for kinds without rows
 *   columnCount   u32   dimensions, or columns of a scan
 *   stateCount    u32   aggregation states; 0 unless grouped
 *   scannedRows   f64
 *   jsonBytes     u32
 *   zero          u32
 *   json          UTF-8: the parts that are no columns, by kind (see partial/encode-partials.ts)
 *   times         f64[rowCount]; none for kinds without rows
 *   columns       columnCount, then stateCount of them
 *
 * One column:
 *
 *   type          u32   1 long, 2 double, 3 float, 4 string, 5 strings, 6 doubleSum, 7 floatSum, 8 hyperUnique
 *   hasNulls      u32   1 when `nulls` follows the values
 *   long          i64[rowCount], nulls u8[rowCount]?
 *   double, float f64[rowCount], nulls?
 *   string        dictionary, ids u32[rowCount]
 *   strings       dictionary, idCount u32, zero u32, offsets u32[rowCount + 1], ids u32[idCount]
 *   …Sum          values f64[rowCount], errors f64[rowCount], nulls?
 *   hyperUnique   registers u8[rowCount * 2048]
 *
 * One dictionary:
 *
 *   size          u32
 *   nullId        u32   entry that is null, or 0xffffffff
 *   textBytes     u32
 *   zero          u32
 *   offsets       u32[size + 1]   entry i is text[offsets[i] … offsets[i + 1])
 *   text          u8[textBytes]   UTF-8
 */
import type { PartialColumn, PartialResult } from '@isotherm/query';

/** First four bytes, "IPR1". */
export const magic = 0x3152_5049;
/** Bytes before the first partial. */
export const prefixBytes = 16;
/** Registers of one hyperUnique state. */
export const registersPerState = 2048;
/** `nullId` of a dictionary without null. */
export const noNullId = 0xffff_ffff;

/** Codes of partial kinds. */
export const kindCodes: Readonly<Record<PartialResult['kind'], number>> = {
  grouped: 1,
  scan: 2,
  timeBoundary: 3,
  segmentMetadata: 4,
};

/** Codes of column types. */
export const columnCodes: Readonly<Record<PartialColumn['type'], number>> = {
  long: 1,
  double: 2,
  float: 3,
  string: 4,
  strings: 5,
  doubleSum: 6,
  floatSum: 7,
  hyperUnique: 8,
};
