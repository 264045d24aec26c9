/**
 * Ids of texts that mean the same in all segments of a worker, so that groups of several segments
 * are told apart by ids alone: one growing table of texts per datasource and column, and per segment
 * the shared id of each entry of its own dictionary, found when the column is first grouped by.
 *
 *   segment 1   null DE FR        shared ids   0 1 2
 *   segment 2   DE JP             shared ids   1 3
 *   table       null DE FR JP     id 0 is always null
 */
import { TextTable } from '@isotherm/kernels';
import type {
  ColumnMemory,
  MultiStringColumn,
  Segment,
  StringColumn,
  StringDictionary,
} from '@isotherm/segment';

/** How many bytes of shared dictionaries a worker keeps, and where. */
interface SharedDictionariesOptions {
  /** What is kept there must be given back by `forget`; ordinary arrays without it. */
  readonly memory?: ColumnMemory;
  /** Where the next dictionary would pass it, segments are grouped one by one. */
  readonly limitBytes: number;
}

/** Tables this small are never made anew. */
const smallTable = 1024;
/** Bytes that an entry takes beside its text: its id, and room for twice the entries in the table. */
const entryBytes = 36;

/** The texts of one column over the segments that were grouped by it. */
class SharedDictionary {
  readonly #memory: ColumnMemory | null;
  #texts: TextTable;
  readonly #idsOf = new Map<Segment, Uint32Array>();
  /** Ids that lie in the memory, which may have been full for some. */
  readonly #given = new WeakMap<Uint32Array, Uint8Array>();

  constructor(memory: ColumnMemory | null) {
    this.#memory = memory;
    this.#texts = new TextTable(memory);
  }

  /** The texts by their ids; 0 is null. It changes when other segments are added. */
  get texts(): TextTable {
    return this.#texts;
  }

  get byteLength(): number {
    let bytes = this.#texts.byteLength;
    for (const ids of this.#idsOf.values()) bytes += ids.byteLength;
    return bytes;
  }

  /** Bytes that taking in a segment may add. */
  bytesFor(segment: Segment, { size, bytes }: StringDictionary): number {
    return this.#idsOf.has(segment) ? 0 : bytes.length * 2 + size * entryBytes;
  }

  /** Shared ids of a segment's entries, shape [size + 1]: the last one, for rows without values, is null's. */
  idsOf(segment: Segment, dictionary: StringDictionary): Uint32Array {
    const known = this.#idsOf.get(segment);
    if (known !== undefined) return known;
    const { size, hasNull } = dictionary;
    const ids = this.#zeros(size + 1);
    const first = hasNull ? 1 : 0;
    this.#texts.addTexts(dictionary, first, size, ids.subarray(first));
    this.#idsOf.set(segment, ids);
    return ids;
  }

  /** Drops a segment's ids; the texts too when most of them may be in no segment any more. */
  forget(segment: Segment): void {
    const ids = this.#idsOf.get(segment);
    if (ids === undefined) return;
    this.#idsOf.delete(segment);
    this.#release(ids);
    let live = 0;
    for (const { length } of this.#idsOf.values()) live += length;
    if (live > 0 && this.#texts.size <= Math.max(smallTable, live * 2)) return;
    for (const others of this.#idsOf.values()) this.#release(others);
    this.#idsOf.clear();
    this.#texts.free();
    this.#texts = new TextTable(this.#memory);
  }

  /** True when no segment is known. */
  get isEmpty(): boolean {
    return this.#idsOf.size === 0;
  }

  /** Gives the memory of an empty dictionary back. */
  free(): void {
    this.#texts.free();
  }

  #zeros(length: number): Uint32Array {
    const given = this.#memory?.allocate(length * 4) ?? null;
    if (given === null) return new Uint32Array(length);
    const ids = new Uint32Array(given.buffer, given.byteOffset, length).fill(0);
    this.#given.set(ids, given);
    return ids;
  }

  #release(ids: Uint32Array): void {
    const given = this.#given.get(ids);
    if (given !== undefined) this.#memory?.free(given);
  }
}

/** The shared dictionaries of a worker. Not to be changed by `forget` while a run uses them. */
export class SharedDictionaries {
  readonly #memory: ColumnMemory | null;
  readonly #limitBytes: number;
  readonly #columns = new Map<string, SharedDictionary>();

  constructor({ memory, limitBytes }: SharedDictionariesOptions) {
    this.#memory = memory ?? null;
    this.#limitBytes = limitBytes;
  }

  /** Bytes that all dictionaries take. */
  get byteLength(): number {
    let bytes = 0;
    for (const column of this.#columns.values()) bytes += column.byteLength;
    return bytes;
  }

  /** Whether the texts of loaded columns of these segments fit within the limit. */
  fits(segments: readonly Segment[], names: readonly string[]): boolean {
    let bytes = this.byteLength;
    for (const name of names) {
      for (const segment of segments) {
        const column = segment.column(name);
        if (column?.type !== 'string' && column?.type !== 'strings') continue;
        bytes += this.#of(segment, name).bytesFor(segment, column.dictionary);
      }
    }
    return bytes <= this.#limitBytes;
  }

  /**
   * Shared ids of the entries of a column's dictionaries.
   *
   * @param columns that of each segment; those of lists have a last entry for rows without values
   */
  join(
    name: string,
    segments: readonly Segment[],
    columns: readonly (StringColumn | MultiStringColumn)[],
  ): { readonly texts: TextTable; readonly idsOf: readonly Uint32Array[] } {
    const shared = this.#of(segments[0], name);
    const idsOf = segments.map((segment, i) => shared.idsOf(segment, columns[i].dictionary));
    return { texts: shared.texts, idsOf };
  }

  /** Drops what is kept for a segment; call it before its columns are unloaded for good. */
  forget(segment: Segment): void {
    for (const [name, column] of this.#columns) {
      column.forget(segment);
      if (!column.isEmpty) continue;
      column.free();
      this.#columns.delete(name);
    }
  }

  #of(segment: Segment, name: string): SharedDictionary {
    const key = JSON.stringify([segment.schema.dataSource, name]);
    const known = this.#columns.get(key);
    if (known !== undefined) return known;
    const made = new SharedDictionary(this.#memory);
    this.#columns.set(key, made);
    return made;
  }
}
