/**
 * A folder of the local file system. A write goes to `.tmp/<unique>`, is synced, renamed to its name,
 * and the folders that changed are synced: after a crash the file is whole or absent.
 */
import { randomUUID } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { IsothermError, NotFoundError, StoreError } from '@isotherm/errors';
import { badPath, filePathParts, pathParts, temporaryFolder } from './disk-path.ts';
import { checkRange } from './disk-range.ts';
import type { Disk } from './platform.ts';
import { readPartsInto } from './read-into.ts';

/** Node reads at most 2^31 - 1 bytes a call. */
const largestReadBytes = 1 << 30;
/** Temporary files of writers that died are swept once they are this old. */
const abandonedMs = 24 * 3_600_000;

/** Makes a disk over an absolute folder, which the first write creates. */
export function nodeDisk(root: string): Disk {
  const locateFile = (path: string): string => locateInside(root, path, filePathParts(path));
  let swept: Promise<void> | null = null;

  return {
    locate: (path) => locateInside(root, path, pathParts(path)),
    async read(path, range) {
      const file = locateFile(path);
      return explained(path, async () => {
        const handle = await open(file, 'r');
        try {
          const { size } = await handle.stat();
          const { start, end } = range ?? { start: 0, end: size };
          checkRange(path, { start, end }, size);
          return await readRange(handle, path, start, end);
        } finally {
          await handle.close();
        }
      });
    },
    async readInto(path, parts) {
      const file = locateFile(path);
      await explained(path, async () => readPartsInto(file, path, parts));
    },
    async size(path) {
      const file = locateFile(path);
      try {
        const found = await stat(file);
        return found.isFile() ? found.size : null;
      } catch (error) {
        if (isAbsent(error)) return null;
        throw explain(path, error);
      }
    },
    async writeAtomic(path, bytes) {
      const file = locateFile(path);
      await explained(path, async () => {
        swept ??= sweepAbandoned(join(root, temporaryFolder));
        await swept;
        await writeSynced(root, file, bytes);
      });
    },
    async list(prefix) {
      const parts = pathParts(prefix.replace(/\/$/, ''));
      const folder = locateInside(root, prefix, parts);
      return explained(prefix, () => listFiles(folder, parts.join('/')));
    },
    async remove(path) {
      const file = locateFile(path);
      await explained(path, async () => {
        await rm(file, { recursive: true, force: true });
        await syncFolder(dirname(file));
      });
    },
  };
}

/** Resolves symbolic links of the part of the path that exists, so that none leads out of the root. */
function locateInside(root: string, path: string, parts: readonly string[]): string {
  const full = join(root, ...parts);
  const realRoot = realPath(root);
  if (realRoot === null) return full;
  let existing = full;
  for (let real = realPath(existing); ; real = realPath(existing)) {
    if (real !== null) {
      if (real === realRoot || real.startsWith(realRoot + sep)) return full;
      throw badPath(path, 'It leads out of the root through a symbolic link.');
    }
    existing = dirname(existing);
  }
}

/** null where nothing exists; a dangling link counts as nothing and is replaced, not followed, by a write. */
function realPath(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw explain(path, error);
  }
}

async function readRange(
  handle: FileHandle,
  path: string,
  start: number,
  end: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  for (let filled = 0; filled < bytes.length;) {
    const length = Math.min(bytes.length - filled, largestReadBytes);
    const { bytesRead } = await handle.read(bytes, filled, length, start + filled);
    if (bytesRead === 0) checkRange(path, { start, end }, start + filled);
    filled += bytesRead;
  }
  return bytes;
}

async function writeSynced(root: string, file: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(root, temporaryFolder, randomUUID());
  const firstCreated = await mkdir(dirname(file), { recursive: true });
  await mkdir(dirname(temporary), { recursive: true });
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  // New folders are durable only once their parents are synced, up to the one that was there before.
  const outermost = dirname(firstCreated ?? file);
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    await syncFolder(folder);
    if (folder === outermost || folder === dirname(folder)) break;
  }
}

async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

async function sweepAbandoned(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > abandonedMs) {
      await rm(join(folder, name), { force: true });
    }
  }
}

async function listFiles(folder: string, path: string): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw error;
  });
  for (const entry of entries) {
    const entryPath = path === '' ? entry.name : `${path}/${entry.name}`;
    if (entry.isFile()) found.push(entryPath);
    if (entry.isDirectory() && entryPath !== temporaryFolder) {
      found.push(...(await listFiles(join(folder, entry.name), entryPath)));
    }
  }
  return found.sort();
}

async function explained<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw explain(path, error);
  }
}

function explain(path: string, error: unknown): Error {
  if (error instanceof IsothermError) return error;
  if (isAbsent(error)) return new NotFoundError(`File "${path}" does not exist.`, { cause: error });
  const code = systemCode(error);
  const [text, ours] = faults[code] ?? [`the system says ${code}`, 'DISK_FAILED'];
  return new StoreError(`File "${path}" cannot be used: ${text}.`, { code: ours, cause: error });
}

const faults: Readonly<Record<string, readonly [text: string, code: string]>> = {
  ENOSPC: ['the disk is full; free some space or name another folder', 'DISK_FULL'],
  EDQUOT: ['the disk quota is used up', 'DISK_FULL'],
  EROFS: ['the disk is read-only', 'DISK_READ_ONLY'],
  EACCES: ['permission is denied', 'DISK_DENIED'],
  EPERM: ['permission is denied', 'DISK_DENIED'],
  EMFILE: ['too many files are open', 'TOO_MANY_FILES'],
  ENOTDIR: ['a file stands where a folder is needed', 'DISK_FAILED'],
  EEXIST: ['a file stands where a folder is needed', 'DISK_FAILED'],
  EISDIR: ['a folder has its name', 'DISK_FAILED'],
};

function isAbsent(error: unknown): boolean {
  return systemCode(error) === 'ENOENT';
}

function systemCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'an unknown fault';
  return String(error.code);
}
