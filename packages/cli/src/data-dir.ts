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
import { existsSync } from 'node:fs';
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

/** Opens the metadata store of a data directory and closes it when `use` is done. */
export async function withMetadata<Result>(
  dataDir: DataDir,
  use: (metadata: MetadataStore) => Promise<Result>,
): Promise<Result> {
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
