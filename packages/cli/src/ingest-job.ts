/** Runs an ingestion job against a data directory; used by `isotherm ingest` and the quickstart. */
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { localStorage } from '@isotherm/deep-storage';
import {
  type IngestionProgress,
  type IngestionReport,
  isDeadProcess,
  parseSpec,
  runIngestion,
} from '@isotherm/ingest-spark-like';
import { nodeClock, nodeDisk, nodeRandom } from '@isotherm/platform';
import { type DataDir, withMetadata } from './data-dir.ts';
import type { Progress, ProgressView } from './progress.ts';
import { readJsonObject } from './settings.ts';

/** What a job is run with. */
export interface IngestJobOptions {
  readonly dataDir: DataDir;
  /** Absolute; relative paths inside the spec start at its folder. */
  readonly specPath: string;
  readonly view: ProgressView;
  readonly signal: AbortSignal;
  readonly dryRun: boolean;
}

/** @throws as `runIngestion`; InvalidInputError for a spec that cannot be read */
export function ingestJob(options: IngestJobOptions): Promise<IngestionReport> {
  const { dataDir, specPath, view, signal, dryRun } = options;
  const specJson = readJsonObject(specPath);
  const spec = parseSpec(specJson);
  // A dry run must not make a store where there is none.
  const metadataPath = dryRun ? ':memory:' : dataDir.metadataPath;
  return withMetadata({ ...dataDir, metadataPath }, (metadata) =>
    runIngestion({
      spec,
      specJson,
      metadata,
      storage: localStorage(nodeDisk(dataDir.deepStoragePath)),
      scratch: nodeDisk(dataDir.scratchPath),
      clock: nodeClock(),
      random: nodeRandom(),
      baseDir: dirname(specPath),
      owner: `${hostname()}:${process.pid}`,
      isOwnerDead: (owner) => isDeadProcess(owner, hostname()),
      signal,
      dryRun,
      onProgress: (progress) => view.show(shownProgress(progress)),
    }).finally(() => view.end()),
  );
}

/** Spilling goes on inside reading; people see one bar for both. Only reading knows its end. */
function shownProgress({ phase, rows, bytes, totalBytes }: IngestionProgress): Progress {
  switch (phase) {
    case 'find':
    case 'read':
    case 'spill':
      return { phase: 'read', done: bytes, total: totalBytes, rows, bytes };
    case 'merge':
      return { phase: 'build', done: 0, total: 0, rows: 0, bytes: 0 };
    case 'publish':
      return { phase: 'publish', done: 0, total: 0, rows: 0, bytes: 0 };
  }
}
