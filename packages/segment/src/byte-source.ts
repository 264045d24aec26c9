/** Sources of segment bytes that need no disk. */
import { CorruptSegmentError } from '@isotherm/errors';
import type { ByteSource } from './segment.ts';

/** Reads a segment that is in memory already; what it returns are views of `bytes`, which must not change. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    byteLength: bytes.length,
    read: async (start, end) => bytes.subarray(start, end),
    readInto: async (parts) => {
      for (const { start, target } of parts)
        target.set(bytes.subarray(start, start + target.length));
    },
  };
}

/** Reads `[start, end)` or fails. @throws CorruptSegmentError if the range leaves the file or comes back short */
export async function readExactly(
  source: ByteSource,
  start: number,
  end: number,
): Promise<Uint8Array> {
  if (!(start >= 0 && start <= end && end <= source.byteLength)) {
    throw new CorruptSegmentError(
      `A block ends at byte ${end}, but the segment file has ${source.byteLength}.`,
    );
  }
  const bytes = await source.read(start, end);
  if (bytes.length !== end - start) {
    throw new CorruptSegmentError(
      `The segment file is cut: ${bytes.length} of ${end - start} bytes came from offset ${start}.`,
    );
  }
  return bytes;
}
