/**
 * The node's line to the coordinator: registers with everything that is served, follows the commands
 * that come back, and reports changes. When the line breaks, the node goes on serving and registers
 * again, with its whole served set, as soon as a coordinator answers.
 */
import type { Clock, Net, Random } from '@isotherm/platform';
import {
  type HistoricalNode,
  type NodeCommand,
  type RpcClient,
  type ServedReport,
  reconnectDelays,
  rpcClient,
} from '@isotherm/rpc';
import type { ServedChange } from './served-segments.ts';

/** What the link is given. */
interface CoordinatorLinkOptions {
  readonly net: Net;
  readonly clock: Clock;
  readonly random: Random;
  /** `host:port` of the coordinator. */
  readonly coordinator: string;
  readonly node: HistoricalNode;
  readonly served: () => { readonly keys: readonly string[]; readonly usedBytes: number };
  readonly onCommand: (command: NodeCommand) => void;
  readonly log: (line: string) => void;
}

/** Longest wait for an answer to a report. */
const reportTimeoutMs = 10_000;
/** Waits between attempts to register. */
const delayRange = { minMs: 100, maxMs: 2_000 };

/** The line; it lives until `close`. */
export class CoordinatorLink {
  readonly #options: CoordinatorLinkOptions;
  readonly #client: RpcClient;
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;
  /** What to report next: the last change of each segment. */
  #changes = new Map<string, ServedChange>();
  #registration: AbortController | null = null;
  #reporting: Promise<void> | null = null;
  #isConnected = false;

  constructor(options: CoordinatorLinkOptions) {
    this.#options = options;
    const { net, clock, coordinator } = options;
    this.#client = rpcClient({ net, clock, address: coordinator });
    this.#ended = this.#run();
  }

  /** True while the coordinator is known to listen to this node. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Reports a change; without a line it is part of the next registration. */
  report(change: ServedChange): void {
    if (this.#registration === null) return;
    this.#changes.set(change.segmentKey, change);
    this.#reporting ??= this.#sendReports(this.#registration);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#registration?.abort();
    this.#client.close();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { clock, random, log, coordinator } = this.#options;
    let delays = reconnectDelays(random, delayRange);
    let hasComplained = false;
    while (!this.#closing.signal.aborted) {
      try {
        await this.#register();
      } catch (error) {
        const { signal } = this.#closing;
        if (!hasComplained && !signal.aborted) {
          log(`The coordinator ${coordinator} does not listen; serving goes on. ${String(error)}`);
        }
        hasComplained = true;
      }
      if (this.#isConnected) {
        delays = reconnectDelays(random, delayRange);
        hasComplained = false;
      }
      this.#isConnected = false;
      const { value: delayMs } = delays.next();
      await clock.sleep(delayMs, this.#closing.signal).catch(() => {});
    }
  }

  /** Registers and follows commands until the line breaks. */
  async #register(): Promise<void> {
    const { node, served, onCommand } = this.#options;
    const registration = new AbortController();
    this.#registration = registration;
    this.#changes.clear();
    const message = { json: { node, served: served().keys }, bytes: [] };
    const { signal } = registration;
    const answer = this.#client.call('coordinator.register', message, { signal });
    const commands = answer[Symbol.asyncIterator]();
    try {
      const first = commands.next();
      // Requests leave in order: when this empty report is accepted, the registration has arrived too.
      this.#reporting = this.#sendReports(registration);
      for (let next = await first; next.done !== true; next = await commands.next()) {
        onCommand(next.value.json);
      }
    } finally {
      this.#registration = null;
      registration.abort();
      await this.#reporting;
    }
  }

  /** Sends what there is to report, one report at a time, until nothing is left. Never rejects. */
  async #sendReports(registration: AbortController): Promise<void> {
    const { signal } = registration;
    try {
      do {
        await this.#client.callOnce(
          'coordinator.report',
          { json: this.#takeReport(), bytes: [] },
          { signal, timeoutMs: reportTimeoutMs },
        );
        if (!this.#isConnected) {
          this.#options.log(`Registered with the coordinator ${this.#options.coordinator}.`);
        }
        this.#isConnected = true;
      } while (this.#changes.size > 0 && !signal.aborted);
    } catch (error) {
      // What the coordinator did not hear it learns from a new registration.
      registration.abort(error);
    } finally {
      this.#reporting = null;
    }
  }

  #takeReport(): ServedReport {
    const changes = [...this.#changes.values()];
    this.#changes.clear();
    const keysOf = (type: 'loaded' | 'dropped'): string[] =>
      changes.flatMap((change) => (change.type === type ? [change.segmentKey] : []));
    return {
      nodeId: this.#options.node.nodeId,
      loaded: keysOf('loaded'),
      dropped: keysOf('dropped'),
      failed: changes.flatMap((change) =>
        change.type === 'failed' ? [{ segmentKey: change.segmentKey, reason: change.reason }] : [],
      ),
      usedBytes: this.#options.served().usedBytes,
    };
  }
}
