/**
 * What the leader knows of the historicals: who is connected, what each serves, loads and is about to
 * drop. A copy's life on a node:
 *
 *   loading ──loaded──▶ served ──leave──▶ leaving ──grace──▶ dropping ──dropped──▶ gone
 *      └─failed─▶ asked again later          └──keep──▶ served
 *
 * Brokers see served copies only; a leaving one is still there for queries that were planned before.
 */
import { UnavailableError } from '@isotherm/errors';
import type { Clock } from '@isotherm/platform';
import type { HistoricalNode, NodeCommand, ServedReport, ServingNode } from '@isotherm/rpc';
import type { SegmentDescriptor } from '@isotherm/timeline';
import type { PlanNode } from './assignment.ts';
import { StreamQueue } from './stream-queue.ts';

const firstRetryMs = 5000;
const maxRetryMs = 300_000;

/** One historical, connected or lost a moment ago. */
export interface ClusterNode {
  readonly node: HistoricalNode;
  readonly commands: StreamQueue<NodeCommand>;
  /** Clock time at which the connection was lost; null while it is there. */
  lostMs: number | null;
  /** All copies on the node, leaving ones included. */
  readonly held: Set<string>;
  /** Bytes by key. */
  readonly loading: Map<string, number>;
  /** Since when, by key; `isDropping` once the node was told. */
  readonly leaving: Map<string, { readonly sinceMs: number; isDropping: boolean }>;
  readonly failed: Map<
    string,
    { readonly reason: string; readonly count: number; retryMs: number }
  >;
  reportedBytes: number;
  /** What brokers were told; null when it must be made anew. */
  serving: ServingNode | null;
}

/** The historicals by node id. Times are the clock's monotonic ones. */
export class ClusterView {
  readonly #clock: Clock;
  readonly #nodes = new Map<string, ClusterNode>();
  /** Goes up with every change that a plan could depend on. */
  revision = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** All nodes, lost ones that are still waited for included. */
  get nodes(): Iterable<ClusterNode> {
    return this.#nodes.values();
  }

  /** Takes a node in with what it serves already; an earlier connection of the same node ends. */
  register(node: HistoricalNode, served: readonly string[]): ClusterNode {
    this.revision++;
    const earlier = this.#nodes.get(node.nodeId);
    earlier?.commands.end(
      new UnavailableError(`Node "${node.nodeId}" registered again from ${node.address}.`, {
        code: 'REGISTERED_AGAIN',
      }),
    );
    const entry: ClusterNode = {
      node,
      commands: new StreamQueue(),
      lostMs: null,
      held: new Set(served),
      loading: new Map(),
      leaving: new Map(),
      failed: new Map(),
      reportedBytes: 0,
      serving: null,
    };
    this.#nodes.set(node.nodeId, entry);
    return entry;
  }

  /** Notes that a connection ended; a node that has registered again meanwhile is not touched. */
  disconnect(entry: ClusterNode): void {
    if (this.#nodes.get(entry.node.nodeId) !== entry || entry.lostMs !== null) return;
    this.revision++;
    entry.lostMs = this.#clock.monotonicMs();
    entry.loading.clear();
  }

  /** Applies a report. @throws UnavailableError code NODE_NOT_REGISTERED, upon which the node registers */
  report(report: ServedReport): void {
    const entry = this.#nodes.get(report.nodeId);
    if (entry === undefined || entry.lostMs !== null) {
      throw new UnavailableError(
        `Node "${report.nodeId}" is not registered with this coordinator. Register first.`,
        { code: 'NODE_NOT_REGISTERED' },
      );
    }
    this.revision++;
    for (const key of report.loaded) {
      entry.loading.delete(key);
      entry.failed.delete(key);
      entry.held.add(key);
    }
    for (const key of report.dropped) {
      entry.held.delete(key);
      entry.leaving.delete(key);
    }
    for (const { segmentKey, reason } of report.failed)
      this.#noteFailure(entry, segmentKey, reason);
    entry.reportedBytes = report.usedBytes;
    entry.serving = null;
  }

  /** Forgets nodes that have been lost for longer than `graceMs`. */
  expire(graceMs: number): void {
    const now = this.#clock.monotonicMs();
    for (const [nodeId, { lostMs }] of this.#nodes) {
      if (lostMs !== null && now - lostMs >= graceMs) this.#nodes.delete(nodeId);
    }
  }

  /** Tells a node to load. */
  load(nodeId: string, segmentKey: string, descriptor: SegmentDescriptor): void {
    this.revision++;
    const entry = this.#nodes.get(nodeId);
    if (entry === undefined) return;
    entry.loading.set(segmentKey, descriptor.bytes);
    entry.commands.push({ type: 'load', segmentKey, descriptor });
  }

  /** Hides a copy from brokers; it is dropped once `dropLeaving` finds it old enough. */
  leave(entry: ClusterNode, segmentKey: string): void {
    this.revision++;
    entry.leaving.set(segmentKey, { sinceMs: this.#clock.monotonicMs(), isDropping: false });
    entry.serving = null;
  }

  /** Takes a leaving copy back. */
  keep(nodeId: string, segmentKey: string): void {
    this.revision++;
    const entry = this.#nodes.get(nodeId);
    if (entry === undefined || entry.leaving.get(segmentKey)?.isDropping === true) return;
    entry.leaving.delete(segmentKey);
    entry.serving = null;
  }

  /** Tells nodes to drop the copies that have been leaving for `graceMs`. */
  dropLeaving(graceMs: number): void {
    const now = this.#clock.monotonicMs();
    for (const { leaving, lostMs, commands } of this.#nodes.values()) {
      if (lostMs !== null) continue;
      for (const [segmentKey, state] of leaving) {
        if (state.isDropping || now - state.sinceMs < graceMs) continue;
        state.isDropping = true;
        commands.push({ type: 'drop', segmentKey });
      }
    }
  }

  /** True when no node is lost and no copy is on its way in or out. */
  get isQuiet(): boolean {
    return [...this.#nodes.values()].every(
      ({ lostMs, loading, leaving }) => lostMs === null && loading.size === 0 && leaving.size === 0,
    );
  }

  /** Keys that a connected node serves. */
  servedKeys(): Set<string> {
    const keys = new Set<string>();
    for (const { held, leaving, lostMs } of this.#nodes.values()) {
      if (lostMs !== null) continue;
      for (const key of held) if (!leaving.has(key)) keys.add(key);
    }
    return keys;
  }

  /** Nodes as brokers see them: connected ones. A node that has not changed is the same object as before. */
  servingNodes(): Map<string, ServingNode> {
    const nodes = new Map<string, ServingNode>();
    for (const [nodeId, entry] of this.#nodes) {
      if (entry.lostMs !== null) continue;
      entry.serving ??= {
        ...entry.node,
        served: [...entry.held].filter((key) => !entry.leaving.has(key)).sort(),
      };
      nodes.set(nodeId, entry.serving);
    }
    return nodes;
  }

  /** Nodes as the planner sees them. @param bytesOf  size of a segment; 0 for an unknown one */
  planNodes(bytesOf: (key: string) => number): PlanNode[] {
    return [...this.#nodes.values()].map((entry) => this.#planNode(entry, bytesOf));
  }

  /** Ends all streams and forgets everything. */
  clear(fault: unknown): void {
    this.revision++;
    for (const { commands } of this.#nodes.values()) commands.end(fault);
    this.#nodes.clear();
  }

  #planNode(entry: ClusterNode, bytesOf: (key: string) => number): PlanNode {
    const now = this.#clock.monotonicMs();
    const served = new Set<string>();
    const leaving = new Set<string>();
    const failed = new Map<string, string>();
    let heldBytes = 0;
    for (const key of entry.held) {
      heldBytes += bytesOf(key);
      const state = entry.leaving.get(key);
      if (state === undefined) served.add(key);
      else if (state.isDropping) failed.set(key, 'It is dropping its copy at this moment.');
      else leaving.add(key);
    }
    for (const [key, { reason, retryMs }] of entry.failed)
      if (retryMs > now) failed.set(key, reason);
    const loadingBytes = [...entry.loading.values()].reduce((sum, bytes) => sum + bytes, 0);
    return {
      nodeId: entry.node.nodeId,
      tier: entry.node.tier,
      capacityBytes: entry.node.capacityBytes,
      usedBytes: Math.max(heldBytes, entry.reportedBytes) + loadingBytes,
      isConnected: entry.lostMs === null,
      served,
      leaving,
      loading: new Set(entry.loading.keys()),
      failed,
    };
  }

  #noteFailure(entry: ClusterNode, key: string, reason: string): void {
    const count = (entry.failed.get(key)?.count ?? 0) + 1;
    const pauseMs = Math.min(firstRetryMs * 2 ** (count - 1), maxRetryMs);
    entry.loading.delete(key);
    entry.held.delete(key);
    entry.failed.set(key, { reason, count, retryMs: this.#clock.monotonicMs() + pauseMs });
  }
}
