/**
 * Gives each distinct text an id, in order of arrival; id 0 is null. A text of up to 12 bytes is four
 * numbers, which are hashed and compared as they are; longer ones lie in a buffer.
 *
 *   slots    i32 hash table of ids, open addressing, at most half full, 0 = free
 *   entries  i32 [size × 4], by id, and bytes: see sorted-texts.ts
 */
import { entryBytes, entryWords, type SortedTexts, textBytes } from './sorted-texts.ts';

const encoder = new TextEncoder();

/** An entry and about three slots. */
const usedBytesPerText = 28;
/** Masks that keep the bytes of a text of so many bytes in its three words. */
const masks = [0, 1, 2].map((word) =>
  Int32Array.from({ length: entryBytes + 1 }, (_, length) => {
    const bytes = Math.min(4, Math.max(0, length - 4 * word));
    return bytes === 4 ? -1 : (1 << (8 * bytes)) - 1;
  }),
);
const [firstMask = new Int32Array(), secondMask = firstMask, thirdMask = firstMask] = masks;

/** State with a lifetime: filled until the index is spilled, then forgotten. */
export class TextDictionary {
  #bytes = new Uint8Array(1 << 12);
  #byteCount = 0;
  /** No text is as long as null. */
  #entries = new Int32Array(entryWords << 8).fill(-1, 0, 1);
  #slots = new Int32Array(1 << 9);
  #size = 1;
  #scratch = new Uint8Array(256);

  /** Number of ids, null's included. */
  get size(): number {
    return this.#size;
  }

  /** Bytes that the dictionary uses. */
  get memoryBytes(): number {
    return this.#byteCount + usedBytesPerText * this.#size;
  }

  /** Id of source[start, end). */
  idOfBytes(source: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length > entryBytes) return this.#idOfLong(source, start, end);
    return this.#idOfWords(
      length,
      wordAt(source, start, end),
      wordAt(source, start + 4, end),
      wordAt(source, start + 8, end),
    );
  }

  idOfText(text: string): number {
    if (this.#scratch.length < text.length * 3) this.#scratch = new Uint8Array(text.length * 6);
    const { written } = encoder.encodeInto(text, this.#scratch);
    return this.idOfBytes(this.#scratch, 0, written);
  }

  /**
   * Ids of short texts by their words: those of row r are words[4 r], the length, and the three that
   * follow. Rows with longer texts are left out.
   *
   * @param isWanted  1 for rows to look up, shape [rowCount]
   * @param ids       filled where a row is wanted and its text is short
   * @returns wanted rows that were left out
   */
  encodeWords(words: Int32Array, isWanted: Uint8Array, ids: Uint32Array): number {
    const longCount = this.#guessIds(words, isWanted, ids);
    let entries = this.#entries;
    for (let row = 0, from = 0; row < ids.length; row++, from += entryWords) {
      const length = words[from];
      if (isWanted[row] === 0 || length > entryBytes) continue;
      const first = words[from + 1] & firstMask[length];
      const second = words[from + 2] & secondMask[length];
      const third = words[from + 3] & thirdMask[length];
      const at = ids[row] << 2;
      if (
        entries[at + 1] === first &&
        entries[at + 2] === second &&
        entries[at + 3] === third &&
        entries[at] === length
      ) {
        continue;
      }
      ids[row] = this.#idOfWords(length, first, second, third);
      entries = this.#entries;
    }
    return longCount;
  }

  /**
   * The id at each short text's first slot, in a loop of its own: its reads, which miss the cache, wait for
   * nothing but each other.
   *
   * @returns wanted rows with longer texts
   */
  #guessIds(words: Int32Array, isWanted: Uint8Array, ids: Uint32Array): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let longCount = 0;
    for (let row = 0, from = 0; row < ids.length; row++, from += entryWords) {
      if (isWanted[row] === 0) continue;
      const length = words[from];
      if (length > entryBytes) {
        longCount++;
        continue;
      }
      const first = words[from + 1] & firstMask[length];
      const second = words[from + 2] & secondMask[length];
      const third = words[from + 3] & thirdMask[length];
      ids[row] = slots[hashOfWords(length, first, second, third) & mask];
    }
    return longCount;
  }

  /** Ids of texts that another dictionary gave with `takeTexts`; shape [number of ranks]. */
  encodeTexts({ entries, bytes }: SortedTexts): Uint32Array {
    const ids = new Uint32Array(entries.length / entryWords);
    for (let rank = 1, at = entryWords; rank < ids.length; rank++, at += entryWords) {
      const length = entries[at];
      if (length > entryBytes) {
        ids[rank] = this.#idOfLong(bytes, entries[at + 2], entries[at + 2] + length);
      } else {
        ids[rank] = this.#idOfWords(length, entries[at + 1], entries[at + 2], entries[at + 3]);
      }
    }
    return ids;
  }

  /** The texts of ids in their order, behind null, where other threads can read them. */
  takeTexts(ids: Uint32Array): SortedTexts {
    const own = this.#entries;
    const entries = new Int32Array(
      new SharedArrayBuffer((ids.length + 1) * entryWords * Int32Array.BYTES_PER_ELEMENT),
    );
    const bytes = new Uint8Array(new SharedArrayBuffer(this.#byteCount));
    let end = 0;
    for (let place = 0, to = entryWords; place < ids.length; place++, to += entryWords) {
      const at = ids[place] << 2;
      const length = own[at];
      entries[to] = length;
      entries[to + 1] = own[at + 1];
      entries[to + 2] = own[at + 2];
      entries[to + 3] = own[at + 3];
      if (length <= entryBytes) continue;
      entries[to + 2] = end;
      bytes.set(this.#bytes.subarray(own[at + 2], own[at + 2] + length), end);
      end += length;
    }
    return { entries, bytes };
  }

  /** Forgets all texts; keeps the room. */
  clear(): void {
    this.#slots.fill(0);
    this.#size = 1;
    this.#byteCount = 0;
  }

  lengthOf(id: number): number {
    return this.#entries[id * entryWords];
  }

  /** Byte `place` of a text; 0 behind its end. */
  byteOf(id: number, place: number): number {
    const at = id * entryWords;
    const length = this.#entries[at];
    if (place >= length) return 0;
    if (length > entryBytes) return this.#bytes[this.#entries[at + 2] + place];
    return (this.#entries[at + 1 + (place >> 2)] >>> ((place & 3) << 3)) & 0xff;
  }

  /** Bytes of a text; a copy. */
  bytesOf(id: number): Uint8Array {
    return textBytes({ entries: this.#entries, bytes: this.#bytes }, id);
  }

  #idOfWords(length: number, first: number, second: number, third: number): number {
    const [slots, entries] = [this.#slots, this.#entries];
    const mask = slots.length - 1;
    let slot = hashOfWords(length, first, second, third) & mask;
    for (;;) {
      const id = slots[slot];
      if (id === 0) return this.#add(slot, length, first, second, third);
      const at = id << 2;
      if (
        entries[at] === length &&
        entries[at + 1] === first &&
        entries[at + 2] === second &&
        entries[at + 3] === third
      ) {
        return id;
      }
      slot = (slot + 1) & mask;
    }
  }

  #idOfLong(source: Uint8Array, start: number, end: number): number {
    const hash = hashOf(source, start, end);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const id = this.#slots[slot];
      if (id === 0) {
        const from = this.#byteCount;
        this.#byteCount += end - start;
        if (this.#byteCount > this.#bytes.length) this.#growBytes();
        this.#bytes.set(source.subarray(start, end), from);
        return this.#add(slot, end - start, hash, from, 0);
      }
      if (this.#holdsLong(id, hash, source, start, end)) return id;
      slot = (slot + 1) & mask;
    }
  }

  #holdsLong(id: number, hash: number, source: Uint8Array, start: number, end: number): boolean {
    const at = id * entryWords;
    if (this.#entries[at] !== end - start || this.#entries[at + 1] !== hash) return false;
    const bytes = this.#bytes;
    for (let own = this.#entries[at + 2], other = start; other < end; own++, other++) {
      if (bytes[own] !== source[other]) return false;
    }
    return true;
  }

  #add(slot: number, length: number, first: number, second: number, third: number): number {
    const id = this.#size++;
    const at = id * entryWords;
    if (at === this.#entries.length) {
      const entries = new Int32Array(at * 2);
      entries.set(this.#entries);
      this.#entries = entries;
    }
    this.#entries[at] = length;
    this.#entries[at + 1] = first;
    this.#entries[at + 2] = second;
    this.#entries[at + 3] = third;
    this.#slots[slot] = id;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return id;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    const entries = this.#entries;
    for (let id = 1, at = entryWords; id < this.#size; id++, at += entryWords) {
      const length = entries[at];
      const hash =
        length > entryBytes
          ? entries[at + 1]
          : hashOfWords(length, entries[at + 1], entries[at + 2], entries[at + 3]);
      let slot = hash & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.#slots = slots;
  }

  #growBytes(): void {
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.#byteCount));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

function hashOfWords(length: number, first: number, second: number, third: number): number {
  let hash = Math.imul(first ^ Math.imul(length, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15) ^ second, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 13) ^ third, 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 14);
}

/** Up to four bytes from `at`, little-endian; zeros from `end` on. */
function wordAt(source: Uint8Array, at: number, end: number): number {
  if (at + 4 <= end) {
    return source[at] | (source[at + 1] << 8) | (source[at + 2] << 16) | (source[at + 3] << 24);
  }
  let word = 0;
  for (let place = end - 1; place >= at; place--) word = (word << 8) | source[place];
  return word;
}

/** Four bytes a step; the last mix spreads high bits down to where the table looks. */
function hashOf(source: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 ^ (end - start);
  for (let at = start; at < end; at += 4) {
    hash = Math.imul(hash ^ wordAt(source, at, end), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
