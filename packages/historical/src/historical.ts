/**
 * A historical: serves segments. The main thread talks (rpc, coordinator, deep storage) and never
 * touches column data; workers hold the columns and never touch sockets.
 */
import type { DeepStorage } from '@isotherm/deep-storage';
import type { Clock, Disk, Net, Random } from '@isotherm/platform';
import { type LocalCalls, type NodeCommand, serveRpc } from '@isotherm/rpc';
import { uncompressSegment } from '@isotherm/segment';
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
  /** Roles of the same process, where there are any. */
  readonly local?: LocalCalls;
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
  const { config, net, clock, disk, storage } = options;
  const log = options.log ?? (() => {});
  const uncompress = options.pool?.uncompress ?? uncompressSegment;
  const cache = new SegmentCache({ disk, storage, uncompress });
  const buffers = new MergeBuffers(clock, config.mergeBuffers);
  // The link is made last, when there is something to register; changes before that are part of it.
  let link: CoordinatorLink | null = null;
  const { pool, segments } = holdSegments(options, cache, (change) => link?.report(change));
  const server = await serveRpc({
    net,
    clock,
    address: config.listen,
    handlers: {
      'historical.run': (request, { signal }) =>
        runSegments(request, signal, { pool, buffers, clock, segments }),
    },
    ...(options.local && { local: options.local }),
    onUnexpected: (error, call) => log(`Call ${call} met a bug: ${describe(error)}`),
  });
  if (config.residency !== 'icy') await loadLocalCopies(cache, segments, log);
  const registered = linkTo(options, server.address, segments);
  link = registered;

  return {
    address: server.address,
    status: () => ({
      tier: config.tier,
      servedSegments: segments.servedKeys.length,
      loadingSegments: segments.loadingCount,
      usedBytes: segments.usedBytes,
      capacityBytes: config.capacityBytes,
      queuedRuns: pool.load.queued,
      runningRuns: pool.load.running,
      waitingForMergeBuffers: buffers.waitingCount,
      quarantinedCopies: segments.quarantinedCount,
      isRegistered: registered.isConnected,
    }),
    async close() {
      await registered.close();
      await server.close();
      // Together: a load that waits for a worker ends when the workers do.
      await Promise.all([pool.close(), segments.close()]);
    },
  };
}

/** Makes the workers and the set of segments that they hold. */
function holdSegments(
  options: HistoricalOptions,
  cache: SegmentCache,
  onChange: (change: ServedChange) => void,
): { pool: SegmentPool; segments: ServedSegments } {
  const { config, clock, random, log = () => {} } = options;
  const pool = new SegmentPool({
    pool: options.pool ?? inlinePool({ ...options, ...poolShape(config) }),
    clock,
    random,
    queueLimit: config.queueLimit,
    log,
    onLost: (segmentKey, error) => void segments.replaceDamaged(segmentKey, error.message),
  });
  const segments = new ServedSegments({ ...config, cache, pool, log, onChange });
  return { pool, segments };
}

/** Registers with the coordinator and follows it from then on. */
function linkTo(
  { config, net, clock, random, log = () => {} }: HistoricalOptions,
  address: string,
  segments: ServedSegments,
): CoordinatorLink {
  const { coordinator, tier, capacityBytes, priority } = config;
  return new CoordinatorLink({
    net,
    clock,
    random,
    coordinator,
    node: { nodeId: address, address, tier, capacityBytes, priority },
    served: () => ({ keys: segments.servedKeys, usedBytes: segments.usedBytes }),
    onCommand: (command) => void follow(command, segments),
    log,
  });
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
