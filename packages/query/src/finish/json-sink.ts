/**
 * JSON in the making, as UTF-8 bytes. Writers append at `length` and take the whole when it is worth
 * sending; what was taken belongs to who took it, because sockets keep it until it is sent.
 *
 *   [ … written … | length … room that `reserve` promised … | capacity
 *
 * Short blocks are copied in steps of eight bytes, as doubles: UTF-8 has no eight bytes that are
 * not-a-number, whose bits a copy need not keep (they would end in FF, or in F0 … F4 before 7F).
 */

/** A chunk of about this size is worth sending. */
const chunkBytes = 1 << 16;
/** Room behind a full chunk for what completes its last row. */
const slackBytes = 1 << 12;
/** A small answer takes no more. */
const firstBytes = 1 << 11;

/** Bytes that are written again and again, padded with zeros to a multiple of eight. */
export interface JsonBlock {
  readonly view: DataView;
  /** Without the zeros. */
  readonly length: number;
}

/** Encodes a text that is written again and again. */
export function jsonBlock(text: string): JsonBlock {
  const bytes = Buffer.from(text);
  const padded = new Uint8Array((bytes.length + 7) & ~7);
  padded.set(bytes);
  return { view: new DataView(padded.buffer), length: bytes.length };
}

/**
 * Copies a block to `at`, and up to seven bytes behind it that will be overwritten.
 *
 * @returns where it ends
 */
export function copyBlock(to: DataView, at: number, { view, length }: JsonBlock): number {
  for (let from = 0; from < length; from += 8) {
    to.setFloat64(at + from, view.getFloat64(from, true), true);
  }
  return at + length;
}

const nothing = Buffer.alloc(0);

/** Bytes of an answer that are still to be sent. */
export class JsonSink {
  /** Its places from `length` on are free for whoever has reserved them. */
  view: DataView;
  /** How many bytes are written. */
  length = 0;
  #bytes: Buffer;
  /** Least size of the next buffer: what comes after a full chunk is likely to fill another one. */
  #nextBytes = firstBytes;

  constructor() {
    this.#bytes = Buffer.allocUnsafe(firstBytes);
    this.view = viewOf(this.#bytes);
  }

  /** There is enough to be sent. */
  get isFull(): boolean {
    return this.length >= chunkBytes;
  }

  /** Makes room for `count` bytes more. @returns `view`, which may be another one than before */
  reserve(count: number): DataView {
    const least = this.length + count;
    if (least > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(
        Math.max(least, this.#bytes.length * 2, this.#nextBytes),
      );
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
      this.view = viewOf(grown);
    }
    return this.view;
  }

  /** Appends text as it stands. */
  text(text: string): void {
    // No character of UTF-16 takes more than three bytes.
    this.reserve(text.length * 3);
    this.length += this.#bytes.write(text, this.length);
  }

  /** Appends bytes as they stand. */
  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Takes the last byte back: the comma behind the last of several things. */
  dropComma(): void {
    this.length -= 1;
  }

  /** Hands out what was written, and starts anew. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.length);
    // Most answers end here: a new buffer is made when something comes.
    this.#bytes = nothing;
    this.#nextBytes = chunkBytes + slackBytes;
    this.view = viewOf(nothing);
    this.length = 0;
    return taken;
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
