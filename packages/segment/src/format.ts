/**
 * Constants and records of segment format 2; FORMAT.md describes every byte.
 *
 *   "ARROW1\0\0" · schema · dictionary batches · one record batch · end-of-stream mark   Arrow's
 *   zeros to a multiple of 64 · own blocks · directory                                   ours
 *   footer · footer length · "ARROW1"                                                    Arrow's
 */
import type { ColumnStatistics } from './columns.ts';
import type { SegmentSchema } from './schema.ts';

/** The format that is written; older ones are read for ever, newer ones are refused. */
export const formatVersion = 2;

/** Formats that are read. */
export type FormatVersion = 1 | 2;

/** Footer key whose value is the version as decimal digits. */
export const formatKey = 'isotherm.format';

/** Footer key whose value is the JSON of the directory's BlockPlace. */
export const directoryKey = 'isotherm';

/** First and last bytes of every Arrow IPC file. */
export const arrowMagic = 'ARROW1';

/** Buffers and own blocks start at multiples of this in the file. */
export const alignmentBytes = 64;

/** Rows of one entry of a zone map. */
export const zoneRows = 4096;

/** How the blocks of a file are stored. */
export type Compression = 'zstd' | 'none';

/** Where a block lies: an Arrow buffer or one of our own. */
export interface BlockPlace {
  /** File offset, a multiple of 64; 0 for an empty block. */
  readonly start: number;
  /** Stored bytes, with the eight bytes of uncompressed length before them when the file is compressed. */
  readonly length: number;
  /** Bytes once uncompressed. */
  readonly bytes: number;
  /** CRC-32 of the stored bytes. */
  readonly crc32: number;
}

/** What the blocks of a column are. The order is that of the file within each of its parts. */
export type BlockRole =
  | 'dictionaryOffsets'
  | 'dictionaryValues'
  | 'validity'
  | 'offsets'
  | 'itemValidity'
  | 'values'
  | 'zones'
  | 'indexOffsets'
  | 'indexRows'
  | 'timeCounts'
  | 'timeSums';

/** Widths of stored integers: the name of the typed array without `Array`, in lower case. */
export type IntegerWidth = 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64';

/** Widths of dictionary ids. */
export type IdWidth = 'uint8' | 'uint16' | 'uint32';

/** How the rows of a text column's entries are stored; `postings` by format 1, `steps` since format 2. */
export type TextIndex = 'ranges' | 'postings' | 'steps';

/** What the directory says of a column beside its blocks. */
export type ColumnLayout =
  | { readonly type: 'time'; readonly distinctCount: number; readonly width: IdWidth }
  | {
      readonly type: 'string';
      readonly dictionarySize: number;
      readonly hasNull: boolean;
      /** Bytes of every entry but that of null; null where they differ, and in format 1. */
      readonly entryBytes: number | null;
      readonly width: IdWidth;
      readonly index: TextIndex | null;
    }
  | {
      readonly type: 'strings';
      readonly dictionarySize: number;
      readonly hasNull: boolean;
      /** As above. */
      readonly entryBytes: number | null;
      readonly width: IdWidth;
      /** Values of all rows together. */
      readonly itemCount: number;
      readonly index: Exclude<TextIndex, 'ranges'> | null;
    }
  | { readonly type: 'long'; readonly width: IntegerWidth }
  | { readonly type: 'double' | 'float' }
  | { readonly type: 'hyperUnique' };

/** A column in the directory. */
export interface ColumnEntry {
  readonly name: string;
  readonly layout: ColumnLayout;
  readonly statistics: ColumnStatistics;
  readonly blocks: Readonly<Partial<Record<BlockRole, BlockPlace>>>;
}

/** All that a reader must know before it reads a column. */
export interface Directory {
  readonly formatVersion: FormatVersion;
  readonly schema: SegmentSchema;
  readonly rowCount: number;
  readonly compression: Compression;
  readonly timeRange: { readonly minMs: number; readonly maxMs: number } | null;
  /** `__time` first, then dimensions, then metrics. */
  readonly columns: readonly ColumnEntry[];
}
