/** A historical's configuration: one JSON object with a closed schema. */
import { JsonFields } from '@isotherm/errors';
import { parseAddress } from '@isotherm/platform';

/** How a node holds its segments: all in memory, files with a column cache, or columns on demand from deep storage. */
export type Residency = 'hot' | 'cold' | 'icy';

/** Where segment files come from. */
export interface DeepStorageConfig {
  readonly type: 'local';
  /** Folder of this machine. */
  readonly path: string;
}

/** Settings of one historical. */
export interface HistoricalConfig {
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string;
  /** `host:port` of the coordinator. */
  readonly coordinator: string;
  readonly tier: string;
  readonly residency: Residency;
  /** Bytes of segment files that the node may hold. */
  readonly capacityBytes: number;
  /** Brokers prefer nodes of a higher one. */
  readonly priority: number;
  /** Folder of local copies, this node's alone. */
  readonly cacheDir: string;
  readonly deepStorage: DeepStorageConfig;
  readonly workerThreads: number;
  /** groupBy queries that may run at a time. */
  readonly mergeBuffers: number;
  /**
   * Segments that a cold node keeps in memory whole, from load to drop, while this many bytes of columns
   * last over all workers; those beyond come by the column cache.
   */
  readonly pinnedBytes: number;
  /** Columns kept in memory by cold and icy nodes, bytes over all workers. */
  readonly columnCacheBytes: number;
  /** Queries that may wait for one worker; more are refused. */
  readonly queueLimit: number;
}

const residencies = ['hot', 'cold', 'icy'] as const;
const gibibyte = 2 ** 30;

/**
 * Reads the configuration. Only the addresses have no default.
 *
 * @param machine `processors` sets the default of workerThreads
 * @throws InvalidInputError naming the key
 */
export function parseHistoricalConfig(
  json: unknown,
  machine: { readonly processors: number } = { processors: 2 },
): HistoricalConfig {
  const fields = new JsonFields(json, '');
  const tier = fields.optionalString('tier') ?? 'hot';
  const workerThreads =
    fields.optionalInteger('workerThreads', { min: 1, max: 256 }) ??
    Math.max(1, machine.processors);
  const config: HistoricalConfig = {
    listen: address(fields, 'listen'),
    coordinator: address(fields, 'coordinator'),
    tier,
    residency:
      fields.optionalOneOf('residency', residencies) ??
      residencies.find((name) => name === tier) ??
      'hot',
    capacityBytes: fields.optionalInteger('capacityBytes', { min: 0 }) ?? 10 * gibibyte,
    priority: fields.optionalInteger('priority', { min: -1_000_000, max: 1_000_000 }) ?? 0,
    cacheDir: fields.optionalString('cacheDir') ?? 'isotherm-data/historical',
    deepStorage: deepStorage(fields.optionalObject('deepStorage')),
    workerThreads,
    mergeBuffers:
      fields.optionalInteger('mergeBuffers', { min: 1, max: 10_000 }) ??
      Math.max(2, Math.floor(workerThreads / 4)),
    pinnedBytes: fields.optionalInteger('pinnedBytes', { min: 0 }) ?? 0,
    columnCacheBytes: fields.optionalInteger('columnCacheBytes', { min: 0 }) ?? gibibyte,
    queueLimit: fields.optionalInteger('queueLimit', { min: 0, max: 1_000_000 }) ?? 500,
  };
  fields.end();
  return config;
}

function address(fields: JsonFields, name: string): string {
  const text = fields.string(name);
  parseAddress(text);
  return text;
}

function deepStorage(fields: JsonFields | null): DeepStorageConfig {
  if (fields === null) return { type: 'local', path: 'isotherm-data/deep-storage' };
  const config: DeepStorageConfig = {
    type: fields.optionalOneOf('type', ['local'] as const) ?? 'local',
    path: fields.string('path'),
  };
  fields.end();
  return config;
}
