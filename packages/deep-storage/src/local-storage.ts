/**
 * Deep storage in a folder: one file an object, its path the key. It is the choice for one machine
 * and for a file system that all nodes share.
 */
import { ConflictError, NotFoundError, StoreError } from '@isotherm/errors';
import type { Disk } from '@isotherm/platform';
import { checkObjectKey, checkObjectPrefix } from './object-key.ts';
import type { DeepStorage } from './storage.ts';

/**
 * Makes deep storage over a disk. Two puts of one key through one storage run one after the other;
 * between processes the keys keep writers apart, because they hold the version of the job.
 */
export function localStorage(disk: Disk): DeepStorage {
  const putting = new Map<string, Promise<void>>();

  return {
    async put(key, bytes) {
      checkObjectKey(key);
      const before = putting.get(key) ?? Promise.resolve();
      const mine = before.catch(() => {}).then(() => putOnce(disk, key, bytes));
      putting.set(key, mine);
      try {
        await mine;
      } finally {
        if (putting.get(key) === mine) putting.delete(key);
      }
    },
    get: (key) => explained(key, () => disk.read(checkObjectKey(key))),
    getRange: (key, start, end) =>
      explained(key, () => disk.read(checkObjectKey(key), { start, end })),
    list: (prefix) => explained(prefix, () => disk.list(checkObjectPrefix(prefix))),
    delete: (key) => explained(key, () => disk.remove(checkObjectKey(key))),
  };
}

async function putOnce(disk: Disk, key: string, bytes: Uint8Array): Promise<void> {
  await explained(key, async () => {
    const size = await disk.size(key);
    if (size === null) {
      await disk.writeAtomic(key, bytes);
      return;
    }
    const there = size === bytes.length ? await disk.read(key) : null;
    if (there !== null && Buffer.compare(there, bytes) === 0) return;
    throw new ConflictError(
      `Object "${key}" holds other bytes already (${size} there, ${bytes.length} given). Objects never change; write under another key.`,
      { code: 'OBJECT_EXISTS', details: { key } },
    );
  });
}

/** Runs a disk operation so that its errors name the object. */
async function explained<T>(key: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof NotFoundError) {
      throw new NotFoundError(
        `Object "${key}" is not in deep storage. Was it deleted, or does this node read another folder?`,
        { code: 'OBJECT_NOT_FOUND', details: { key }, cause: error },
      );
    }
    if (!(error instanceof StoreError)) throw error;
    throw new StoreError(`Object "${key}" in deep storage failed. ${error.message}`, {
      code: error.code,
      details: { key },
      cause: error,
    });
  }
}
