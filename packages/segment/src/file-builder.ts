/** Lays out a segment file: parts at multiples of 64 bytes, Arrow messages with their bodies, own blocks. */
import type { BatchShape, MessageBlock } from './arrow/metadata.ts';
import { sealBlock, type SealedBlock } from './block.ts';
import { alignmentBytes, type BlockPlace, type BlockRole, type Compression } from './format.ts';

/** Bytes with their role; an Arrow buffer that is left empty has none. */
export type RoleBytes = readonly [role: BlockRole | null, bytes: Uint8Array];

const messagePrefixBytes = 8;
const continuation = 0xffffffff;

/** Collects the parts of one file. */
export class FileBuilder {
  private readonly parts: Uint8Array[] = [];
  private at = 0;
  private readonly compression: Compression;

  constructor(compression: Compression) {
    this.compression = compression;
  }

  /** Bytes so far. */
  get length(): number {
    return this.at;
  }

  /** Appends bytes as they are. */
  append(bytes: Uint8Array): void {
    this.parts.push(bytes);
    this.at += bytes.length;
  }

  /** Appends zeros up to a multiple of `alignment`. */
  pad(alignment: number): void {
    this.append(new Uint8Array(-this.at & (alignment - 1)));
  }

  /** Appends a message without a body, so that what follows it is aligned. */
  appendMessage(metadata: Uint8Array): MessageBlock {
    const offset = this.at;
    const end = offset + messagePrefixBytes + metadata.length;
    const padding = -end & (alignmentBytes - 1);
    const prefix = new DataView(new ArrayBuffer(messagePrefixBytes));
    prefix.setUint32(0, continuation, true);
    prefix.setInt32(4, metadata.length + padding, true);
    this.append(new Uint8Array(prefix.buffer));
    this.append(metadata);
    this.append(new Uint8Array(padding));
    return { offset, metadataBytes: this.at - offset, bodyBytes: 0 };
  }

  /**
   * Appends a message and its body, one buffer after the other.
   *
   * @param encode   makes the metadata once the places in the body are known
   * @param onPlace  told the file offset of every buffer that has a role
   */
  appendBatch(
    buffers: readonly RoleBytes[],
    encode: (buffers: BatchShape['buffers'], bodyBytes: number) => Uint8Array,
    onPlace: (index: number, role: BlockRole, place: BlockPlace) => void,
  ): MessageBlock {
    const sealed = buffers.map(([, bytes]) => sealBlock(bytes, this.compression));
    let bodyBytes = 0;
    const places = sealed.map(({ length }) => {
      const place = { offset: bodyBytes, length };
      bodyBytes += Math.ceil(length / alignmentBytes) * alignmentBytes;
      return place;
    });
    const message = this.appendMessage(encode(places, bodyBytes));
    for (const [index, [role, bytes]] of buffers.entries()) {
      const place = this.appendSealed(sealed[index], bytes.length);
      if (role !== null) onPlace(index, role, place);
    }
    return { ...message, bodyBytes };
  }

  /** Appends a block of our own at a multiple of 64, compressed as the file is unless told otherwise. */
  appendBlock(bytes: Uint8Array, compression = this.compression): BlockPlace {
    return this.appendSealed(sealBlock(bytes, compression), bytes.length);
  }

  /** The whole file. */
  finish(): Uint8Array {
    const file = new Uint8Array(this.at);
    let at = 0;
    for (const part of this.parts) {
      file.set(part, at);
      at += part.length;
    }
    return file;
  }

  private appendSealed(sealed: SealedBlock, bytes: number): BlockPlace {
    const { length, crc32 } = sealed;
    this.pad(alignmentBytes);
    const start = length === 0 ? 0 : this.at;
    for (const piece of sealed.pieces) this.append(piece);
    this.pad(alignmentBytes);
    return { start, length, bytes, crc32 };
  }
}
