/**
 * Frames: what one connection carries, in both directions (PROTOCOL.md has the whole picture).
 *
 *   payloadBytes  u32   at most `maxPayloadBytes`
 *   crc32         u32   of everything that follows: kind to the last byte of the payload
 *   kind          u8    see `frameKinds`
 *   flags         u8    bit 0: the message goes on in the next frame of this call
 *   reserved      u16   0
 *   callId        u32   0 for frames of the connection itself
 *   payload       u8[payloadBytes]
 *
 * Little-endian.
 */
import { crc32 } from 'node:zlib';
import { UnavailableError } from '@isotherm/errors';

/** Bytes before the payload. */
export const headerBytes = 16;
/** The most that a receiver accepts; a longer frame is refused before anything is allocated for it. */
export const maxPayloadBytes = 1 << 20;
/** What a sender puts into one frame, so that heartbeats and small answers pass between the parts of a big one. */
export const pieceBytes = 256 * 1024;

/** Kinds by name. */
const frameKinds = {
  hello: 1,
  request: 2,
  item: 3,
  end: 4,
  error: 5,
  cancel: 6,
  heartbeat: 7,
  credit: 8,
} as const;

/** The name of a frame kind. */
export type FrameKind = keyof typeof frameKinds;

/** One received frame; the payload is a buffer of its own, aligned to 8 bytes. */
export interface Frame {
  readonly kind: FrameKind;
  /** More frames of the same message follow. */
  readonly isContinued: boolean;
  readonly callId: number;
  readonly payload: Uint8Array;
}

const kindNames = new Map<number, FrameKind>(
  // Object.entries widens the keys to string; they are those of frameKinds.
  (Object.entries(frameKinds) as [FrameKind, number][]).map(([name, kind]) => [kind, name]),
);

/**
 * Encodes the header for a payload given in parts.
 *
 * @param parts together at most `maxPayloadBytes`
 */
export function encodeHeader(
  frame: Omit<Frame, 'payload'>,
  parts: readonly Uint8Array[],
): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(8, frameKinds[frame.kind]);
  view.setUint8(9, frame.isContinued ? 1 : 0);
  view.setUint32(12, frame.callId, true);
  let length = 0;
  let checksum = crc32(bytes.subarray(8));
  for (const part of parts) {
    length += part.length;
    checksum = crc32(part, checksum);
  }
  view.setUint32(0, length, true);
  view.setUint32(4, checksum, true);
  return bytes;
}

/** Cuts a byte stream into frames, however it is split into chunks. */
export class FrameDecoder {
  readonly #header = new Uint8Array(headerBytes);
  readonly #view = new DataView(this.#header.buffer);
  #headerFilled = 0;
  /** Null while the header is incomplete. */
  #payload: Uint8Array | null = null;
  #payloadFilled = 0;

  /**
   * Takes a chunk and hands on each frame that it completes. Bytes of the chunk are copied.
   *
   * @throws UnavailableError code PROTOCOL_FAULT when the stream holds something else; it is of no
   *   use after that
   */
  push(chunk: Uint8Array, onFrame: (frame: Frame) => void): void {
    let position = 0;
    while (position < chunk.length) {
      if (this.#payload === null) {
        const taken = chunk.subarray(position, position + headerBytes - this.#headerFilled);
        this.#header.set(taken, this.#headerFilled);
        this.#headerFilled += taken.length;
        position += taken.length;
        if (this.#headerFilled < headerBytes) return;
        this.#payload = this.#allocate();
      }
      const missing = this.#payload.length - this.#payloadFilled;
      const taken = chunk.subarray(position, position + missing);
      this.#payload.set(taken, this.#payloadFilled);
      this.#payloadFilled += taken.length;
      position += taken.length;
      if (taken.length === missing) onFrame(this.#finish(this.#payload));
    }
  }

  #allocate(): Uint8Array {
    const length = this.#view.getUint32(0, true);
    if (length > maxPayloadBytes) {
      throw protocolFault(
        `a frame of ${length} bytes was announced, at most ${maxPayloadBytes} are allowed`,
      );
    }
    return new Uint8Array(length);
  }

  #finish(payload: Uint8Array): Frame {
    this.#payload = null;
    this.#payloadFilled = 0;
    this.#headerFilled = 0;
    if (crc32(payload, crc32(this.#header.subarray(8))) !== this.#view.getUint32(4, true)) {
      throw protocolFault('the checksum of a frame does not match');
    }
    const code = this.#view.getUint8(8);
    const kind = kindNames.get(code);
    if (kind === undefined) throw protocolFault(`frame kind ${code} is unknown`);
    return {
      kind,
      isContinued: (this.#view.getUint8(9) & 1) === 1,
      callId: this.#view.getUint32(12, true),
      payload,
    };
  }
}

/** Makes the error that ends a stream whose bytes break the protocol. */
export function protocolFault(what: string): UnavailableError {
  return new UnavailableError(`The stream between nodes is broken: ${what}.`, {
    code: 'PROTOCOL_FAULT',
  });
}
