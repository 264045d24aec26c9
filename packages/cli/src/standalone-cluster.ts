/**
 * All roles in one process: the same code as the roles' own processes, over streams in memory. Only
 * the query service's HTTP listener is real, and only on the loopback interface.
 */
import { availableParallelism, totalmem } from 'node:os';
import { type Broker, parseBrokerConfig, startBroker } from '@isotherm/broker';
import { type Coordinator, parseCoordinatorConfig, startCoordinator } from '@isotherm/coordinator';
import { localStorage } from '@isotherm/deep-storage';
import { parseHistoricalConfig, startHistorical, threadPool } from '@isotherm/historical';
import { type MetadataStore, openSqliteStore } from '@isotherm/metadata';
import { memoryNet, nodeClock, nodeDisk, nodeRandom } from '@isotherm/platform';
import { parseQueryServiceConfig, startQueryService } from '@isotherm/query-service';
import { LocalCalls } from '@isotherm/rpc';
import { lockDataDir } from './data-dir-lock.ts';
import { type DataDir, makeDataDir } from './data-dir.ts';

/** Addresses of the roles inside the process; the coordinator also leads under its own. */
const coordinatorAddress = 'coordinator:8081';
const brokerAddress = 'broker:8082';
const historicalAddress = 'historical:8083';
const mebibyte = 1024 * 1024;
/** Part of the memory for columns that holds segments whole; the rest is a cache for those beyond. */
const pinnedShare = 0.8;
/** A thread's columns lie in one WebAssembly memory of 4 GiB, which runs need a part of, too. */
const mostBytesOfThread = 3 * 1024 * mebibyte;
/** Deep storage is on the same disk, so there is no smaller limit to how much is served. */
const capacityBytes = Number.MAX_SAFE_INTEGER;

/** A running cluster of one process. */
export interface StandaloneCluster {
  readonly url: string;
  readonly metadata: MetadataStore;
  readonly coordinator: Coordinator;
  readonly broker: Broker;
  close(): Promise<void>;
}

/** How a cluster of one process is set up. */
export interface ClusterOptions {
  readonly port: number;
  /** Threads that read columns; the processors of the machine when null or absent. */
  readonly threads?: number | null;
  /** MiB for columns in memory; half of the machine's when null or absent. */
  readonly memoryMib?: number | null;
  readonly log: (line: string) => void;
}

/** @throws ConflictError if the directory is served already or the port is taken */
export async function startCluster(
  dataDir: DataDir,
  options: ClusterOptions,
): Promise<StandaloneCluster> {
  const closers: (() => Promise<void> | void)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    makeDataDir(dataDir);
    closers.push(lockDataDir(dataDir.lockPath));
    const parts = {
      net: memoryNet(),
      local: new LocalCalls(),
      clock: nodeClock(),
      random: nodeRandom(),
      log: options.log,
    };
    const metadata = await openSqliteStore({ path: dataDir.metadataPath, clock: parts.clock });
    closers.push(() => metadata.close());
    const coordinator = await startCoordinatorOf(dataDir, metadata, parts);
    closers.push(() => coordinator.close());
    const historical = await startHistoricalOf(dataDir, parts, options);
    closers.push(() => historical.close());
    const broker = await startBrokerOf(dataDir, parts);
    closers.push(() => broker.close());
    const service = await startQueryService({
      ...parts,
      config: parseQueryServiceConfig({
        listen: `127.0.0.1:${options.port}`,
        broker: brokerAddress,
      }),
    });
    closers.push(() => service.close());
    return { url: service.url, metadata, coordinator, broker, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** What every role in the process gets. */
type Parts = Pick<Parameters<typeof startHistorical>[0], 'net' | 'clock' | 'random'> & {
  readonly local: LocalCalls;
  readonly log: (line: string) => void;
};

function startCoordinatorOf(
  dataDir: DataDir,
  metadata: MetadataStore,
  parts: Parts,
): Promise<Coordinator> {
  const config = parseCoordinatorConfig({
    listen: coordinatorAddress,
    metadata: { type: 'sqlite', path: dataDir.metadataPath },
    pollMs: 500,
    // Nobody else can hold copies, so there is nothing to wait for before loading them again.
    nodeGraceMs: 0,
  });
  return startCoordinator({ ...parts, metadata, config });
}

function startBrokerOf(dataDir: DataDir, parts: Parts): Promise<Broker> {
  const config = parseBrokerConfig({
    listen: brokerAddress,
    coordinator: coordinatorAddress,
    snapshotDir: dataDir.brokerPath,
    brokerId: 'standalone',
  });
  return startBroker({ ...parts, disk: nodeDisk(dataDir.brokerPath), config });
}

/** One node of the hot tier that keeps segments in memory as long as there is room, and all of them on disk. */
function startHistoricalOf(
  dataDir: DataDir,
  parts: Parts,
  options: Pick<ClusterOptions, 'threads' | 'memoryMib'>,
): ReturnType<typeof startHistorical> {
  const workerThreads = options.threads ?? availableParallelism();
  const askedBytes = options.memoryMib ? options.memoryMib * mebibyte : totalmem() / 2;
  const columnBytes = Math.min(askedBytes, workerThreads * mostBytesOfThread);
  const pinnedBytes = Math.floor(columnBytes * pinnedShare);
  const config = parseHistoricalConfig({
    listen: historicalAddress,
    coordinator: coordinatorAddress,
    tier: 'hot',
    residency: 'cold',
    workerThreads,
    capacityBytes,
    pinnedBytes,
    columnCacheBytes: Math.floor(columnBytes - pinnedBytes),
    cacheDir: dataDir.segmentCachePath,
    deepStorage: { type: 'local', path: dataDir.deepStoragePath },
  });
  return startHistorical({
    ...parts,
    config,
    disk: nodeDisk(dataDir.segmentCachePath),
    storage: localStorage(nodeDisk(dataDir.deepStoragePath)),
    pool: threadPool({
      workerCount: config.workerThreads,
      cacheDir: config.cacheDir,
      deepStorage: config.deepStorage,
      columnCacheBytes: config.columnCacheBytes,
    }),
  });
}
