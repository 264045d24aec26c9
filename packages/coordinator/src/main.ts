/**
 * The coordinator as a process: the only file of this package that makes real clocks and sockets.
 */
import { openSqliteStore } from '@isotherm/metadata';
import { nodeClock, nodeRandom, tcpNet } from '@isotherm/platform';
import { parseCoordinatorConfig } from './config.ts';
import type { Coordinator } from './coordinator.ts';
import { startCoordinator } from './coordinator.ts';

/**
 * Starts a coordinator on the real platform.
 *
 * @param configJson  see `parseCoordinatorConfig`
 * @param log  gets one line per event, without line end
 * @throws InvalidInputError, StoreError, UnavailableError
 */
export async function main(configJson: unknown, log: (line: string) => void): Promise<Coordinator> {
  const config = parseCoordinatorConfig(configJson);
  const clock = nodeClock();
  const metadata = await openSqliteStore({ path: config.metadata.path, clock });
  const coordinator = await startCoordinator({
    config,
    metadata,
    clock,
    log,
    net: tcpNet(),
    random: nodeRandom(),
  }).catch(async (error: unknown) => {
    await metadata.close();
    throw error;
  });
  log(`coordinator listens on ${coordinator.address}`);
  return {
    ...coordinator,
    async close() {
      await coordinator.close();
      await metadata.close();
    },
  };
}
