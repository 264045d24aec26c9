/**
 * Keeps two processes from serving one data directory. The lock is SQLite's on an empty database: the
 * operating system lets go of it when the process ends, however it ends, so a kill leaves nothing behind.
 */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConflictError, StoreError } from '@isotherm/errors';

/** SQLite's result code for a lock that another process holds. */
const sqliteBusy = 5;

/** @returns a function that lets go of the lock @throws ConflictError code DATA_DIR_IN_USE, StoreError */
export function lockDataDir(lockPath: string): () => void {
  const database = new DatabaseSync(lockPath, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    const isBusy =
      cause instanceof Error && 'errcode' in cause && Number(cause.errcode) % 256 === sqliteBusy;
    if (!isBusy) throw lockFailed(lockPath, cause);
    throw new ConflictError(
      `Data directory "${dirname(lockPath)}" is served by another process already. Stop that one, ask it with "isotherm query", or name another --data-dir.`,
      { code: 'DATA_DIR_IN_USE', cause },
    );
  }
  return () => database.close();
}

function lockFailed(lockPath: string, cause: unknown): StoreError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const { bavail } = statfsSync(dirname(lockPath));
  return new StoreError(
    `Lock "${lockPath}" cannot be taken: ${bavail === 0 ? 'the disk is full' : text}. Expected a disk with space that may be written to. Free some space, or name another --data-dir.`,
    { code: bavail === 0 ? 'DISK_FULL' : 'METADATA_LOCK_FAILED', cause },
  );
}
