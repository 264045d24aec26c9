/**
 * Follows the coordinator: keeps the newest view, tells the coordinator which version this broker plans
 * by, and keeps a snapshot on disk.
 *
 *   start ─▶ snapshot, if any ─▶ watch: whole view, then changes ─▶ acknowledge each version
 *                                  ▲                        │ fault
 *                                  └── wait, with jitter ◀──┘ the last view stays in use and grows old
 */
import { UnavailableError } from '@isotherm/errors';
import type { Clock, Disk, Random } from '@isotherm/platform';
import { type RpcClient, type TimelineUpdate, reconnectDelays } from '@isotherm/rpc';
import type { BrokerLog } from './broker-log.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';
import { type TimelineView, applyUpdate, dropLingering } from './timeline-view.ts';

const acknowledgeTimeoutMs = 5000;

/** What following takes. */
interface WatchOptions {
  readonly coordinator: RpcClient;
  readonly brokerId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  readonly snapshotDelayMs: number;
  readonly lingerMs: number;
  readonly log: BrokerLog;
  /** Called with every view that becomes the newest one. */
  readonly onView?: (view: TimelineView) => void;
}

/** The newest view of the cluster. */
export class ClusterView {
  readonly #options: WatchOptions;
  readonly #stop = new AbortController();
  #view: TimelineView | null = null;
  /** Monotonic time up to which the view was known to be current; null while it is. */
  #staleSinceMs: number | null;
  #cancelSnapshot: (() => void) | null = null;
  #cancelLinger: (() => void) | null = null;
  #writing: Promise<void> = Promise.resolve();
  #following: Promise<void> = Promise.resolve();

  private constructor(options: WatchOptions) {
    this.#options = options;
    this.#staleSinceMs = options.clock.monotonicMs();
  }

  /** Starts from the snapshot, if there is one, and follows the coordinator from then on. */
  static async open(options: WatchOptions): Promise<ClusterView> {
    const { disk, clock, log } = options;
    const cluster = new ClusterView(options);
    const snapshot = await readSnapshot(disk, (reason) => log('snapshot-unreadable', { reason }));
    if (snapshot !== null) {
      const ageMs = Math.max(0, clock.nowMs() - snapshot.savedAtMs);
      cluster.#staleSinceMs = clock.monotonicMs() - ageMs;
      cluster.#use(snapshot.view);
      log('snapshot-used', { timelineVersion: snapshot.view.timelineVersion, ageMs });
    }
    cluster.#following = cluster.#follow();
    return cluster;
  }

  /** The newest view. @throws UnavailableError code TIMELINE_UNKNOWN while there is none */
  get view(): TimelineView {
    if (this.#view !== null) return this.#view;
    throw new UnavailableError(
      `The timeline is not known yet: the coordinator at "${this.#options.coordinator.address}" has not sent it, and there is no snapshot. Is the coordinator running?`,
      { code: 'TIMELINE_UNKNOWN' },
    );
  }

  /** The newest view, or null while there is none. */
  get viewOrNull(): TimelineView | null {
    return this.#view;
  }

  /** Milliseconds since the view was last known to be current; 0 while the coordinator is there. */
  get ageMs(): number {
    const { clock } = this.#options;
    return this.#staleSinceMs === null ? 0 : clock.monotonicMs() - this.#staleSinceMs;
  }

  /** Stops following and writes the snapshot. */
  async close(): Promise<void> {
    const wasCurrent = this.#staleSinceMs === null;
    this.#stop.abort(new UnavailableError('The broker is shutting down.'));
    this.#cancelLinger?.();
    await this.#following;
    const isPending = this.#cancelSnapshot !== null;
    this.#cancelSnapshot?.();
    // Written even without a change: the age of the view counts from now.
    if (wasCurrent || isPending) this.#saveNow();
    await this.#writing;
  }

  /** Never rejects: every fault ends in another attempt. */
  async #follow(): Promise<void> {
    const { clock, random, log } = this.#options;
    const { signal } = this.#stop;
    let delays = reconnectDelays(random);
    let isLost = false;
    while (!signal.aborted) {
      const attempt = new AbortController();
      try {
        await this.#watch(attempt, () => {
          delays = reconnectDelays(random);
          isLost = false;
        });
        throw new UnavailableError('The coordinator ended the stream.');
      } catch (error) {
        // Once for each loss, not for each attempt.
        if (!signal.aborted && !isLost) log('coordinator-lost', { reason: reasonOf(error) });
        isLost = true;
      }
      attempt.abort();
      this.#staleSinceMs ??= clock.monotonicMs();
      await clock.sleep(delays.next().value, signal).catch(() => {});
    }
  }

  /** Applies one stream of updates. @throws whatever broke it; a stream must begin with the whole view */
  async #watch(attempt: AbortController, onSynced: () => void): Promise<void> {
    const { coordinator, brokerId, log } = this.#options;
    const signal = AbortSignal.any([this.#stop.signal, attempt.signal]);
    const message = { json: { brokerId }, bytes: [] };
    let isFirst = true;
    for await (const { json } of coordinator.call('coordinator.watch', message, { signal })) {
      if (isFirst && !json.full) {
        throw new UnavailableError('The coordinator sent a change before the whole timeline.', {
          code: 'PROTOCOL_FAULT',
        });
      }
      const before = this.#view?.timelineVersion;
      this.#apply(json);
      if (isFirst) {
        log('coordinator-followed', { timelineVersion: json.timelineVersion });
        onSynced();
      }
      if (isFirst || before !== json.timelineVersion) {
        this.#acknowledge(json.timelineVersion, attempt);
      }
      isFirst = false;
    }
  }

  #apply(update: TimelineUpdate): void {
    this.#use(applyUpdate(this.#view, update));
    this.#staleSinceMs = null;
    this.#scheduleSnapshot();
    this.#watchLingering();
  }

  #use(view: TimelineView): void {
    this.#view = view;
    this.#options.onView?.(view);
  }

  /** The coordinator waits for this before it drops copies: when it fails, the whole watch starts anew. */
  #acknowledge(timelineVersion: number, attempt: AbortController): void {
    const { coordinator, brokerId } = this.#options;
    const message = { json: { brokerId, timelineVersion }, bytes: [] };
    coordinator
      .callOnce('coordinator.acknowledge', message, {
        signal: attempt.signal,
        timeoutMs: acknowledgeTimeoutMs,
      })
      .catch((error: unknown) => attempt.abort(error));
  }

  #watchLingering(): void {
    const { clock, lingerMs } = this.#options;
    if (this.#cancelLinger !== null || (this.#view?.lingering.size ?? 0) === 0) return;
    this.#cancelLinger = clock.schedule(lingerMs, () => {
      this.#cancelLinger = null;
      if (this.#view !== null) this.#use(dropLingering(this.#view));
      this.#scheduleSnapshot();
    });
  }

  #scheduleSnapshot(): void {
    const { clock, snapshotDelayMs } = this.#options;
    this.#cancelSnapshot ??= clock.schedule(snapshotDelayMs, () => this.#saveNow());
  }

  #saveNow(): void {
    const { disk, clock, log } = this.#options;
    this.#cancelSnapshot = null;
    const view = this.#view;
    if (view === null) return;
    const snapshot = { view, savedAtMs: clock.nowMs() - this.ageMs };
    this.#writing = this.#writing
      .then(() => writeSnapshot(disk, snapshot))
      .catch((error: unknown) => log('snapshot-failed', { reason: reasonOf(error) }));
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
