/**
 * Ids for a text dimension. A row's value is one text, whose id is the dictionary's, or a list of texts,
 * which has an id of its own with the top bit set; null and the empty list are id 0, a list of one is its
 * text. So a row is one number, however many values it has.
 */
import { compareCodePoints } from '@isotherm/kernels';
import type { InputColumn } from '../read/input-batch.ts';
import { CellFault, maxTextLength, textOfCell } from './cell-value.ts';
import type { RowStatus } from './row-status.ts';
import { entryBytes } from './sorted-texts.ts';
import { TextDictionary } from './text-dictionary.ts';

/** How the values of a list are kept: sorted, sorted without repeats, or as they come. */
export type ListHandling = 'SORTED_ARRAY' | 'SORTED_SET' | 'ARRAY';

const listBit = 0x8000_0000;
const decoder = new TextDecoder();
const maxRecent = 1 << 15;
const maxRecentLength = 40;

/** True for the id of a list. */
export function isListId(id: number): boolean {
  return id >= listBit;
}

/** Number of a list among those of its column. */
export function listNumber(id: number): number {
  return id - listBit;
}

/** State with a lifetime: filled until the index is spilled, then forgotten. */
export class TextColumn {
  readonly dictionary = new TextDictionary();
  readonly #handling: ListHandling;
  readonly #lists: Uint32Array[] = [];
  readonly #listIds = new Map<string, number>();
  /** Ids of short texts that came as strings, so that those which repeat are not encoded again. */
  readonly #recent = new Map<string, number>();
  #listBytes = 0;

  constructor(handling: ListHandling) {
    this.#handling = handling;
  }

  get memoryBytes(): number {
    return this.dictionary.memoryBytes + this.#listBytes;
  }

  /** Forgets all values; keeps the room. */
  clear(): void {
    this.dictionary.clear();
    this.#lists.length = 0;
    this.#listIds.clear();
    this.#recent.clear();
    this.#listBytes = 0;
  }

  /** Dictionary ids of each list, by list number. */
  get lists(): readonly Uint32Array[] {
    return this.#lists;
  }

  /** Dictionary ids of a row's values: none for null. */
  valuesOf(id: number): Uint32Array {
    if (isListId(id)) return this.#lists[id - listBit];
    return id === 0 ? new Uint32Array() : Uint32Array.of(id);
  }

  /** Id of a list of texts. */
  idOfList(texts: readonly (string | null)[]): number {
    if (texts.length === 0) return 0;
    const [first] = texts;
    if (texts.length === 1) return first === null ? 0 : this.dictionary.idOfText(first);
    const ordered = this.#handling === 'ARRAY' ? texts : [...texts].sort(compareTexts);
    const ids = ordered.map((text) => (text === null ? 0 : this.dictionary.idOfText(text)));
    const kept =
      this.#handling === 'SORTED_SET' ? ids.filter((id, place) => id !== ids[place - 1]) : ids;
    return this.idOfIds(kept);
  }

  /** Id of a list of ids of texts, in the order that lists of this column have. */
  idOfIds(ids: readonly number[] | Uint32Array): number {
    if (ids.length < 2) return ids[0] ?? 0;
    const key = ids.join(',');
    let list = this.#listIds.get(key);
    if (list === undefined) {
      list = this.#lists.length;
      this.#lists.push(Uint32Array.from(ids));
      this.#listIds.set(key, list);
      this.#listBytes += 200 + 16 * ids.length;
    }
    return listBit + list;
  }

  /**
   * Ids of the kept rows of a column; rows that have no text fail.
   *
   * @param ids  shape [rowCount], filled
   */
  encode(name: string, column: InputColumn | null, status: RowStatus, ids: Uint32Array): void {
    if (column === null) {
      ids.fill(0);
      return;
    }
    if (column.type === 'text') this.#encodeBytes(name, column, status, ids);
    else this.#encodeCells(name, column, status, ids);
  }

  #encodeBytes(
    name: string,
    { bytes, starts, ends, listDelimiter, words }: Extract<InputColumn, { type: 'text' }>,
    status: RowStatus,
    ids: Uint32Array,
  ): void {
    const { states } = status;
    const hasWords = words !== null && listDelimiter < 0;
    if (hasWords) {
      const isWanted = new Uint8Array(ids.length);
      for (let row = 0; row < ids.length; row++) {
        isWanted[row] = starts[row] >= 0 && states[row] === 0 ? 1 : 0;
      }
      if (this.dictionary.encodeWords(words, isWanted, ids) === 0) return;
    }
    for (let row = 0; row < ids.length; row++) {
      const start = starts[row];
      if (start < 0 || states[row] !== 0) {
        ids[row] = 0;
        continue;
      }
      const end = ends[row];
      if (hasWords && end - start <= entryBytes) continue;
      if (end - start > maxTextLength) {
        status.fail(row, `Column "${name}" holds a text of more than 1 MiB.`);
        continue;
      }
      if (listDelimiter >= 0 && hasByte(bytes, start, end, listDelimiter)) {
        const text = decoder.decode(bytes.subarray(start, end));
        ids[row] = this.idOfList(text.split(String.fromCharCode(listDelimiter)));
      } else ids[row] = this.dictionary.idOfBytes(bytes, start, end);
    }
  }

  #encodeCells(
    name: string,
    column: Exclude<InputColumn, { type: 'text' }>,
    status: RowStatus,
    ids: Uint32Array,
  ): void {
    const nulls = column.type === 'values' ? null : column.nulls;
    const isDouble = column.type === 'double';
    const recent = this.#recent;
    for (let row = 0; row < ids.length; row++) {
      if (!status.isKept(row) || nulls?.[row] === 1) {
        ids[row] = 0;
        continue;
      }
      const value = column.values[row];
      if (typeof value === 'string') {
        const known = recent.get(value);
        if (known !== undefined) {
          ids[row] = known;
          continue;
        }
      }
      try {
        ids[row] = this.#idOfCell(value, isDouble);
      } catch (error) {
        if (!(error instanceof CellFault)) throw error;
        status.fail(row, `Column "${name}" ${error.message}.`);
      }
    }
  }

  #idOfCell(value: unknown, isDouble: boolean): number {
    if (typeof value === 'string') {
      const text = textOfCell(value);
      const id = text === null ? 0 : this.dictionary.idOfText(text);
      if (value.length <= maxRecentLength) {
        if (this.#recent.size >= maxRecent) this.#recent.clear();
        this.#recent.set(value, id);
      }
      return id;
    }
    if (Array.isArray(value)) return this.idOfList(value.map(textOfCell));
    const text = textOfCell(value);
    if (text === null) return 0;
    // A column of doubles writes its whole numbers as doubles too.
    const suffix = isDouble && /^-?\d+$/.test(text) ? '.0' : '';
    return this.dictionary.idOfText(text + suffix);
  }
}

function compareTexts(a: string | null, b: string | null): number {
  if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1);
  return compareCodePoints(a, b);
}

function hasByte(bytes: Uint8Array, start: number, end: number, wanted: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === wanted) return true;
  return false;
}
