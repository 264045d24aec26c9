/**
 * A coordinator over `memoryNet` and a manual clock, with historicals and brokers that are rpc clients
 * and do just what a test tells them.
 */
import type { Coordinator } from '@isotherm/coordinator';
import { parseCoordinatorConfig, startCoordinator } from '@isotherm/coordinator';
import type { Job, MetadataStore } from '@isotherm/metadata';
import { openSqliteStore } from '@isotherm/metadata';
import type { ManualClock, MemoryNet } from '@isotherm/platform';
import { manualClock, memoryNet, seededRandom } from '@isotherm/platform';
import type { HistoricalNode, NodeCommand, ServingNode, TimelineUpdate } from '@isotherm/rpc';
import { rpcClient } from '@isotherm/rpc';
import type { Interval, SegmentDescriptor } from '@isotherm/timeline';
import { formatSegmentId, parseInterval } from '@isotherm/timeline';

export const address = '127.0.0.1:8081';

/** Where a test runs: time, network, store and one coordinator. */
export interface FakeCluster {
  readonly clock: ManualClock;
  readonly net: MemoryNet;
  readonly metadata: MetadataStore;
  readonly coordinator: Coordinator;
  readonly log: string[];
  /** Publishes a job with one segment per interval and lets the cluster settle a little. */
  publish(request: PublishRequest): Promise<Job>;
  node(node: Partial<HistoricalNode> & { nodeId: string }, served?: string[]): FakeNode;
  broker(brokerId: string, options?: { acknowledges: boolean }): FakeBroker;
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface PublishRequest {
  readonly jobId: string;
  readonly intervals: readonly string[];
  readonly dataSource?: string;
  readonly namespace?: string;
  readonly bytes?: number;
}

export async function fakeCluster(
  overrides: Record<string, unknown> = {},
  startMs = Date.UTC(2026, 0, 31),
): Promise<FakeCluster> {
  const clock = manualClock(startMs);
  const net = memoryNet();
  const metadata = await openSqliteStore({ path: ':memory:', clock });
  const log: string[] = [];
  const config = parseCoordinatorConfig({
    listen: address,
    metadata: { type: 'sqlite', path: ':memory:' },
    ...overrides,
  });
  const start = (): Promise<Coordinator> =>
    startCoordinator({
      config,
      metadata,
      net,
      clock,
      random: seededRandom(1),
      log: (line) => log.push(line),
    });
  const closing: (() => void)[] = [];
  let coordinator = await start();
  return {
    clock,
    net,
    metadata,
    log,
    get coordinator() {
      return coordinator;
    },
    async publish(request) {
      const job = await publishJob(metadata, request);
      await clock.advance(1500);
      return job;
    },
    node(node, served = []) {
      const fake = fakeNode({ clock, net }, node, served);
      closing.push(() => fake.disconnect());
      return fake;
    },
    broker(brokerId, options = { acknowledges: true }) {
      const fake = fakeBroker({ clock, net }, brokerId, options.acknowledges);
      closing.push(() => fake.disconnect());
      return fake;
    },
    async restart() {
      await coordinator.close();
      coordinator = await start();
    },
    async close() {
      for (const close of closing) close();
      await coordinator.close();
      await metadata.close();
    },
  };
}

export async function publishJob(
  metadata: MetadataStore,
  { jobId, intervals, dataSource = 'ads', namespace = 'default', bytes = 100 }: PublishRequest,
): Promise<Job> {
  const request = {
    jobId,
    dataSource,
    namespace,
    fingerprint: jobId,
    owner: 'test',
    leaseMs: 60_000,
  };
  const job = await metadata.beginJob(request);
  const segments = intervals.map((text) =>
    descriptorOf({
      dataSource,
      namespace,
      interval: parseInterval(text),
      version: job.version,
      jobId,
      bytes,
    }),
  );
  await metadata.publishJob(jobId, segments);
  return job;
}

export function descriptorOf(segment: {
  readonly dataSource?: string;
  readonly namespace?: string;
  readonly interval: Interval;
  readonly version: number;
  readonly jobId?: string;
  readonly bytes?: number;
}): SegmentDescriptor {
  const { dataSource = 'ads', namespace = 'default', interval, version, jobId = 'job' } = segment;
  return {
    id: { dataSource, namespace, interval, version, partition: 0 },
    partitionCount: 1,
    rowCount: 1,
    bytes: segment.bytes ?? 100,
    memoryBytes: 200,
    sha256: '0'.repeat(64),
    key: `${dataSource}/${version}`,
    dimensions: [],
    metrics: [],
    timeRange: null,
    jobId,
  };
}

/** The key of a segment of `ads` with one partition. */
export function keyOf(interval: string, version: number, namespace = 'default'): string {
  const id = {
    dataSource: 'ads',
    namespace,
    interval: parseInterval(interval),
    version,
    partition: 0,
  };
  return formatSegmentId(id);
}

/** A historical without segments: it says that it loads what it is told to. */
export interface FakeNode {
  readonly commands: NodeCommand[];
  readonly held: Set<string>;
  /** What to do with loads: report them done, report them failed, or keep silent. */
  onLoad: 'loaded' | 'failed' | 'silent';
  /** How long a load takes; other commands go on meanwhile. */
  loadMs: () => number;
  error: unknown;
  disconnect(): void;
}

function fakeNode(
  { clock, net }: { clock: ManualClock; net: MemoryNet },
  overrides: Partial<HistoricalNode> & { nodeId: string },
  served: string[],
): FakeNode {
  const node: HistoricalNode = {
    address: `${overrides.nodeId}:8083`,
    tier: 'hot',
    capacityBytes: 1_000_000,
    priority: 0,
    ...overrides,
  };
  const client = rpcClient({ net, clock, address });
  const fake: FakeNode = {
    commands: [],
    held: new Set(served),
    onLoad: 'loaded',
    loadMs: () => 0,
    error: null,
    disconnect: () => client.close(),
  };
  const report = async (part: { loaded?: string[]; dropped?: string[]; failed?: string[] }) => {
    const failed = (part.failed ?? []).map((segmentKey) => ({
      segmentKey,
      reason: 'no such file',
    }));
    const json = { nodeId: node.nodeId, loaded: [], dropped: [], usedBytes: 0, ...part, failed };
    await client.callOnce('coordinator.report', { json, bytes: [] });
  };
  const obey = async (command: NodeCommand): Promise<void> => {
    fake.commands.push(command);
    const key = command.segmentKey;
    if (command.type === 'drop') {
      fake.held.delete(key);
      return report({ dropped: [key] });
    }
    if (fake.onLoad === 'silent') return;
    if (fake.onLoad === 'failed') return report({ failed: [key] });
    const delayMs = fake.loadMs();
    if (delayMs > 0) await clock.sleep(delayMs);
    fake.held.add(key);
    return report({ loaded: [key] });
  };
  const run = async (): Promise<void> => {
    const request = { json: { node, served }, bytes: [] };
    for await (const { json } of client.call('coordinator.register', request)) {
      // Commands run side by side, as downloads do.
      obey(json).catch((error: unknown) => (fake.error = error));
    }
  };
  run().catch((error: unknown) => (fake.error = error));
  return fake;
}

/** A broker that applies updates as a real one does. */
export interface FakeBroker {
  readonly updates: TimelineUpdate[];
  readonly segments: Map<string, SegmentDescriptor>;
  readonly nodes: Map<string, ServingNode>;
  unservedKeys: readonly string[];
  timelineVersion: number | null;
  error: unknown;
  /** Visible keys that some node serves, sorted. */
  answerable(): string[];
  acknowledge(): Promise<void>;
  disconnect(): void;
}

function fakeBroker(
  { clock, net }: { clock: ManualClock; net: MemoryNet },
  brokerId: string,
  acknowledges: boolean,
): FakeBroker {
  const client = rpcClient({ net, clock, address });
  const fake: FakeBroker = {
    updates: [],
    segments: new Map(),
    nodes: new Map(),
    unservedKeys: [],
    timelineVersion: null,
    error: null,
    answerable() {
      const served = new Set([...fake.nodes.values()].flatMap((node) => node.served));
      return [...fake.segments.keys()].filter((key) => served.has(key)).sort();
    },
    async acknowledge() {
      const json = { brokerId, timelineVersion: fake.timelineVersion ?? 0 };
      await client.callOnce('coordinator.acknowledge', { json, bytes: [] });
    },
    disconnect: () => client.close(),
  };
  const run = async (): Promise<void> => {
    const request = { json: { brokerId }, bytes: [] };
    for await (const { json } of client.call('coordinator.watch', request)) {
      applyUpdate(fake, json);
      if (acknowledges) await fake.acknowledge();
    }
  };
  run().catch((error: unknown) => (fake.error = error));
  return fake;
}

function applyUpdate(broker: FakeBroker, update: TimelineUpdate): void {
  broker.updates.push(update);
  if (update.full) {
    broker.segments.clear();
    broker.nodes.clear();
  }
  for (const descriptor of update.added)
    broker.segments.set(formatSegmentId(descriptor.id), descriptor);
  for (const key of update.removedKeys) broker.segments.delete(key);
  for (const node of update.nodesChanged) broker.nodes.set(node.nodeId, node);
  for (const nodeId of update.nodesGone) broker.nodes.delete(nodeId);
  broker.unservedKeys = update.unservedKeys;
  broker.timelineVersion = update.timelineVersion;
}
