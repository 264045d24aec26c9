/** The segment files that ingestion wrote, found in the data directory's deep storage. */
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelMemory } from '@isotherm/kernels';
import { nodeDisk } from '@isotherm/platform';
import {
  type ByteSource,
  type Column,
  type Segment,
  openSegment,
  uncompressSegment,
} from '@isotherm/segment';
import type { Interval } from '@isotherm/timeline';

/** A file, and what of it a query over everything asks for. */
export interface SegmentFile {
  /** Relative to the deep storage, and the segment's name in this bench. */
  readonly path: string;
  readonly byteLength: number;
  readonly rowCount: number;
  readonly interval: Interval;
}

/** Deep storage of a data directory. */
export function deepStorageOf(dataDir: string): string {
  return join(dataDir, 'deep-storage');
}

/** Lists segments by time, then by path. */
export async function listSegments(dataDir: string): Promise<SegmentFile[]> {
  const root = deepStorageOf(dataDir);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(root, path)).isFile())
    .sort();
  const segments: SegmentFile[] = [];
  for (const path of files) {
    const { byteLength } = { byteLength: statSync(join(root, path)).size };
    const { rowCount, schema } = await openSegment(sourceOf(root, path, byteLength));
    segments.push({ path, byteLength, rowCount, interval: schema.interval });
  }
  return segments.sort((a, b) => a.interval.start - b.interval.start);
}

/** Opens a segment and loads every column. */
export async function loadSegment(dataDir: string, file: SegmentFile): Promise<Segment> {
  return loadFrom(sourceOf(deepStorageOf(dataDir), file.path, file.byteLength));
}

async function loadFrom(source: ByteSource): Promise<Segment> {
  const segment = await openSegment(source, { memory: kernelMemory() });
  await segment.load();
  return segment;
}

/** Sizes in memory, with dictionaries and indexes, and the pace of loading. */
export interface LoadFigures {
  /** As loaded; what queries derive from columns comes on top. */
  readonly bytesPerRowMemory: number;
  readonly bytesPerRowDisk: number;
  /** Bytes in memory a second, from the page cache, on one thread. */
  readonly loadBytesPerSecond: number;
  /** Bytes that one value takes in each column, without dictionary and index. */
  readonly valueBytes: ReadonlyMap<string, number>;
}

/**
 * Loads every segment as a hot node does, from an uncompressed copy, after one pass that brings the
 * copy into the page cache.
 */
export async function measureLoad(
  dataDir: string,
  files: readonly SegmentFile[],
): Promise<LoadFigures> {
  let loadedBytes = 0;
  let loadMs = 0;
  const valueTotals = new Map<string, number>();
  for (const file of files) {
    const copy = sourceOf(dataDir, copyName, await copyUncompressed(dataDir, file));
    (await loadFrom(copy)).unload();
    const started = performance.now();
    const segment = await loadFrom(copy);
    loadMs += performance.now() - started;
    loadedBytes += segment.loadedBytes;
    for (const name of segment.columnNames) {
      const column = segment.column(name);
      const bytes = column === null ? 0 : valueBytesOf(column);
      valueTotals.set(name, (valueTotals.get(name) ?? 0) + bytes);
    }
    segment.unload();
  }
  rmSync(join(dataDir, copyName), { force: true });
  const rowCount = files.reduce((sum, file) => sum + file.rowCount, 0);
  const fileBytes = files.reduce((sum, file) => sum + file.byteLength, 0);
  return {
    bytesPerRowMemory: loadedBytes / rowCount,
    bytesPerRowDisk: fileBytes / rowCount,
    loadBytesPerSecond: (loadedBytes / loadMs) * 1000,
    valueBytes: new Map([...valueTotals].map(([name, bytes]) => [name, bytes / rowCount])),
  };
}

const copyName = 'segment-uncompressed.arrow';

/** Writes the copy that a hot node keeps; returns its size. */
async function copyUncompressed(dataDir: string, { path }: SegmentFile): Promise<number> {
  const bytes = await uncompressSegment(readFileSync(join(deepStorageOf(dataDir), path)));
  writeFileSync(join(dataDir, copyName), bytes);
  return bytes.length;
}

function valueBytesOf(column: Column): number {
  switch (column.type) {
    case 'string':
    case 'strings':
    case 'time':
      return column.ids.byteLength;
    case 'long':
    case 'double':
    case 'float':
      return column.values.byteLength;
    case 'hyperUnique':
      return column.bytes.byteLength;
  }
}

function sourceOf(root: string, path: string, byteLength: number): ByteSource {
  const disk = nodeDisk(root);
  return {
    byteLength,
    read: (start, end) => disk.read(path, { start, end }),
    readInto: (parts) => disk.readInto(path, parts),
  };
}
