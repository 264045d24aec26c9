import { InvariantError } from '@isotherm/errors';

const padding = new Uint8Array(8);

/** Collects byte blocks, each padded to 8 bytes, and joins them once at the end: every byte is copied one time. */
export class PartsWriter {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** Adds a block of numbers or bytes; kept by reference until `finish`. */
  block(view: ArrayBufferView): void {
    this.#parts.push(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    const pad = -view.byteLength & 7;
    if (pad > 0) this.#parts.push(padding.subarray(0, pad));
    this.#length += view.byteLength + pad;
  }

  /** Adds 32-bit numbers. */
  words(...values: number[]): void {
    this.block(Uint32Array.from(values));
  }

  /**
   * Joins the blocks after `prefixBytes` of room.
   *
   * @throws InvariantError above 2^31 bytes, which a message cannot carry either
   */
  finish(prefixBytes: number): Uint8Array {
    const total = prefixBytes + this.#length;
    if (total >= 2 ** 31) throw new InvariantError(`Partial results are ${total} bytes long.`);
    const joined = new Uint8Array(total);
    let position = prefixBytes;
    for (const part of this.#parts) {
      joined.set(part, position);
      position += part.length;
    }
    return joined;
  }
}
