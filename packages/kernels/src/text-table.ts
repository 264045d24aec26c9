/**
 * Distinct texts as UTF-8 with an id each, found by their bytes: no text is decoded. Dictionaries have
 * the shape of Arrow's: entry i is bytes[offsets[i] … offsets[i + 1]). Id 0 stands for null: it has no
 * bytes, and no text is ever found there.
 *
 *   hashes    of each entry, so that growing reads no text
 *   buckets   linear probing: id + 1, or 0 where free; at most half full
 *
 * Lies in kernel memory where it is given some and that has room; then it must be freed.
 */
import { addressOf, kernelsFor } from './wasm/module.ts';
import { scratchBytes, scratchIds } from './wasm/scratch.ts';

/** A dictionary to read. */
export interface TextEntries {
  readonly offsets: Int32Array | Uint32Array;
  readonly bytes: Uint8Array;
}

/** Where a table lies. */
interface TableMemory {
  allocate(byteLength: number): Uint8Array | null;
  free(bytes: Uint8Array): void;
}

/** Entries that are added between two looks at the room there is. */
const chunkEntries = 1 << 14;

/** A growing table of texts. Its arrays may be replaced whenever texts are added. */
export class TextTable implements TextEntries {
  readonly #memory: TableMemory | null;
  /** What the memory gave for each array that lies in it: it may have been full for some. */
  readonly #given = new WeakMap<ArrayBufferView, Uint8Array>();
  #count = 1;
  #offsets: Uint32Array;
  #bytes: Uint8Array;
  #hashes: Uint32Array;
  #buckets: Uint32Array;

  /** @param memory ordinary arrays without it */
  constructor(memory: TableMemory | null) {
    this.#memory = memory;
    this.#offsets = this.#words(256);
    this.#bytes = this.#room(4096);
    this.#hashes = this.#words(256);
    this.#buckets = this.#words(512);
  }

  /** Ids given so far, that of null included. */
  get size(): number {
    return this.#count;
  }

  /** Shape [≥ size + 1]; replaced when texts are added. */
  get offsets(): Uint32Array {
    return this.#offsets;
  }

  /** Replaced when texts are added. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Bytes that the table takes. */
  get byteLength(): number {
    const arrays = [this.#offsets, this.#bytes, this.#hashes, this.#buckets];
    return arrays.reduce((sum, array) => sum + array.byteLength, 0);
  }

  /**
   * Finds or gives the ids of entries `first` … `end - 1` of a dictionary, none of them null; O(bytes).
   *
   * @param ids shape [≥ end - first]
   */
  addTexts(entries: TextEntries, first: number, end: number, ids: Uint32Array): void {
    for (let start = first; start < end; start += chunkEntries) {
      const stop = Math.min(end, start + chunkEntries);
      this.#makeRoom(stop - start, entries.offsets[stop] - entries.offsets[start]);
      this.#assign(entries, start, stop, ids.subarray(start - first));
    }
  }

  /** Gives the table's memory back; it must not be used any more. */
  free(): void {
    for (const array of [this.#offsets, this.#bytes, this.#hashes, this.#buckets]) {
      this.#release(array);
    }
  }

  #assign(entries: TextEntries, first: number, end: number, ids: Uint32Array): void {
    const { offsets, bytes } = entries;
    const table = [this.#buckets, this.#hashes, this.#offsets, this.#bytes];
    const kernels = kernelsFor(offsets, bytes, ids, ...table);
    if (kernels !== null) {
      const bucketMask = this.#buckets.length - 1;
      this.#count = kernels.assignTextIds(
        offsets.byteOffset,
        bytes.byteOffset,
        first,
        end,
        this.#buckets.byteOffset,
        bucketMask,
        this.#hashes.byteOffset,
        this.#offsets.byteOffset,
        this.#bytes.byteOffset,
        this.#count,
        ids.byteOffset,
      );
      return;
    }
    for (let entry = first; entry < end; entry++) {
      ids[entry - first] = this.#idOf(bytes, offsets[entry], offsets[entry + 1]);
    }
  }

  #idOf(text: Uint8Array, start: number, end: number): number {
    const [offsets, bytes, hashes, buckets] = [
      this.#offsets,
      this.#bytes,
      this.#hashes,
      this.#buckets,
    ];
    const mask = buckets.length - 1;
    const hash = hashText(text, start, end);
    let at = hash & mask;
    for (let known = buckets[at]; known !== 0; known = buckets[at]) {
      const id = known - 1;
      if (hashes[id] === hash && offsets[id + 1] - offsets[id] === end - start) {
        let same = 0;
        while (start + same < end && bytes[offsets[id] + same] === text[start + same]) same++;
        if (start + same === end) return id;
      }
      at = (at + 1) & mask;
    }
    const id = this.#count;
    const to = offsets[id];
    for (let i = start; i < end; i++) bytes[to + i - start] = text[i];
    offsets[id + 1] = to + end - start;
    hashes[id] = hash;
    this.#count += 1;
    buckets[at] = this.#count;
    return id;
  }

  #makeRoom(entries: number, byteLength: number): void {
    const count = this.#count + entries;
    if (this.#offsets.length < count + 1) {
      const length = Math.max(count + 1, this.#offsets.length * 2);
      this.#offsets = this.#grown(this.#offsets, length);
      this.#hashes = this.#grown(this.#hashes, length);
    }
    const needed = this.#offsets[this.#count] + byteLength;
    if (this.#bytes.length < needed) {
      const bytes = this.#room(Math.max(needed, this.#bytes.length * 2));
      bytes.set(this.#bytes);
      this.#release(this.#bytes);
      this.#bytes = bytes;
    }
    if (this.#buckets.length < count * 2) this.#rehash(count * 2);
  }

  #rehash(least: number): void {
    let length = this.#buckets.length;
    while (length < least) length *= 2;
    const buckets = this.#words(length);
    const hashes = this.#hashes;
    for (let id = 1; id < this.#count; id++) {
      let at = hashes[id] & (length - 1);
      while (buckets[at] !== 0) at = (at + 1) & (length - 1);
      buckets[at] = id + 1;
    }
    this.#release(this.#buckets);
    this.#buckets = buckets;
  }

  #grown(array: Uint32Array, length: number): Uint32Array {
    const grown = this.#words(length);
    grown.set(array);
    this.#release(array);
    return grown;
  }

  #words(length: number): Uint32Array {
    const given = this.#memory?.allocate(length * 4) ?? null;
    if (given === null) return new Uint32Array(length);
    given.fill(0);
    const words = new Uint32Array(given.buffer, given.byteOffset, length);
    this.#given.set(words, given);
    return words;
  }

  #room(byteLength: number): Uint8Array {
    const given = this.#memory?.allocate(byteLength) ?? null;
    if (given === null) return new Uint8Array(byteLength);
    this.#given.set(given, given);
    return given;
  }

  #release(array: ArrayBufferView): void {
    const given = this.#given.get(array);
    if (given !== undefined) this.#memory?.free(given);
  }
}

function hashText(bytes: Uint8Array, start: number, end: number): number {
  let hash = Math.imul(end - start, 0x9e3779b1);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = mix(
      hash,
      bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24),
    );
  }
  let rest = 0;
  for (let i = at; i < end; i++) rest |= bytes[i] << ((i - at) * 8);
  if (at < end) hash = mix(hash, rest);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

/** Copies chosen entries of a dictionary, one behind the other, into ordinary arrays. */
export function pickTexts(
  { offsets, bytes }: TextEntries,
  ids: Uint32Array,
): { readonly offsets: Uint32Array; readonly bytes: Uint8Array } {
  const count = ids.length;
  const places = scratchIds(count + 1);
  const kernels = kernelsFor(offsets, bytes, ids, places);
  if (kernels !== null) {
    const { byteOffset: from } = offsets;
    const total = kernels.placeTexts(ids.byteOffset, count, from, places.byteOffset);
    // Eight more, because texts are copied by eights.
    const out = scratchBytes(total + 8);
    if (kernelsFor(out) !== null) {
      const [text, to] = [bytes.byteOffset, addressOf(places)];
      kernels.copyTexts(ids.byteOffset, count, from, text, to, out.byteOffset);
      return { offsets: places.slice(), bytes: out.slice(0, total) };
    }
  }
  let end = 0;
  for (let i = 0; i < count; i++) {
    places[i] = end;
    end += offsets[ids[i] + 1] - offsets[ids[i]];
  }
  places[count] = end;
  const out = new Uint8Array(end);
  for (let i = 0; i < count; i++) {
    const start = offsets[ids[i]];
    const length = places[i + 1] - places[i];
    for (let at = 0; at < length; at++) out[places[i] + at] = bytes[start + at];
  }
  return { offsets: places.slice(), bytes: out };
}
