/** What `isotherm inspect` shows of a segment file: its parts, their sizes, whether all checksums hold. */
import { openBlock } from './block.ts';
import { readExactly } from './byte-source.ts';
import type { Column, ColumnStatistics } from './columns.ts';
import { loadedBytesOf, loadedColumnBytes } from './directory.ts';
import type { BlockRole, Compression, TextIndex } from './format.ts';
import { readDirectory } from './open-file.ts';
import { openSegment } from './reader.ts';
import type { SegmentSchema } from './schema.ts';
import type { ByteSource, Segment } from './segment.ts';

/** A value of a row as JSON shows it; longs are decimal strings where a number would not be exact. */
export type CellValue = string | number | null | readonly (string | null)[];

/** One column of a segment file. */
export interface ColumnInspection {
  readonly name: string;
  readonly type: 'time' | 'string' | 'strings' | 'long' | 'double' | 'float' | 'hyperUnique';
  /** Width of values or ids, such as `uint16`; null for kinds without a choice. */
  readonly width: string | null;
  readonly dictionarySize: number | null;
  readonly index: 'ranges' | 'postings' | null;
  /** Bytes in the file. */
  readonly storedBytes: number;
  /** Bytes in memory once loaded. */
  readonly memoryBytes: number;
  readonly statistics: ColumnStatistics;
  /** Roles of blocks that are damaged; empty when all checksums hold. */
  readonly damagedBlocks: readonly BlockRole[];
}

/** All that a file says of itself. */
export interface SegmentInspection {
  readonly formatVersion: number;
  readonly schema: SegmentSchema;
  readonly rowCount: number;
  readonly timeRange: { readonly minMs: number; readonly maxMs: number } | null;
  readonly compression: Compression;
  readonly fileBytes: number;
  readonly memoryBytes: number;
  readonly columns: readonly ColumnInspection[];
  /** Up to ten rows by column; null when a block is damaged. */
  readonly firstRows: readonly Readonly<Record<string, CellValue>>[] | null;
}

const shownRows = 10;

/**
 * Reads a whole file block by block and reports; damage to a block is part of the report.
 *
 * @throws CorruptSegmentError if the footer or the directory is damaged, so that nothing can be told
 */
export async function inspectSegment(source: ByteSource): Promise<SegmentInspection> {
  const directory = await readDirectory(source);
  const columns: ColumnInspection[] = [];
  for (const entry of directory.columns) {
    const { layout, name } = entry;
    const places = Object.entries(entry.blocks);
    const damagedBlocks: BlockRole[] = [];
    for (const role of rolesOf(entry.blocks)) {
      if (!(await isWhole(source, entry.blocks[role], directory.compression))) {
        damagedBlocks.push(role);
      }
    }
    columns.push({
      name,
      type: layout.type,
      width: 'width' in layout ? layout.width : null,
      dictionarySize: 'dictionarySize' in layout ? layout.dictionarySize : null,
      index: 'index' in layout ? shownIndex(layout.index) : null,
      storedBytes: places.reduce((sum, [, place]) => sum + place.length, 0),
      memoryBytes: loadedColumnBytes(entry),
      statistics: entry.statistics,
      damagedBlocks,
    });
  }
  const whole = columns.every((column) => column.damagedBlocks.length === 0);
  const { formatVersion, schema, rowCount, timeRange, compression } = directory;
  return {
    formatVersion,
    schema,
    rowCount,
    timeRange,
    compression,
    fileBytes: source.byteLength,
    memoryBytes: loadedBytesOf(directory.columns),
    columns,
    firstRows: whole ? await readRows(source) : null,
  };
}

/** How the lists of postings are written is nobody's business outside. */
function shownIndex(index: TextIndex | null): ColumnInspection['index'] {
  return index === 'steps' ? 'postings' : index;
}

function rolesOf(blocks: Readonly<Partial<Record<BlockRole, unknown>>>): BlockRole[] {
  // The directory was decoded with these names only.
  return Object.keys(blocks) as BlockRole[];
}

async function isWhole(
  source: ByteSource,
  place: Parameters<typeof openBlock>[1] | undefined,
  compression: Compression,
): Promise<boolean> {
  if (place === undefined) return true;
  try {
    const stored = await readExactly(source, place.start, place.start + place.length);
    openBlock(stored, place, compression, 'block');
    return true;
  } catch {
    return false;
  }
}

async function readRows(source: ByteSource): Promise<Record<string, CellValue>[]> {
  const segment = await openSegment(source);
  await segment.load(segment.columnNames);
  return Array.from({ length: Math.min(shownRows, segment.rowCount) }, (_unused, row) =>
    readRow(segment, row),
  );
}

function readRow(segment: Segment, row: number): Record<string, CellValue> {
  return Object.fromEntries(
    segment.columnNames.map((name) => {
      const column = segment.column(name);
      return [name, column === null ? null : cellOf(column, row)];
    }),
  );
}

function cellOf(column: Column, row: number): CellValue {
  switch (column.type) {
    case 'time':
      return shownTime(column.distinct[column.ids[row]]);
    case 'string':
      return column.dictionary.valueAt(column.ids[row]);
    case 'strings':
      return Array.from(column.ids.subarray(column.offsets[row], column.offsets[row + 1]), (id) =>
        column.dictionary.valueAt(id),
      );
    case 'long':
    case 'double':
    case 'float': {
      const { validity, values } = column;
      if (validity !== null && ((validity[row >> 3] >> (row & 7)) & 1) === 0) return null;
      const value = values[row];
      return typeof value === 'number' ? value : shownLong(value);
    }
    case 'hyperUnique': {
      const image = column.bytes.subarray(column.offsets[row], column.offsets[row + 1]);
      return image.length === 0 ? null : Buffer.from(image).toString('base64');
    }
  }
}

function shownTime(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms`;
}

function shownLong(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}
