import { CorruptSegmentError } from '@isotherm/errors';

/** Makes the error for bytes of partial results that do not hold what they promise. */
export function corruptAnswer(what: string): CorruptSegmentError {
  return new CorruptSegmentError(`Partial results of a node are damaged: ${what}.`, {
    code: 'CORRUPT_ANSWER',
  });
}

/**
 * Reads blocks one after the other, in place. Each is checked against the end before it is looked at.
 * All methods throw CorruptSegmentError code CORRUPT_ANSWER past the end.
 */
export class PartsReader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #position: number;

  /** @param bytes starts at a multiple of 8 in its buffer */
  constructor(bytes: Uint8Array<ArrayBuffer>, position: number) {
    this.#bytes = bytes;
    this.#position = position;
  }

  /** True when every byte was read. */
  get isAtEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  u8(count: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.buffer, this.#take(count), count);
  }

  u32(count: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.#bytes.buffer, this.#take(count * 4), count);
  }

  i64(count: number): BigInt64Array<ArrayBuffer> {
    return new BigInt64Array(this.#bytes.buffer, this.#take(count * 8), count);
  }

  f64(count: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.#bytes.buffer, this.#take(count * 8), count);
  }

  /** Passes over a block and its padding; gives its offset in the buffer. */
  #take(byteLength: number): number {
    const start = this.#position;
    const end = start + byteLength + (-byteLength & 7);
    if (end > this.#bytes.length) throw corruptAnswer('a block is cut short');
    this.#position = end;
    return this.#bytes.byteOffset + start;
  }
}
