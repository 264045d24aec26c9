/**
 * What brokers are told: the visible timeline and who serves it. Every watching broker gets the whole
 * state first and then changes. Nothing is queued for a slow broker: when it asks for its next item it
 * gets the difference between what it was last sent and what holds now, so one that lags skips states
 * instead of falling ever further behind.
 */
import { UnavailableError } from '@isotherm/errors';
import type { Clock } from '@isotherm/platform';
import type { ServingNode, TimelineUpdate } from '@isotherm/rpc';
import type { SegmentDescriptor } from '@isotherm/timeline';

/** The state of the cluster as brokers see it. Immutable; parts that did not change are the same objects. */
export interface BrokerView {
  readonly timelineVersion: number;
  /** Visible segments by key, without overshadowed ones. */
  readonly segments: ReadonlyMap<string, SegmentDescriptor>;
  /** Visible segments that rules load nowhere, sorted. */
  readonly unservedKeys: readonly string[];
  readonly nodes: ReadonlyMap<string, ServingNode>;
}

/** Writes what changed between two views; from null, the whole of the second. `unservedKeys` is always the whole list. */
export function updateBetween(from: BrokerView | null, to: BrokerView): TimelineUpdate {
  const { timelineVersion, unservedKeys } = to;
  const known = from?.segments ?? new Map<string, SegmentDescriptor>();
  const knownNodes = from?.nodes ?? new Map<string, ServingNode>();
  const sameSegments = from !== null && from.segments === to.segments;
  return {
    full: from === null,
    timelineVersion,
    added: sameSegments ? [] : missingFrom(known, to.segments).map(([, descriptor]) => descriptor),
    removedKeys: sameSegments ? [] : missingFrom(to.segments, known).map(([key]) => key),
    unservedKeys,
    nodesChanged: [...to.nodes.values()].filter((node) => knownNodes.get(node.nodeId) !== node),
    nodesGone: missingFrom(to.nodes, knownNodes).map(([nodeId]) => nodeId),
  };
}

/** True when two views would be told alike. */
function isSameView(a: BrokerView, b: BrokerView): boolean {
  return (
    a.timelineVersion === b.timelineVersion &&
    a.segments === b.segments &&
    a.unservedKeys.length === b.unservedKeys.length &&
    a.unservedKeys.every((key, index) => key === b.unservedKeys[index]) &&
    a.nodes.size === b.nodes.size &&
    [...a.nodes].every(([nodeId, node]) => b.nodes.get(nodeId) === node)
  );
}

interface Watcher {
  connections: number;
  acknowledged: number | null;
  /** Clock time at which the last connection ended. */
  lostMs: number;
}

/** The watching brokers. */
export class BrokerFeed {
  readonly #clock: Clock;
  readonly #watchers = new Map<string, Watcher>();
  readonly #waiting = new Set<() => void>();
  #view: BrokerView | null = null;
  /** Goes up when a broker comes, goes or acknowledges. */
  revision = 0;
  /** Set when this coordinator stops leading; ends the streams that were opened before. */
  #fault: unknown = null;
  #era = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What brokers are told now; null before the first view. */
  get view(): BrokerView | null {
    return this.#view;
  }

  /** Brokers with the version that each acknowledged. */
  get brokers(): { brokerId: string; isConnected: boolean; acknowledged: number | null }[] {
    return [...this.#watchers].map(([brokerId, { connections, acknowledged }]) => ({
      brokerId,
      isConnected: connections > 0,
      acknowledged,
    }));
  }

  /** Tells all brokers the new state, unless it is the one they know. */
  publish(view: BrokerView): void {
    if (this.#view !== null && isSameView(this.#view, view)) return;
    this.#view = view;
    this.#wakeAll();
  }

  /** Ends all streams with a fault and forgets the view and the brokers. */
  clear(fault: unknown): void {
    this.#fault = fault;
    this.#era += 1;
    this.#view = null;
    this.#watchers.clear();
    this.#wakeAll();
  }

  /** One broker's stream, until the signal. @throws the fault given to `clear` */
  async *watch(brokerId: string, signal: AbortSignal): AsyncGenerator<TimelineUpdate> {
    const era = this.#era;
    const watcher = this.#join(brokerId);
    let sent: BrokerView | null = null;
    try {
      while (!signal.aborted) {
        if (era !== this.#era) throw this.#fault;
        if (this.#view === null || this.#view === sent) {
          await this.#change(signal);
          continue;
        }
        const view: BrokerView = this.#view;
        const update = updateBetween(sent, view);
        sent = view;
        yield update;
      }
    } finally {
      this.revision++;
      watcher.connections -= 1;
      watcher.lostMs = this.#clock.monotonicMs();
    }
  }

  /** Notes the version that a broker plans by. @throws UnavailableError code NOT_WATCHING */
  acknowledge(brokerId: string, timelineVersion: number): void {
    const watcher = this.#watchers.get(brokerId);
    if (watcher === undefined) {
      throw new UnavailableError(
        `Broker "${brokerId}" does not watch this coordinator. Watch first.`,
        {
          code: 'NOT_WATCHING',
        },
      );
    }
    watcher.acknowledged = timelineVersion;
    this.revision++;
  }

  /**
   * True when every broker that is connected, or was less than `graceMs` ago, plans by this version or
   * a later one.
   */
  isAcknowledged(timelineVersion: number, graceMs: number): boolean {
    const now = this.#clock.monotonicMs();
    for (const [brokerId, { connections, acknowledged, lostMs }] of this.#watchers) {
      if (connections === 0 && now - lostMs >= graceMs) this.#watchers.delete(brokerId);
      else if (acknowledged === null || acknowledged < timelineVersion) return false;
    }
    return true;
  }

  #join(brokerId: string): Watcher {
    let watcher = this.#watchers.get(brokerId);
    if (watcher === undefined) {
      watcher = { connections: 0, acknowledged: null, lostMs: 0 };
      this.#watchers.set(brokerId, watcher);
    }
    // A broker that comes back may have restarted from an old snapshot: it acknowledges anew.
    watcher.acknowledged = null;
    watcher.connections += 1;
    this.revision++;
    return watcher;
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake();
  }
}

/** Entries of `map` whose keys `known` lacks. */
function missingFrom<Value>(
  known: ReadonlyMap<string, unknown>,
  map: ReadonlyMap<string, Value>,
): [string, Value][] {
  return [...map].filter(([key]) => !known.has(key));
}
