/**
 * Opens segments. Opening reads the end of the file: footer and directory, usually in one read; a
 * column's blocks are read, verified and uncompressed when it is loaded. Bytes are not trusted: all
 * lengths are checked before memory is taken, all references before they are followed.
 */
import { InvariantError } from '@isotherm/errors';
import { decodeFloating } from './column/floating.ts';
import { decodeHyperUniques } from './column/hyper-unique.ts';
import { type LoadedBlocks, loadedBlocks } from './column/loaded.ts';
import { decodeLong } from './column/long.ts';
import { decodeMultiStrings } from './column/multi-string.ts';
import { decodeStrings } from './column/string.ts';
import { decodeTime, decodeTimes, timeName } from './column/time.ts';
import type { Column, ColumnStatistics, TimeColumn } from './columns.ts';
import { constantOf, loadedColumnBytes, loadedRoles, timeSumsBytes } from './directory.ts';
import type { BlockRole, ColumnEntry, Directory } from './format.ts';
import { readDirectory } from './open-file.ts';
import { readBlocks, type WantedBlock } from './read-blocks.ts';
import type { ByteSource, ColumnMemory, OpenOptions, Segment } from './segment.ts';
import {
  decodeTimeCounts,
  decodeTimeSums,
  type TimeSums,
  timeSummedNames,
  timeSumsPart,
} from './time-sums.ts';
import { decodeZones, type ZoneMap } from './zones.ts';

/**
 * Opens a segment without reading a column.
 *
 * @throws CorruptSegmentError if the file is no segment, is cut or damaged, or of a newer format
 */
export async function openSegment(source: ByteSource, options: OpenOptions = {}): Promise<Segment> {
  return new SegmentFile(source, await readDirectory(source), options.memory ?? null);
}

/** Some blocks of a column. */
interface Wanted {
  readonly entry: ColumnEntry;
  readonly roles: readonly BlockRole[];
}

/** A part of a segment that is loaded and unloaded as one: a column, or the sums by time. */
class LoadedPart {
  readonly #memory: ColumnMemory | null;
  readonly #placed: Uint8Array[] = [];
  readonly #derived = new Map<string, Uint8Array>();

  constructor(memory: ColumnMemory | null) {
    this.#memory = memory;
  }

  /** Bytes of what was derived. */
  get derivedBytes(): number {
    return this.#derived.values().reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  allocate(byteLength: number): Uint8Array {
    const room = this.#memory?.allocate(byteLength) ?? null;
    if (room === null) return new Uint8Array(byteLength);
    this.#placed.push(room);
    return room;
  }

  derive(key: string, byteLength: number, fill: (bytes: Uint8Array) => void): Uint8Array {
    const known = this.#derived.get(key);
    if (known !== undefined) return known;
    const bytes = this.allocate(byteLength);
    fill(bytes);
    this.#derived.set(key, bytes);
    return bytes;
  }

  free(): void {
    for (const bytes of this.#placed.splice(0)) this.#memory?.free(bytes);
  }
}

interface LoadedColumn {
  readonly part: LoadedPart;
  readonly column: Column;
  readonly zones: ZoneMap | null;
}

class SegmentFile implements Segment {
  readonly schema: Segment['schema'];
  readonly rowCount: number;
  readonly fileBytes: number;
  readonly timeRange: Segment['timeRange'];
  readonly columnNames: readonly string[];
  readonly timeSummed: ReadonlySet<string>;
  readonly hasTimeSums: boolean;
  private readonly source: ByteSource;
  private readonly directory: Directory;
  private readonly memory: ColumnMemory | null;
  private readonly entries: ReadonlyMap<string, ColumnEntry>;
  private readonly loaded = new Map<string, LoadedColumn>();
  private sums: { readonly part: LoadedPart; readonly timeSums: TimeSums } | null = null;
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
    // A column of the part's name is a column.
    this.hasTimeSums =
      directory.columns[0]?.blocks.timeCounts !== undefined && !this.entries.has(timeSumsPart);
    this.timeSummed = this.hasTimeSums ? timeSummedNames(directory.columns) : new Set();
  }

  get loadedBytes(): number {
    const columns = this.loaded.keys().reduce((sum, name) => sum + this.columnBytes(name), 0);
    return columns + (this.sums === null ? 0 : this.columnBytes(timeSumsPart));
  }

  statistics(name: string): ColumnStatistics | null {
    return this.entries.get(name)?.statistics ?? null;
  }

  columnBytes(name: string): number {
    const entry = this.entries.get(name);
    if (entry === undefined) {
      return this.isTimeSums(name) ? timeSumsBytes(this.directory.columns) : 0;
    }
    return loadedColumnBytes(entry) + (this.loaded.get(name)?.part.derivedBytes ?? 0);
  }

  async load(names: readonly string[] = this.partNames()): Promise<void> {
    const missing: string[] = [];
    for (const name of new Set(names)) {
      const isLoaded = this.isTimeSums(name) ? this.sums !== null : this.loaded.has(name);
      const isKnown = this.isTimeSums(name) || this.entries.has(name);
      if (isKnown && !isLoaded && !this.loading.has(name)) missing.push(name);
    }
    if (missing.length > 0) {
      const reading = this.loadParts(missing).finally(() => {
        for (const name of missing) this.loading.delete(name);
      });
      for (const name of missing) this.loading.set(name, reading);
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

  timeSums(): TimeSums | null {
    if (!this.hasTimeSums) return null;
    if (this.sums === null) throw new InvariantError('The sums by time were not loaded.');
    return this.sums.timeSums;
  }

  derived(
    name: string,
    { key, byteLength }: { readonly key: string; readonly byteLength: number },
    fill: (bytes: Uint8Array) => void,
  ): Uint8Array {
    return this.requireLoaded(name).part.derive(`query:${key}`, byteLength, fill);
  }

  unload(names: readonly string[] = this.partNames()): void {
    for (const name of names) {
      if (this.isTimeSums(name)) {
        this.sums?.part.free();
        this.sums = null;
      }
      this.loaded.get(name)?.part.free();
      this.loaded.delete(name);
    }
  }

  private partNames(): readonly string[] {
    return this.hasTimeSums ? [...this.columnNames, timeSumsPart] : this.columnNames;
  }

  private isTimeSums(name: string): boolean {
    return this.hasTimeSums && name === timeSumsPart;
  }

  private requireLoaded(name: string): LoadedColumn {
    const loaded = this.loaded.get(name);
    if (loaded === undefined) throw new InvariantError(`Column "${name}" was not loaded.`);
    return loaded;
  }

  private async loadParts(names: readonly string[]): Promise<void> {
    const parts = names.map((name) => ({ name, part: new LoadedPart(this.memory) }));
    const columns = new Map<string, LoadedColumn>();
    let sums = this.sums;
    try {
      const wanted = parts.flatMap(({ name, part }) =>
        this.wantedOf(name).map((some) => ({ ...some, part, partName: name })),
      );
      const blocks = await this.read(wanted);
      for (const { name, part } of parts) {
        const found = blocks.filter(({ partName }) => partName === name);
        if (this.isTimeSums(name)) sums = { part, timeSums: this.decodeTimeSums(found) };
        else
          for (const { entry, loaded } of found)
            columns.set(name, this.decode(entry, loaded, part));
      }
    } catch (error) {
      for (const { part } of parts) part.free();
      throw error;
    }
    this.sums = sums;
    for (const [name, column] of columns) this.loaded.set(name, column);
  }

  /** What is read of a part. */
  private wantedOf(name: string): Wanted[] {
    const entry = this.entries.get(name);
    if (entry !== undefined) return [{ entry, roles: loadedRoles(entry) }];
    const [time] = this.directory.columns;
    const summed = this.directory.columns.filter((column) => this.timeSummed.has(column.name));
    return [
      { entry: time, roles: ['dictionaryValues', 'timeCounts'] },
      ...summed.map((column): Wanted => ({ entry: column, roles: ['timeSums', 'timeCounts'] })),
    ];
  }

  /** Reads the blocks that the directory has of those that are wanted. */
  private async read<W extends Wanted & { readonly part: LoadedPart }>(
    wanted: readonly W[],
  ): Promise<(W & { readonly loaded: LoadedBlocks })[]> {
    const places: WantedBlock[] = [];
    const roles = wanted.map(({ entry, roles: all, part }) => {
      const present = all.filter((role) => entry.blocks[role] !== undefined);
      for (const role of present) {
        const place = entry.blocks[role];
        if (place === undefined) continue;
        const allocate = (byteLength: number): Uint8Array => part.allocate(byteLength);
        places.push({ place, name: `${entry.name}/${role}`, allocate });
      }
      return present;
    });
    const read = await readBlocks(this.source, places, this.directory.compression);
    let at = 0;
    return wanted.map((some, index) => {
      const bytes = new Map(roles[index].map((role) => [role, read[at++]]));
      const derive: LoadedBlocks['derive'] = (key, byteLength, fill) =>
        some.part.derive(key, byteLength, fill);
      return { ...some, loaded: loadedBlocks(some.entry.name, bytes, derive) };
    });
  }

  private decode(entry: ColumnEntry, blocks: LoadedBlocks, part: LoadedPart): LoadedColumn {
    return {
      part,
      column: decodeColumn(entry, blocks, this.rowCount),
      zones: decodeZones(entry.layout, blocks, this.rowCount),
    };
  }

  /** The first are the blocks of `__time`. */
  private decodeTimeSums(
    all: readonly { readonly entry: ColumnEntry; readonly loaded: LoadedBlocks }[],
  ): TimeSums {
    const [time, ...summed] = all;
    const { layout } = time.entry;
    const timeCount = layout.type === 'time' ? layout.distinctCount : 0;
    return {
      times: decodeTimes(time.loaded, timeCount),
      rowCounts: decodeTimeCounts(time.loaded, timeCount, this.rowCount),
      columns: new Map(
        summed.map(({ entry, loaded }) => [
          entry.name,
          decodeTimeSums(loaded, entry.layout.type, timeCount),
        ]),
      ),
    };
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
      return decodeLong(blocks, layout.width, rowCount, constantOf(entry));
    case 'double':
    case 'float':
      return decodeFloating(blocks, layout.type, rowCount);
    case 'hyperUnique':
      return decodeHyperUniques(blocks, rowCount);
  }
}
