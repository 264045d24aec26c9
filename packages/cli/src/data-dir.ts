/**
 * What lies in a data directory:
 *
 *   metadata.sqlite   jobs, segments, rules
 *   deep-storage/     segment files
 *   segment-cache/    the standalone historical's copies
 *   broker/           the standalone broker's last timeline
 *   scratch/          spilled runs of ingestion jobs; emptied when they end
 *   standalone.lock   held by a running `isotherm standalone`
 */
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InvalidInputError } from '@isotherm/errors';
import { type MetadataStore, openSqliteStore } from '@isotherm/metadata';
import { nodeClock } from '@isotherm/platform';
import type { Host } from './host.ts';

/** Absolute paths below a data directory. */
export interface DataDir {
  readonly path: string;
  readonly metadataPath: string;
  readonly deepStoragePath: string;
  readonly segmentCachePath: string;
  readonly brokerPath: string;
  readonly scratchPath: string;
  readonly lockPath: string;
}

/** Names the places of a data directory, which may not exist yet. */
export function dataDirAt(path: string, host: Host): DataDir {
  const root = resolve(host.cwd, path);
  return {
    path: root,
    metadataPath: join(root, 'metadata.sqlite'),
    deepStoragePath: join(root, 'deep-storage'),
    segmentCachePath: join(root, 'segment-cache'),
    brokerPath: join(root, 'broker'),
    scratchPath: join(root, 'scratch'),
    lockPath: join(root, 'standalone.lock'),
  };
}

/** Makes the directory if it is not there. @throws InvalidInputError unless it is one that may be written to */
export function makeDataDir({ path }: DataDir): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    const what =
      code === 'EEXIST' || code === 'ENOTDIR'
        ? 'is a file, or below one'
        : `cannot be written to (${code})`;
    throw new InvalidInputError(
      `Data directory "${path}" ${what}. Expected a folder that this user may write to. Check --data-dir.`,
      // The cause is left out, because its code would choose the exit code.
      { code: 'DATA_DIR_UNUSABLE' },
    );
  }
}

/** Opens the metadata store of a data directory and closes it when `use` is done. */
export async function withMetadata<Result>(
  dataDir: DataDir,
  use: (metadata: MetadataStore) => Promise<Result>,
): Promise<Result> {
  if (dataDir.metadataPath !== ':memory:') makeDataDir(dataDir);
  const metadata = await openSqliteStore({ path: dataDir.metadataPath, clock: nodeClock() });
  try {
    return await use(metadata);
  } finally {
    await metadata.close();
  }
}

/** @throws InvalidInputError unless something was ingested there before: reading must not make an empty store */
export function checkHasMetadata(dataDir: DataDir): void {
  if (existsSync(dataDir.metadataPath)) return;
  throw new InvalidInputError(
    `Data directory "${dataDir.path}" holds no metadata store. Expected the directory of an earlier "isotherm ingest" or "isotherm standalone". Check --data-dir.`,
    { code: 'NO_METADATA' },
  );
}
