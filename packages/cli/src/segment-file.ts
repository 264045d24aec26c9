/** Segment files that the command line names. */
import { type FileHandle, open } from 'node:fs/promises';
import { InvalidInputError } from '@isotherm/errors';
import type { ByteSource } from '@isotherm/segment';

/**
 * Opens a file for as long as `use` takes.
 *
 * @throws InvalidInputError code NO_FILE if it cannot be opened
 */
export async function withSegmentFile<T>(
  path: string,
  use: (source: ByteSource) => Promise<T>,
): Promise<T> {
  const file = await openFile(path);
  try {
    return await use(await fileSource(file));
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'r');
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw new InvalidInputError(
      `File "${path}" cannot be opened (${code}). Expected a segment file; they are below deep-storage/ of a data directory.`,
      { code: 'NO_FILE', cause },
    );
  }
  throw new InvalidInputError(`"${path}" is not a file. Expected a segment file.`, {
    code: 'NO_FILE',
  });
}

async function fileSource(file: FileHandle): Promise<ByteSource> {
  const { size } = await file.stat();
  return {
    byteLength: size,
    async read(start, end) {
      const bytes = new Uint8Array(end - start);
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    },
  };
}
