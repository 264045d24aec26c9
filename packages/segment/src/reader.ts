/**
 * Opens segments. Opening reads the end of the file: footer and directory, usually in one read; a
 * column's blocks are read, verified and uncompressed when it is loaded. Bytes are not trusted: all
 * lengths are checked before memory is taken, all references before they are followed.
 */
import { InvariantError } from '@isotherm/errors';
import { openBlock } from './block.ts';
import { readExactly } from './byte-source.ts';
import { decodeFloating } from './column/floating.ts';
import { decodeHyperUniques } from './column/hyper-unique.ts';
import { type LoadedBlocks, loadedBlocks } from './column/loaded.ts';
import { decodeLong } from './column/long.ts';
import { decodeMultiStrings } from './column/multi-string.ts';
import { decodeStrings } from './column/string.ts';
import { decodeTime, timeName } from './column/time.ts';
import type { Column, ColumnStatistics, TimeColumn } from './columns.ts';
import { loadedColumnBytes, loadedRoles } from './directory.ts';
import type { BlockPlace, BlockRole, ColumnEntry, Directory } from './format.ts';
import { readDirectory } from './open-file.ts';
import type { ByteSource, ColumnMemory, OpenOptions, Segment } from './segment.ts';
import { decodeZones, type ZoneMap } from './zones.ts';

/** Blocks nearer to each other than this are read together. */
const gapBytes = 64 * 1024;

/**
 * Opens a segment without reading a column.
 *
 * @throws CorruptSegmentError if the file is no segment, is cut or damaged, or of a newer format
 */
export async function openSegment(source: ByteSource, options: OpenOptions = {}): Promise<Segment> {
  return new SegmentFile(source, await readDirectory(source), options.memory ?? null);
}

type LoadedColumn = {
  readonly column: Column;
  readonly zones: ZoneMap | null;
  /** What `unload` gives back. */
  readonly placed: Uint8Array[];
  /** By key. */
  readonly derived: Map<string, Uint8Array>;
};

/** Blocks that kernels loop over; the others, a few bytes a zone or a time, stay in ordinary arrays. */
const placedRoles: ReadonlySet<BlockRole> = new Set([
  'values',
  'offsets',
  'validity',
  'dictionaryOffsets',
  'dictionaryValues',
  'indexOffsets',
  'indexRows',
]);

class SegmentFile implements Segment {
  readonly schema: Segment['schema'];
  readonly rowCount: number;
  readonly fileBytes: number;
  readonly timeRange: Segment['timeRange'];
  readonly columnNames: readonly string[];
  private readonly source: ByteSource;
  private readonly directory: Directory;
  private readonly memory: ColumnMemory | null;
  private readonly entries: ReadonlyMap<string, ColumnEntry>;
  private readonly loaded = new Map<string, LoadedColumn>();
  private readonly loading = new Map<string, Promise<void>>();

  constructor(source: ByteSource, directory: Directory, memory: ColumnMemory | null) {
    this.source = source;
    this.directory = directory;
    this.memory = memory;
    this.schema = directory.schema;
    this.rowCount = directory.rowCount;
    this.fileBytes = source.byteLength;
    this.timeRange = directory.timeRange;
    this.columnNames = directory.columns.map((column) => column.name);
    this.entries = new Map(directory.columns.map((column) => [column.name, column]));
  }

  get loadedBytes(): number {
    return this.loaded.keys().reduce((sum, name) => sum + this.columnBytes(name), 0);
  }

  statistics(name: string): ColumnStatistics | null {
    return this.entries.get(name)?.statistics ?? null;
  }

  columnBytes(name: string): number {
    const entry = this.entries.get(name);
    if (entry === undefined) return 0;
    const derived = this.loaded.get(name)?.derived.values() ?? [];
    return Iterator.from(derived).reduce(
      (sum, { byteLength }) => sum + byteLength,
      loadedColumnBytes(entry),
    );
  }

  async load(names: readonly string[]): Promise<void> {
    const missing: ColumnEntry[] = [];
    for (const name of new Set(names)) {
      const entry = this.entries.get(name);
      if (entry === undefined || this.loaded.has(name) || this.loading.has(name)) continue;
      missing.push(entry);
    }
    if (missing.length > 0) {
      const reading = this.loadEntries(missing).finally(() => {
        for (const { name } of missing) this.loading.delete(name);
      });
      for (const { name } of missing) this.loading.set(name, reading);
    }
    for (const name of names) await this.loading.get(name);
  }

  column(name: string): Column | null {
    if (!this.entries.has(name)) return null;
    return this.requireLoaded(name).column;
  }

  time(): TimeColumn {
    const { column } = this.requireLoaded(timeName);
    if (column.type !== 'time') throw new InvariantError('The column "__time" holds no times.');
    return column;
  }

  zones(name: string): ZoneMap | null {
    return this.entries.has(name) ? this.requireLoaded(name).zones : null;
  }

  derived(
    name: string,
    { key, byteLength }: { readonly key: string; readonly byteLength: number },
    fill: (bytes: Uint8Array) => void,
  ): Uint8Array {
    const { derived, placed } = this.requireLoaded(name);
    const known = derived.get(key);
    if (known !== undefined) return known;
    const room = this.memory?.allocate(byteLength) ?? null;
    if (room !== null) placed.push(room);
    const bytes = room ?? new Uint8Array(byteLength);
    fill(bytes);
    derived.set(key, bytes);
    return bytes;
  }

  unload(names: readonly string[] = this.columnNames): void {
    for (const name of names) {
      const loaded = this.loaded.get(name);
      if (loaded !== undefined) this.free(loaded.placed);
      this.loaded.delete(name);
    }
  }

  private requireLoaded(name: string): LoadedColumn {
    const loaded = this.loaded.get(name);
    if (loaded === undefined) throw new InvariantError(`Column "${name}" was not loaded.`);
    return loaded;
  }

  private async loadEntries(entries: readonly ColumnEntry[]): Promise<void> {
    const wanted: BlockPlace[] = [];
    for (const { layout, blocks } of entries) {
      for (const role of loadedRoles(layout.type)) {
        const place = blocks[role];
        if (place !== undefined && place.length > 0) wanted.push(place);
      }
    }
    const stored = await readPlaces(this.source, wanted);
    const decoded: LoadedColumn[] = [];
    try {
      for (const entry of entries) decoded.push(this.decode(entry, stored));
    } catch (error) {
      for (const { placed } of decoded) this.free(placed);
      throw error;
    }
    for (const [index, { name }] of entries.entries()) this.loaded.set(name, decoded[index]);
  }

  private decode(entry: ColumnEntry, stored: ReadonlyMap<BlockPlace, Uint8Array>): LoadedColumn {
    const placed: Uint8Array[] = [];
    try {
      const derived = new Map<string, Uint8Array>();
      return { ...this.decodeInto(entry, stored, placed), placed, derived };
    } catch (error) {
      this.free(placed);
      throw error;
    }
  }

  private decodeInto(
    entry: ColumnEntry,
    stored: ReadonlyMap<BlockPlace, Uint8Array>,
    placed: Uint8Array[],
  ): Pick<LoadedColumn, 'column' | 'zones'> {
    const bytes = new Map<BlockRole, Uint8Array>();
    for (const role of loadedRoles(entry.layout.type)) {
      const place = entry.blocks[role];
      if (place === undefined) continue;
      const name = `${entry.name}/${role}`;
      const block = stored.get(place) ?? new Uint8Array(0);
      const opened = openBlock(block, place, this.directory.compression, name);
      bytes.set(role, placedRoles.has(role) ? this.place(opened, placed) : opened);
    }
    const blocks = loadedBlocks(entry.name, bytes);
    return {
      column: decodeColumn(entry, blocks, this.rowCount),
      zones: decodeZones(entry.layout, blocks, this.rowCount),
    };
  }

  /** Copies a block to where queries read it. */
  private place(opened: Uint8Array, placed: Uint8Array[]): Uint8Array {
    const room = this.memory?.allocate(opened.length) ?? null;
    if (room === null) return opened;
    placed.push(room);
    room.set(opened);
    return room;
  }

  private free(placed: readonly Uint8Array[]): void {
    for (const bytes of placed) this.memory?.free(bytes);
  }
}

function decodeColumn(entry: ColumnEntry, blocks: LoadedBlocks, rowCount: number): Column {
  const { layout } = entry;
  switch (layout.type) {
    case 'time':
      return decodeTime(blocks, layout, rowCount);
    case 'string':
      return decodeStrings(blocks, layout, rowCount);
    case 'strings':
      return decodeMultiStrings(blocks, layout, rowCount);
    case 'long':
      return decodeLong(blocks, layout.width, rowCount);
    case 'double':
    case 'float':
      return decodeFloating(blocks, layout.type, rowCount);
    case 'hyperUnique':
      return decodeHyperUniques(blocks, rowCount);
  }
}

/** Reads blocks, near ones together. The results are views of what was read. */
async function readPlaces(
  source: ByteSource,
  places: readonly BlockPlace[],
): Promise<Map<BlockPlace, Uint8Array>> {
  const sorted = places.toSorted((a, b) => a.start - b.start);
  const groups: BlockPlace[][] = [];
  let end = -Infinity;
  for (const place of sorted) {
    if (place.start - end > gapBytes) groups.push([]);
    groups.at(-1)?.push(place);
    end = Math.max(end, place.start + place.length);
  }
  const found = new Map<BlockPlace, Uint8Array>();
  await Promise.all(
    groups.map(async (group) => {
      const [first] = group;
      const last = Math.max(...group.map((place) => place.start + place.length));
      const bytes = await readExactly(source, first.start, last);
      for (const place of group) {
        const start = place.start - first.start;
        found.set(place, bytes.subarray(start, start + place.length));
      }
    }),
  );
  return found;
}
