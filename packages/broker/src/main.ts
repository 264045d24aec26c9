/** The broker as a process: the only file of this package that makes real clocks, disks and sockets. */
import { nodeClock, nodeDisk, nodeRandom, tcpNet } from '@isotherm/platform';
import { startBroker } from './broker.ts';
import { parseBrokerConfig } from './config.ts';

/**
 * Starts a broker from its configuration.
 *
 * @param log gets one JSON line an event
 * @throws InvalidInputError when the configuration is wrong; UnavailableError when the address is taken
 */
export async function main(
  configJson: unknown,
  log: (line: string) => void,
): Promise<{ readonly address: string; close(): Promise<void> }> {
  const config = parseBrokerConfig(configJson);
  return startBroker({
    config,
    net: tcpNet(),
    clock: nodeClock(),
    random: nodeRandom(),
    disk: nodeDisk(config.snapshotDir),
    log,
  });
}
