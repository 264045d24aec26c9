/** A disk in memory with the rules of the real one, for tests, simulation and standalone use. */
import { InvalidInputError, NotFoundError, StoreError } from '@isotherm/errors';
import { filePathParts, foldersOf, pathParts } from './disk-path.ts';
import { checkRange } from './disk-range.ts';
import type { Disk } from './platform.ts';

/** Makes an empty disk. Bytes are copied on the way in and out, as a real disk does. */
export function memoryDisk(): Disk {
  const files = new Map<string, Uint8Array>();

  const isFolder = (path: string): boolean =>
    [...files.keys()].some((file) => file.startsWith(`${path}/`));

  return {
    locate(path) {
      pathParts(path);
      throw new InvalidInputError(
        `File "${path}" lies on a memory disk, which other programs cannot open. Use a real folder.`,
        { code: 'NO_REAL_PATH' },
      );
    },
    async read(path, range) {
      const bytes = files.get(filePathParts(path).join('/'));
      if (bytes === undefined) throw new NotFoundError(`File "${path}" does not exist.`);
      if (range === undefined) return bytes.slice();
      checkRange(path, range, bytes.length);
      return bytes.slice(range.start, range.end);
    },
    async readInto(path, parts) {
      const bytes = files.get(filePathParts(path).join('/'));
      if (bytes === undefined) throw new NotFoundError(`File "${path}" does not exist.`);
      for (const { start, target } of parts) {
        const end = start + target.length;
        checkRange(path, { start, end }, bytes.length);
        target.set(bytes.subarray(start, end));
      }
    },
    async size(path) {
      return files.get(filePathParts(path).join('/'))?.length ?? null;
    },
    async writeAtomic(path, bytes) {
      const parts = filePathParts(path);
      const blocking = foldersOf(parts).find((folder) => files.has(folder));
      if (blocking !== undefined || isFolder(path)) {
        throw new StoreError(
          `File "${path}" cannot be written: ${blocking === undefined ? 'a folder has its name' : `"${blocking}" is a file`}.`,
        );
      }
      files.set(path, bytes.slice());
    },
    async list(prefix) {
      const folder = pathParts(prefix.replace(/\/$/, '')).join('/');
      const start = folder === '' ? '' : `${folder}/`;
      return [...files.keys()].filter((path) => path.startsWith(start)).sort();
    },
    async remove(path) {
      const name = filePathParts(path).join('/');
      for (const file of files.keys()) {
        if (file === name || file.startsWith(`${name}/`)) files.delete(file);
      }
    },
  };
}
