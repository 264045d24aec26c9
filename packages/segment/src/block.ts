/**
 * Blocks: the unit that is compressed, checksummed and read. An Arrow buffer is one, and so are our
 * own indexes; all are stored as Arrow's BodyCompression stores buffers:
 *
 *   file without compression  the bytes
 *   file with compression     i64 uncompressed length, zstd frame
 *                             i64 -1, the bytes           where a frame would not be shorter
 *   an empty block            nothing at all
 */
import { promisify } from 'node:util';
import { constants, crc32, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib';
import { CorruptSegmentError } from '@isotherm/errors';
import type { BlockPlace, Compression } from './format.ts';

const decompress: (
  frame: Uint8Array,
  options: { maxOutputLength: number; chunkSize: number },
) => Promise<Uint8Array> = promisify(zstdDecompress);
const prefixBytes = 8;
/** A zstd block of 4 bytes holds at most 128 KiB, so no frame grows by more; a larger claim is a lie. */
const zstdGrowth = 32 * 1024;
const zstdSlack = 128 * 1024;

/** A stored block in the pieces that the file holds one after the other. */
export interface SealedBlock {
  readonly pieces: readonly Uint8Array[];
  readonly length: number;
  readonly crc32: number;
}

/** Stores a block; pieces that need no compression are the input itself, which must not change. */
export function sealBlock(bytes: Uint8Array, compression: Compression): SealedBlock {
  if (compression === 'none' || bytes.length === 0) {
    return { pieces: [bytes], length: bytes.length, crc32: crc32(bytes) };
  }
  const frame = zstdCompressSync(bytes, {
    chunkSize: bytes.length + (bytes.length >> 7) + 1024,
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
  });
  const body = frame.length < bytes.length ? frame : bytes;
  const prefix = new Uint8Array(prefixBytes);
  const length = body === bytes ? -1n : BigInt(bytes.length);
  new DataView(prefix.buffer).setBigInt64(0, length, true);
  return {
    pieces: [prefix, body],
    length: prefixBytes + body.length,
    crc32: crc32(body, crc32(prefix)),
  };
}

/**
 * Verifies and uncompresses a stored block.
 *
 * @param stored  exactly `place.length` bytes; may become the result, so it must not change later
 * @param name    for the message: the column and the role
 * @throws CorruptSegmentError if the checksum or a length is wrong
 */
export function openBlock(
  stored: Uint8Array,
  place: BlockPlace,
  compression: Compression,
  name: string,
): Uint8Array {
  checkBlock(stored, place, name);
  if (compression === 'none') return checkLength(stored, place, name);
  const { bytes, frame } = unwrap(stored, place, name);
  if (frame === null) return checkLength(bytes, place, name);
  try {
    return checkLength(zstdDecompressSync(frame, unpackedSize(place)), place, name);
  } catch (cause) {
    throw notAFrame(cause, place, name);
  }
}

/** The same of a compressed file, on another thread. @throws CorruptSegmentError as `openBlock` does */
export async function openBlockAside(
  stored: Uint8Array,
  place: BlockPlace,
  name: string,
): Promise<Uint8Array> {
  checkBlock(stored, place, name);
  const { bytes, frame } = unwrap(stored, place, name);
  if (frame === null) return checkLength(bytes, place, name);
  try {
    return checkLength(await decompress(frame, unpackedSize(place)), place, name);
  } catch (cause) {
    throw notAFrame(cause, place, name);
  }
}

/** Takes the length off a block of a compressed file; without a frame the bytes are as they were. */
function unwrap(
  stored: Uint8Array,
  place: BlockPlace,
  name: string,
): { readonly bytes: Uint8Array; readonly frame: Uint8Array | null } {
  if (stored.length === 0) return { bytes: stored, frame: null };
  if (stored.length < prefixBytes) {
    throw new CorruptSegmentError(`Block "${name}" has no length before its bytes.`);
  }
  const view = new DataView(stored.buffer, stored.byteOffset, prefixBytes);
  const length = view.getBigInt64(0, true);
  const body = stored.subarray(prefixBytes);
  if (length === -1n) return { bytes: body, frame: null };
  if (length !== BigInt(place.bytes) || place.bytes > body.length * zstdGrowth + zstdSlack) {
    throw new CorruptSegmentError(`Block "${name}" claims an impossible length.`);
  }
  return { bytes: body, frame: body };
}

/** Verifies a stored block. @throws CorruptSegmentError if its length or its checksum is wrong */
export function checkBlock(stored: Uint8Array, place: BlockPlace, name: string): void {
  if (stored.length !== place.length) {
    throw new CorruptSegmentError(
      `Block "${name}" is cut: ${stored.length} of ${place.length} bytes.`,
    );
  }
  if (crc32(stored) !== place.crc32) {
    throw new CorruptSegmentError(
      `Block "${name}" does not match its checksum. Fetch the segment file again.`,
    );
  }
}

function unpackedSize({ bytes }: BlockPlace): { maxOutputLength: number; chunkSize: number } {
  return { maxOutputLength: bytes + 64, chunkSize: bytes + 64 };
}

function notAFrame(cause: unknown, { bytes }: BlockPlace, name: string): Error {
  if (cause instanceof CorruptSegmentError) return cause;
  return new CorruptSegmentError(`Block "${name}" is not a zstd frame of ${bytes} bytes.`, {
    cause,
  });
}

function checkLength(bytes: Uint8Array, place: BlockPlace, name: string): Uint8Array {
  if (bytes.length !== place.bytes) {
    throw new CorruptSegmentError(
      `Block "${name}" holds ${bytes.length} bytes, the directory says ${place.bytes}.`,
    );
  }
  return bytes;
}
