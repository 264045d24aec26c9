/**
 * Gives each distinct text an id, in order of arrival; id 0 is null. Texts are kept as UTF-8 in one buffer
 * and found by their bytes, so that a text which was seen before costs no string.
 *
 *   bytes    text 1 | text 2 | …
 *   ends     end of text id in bytes; ends[0] = 0
 *   slots    hash table of ids, open addressing, 0 = free
 */
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** State with a lifetime: filled until the index is spilled, then forgotten. */
export class TextDictionary {
  #bytes = new Uint8Array(1 << 12);
  #ends = new Uint32Array(1 << 8);
  #hashes = new Int32Array(1 << 8);
  #slots = new Int32Array(1 << 9);
  #size = 1;
  #scratch = new Uint8Array(256);

  /** Number of ids, null's included. */
  get size(): number {
    return this.#size;
  }

  /** Bytes that the dictionary takes in memory. */
  get memoryBytes(): number {
    return this.#bytes.length + 4 * (this.#ends.length + this.#hashes.length + this.#slots.length);
  }

  /** Id of source[start, end). */
  idOfBytes(source: Uint8Array, start: number, end: number): number {
    const hash = hashOf(source, start, end);
    const slots = this.#slots;
    const hashes = this.#hashes;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const id = slots[slot];
      if (id === 0) return this.#add(source, start, end, hash, slot);
      if (hashes[id] === hash && this.#holds(id, source, start, end)) return id;
      slot = (slot + 1) & mask;
    }
  }

  idOfText(text: string): number {
    if (this.#scratch.length < text.length * 3) this.#scratch = new Uint8Array(text.length * 6);
    const { written } = encoder.encodeInto(text, this.#scratch);
    return this.idOfBytes(this.#scratch, 0, written);
  }

  textOf(id: number): string | null {
    if (id === 0) return null;
    return decoder.decode(this.#bytes.subarray(this.#ends[id - 1], this.#ends[id]));
  }

  /** Bytes of a text; a view that the next new text may leave behind. */
  bytesOf(id: number): Uint8Array {
    return this.#bytes.subarray(this.#ends[id - 1], this.#ends[id]);
  }

  #holds(id: number, source: Uint8Array, start: number, end: number): boolean {
    const from = this.#ends[id - 1];
    if (this.#ends[id] - from !== end - start) return false;
    const bytes = this.#bytes;
    for (let at = start, own = from; at < end; at++, own++) {
      if (bytes[own] !== source[at]) return false;
    }
    return true;
  }

  #add(source: Uint8Array, start: number, end: number, hash: number, slot: number): number {
    const id = this.#size++;
    const from = this.#ends[id - 1];
    const to = from + end - start;
    if (to > this.#bytes.length) this.#bytes = grownBytes(this.#bytes, to);
    this.#bytes.set(source.subarray(start, end), from);
    if (id >= this.#ends.length) {
      const [ends, hashes] = [this.#ends, this.#hashes];
      this.#ends = new Uint32Array(ends.length * 2);
      this.#ends.set(ends);
      this.#hashes = new Int32Array(hashes.length * 2);
      this.#hashes.set(hashes);
    }
    this.#ends[id] = to;
    this.#hashes[id] = hash;
    this.#slots[slot] = id;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return id;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let id = 1; id < this.#size; id++) {
      let slot = this.#hashes[id] & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.#slots = slots;
  }
}

/** Four bytes a step; the last mix spreads high bits down to where the table looks. */
function hashOf(source: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word =
      source[at] | (source[at + 1] << 8) | (source[at + 2] << 16) | (source[at + 3] << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ source[at], 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

function grownBytes(bytes: Uint8Array, atLeast: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(Math.max(bytes.length * 2, atLeast));
  grown.set(bytes);
  return grown;
}
