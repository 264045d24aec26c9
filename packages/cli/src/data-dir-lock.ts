/**
 * Keeps two processes from serving one data directory. The lock is SQLite's on an empty database: the
 * operating system lets go of it when the process ends, however it ends, so a kill leaves nothing behind.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConflictError } from '@isotherm/errors';

/** @returns a function that lets go of the lock @throws ConflictError code DATA_DIR_IN_USE */
export function lockDataDir(lockPath: string): () => void {
  mkdirSync(dirname(lockPath), { recursive: true });
  const database = new DatabaseSync(lockPath, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new ConflictError(
      `Data directory "${dirname(lockPath)}" is served by another process already. Stop that one, ask it with "isotherm query", or name another --data-dir.`,
      { code: 'DATA_DIR_IN_USE', cause },
    );
  }
  return () => database.close();
}
