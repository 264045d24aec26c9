/** The query service as a process: the only file of this package that makes real clocks and sockets to others. */
import { nodeClock, nodeRandom, tcpNet } from '@isotherm/platform';
import { parseQueryServiceConfig } from './config.ts';
import { startQueryService } from './service.ts';

/**
 * Starts a query service from its configuration.
 *
 * @param configJson parsed JSON of the configuration
 * @param log gets one JSON line for each slow or failed query and each event
 * @throws InvalidInputError when the configuration is wrong; UnavailableError when the address is taken
 */
export async function main(
  configJson: unknown,
  log: (line: string) => void,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  return startQueryService({
    config: parseQueryServiceConfig(configJson),
    net: tcpNet(),
    clock: nodeClock(),
    random: nodeRandom(),
    log,
  });
}
