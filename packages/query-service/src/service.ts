/** The query service role: an HTTP listener in front of a broker. */
import { type Server, createServer } from 'node:http';
import { UnavailableError } from '@isotherm/errors';
import { type Clock, type Net, type Random, formatAddress, parseAddress } from '@isotherm/platform';
import { type LocalCalls, rpcClient } from '@isotherm/rpc';
import { queryServiceApp } from './app.ts';
import { rpcBroker } from './broker-client.ts';
import { type QueryServiceConfig, isLoopback } from './config.ts';
import { serviceMetrics } from './metrics.ts';

/** What a query service is made of. */
export interface QueryServiceOptions {
  readonly config: QueryServiceConfig;
  /** Carries the calls to the broker; HTTP has a listener of its own. */
  readonly net: Net;
  readonly clock: Clock;
  readonly random: Random;
  /** Roles of the same process, where there are any. */
  readonly local?: LocalCalls;
  /** Gets one JSON line for each slow or failed query and each event; none when absent. */
  readonly log?: (line: string) => void;
}

/** A running query service. */
export interface QueryService {
  /** Such as `http://127.0.0.1:8888`; the port is the real one. */
  readonly url: string;
  /** Stops listening, lets running requests end for a while, then breaks them. */
  close(): Promise<void>;
}

/** Limits on slow and greedy clients. */
const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5000,
};
const maxConnections = 10_000;

/** Starts to listen. @throws UnavailableError if the address is taken */
export async function startQueryService(options: QueryServiceOptions): Promise<QueryService> {
  const { config, net, clock, random, log = () => {} } = options;
  const note = (event: string, fields: Readonly<Record<string, unknown>>): void => {
    const time = new Date(clock.nowMs()).toISOString();
    log(JSON.stringify({ time, role: 'query-service', event, ...fields }));
  };
  const { local } = options;
  const client = rpcClient({ net, clock, address: config.broker, ...(local && { local }) });
  const metrics = serviceMetrics({ withProcess: true });
  const service = {
    broker: rpcBroker(client),
    clock,
    random,
    metrics,
    maxBodyBytes: config.maxBodyBytes,
    slowQueryMs: config.slowQueryMs,
    log,
    logUnexpected: (error: unknown) =>
      note('unexpected-error', { stack: error instanceof Error ? error.stack : String(error) }),
  };
  if (!isLoopback(config.listen)) note('unauthenticated-listener', { listen: config.listen });
  const server = createServer(limits, queryServiceApp(service, config));
  server.maxConnections = maxConnections;
  const address = await listen(server, config.listen).catch((error: unknown) => {
    client.close();
    throw error;
  });
  return {
    url: `http://${address}`,
    async close() {
      await stop(server, clock, config.drainMs);
      client.close();
      metrics.registry.clear();
    },
  };
}

function listen(server: Server, address: string): Promise<string> {
  const { host, port } = parseAddress(address);
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `The query service cannot listen on "${address}". Is another process there? Choose another port.`;
      reject(new UnavailableError(message, { code: 'ADDRESS_IN_USE', cause }));
    });
    server.listen(port, host, () => {
      const bound = server.address();
      const realPort = typeof bound === 'object' && bound !== null ? bound.port : port;
      resolve(formatAddress({ host, port: realPort }));
    });
  });
}

function stop(server: Server, clock: Clock, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.schedule(drainMs, () => server.closeAllConnections());
    server.close(() => {
      cancel();
      resolve();
    });
  });
}
