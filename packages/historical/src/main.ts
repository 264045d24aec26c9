/** The historical as a process: reads its configuration and makes the real platform. */
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { localStorage } from '@isotherm/deep-storage';
import { nodeClock, nodeDisk, nodeRandom, tcpNet } from '@isotherm/platform';
import { parseHistoricalConfig } from './config.ts';
import { startHistorical } from './historical.ts';
import { threadPool } from './thread-pool.ts';

/**
 * Starts a historical on this machine. Relative folders are below the working directory.
 *
 * @param configJson parsed JSON of the configuration
 * @param log takes one line at a time
 * @throws InvalidInputError naming a wrong key; UnavailableError if the address is taken
 */
export async function main(
  configJson: unknown,
  log: (line: string) => void,
): Promise<{ address: string; close: () => Promise<void> }> {
  const config = parseHistoricalConfig(configJson, { processors: availableParallelism() });
  const cacheDir = resolve(config.cacheDir);
  const deepStorage = { ...config.deepStorage, path: resolve(config.deepStorage.path) };
  await mkdir(cacheDir, { recursive: true });
  const historical = await startHistorical({
    config,
    net: tcpNet(),
    clock: nodeClock(),
    random: nodeRandom(),
    disk: nodeDisk(cacheDir),
    storage: localStorage(nodeDisk(deepStorage.path)),
    pool: threadPool({
      workerCount: config.workerThreads,
      cacheDir,
      deepStorage,
      columnCacheBytes: config.columnCacheBytes,
    }),
    log,
  });
  return { address: historical.address, close: () => historical.close() };
}
