/** The broker role: follows the coordinator and answers queries. */
import type { Clock, Disk, Net, Random } from '@isotherm/platform';
import {
  type BrokerStatus,
  type Handlers,
  type LocalCalls,
  type RpcClient,
  type ServingNode,
  rpcClient,
  serveRpc,
} from '@isotherm/rpc';
import { Admission } from './admission.ts';
import { brokerLog } from './broker-log.ts';
import { ClusterView } from './cluster-view.ts';
import type { BrokerConfig } from './config.ts';
import { summarizeDataSources } from './datasource-summaries.ts';
import { NodeClients } from './node-clients.ts';
import { type QueryParts, runQuery } from './run-query.ts';
import { RunningQueries } from './running-queries.ts';
import { Suspects } from './suspects.ts';
import { type TimelineView, countUnavailable } from './timeline-view.ts';

/** What a broker is made of. */
export interface BrokerOptions {
  readonly config: BrokerConfig;
  readonly net: Net;
  readonly clock: Clock;
  readonly random: Random;
  /** Holds the snapshot; the root is the configuration's `snapshotDir`. */
  readonly disk: Disk;
  /** Roles of the same process, where there are any. */
  readonly local?: LocalCalls;
  /** Gets one JSON line an event; none when absent. */
  readonly log?: (line: string) => void;
}

/** A running broker. */
export interface Broker {
  /** `host:port` of its rpc listener. */
  readonly address: string;
  /** Breaks running queries, stops following and writes the snapshot. */
  close(): Promise<void>;
  status(): BrokerStatus;
}

/** Starts a broker; it answers as soon as it knows a timeline. @throws UnavailableError if the address is taken */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { config, net, clock, random, disk } = options;
  const log = brokerLog(clock, options.log ?? (() => {}));
  const local = options.local === undefined ? {} : { local: options.local };
  const clients = new NodeClients((address) => rpcClient({ net, clock, address, ...local }));
  const coordinator = rpcClient({ net, clock, address: config.coordinator });
  const cluster = await ClusterView.open({
    coordinator,
    brokerId: config.brokerId ?? `broker-${random.id()}`,
    clock,
    random,
    disk,
    snapshotDelayMs: config.snapshotDelayMs,
    lingerMs: config.lingerMs,
    log,
    onView: (view) => clients.keepOnly(view.nodes.values()),
  });
  const parts: QueryParts = {
    nodes: {
      view: () => cluster.view,
      client: (node: ServingNode): RpcClient => clients.of(node),
      load: new Map(),
      random,
      suspects: new Suspects(clock),
    },
    admission: new Admission(config),
    running: new RunningQueries(clock),
    defaultTimeoutMs: config.defaultTimeoutMs,
  };
  const stop = async (): Promise<void> => {
    await cluster.close();
    coordinator.close();
    clients.keepOnly([]);
  };
  const handlers = brokerHandlers(cluster, parts);
  const onUnexpected = (error: unknown, call: string): void =>
    log('unexpected-error', { call, reason: error instanceof Error ? error.stack : 'unknown' });
  const server = await serveRpc({
    net,
    clock,
    address: config.listen,
    handlers,
    onUnexpected,
    ...local,
  }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    address: server.address,
    status: () => statusOf(cluster),
    async close() {
      await server.close();
      await stop();
    },
  };
}

/** The calls that a broker answers. */
function brokerHandlers(cluster: ClusterView, parts: QueryParts): Handlers {
  return {
    'broker.query': (request, { signal }) => runQuery(request, signal, parts),
    'broker.cancel': async function* ({ json }) {
      yield { json: { cancelled: parts.running.cancel(json.queryId) }, bytes: [] };
    },
    'broker.dataSources': async function* () {
      yield { json: summarizeDataSources(cluster.view), bytes: [] };
    },
    'broker.status': async function* () {
      yield { json: statusOf(cluster), bytes: [] };
    },
  };
}

const unavailableCounts = new WeakMap<TimelineView, number>();

function statusOf(cluster: ClusterView): BrokerStatus {
  const view = cluster.viewOrNull;
  if (view === null) {
    return {
      timelineVersion: null,
      visibleSegments: 0,
      unavailableSegments: 0,
      viewAgeMs: cluster.ageMs,
    };
  }
  const unavailableSegments = unavailableCounts.get(view) ?? countUnavailable(view);
  unavailableCounts.set(view, unavailableSegments);
  return {
    timelineVersion: view.timelineVersion,
    visibleSegments: view.descriptors.size,
    unavailableSegments,
    viewAgeMs: cluster.ageMs,
  };
}
