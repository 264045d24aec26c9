/**
 * A historical: serves segments. The main thread talks (rpc, coordinator, deep storage) and never
 * touches column data; workers hold the columns and never touch sockets.
 */
import type { DeepStorage } from '@isotherm/deep-storage';
import type { Clock, Disk, Net, Random } from '@isotherm/platform';
import { type NodeCommand, serveRpc } from '@isotherm/rpc';
import type { HistoricalConfig } from './config.ts';
import { CoordinatorLink } from './coordinator-link.ts';
import { inlinePool } from './inline-pool.ts';
import { MergeBuffers } from './merge-buffers.ts';
import { runSegments } from './run-segments.ts';
import { SegmentCache } from './segment-cache.ts';
import { SegmentPool } from './segment-pool.ts';
import { type ServedChange, ServedSegments } from './served-segments.ts';
import type { WorkerPool } from './worker-pool.ts';

/** What a historical is made of. */
export interface HistoricalOptions {
  readonly config: HistoricalConfig;
  readonly net: Net;
  readonly clock: Clock;
  readonly random: Random;
  /** Rooted at the node's cache folder, which is its own. */
  readonly disk: Disk;
  readonly storage: DeepStorage;
  /** Where the workers live; in process by default. */
  readonly pool?: WorkerPool;
  readonly log?: (line: string) => void;
}

/** What a historical says of itself. */
export interface HistoricalStatus {
  readonly tier: string;
  readonly servedSegments: number;
  readonly loadingSegments: number;
  readonly usedBytes: number;
  readonly capacityBytes: number;
  readonly queuedRuns: number;
  readonly runningRuns: number;
  readonly waitingForMergeBuffers: number;
  /** Damaged copies met since the start. */
  readonly quarantinedCopies: number;
  readonly isRegistered: boolean;
}

/** A running historical. */
export interface Historical {
  /** `host:port` of its rpc listener. */
  readonly address: string;
  status(): HistoricalStatus;
  close(): Promise<void>;
}

/**
 * Starts a historical: answers calls at once, loads the copies that are on its disk, then registers.
 *
 * @throws UnavailableError if the address is taken, StoreError if the disk fails
 */
export async function startHistorical(options: HistoricalOptions): Promise<Historical> {
  const { config, net, clock, random, disk, storage, log = () => {} } = options;
  const pool = options.pool ?? inlinePool({ ...options, ...poolShape(config) });
  const cache = new SegmentCache({ disk, storage });
  const buffers = new MergeBuffers(clock, config.mergeBuffers);
  let onChange = (_change: ServedChange): void => {};
  const segmentPool = new SegmentPool({
    pool,
    clock,
    random,
    queueLimit: config.queueLimit,
    log,
    onLost: (segmentKey, error) => void segments.replaceDamaged(segmentKey, error.message),
  });
  const segments = new ServedSegments({
    cache,
    pool: segmentPool,
    residency: config.residency,
    capacityBytes: config.capacityBytes,
    log,
    onChange: (change) => onChange(change),
  });
  const server = await serveRpc({
    net,
    clock,
    address: config.listen,
    handlers: {
      'historical.run': (request, { signal }) =>
        runSegments(request.json, signal, { pool: segmentPool, buffers, clock, segments }),
    },
    onUnexpected: (error, call) => log(`Call ${call} met a bug: ${describe(error)}`),
  });
  if (config.residency !== 'icy') await loadLocalCopies(cache, segments, log);
  const link = new CoordinatorLink({
    net,
    clock,
    random,
    coordinator: config.coordinator,
    node: {
      nodeId: server.address,
      address: server.address,
      tier: config.tier,
      capacityBytes: config.capacityBytes,
      priority: config.priority,
    },
    served: () => ({ keys: segments.servedKeys, usedBytes: segments.usedBytes }),
    onCommand: (command) => void follow(command, segments),
    log,
  });
  onChange = (change) => link.report(change);

  return {
    address: server.address,
    status: () => ({
      tier: config.tier,
      servedSegments: segments.servedKeys.length,
      loadingSegments: segments.loadingCount,
      usedBytes: segments.usedBytes,
      capacityBytes: config.capacityBytes,
      queuedRuns: segmentPool.load.queued,
      runningRuns: segmentPool.load.running,
      waitingForMergeBuffers: buffers.waitingCount,
      quarantinedCopies: segments.quarantinedCount,
      isRegistered: link.isConnected,
    }),
    async close() {
      await link.close();
      await server.close();
      // Workers first: a load that waits for one must end before the segments do.
      await Promise.all([segmentPool.close(), segments.close()]);
    },
  };
}

function poolShape(config: HistoricalConfig): { workerCount: number; columnCacheBytes: number } {
  return { workerCount: config.workerThreads, columnCacheBytes: config.columnCacheBytes };
}

async function loadLocalCopies(
  cache: SegmentCache,
  segments: ServedSegments,
  log: (line: string) => void,
): Promise<void> {
  const copies = await cache.list();
  await Promise.all(
    copies.map(({ segmentKey, descriptor }) => segments.load(segmentKey, descriptor)),
  );
  if (copies.length > 0) {
    log(`${segments.servedKeys.length} of ${copies.length} segments on disk are served again.`);
  }
}

function follow(command: NodeCommand, segments: ServedSegments): Promise<void> {
  switch (command.type) {
    case 'load':
      return segments.load(command.segmentKey, command.descriptor);
    case 'drop':
      return segments.drop(command.segmentKey);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
