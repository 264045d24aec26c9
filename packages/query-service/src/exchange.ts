/** What handlers get: one request with its response, and the service that they belong to. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Random } from '@isotherm/platform';
import type { AccessScope } from './access-scope.ts';
import type { BrokerClient } from './broker-client.ts';
import type { ServiceMetrics } from './metrics.ts';

/** One request and its response. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What the caller may see. */
  readonly scope: AccessScope;
  /** Decoded parts of the path, by name. */
  readonly params: Readonly<Record<string, string>>;
  /** The caller asked for indented JSON. */
  readonly isPretty: boolean;
}

/** What all requests of a service share. */
export interface Service {
  readonly broker: BrokerClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: ServiceMetrics;
  readonly maxBodyBytes: number;
  readonly slowQueryMs: number;
  /** Takes one JSON line. */
  readonly log: (line: string) => void;
  /** Notes an error that nobody foresaw, with its stack. */
  readonly logUnexpected: (error: unknown) => void;
}
