/**
 * Distinct texts of a partial column as UTF-8: entry i is bytes[offsets[i] … offsets[i + 1]). Texts stay
 * bytes from the segment to the JSON of an answer; only who compares or parses one as text decodes it.
 *
 *   entries   "ad", null, "é"
 *   bytes     61 64 c3 a9
 *   offsets   0 2 2 4
 *   nullId    1
 */
import { InvariantError } from '@isotherm/errors';

/** What a dictionary is made of. */
interface TextParts {
  /** UTF-8 of all entries, one behind the other; may be longer than the last offset says. */
  readonly bytes: Uint8Array;
  /** Where entries start, ascending from 0, and the end of the last, shape [size + 1]. */
  readonly offsets: Uint32Array;
  /** The entry that is null and has no bytes; -1 = none. */
  readonly nullId: number;
}

/** A dictionary of distinct texts in any order; null is an entry of its own. Holds its parts, which must not change. */
export class TextDictionary implements TextParts {
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
  readonly nullId: number;
  #decoder: Buffer | null = null;

  /** Takes over parts that fit each other; only who reads foreign bytes has to check that they do. */
  constructor({ bytes, offsets, nullId }: TextParts) {
    this.bytes = bytes;
    this.offsets = offsets;
    this.nullId = nullId;
  }

  /**
   * Encodes texts.
   *
   * @param texts distinct; at most one is null
   * @throws InvariantError if null comes twice, or a text is no Unicode
   */
  static fromTexts(texts: readonly (string | null)[]): TextDictionary {
    const nullId = texts.indexOf(null);
    if (nullId !== texts.lastIndexOf(null)) {
      throw new InvariantError('A dictionary of a partial result holds null twice.');
    }
    const joined = texts.join('');
    const bytes = new TextEncoder().encode(joined);
    const isAscii = bytes.length === joined.length;
    const offsets = new Uint32Array(texts.length + 1);
    let end = 0;
    for (const [id, text] of texts.entries()) {
      if (text !== null) end += isAscii ? text.length : Buffer.byteLength(text, 'utf8');
      offsets[id + 1] = end;
    }
    if (end !== bytes.length || !joined.isWellFormed()) {
      throw new InvariantError('A dictionary of a partial result holds half a surrogate pair.');
    }
    return new TextDictionary({ bytes, offsets, nullId });
  }

  /** How many entries. */
  get size(): number {
    return this.offsets.length - 1;
  }

  /** Decodes one entry, each time anew. */
  textAt(id: number): string | null {
    if (id === this.nullId) return null;
    const { bytes } = this;
    this.#decoder ??= Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return this.#decoder.toString('utf8', this.offsets[id], this.offsets[id + 1]);
  }

  /** Decodes all entries, shape [size]. */
  texts(): (string | null)[] {
    return Array.from({ length: this.size }, (_, id) => this.textAt(id));
  }
}
