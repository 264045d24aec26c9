/** Configuration of the broker role: JSON with a closed schema. */
import { JsonFields } from '@isotherm/errors';
import { parseAddress } from '@isotherm/platform';

/** Settings of a broker; times in milliseconds. */
export interface BrokerConfig {
  /** `host:port` of the rpc listener. */
  readonly listen: string;
  /** `host:port` of the coordinator whose timeline it follows. */
  readonly coordinator: string;
  /** Folder for the last known timeline, from which it starts while the coordinator is away. */
  readonly snapshotDir: string;
  /** Name under which it watches the coordinator; null = a fresh one at every start. */
  readonly brokerId: string | null;
  /** Queries at work at a time. */
  readonly maxRunningQueries: number;
  /** Queries that wait beside those; more are refused with 429. */
  readonly maxQueuedQueries: number;
  /** Time limit of queries that name none in their context. */
  readonly defaultTimeoutMs: number;
  /** How long after a change the timeline is written to disk: changes in between cost one write. */
  readonly snapshotDelayMs: number;
  /** How long nodes that a restarted coordinator does not know yet are still asked. */
  readonly lingerMs: number;
}

/**
 * Reads the configuration; every key has a default.
 *
 * @throws InvalidInputError naming the field
 */
export function parseBrokerConfig(json: unknown): BrokerConfig {
  const fields = new JsonFields(json, '');
  const config: BrokerConfig = {
    listen: address(fields, 'listen') ?? '127.0.0.1:8082',
    coordinator: address(fields, 'coordinator') ?? '127.0.0.1:8081',
    snapshotDir: fields.optionalString('snapshotDir') ?? 'isotherm-data/broker',
    brokerId: fields.optionalString('brokerId'),
    maxRunningQueries: fields.optionalInteger('maxRunningQueries', { min: 1 }) ?? 64,
    maxQueuedQueries: fields.optionalInteger('maxQueuedQueries', { min: 0 }) ?? 256,
    defaultTimeoutMs: fields.optionalInteger('defaultTimeoutMs', { min: 1 }) ?? 300_000,
    snapshotDelayMs: fields.optionalInteger('snapshotDelayMs', { min: 0 }) ?? 5000,
    lingerMs: fields.optionalInteger('lingerMs', { min: 0 }) ?? 30_000,
  };
  fields.end();
  return config;
}

function address(fields: JsonFields, name: string): string | null {
  const text = fields.optionalString(name);
  if (text !== null) parseAddress(text);
  return text;
}
