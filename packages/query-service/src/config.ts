/** Configuration of the query service: JSON with a closed schema. */
import { InvalidInputError, JsonFields } from '@isotherm/errors';
import { parseAddress } from '@isotherm/platform';

/** Settings of a query service. */
export interface QueryServiceConfig {
  /** `host:port` of the HTTP listener. */
  readonly listen: string;
  /** `host:port` of the broker that answers. */
  readonly broker: string;
  /** Must be set to listen where other machines reach it, because requests are not authenticated yet. */
  readonly allowUnauthenticated: boolean;
  /** Names beside those of loopback that a `Host` header may carry while listening on loopback. */
  readonly allowedHosts: readonly string[];
  /** Larger bodies are answered by 413. */
  readonly maxBodyBytes: number;
  /** Queries that take longer are logged; failed ones always are. Milliseconds. */
  readonly slowQueryMs: number;
  /** How long running requests may take to end when the service stops. Milliseconds. */
  readonly drainMs: number;
}

/**
 * Reads the configuration; every key has a default.
 *
 * @throws InvalidInputError naming the field; code UNAUTHENTICATED_LISTENER when it would listen beyond
 *   this machine without `allowUnauthenticated`
 */
export function parseQueryServiceConfig(json: unknown): QueryServiceConfig {
  const fields = new JsonFields(json, '');
  const config: QueryServiceConfig = {
    listen: fields.optionalString('listen') ?? '127.0.0.1:8888',
    broker: fields.optionalString('broker') ?? '127.0.0.1:8082',
    allowUnauthenticated: fields.optionalBoolean('allowUnauthenticated') ?? false,
    allowedHosts: fields.has('allowedHosts') ? fields.stringArray('allowedHosts') : [],
    maxBodyBytes: fields.optionalInteger('maxBodyBytes', { min: 1024 }) ?? 16 * 1024 * 1024,
    slowQueryMs: fields.optionalInteger('slowQueryMs', { min: 0 }) ?? 1000,
    drainMs: fields.optionalInteger('drainMs', { min: 0 }) ?? 5000,
  };
  fields.end();
  parseAddress(config.broker);
  if (!isLoopback(config.listen) && !config.allowUnauthenticated) {
    throw new InvalidInputError(
      `"listen" is "${config.listen}", which other machines can reach, and requests are not authenticated. Listen on 127.0.0.1, or set "allowUnauthenticated" to true where a proxy in front lets only the right ones through.`,
      { code: 'UNAUTHENTICATED_LISTENER' },
    );
  }
  return config;
}

/** True for addresses that only this machine reaches. @throws InvalidInputError for what is no address */
export function isLoopback(address: string): boolean {
  const { host } = parseAddress(address);
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
