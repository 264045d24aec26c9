/**
 * Sorted dictionaries of text, as Arrow utf8: `offsets` i32 [size + 1] and the UTF-8 bytes.
 *
 * Entries are distinct and ascending by bytes. When the column has nulls, entry 0 is a placeholder of
 * no bytes that stands for null; a real empty text is then entry 1. Other readers never see the
 * placeholder, because the validity bitmap hides every row that refers to it.
 */
import { isUtf8 } from 'node:buffer';
import { InvalidInputError, InvariantError } from '@isotherm/errors';
import { compareCodePoints } from '@isotherm/kernels';
import type { StringDictionary } from './columns.ts';
import { offsetLimit } from './column/hyper-unique.ts';
import type { TextEntries } from './input.ts';

const encoder = new TextEncoder();
/** Texts that are joined before they are encoded: one call into the runtime for many. */
const chunkEntries = 4096;
/** Dictionaries up to this size keep the texts that were asked for. */
const cachedEntries = 1 << 16;

/** Entries that are decoded at once when they are asked for in order. */
const windowEntries = 256;
/** A step to a later entry that counts as in order. */
const orderStep = 16;

/** A dictionary as its two Arrow buffers. */
interface DictionaryBytes {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/**
 * Encodes a dictionary.
 *
 * @throws InvalidInputError if a text is no Unicode (a surrogate alone) or all exceed 2 GiB
 * @throws InvariantError if the entries are not distinct and ascending with null first
 */
export function encodeDictionary(
  name: string,
  entries: readonly (string | null)[],
): DictionaryBytes {
  checkOrder(name, entries);
  const offsets = new Int32Array(entries.length + 1);
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (let start = 0; start < entries.length; start += chunkEntries) {
    const chunk = entries.slice(start, start + chunkEntries);
    const bytes = encoder.encode(chunk.join(''));
    const joinedLength = chunk.reduce((sum, entry) => sum + (entry?.length ?? 0), 0);
    if (total + bytes.length > offsetLimit) {
      throw new InvalidInputError(
        `Column "${name}" has more than 2 GiB of distinct text in one segment. Use fewer rows a segment.`,
      );
    }
    const ascii = bytes.length === joinedLength;
    let at = total;
    for (const [index, entry] of chunk.entries()) {
      if (entry !== null) at += ascii ? entry.length : utf8Length(name, entry);
      offsets[start + index + 1] = at;
    }
    chunks.push(bytes);
    total += bytes.length;
  }
  return { offsets, bytes: Buffer.concat(chunks, total) };
}

/**
 * The entries of a column's input as bytes: encoded, or checked where they are bytes already.
 *
 * @throws as `encodeDictionary`
 */
export function dictionaryEntries(
  name: string,
  dictionary: readonly (string | null)[] | TextEntries,
): TextEntries {
  if ('offsets' in dictionary) {
    checkEntries(name, dictionary);
    return dictionary;
  }
  return { ...encodeDictionary(name, dictionary), hasNull: dictionary[0] === null };
}

/** UTF-8 sorts by bytes as by code points. */
function checkEntries(name: string, { offsets, bytes, hasNull }: TextEntries): void {
  const last = offsets.length - 1;
  const isWhole = offsets[0] === 0 && offsets[last] === bytes.length;
  if (!isWhole || !isUtf8(bytes) || (hasNull && offsets[1] !== 0)) {
    throw new InvariantError(`The dictionary of column "${name}" is no UTF-8 text.`);
  }
  for (let index = hasNull ? 2 : 1; index < last; index++) {
    let left = offsets[index - 1];
    let right = offsets[index];
    const end = offsets[index + 1];
    const stop = Math.min(offsets[index], left + end - right);
    while (left < stop && bytes[left] === bytes[right]) {
      left++;
      right++;
    }
    if (left < stop ? bytes[left] > bytes[right] : right >= end) {
      throw new InvariantError(
        `The dictionary of column "${name}" is not sorted and distinct at entry ${index}.`,
      );
    }
  }
}

function utf8Length(name: string, text: string): number {
  if (!text.isWellFormed()) {
    throw new InvalidInputError(
      `Column "${name}" has a text with half a surrogate pair. Expected Unicode text; replace such characters before ingestion.`,
    );
  }
  return Buffer.byteLength(text);
}

function checkOrder(name: string, entries: readonly (string | null)[]): void {
  for (let index = 1; index < entries.length; index++) {
    const before = entries[index - 1];
    const entry = entries[index];
    if (entry === null || (before !== null && compareCodePoints(before, entry) >= 0)) {
      throw new InvariantError(
        `The dictionary of column "${name}" is not sorted and distinct at entry ${index}.`,
      );
    }
  }
}

/** A dictionary as its reader found it. */
interface OpenedText {
  readonly size: number;
  readonly bytes: Uint8Array;
  /** Bytes of every entry but that of null; null where they differ. */
  readonly entryBytes: number | null;
  /** Checked offsets; called once, where they are asked for. */
  readonly makeOffsets: () => Int32Array;
}

/** Decodes entries, many at a time while the asked ids ascend: one call costs more than ten entries. */
function windowDecoder(
  text: Buffer,
  size: number,
  startOf: (id: number) => number,
): (id: number) => string {
  let [start, end, last] = [0, 0, -1];
  let window = '';
  return (id) => {
    const isNext = id > last && id - last <= orderStep;
    last = id;
    if (isNext && id >= end) {
      start = id;
      end = Math.min(size, id + windowEntries);
      window = text.toString('utf8', startOf(start), startOf(end));
      // Where bytes and characters do not agree in number, offsets say nothing about the text.
      if (window.length !== startOf(end) - startOf(start)) start = end;
    }
    if (id < start || id >= end) return text.toString('utf8', startOf(id), startOf(id + 1));
    return window.slice(startOf(id) - startOf(start), startOf(id + 1) - startOf(start));
  };
}

/**
 * Wraps the buffers of a dictionary. Texts are decoded when asked for; entries of one length are
 * found without offsets.
 */
export function openDictionary(parts: OpenedText, hasNull: boolean): StringDictionary {
  const { size, bytes, entryBytes, makeOffsets } = parts;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cache: (string | undefined)[] | null = size <= cachedEntries ? [] : null;
  const first = hasNull ? 1 : 0;
  let offsets = entryBytes === null ? makeOffsets() : null;
  const startOf = (id: number): number =>
    offsets === null ? Math.max(0, id - first) * (entryBytes ?? 0) : offsets[id];
  const inOrder = windowDecoder(text, size, startOf);

  /** First id from `first` on whose bytes are not below `value`'s. */
  const search = (value: Uint8Array): number => {
    let low = first;
    let high = size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = text.compare(value, 0, value.length, startOf(middle), startOf(middle + 1));
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    size,
    hasNull,
    get offsets() {
      offsets ??= makeOffsets();
      return offsets;
    },
    bytes,
    valueAt(id) {
      if (hasNull && id === 0) return null;
      const known = cache?.[id];
      if (known !== undefined) return known;
      if (cache === null) return inOrder(id);
      const value = text.toString('utf8', startOf(id), startOf(id + 1));
      cache[id] = value;
      return value;
    },
    idOf(value) {
      if (value === null) return hasNull ? 0 : -1;
      const encoded = Buffer.from(value);
      const id = search(encoded);
      if (id === size || !value.isWellFormed()) return -1;
      return text.compare(encoded, 0, encoded.length, startOf(id), startOf(id + 1)) === 0 ? id : -1;
    },
    lowerBound: (value) => search(Buffer.from(value)),
  };
}
