/**
 * Ids of texts that mean the same in all segments of a worker, so that groups of several segments
 * are told apart by ids alone: one growing list of texts per datasource and column, and per segment
 * a table from its own ids to the shared ones, made when the column is first grouped by.
 */
import type { Segment, StringDictionary } from '@isotherm/segment';

/** The texts of one column over all segments seen so far. */
export class SharedDictionary {
  readonly #idOf = new Map<string | null, number>([[null, 0]]);
  readonly #texts: (string | null)[] = [null];
  readonly #tables = new WeakMap<StringDictionary, Uint32Array>();

  /** Ids given so far; 0 is null. */
  get size(): number {
    return this.#texts.length;
  }

  valueAt(id: number): string | null {
    return this.#texts[id] ?? null;
  }

  /**
   * Shared ids of a segment's dictionary.
   *
   * @returns shape [size + 1]; the last one, for rows without values, is that of null
   */
  tableOf(dictionary: StringDictionary): Uint32Array {
    const known = this.#tables.get(dictionary);
    if (known !== undefined) return known;
    const table = new Uint32Array(dictionary.size + 1);
    for (let id = 0; id < dictionary.size; id++) {
      const text = dictionary.valueAt(id);
      const shared = this.#idOf.get(text) ?? this.#texts.push(text) - 1;
      this.#idOf.set(text, shared);
      table[id] = shared;
    }
    this.#tables.set(dictionary, table);
    return table;
  }
}

/** The shared dictionaries of a worker. */
export class SharedDictionaries {
  readonly #columns = new Map<string, SharedDictionary>();

  /** The dictionary of a column, whatever segment of its datasource holds it. */
  of(segment: Segment, column: string): SharedDictionary {
    const name = JSON.stringify([segment.schema.dataSource, column]);
    const shared = this.#columns.get(name) ?? new SharedDictionary();
    this.#columns.set(name, shared);
    return shared;
  }
}
