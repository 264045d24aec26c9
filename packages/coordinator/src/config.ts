/**
 * Configuration of the coordinator role: JSON with a closed schema.
 */
import { JsonFields } from '@isotherm/errors';

/** Settings of a coordinator; times in milliseconds. */
export interface CoordinatorConfig {
  /** `host:port` of the rpc listener; also the name under which it leads. */
  readonly listen: string;
  readonly metadata: { readonly type: 'sqlite'; readonly path: string };
  /** Pause between two looks at the metadata store. */
  readonly pollMs: number;
  /** How long the leadership holds without being renewed. */
  readonly leaseMs: number;
  /** How long the copies of a lost node count before others load them. */
  readonly nodeGraceMs: number;
  /** How long a copy that brokers no longer see is kept for queries under way; also: no drops this soon after taking the lead. */
  readonly dropGraceMs: number;
  /** How long brokers keep the last timeline while segments that come back are still loading. */
  readonly maxHoldMs: number;
  /** Loads that one node may have under way. */
  readonly maxLoadsPerNode: number;
  /** Part of the served segments that may lose all copies in one cycle because of rules; more than this (and than 100) is refused. 1 allows all. */
  readonly maxDropFraction: number;
}

/**
 * Reads the configuration; every key has a default but `metadata`.
 *
 * @throws InvalidInputError naming the field
 */
export function parseCoordinatorConfig(json: unknown): CoordinatorConfig {
  const fields = new JsonFields(json, '');
  const metadata = fields.object('metadata');
  const config: CoordinatorConfig = {
    listen: fields.optionalString('listen') ?? '127.0.0.1:8081',
    metadata: { type: metadata.oneOf('type', ['sqlite']), path: metadata.string('path') },
    pollMs: fields.optionalInteger('pollMs', { min: 10 }) ?? 1000,
    leaseMs: fields.optionalInteger('leaseMs', { min: 100 }) ?? 15_000,
    nodeGraceMs: fields.optionalInteger('nodeGraceMs', { min: 0 }) ?? 3000,
    dropGraceMs: fields.optionalInteger('dropGraceMs', { min: 0 }) ?? 3000,
    maxHoldMs: fields.optionalInteger('maxHoldMs', { min: 0 }) ?? 60_000,
    maxLoadsPerNode: fields.optionalInteger('maxLoadsPerNode', { min: 1 }) ?? 16,
    maxDropFraction: readFraction(fields),
  };
  metadata.end();
  fields.end();
  return config;
}

function readFraction(fields: JsonFields): number {
  const value = fields.optionalNumber('maxDropFraction') ?? 0.1;
  if (value >= 0 && value <= 1) return value;
  throw fields.fault('maxDropFraction', `is ${value}`, 'Expected 0 to 1.', 'OUT_OF_RANGE');
}
