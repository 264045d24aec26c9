/**
 * The segments of a node: which are served, which are on their way, and what to do when a copy turns
 * out to be damaged. Commands for one segment run one after the other; downloads are bounded, so that
 * a slow deep storage neither piles up memory nor disturbs queries.
 */
import { CapacityError, IsothermError } from '@isotherm/errors';
import type { SegmentDescriptor } from '@isotherm/timeline';
import type { Residency } from './config.ts';
import type { SegmentCache } from './segment-cache.ts';
import type { SegmentPool } from './segment-pool.ts';
import { Turnstile } from './turnstile.ts';

/** A change that the coordinator must hear of. */
export type ServedChange =
  | { readonly type: 'loaded' | 'dropped'; readonly segmentKey: string }
  | { readonly type: 'failed'; readonly segmentKey: string; readonly reason: string };

/** What the segments are given. */
interface ServedSegmentsOptions {
  readonly cache: SegmentCache;
  readonly pool: SegmentPool;
  readonly residency: Residency;
  readonly capacityBytes: number;
  /** Bytes of columns that a cold node may keep in memory from load to drop. */
  readonly pinnedBytes: number;
  readonly log: (line: string) => void;
  readonly onChange: (change: ServedChange) => void;
}

/** A command that waits for its turn or is under way. */
interface Turn {
  done: Promise<void>;
}

/** Segments fetched and loaded at a time. */
const loadsAtOnce = 4;
/** Loads of one command: a damaged copy is fetched again this often. */
const loadAttempts = 3;

/** The served set and its changes. */
export class ServedSegments {
  readonly #options: ServedSegmentsOptions;
  readonly #served = new Map<string, SegmentDescriptor>();
  /** Bytes of segments that are served or were let in to be. */
  readonly #reserved = new Map<string, number>();
  /** Bytes of columns that a cold node keeps in memory, by segment. */
  readonly #pinned = new Map<string, number>();
  #pinnedBytes = 0;
  readonly #commands = new Map<string, Turn>();
  readonly #turnstile = new Turnstile(loadsAtOnce);
  #usedBytes = 0;
  #quarantined = 0;
  #isClosed = false;

  constructor(options: ServedSegmentsOptions) {
    this.#options = options;
  }

  /** Keys of what can be queried now. */
  get servedKeys(): string[] {
    return [...this.#served.keys()];
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Segments that are being loaded. */
  get loadingCount(): number {
    return this.#reserved.size - this.#served.size;
  }

  /** Damaged copies met since the start. */
  get quarantinedCount(): number {
    return this.#quarantined;
  }

  /** Loads a segment and tells the outcome by `onChange`; one that is served already is told again. */
  load(segmentKey: string, descriptor: SegmentDescriptor): Promise<void> {
    return this.#inTurn(segmentKey, async () => {
      if (this.#served.has(segmentKey)) {
        this.#options.onChange({ type: 'loaded', segmentKey });
        return;
      }
      try {
        this.#reserve(segmentKey, descriptor);
        await this.#turnstile.pass(() => this.#loadWhole(segmentKey, descriptor));
        if (this.#isClosed) return;
        this.#served.set(segmentKey, descriptor);
        this.#options.onChange({ type: 'loaded', segmentKey });
      } catch (error) {
        this.#fail(segmentKey, error);
      }
    });
  }

  /** Stops serving a segment and removes its copy; an unknown one is told as dropped too. */
  drop(segmentKey: string): Promise<void> {
    return this.#inTurn(segmentKey, async () => {
      this.#served.delete(segmentKey);
      this.#release(segmentKey);
      this.#options.onChange({ type: 'dropped', segmentKey });
      this.#options.pool.dropSegment(segmentKey);
      await this.#options.cache.remove(segmentKey);
    });
  }

  /** Stops serving a segment whose copy is damaged, moves the copy aside and loads a new one. */
  replaceDamaged(segmentKey: string, reason: string): Promise<void> {
    const descriptor = this.#served.get(segmentKey);
    // Dropped meanwhile, or another query was first to find the damage.
    if (descriptor === undefined) return Promise.resolve();
    this.#options.log(`Segment "${segmentKey}" is damaged and is fetched again: ${reason}`);
    this.#served.delete(segmentKey);
    this.#options.onChange({ type: 'dropped', segmentKey });
    const quarantined = this.#inTurn(segmentKey, async () => {
      this.#options.pool.dropSegment(segmentKey);
      await this.#quarantine(segmentKey);
      this.#release(segmentKey);
    });
    return quarantined.then(() => this.load(segmentKey, descriptor));
  }

  /** Waits for commands that are under way; their outcome is told to nobody any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#commands.values()].map(({ done }) => done));
  }

  async #loadWhole(segmentKey: string, descriptor: SegmentDescriptor): Promise<void> {
    const { cache, pool, residency } = this.#options;
    const isLocal = residency !== 'icy';
    const keepsColumns = residency === 'hot' || this.#pin(segmentKey, descriptor);
    for (let attempt = 1; !this.#isClosed; attempt++) {
      const place = isLocal
        ? {
            type: 'file' as const,
            path: cache.pathOf(segmentKey),
            // All of it is read at once, which needs no compression.
            byteLength: await cache.fetch(segmentKey, descriptor, { uncompressed: keepsColumns }),
          }
        : { type: 'object' as const, path: descriptor.key, byteLength: descriptor.bytes };
      try {
        await pool.loadSegment(segmentKey, {
          place,
          keepsColumns,
          weightBytes: descriptor.memoryBytes,
          interval: descriptor.id.interval,
        });
        return;
      } catch (error) {
        // The error came out of a worker, so it has the kind, not the class.
        const isDamaged = error instanceof IsothermError && error.kind === 'CorruptSegmentError';
        if (!isDamaged || attempt === loadAttempts) throw error;
        this.#options.log(`A copy of segment "${segmentKey}" is damaged: ${error.message}`);
        if (isLocal) await this.#quarantine(segmentKey);
      }
    }
  }

  async #quarantine(segmentKey: string): Promise<void> {
    this.#quarantined++;
    await this.#options.cache.quarantine(segmentKey);
  }

  /** @throws CapacityError code NODE_FULL when the segment does not fit */
  #reserve(segmentKey: string, { bytes }: SegmentDescriptor): void {
    const { capacityBytes } = this.#options;
    const freeBytes = capacityBytes - this.#usedBytes;
    if (bytes > freeBytes) {
      throw new CapacityError(
        `The segment has ${bytes} bytes, ${freeBytes} of ${capacityBytes} are free on this node.`,
        { code: 'NODE_FULL' },
      );
    }
    this.#reserved.set(segmentKey, bytes);
    this.#usedBytes += bytes;
  }

  /** True when a cold node keeps the segment in memory: first come, first served. */
  #pin(segmentKey: string, { memoryBytes }: SegmentDescriptor): boolean {
    const { residency, pinnedBytes } = this.#options;
    if (residency !== 'cold' || this.#pinnedBytes + memoryBytes > pinnedBytes) return false;
    this.#pinned.set(segmentKey, memoryBytes);
    this.#pinnedBytes += memoryBytes;
    return true;
  }

  #release(segmentKey: string): void {
    this.#usedBytes -= this.#reserved.get(segmentKey) ?? 0;
    this.#reserved.delete(segmentKey);
    this.#pinnedBytes -= this.#pinned.get(segmentKey) ?? 0;
    this.#pinned.delete(segmentKey);
  }

  #fail(segmentKey: string, error: unknown): void {
    this.#release(segmentKey);
    if (this.#isClosed) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.log(`Segment "${segmentKey}" could not be loaded: ${reason}`);
    this.#options.onChange({ type: 'failed', segmentKey, reason });
  }

  /** Runs a command after those for the same segment that came before. Never rejects: faults are logged. */
  #inTurn(segmentKey: string, command: () => Promise<void>): Promise<void> {
    const before = this.#commands.get(segmentKey);
    const turn: Turn = { done: Promise.resolve() };
    this.#commands.set(segmentKey, turn);
    turn.done = this.#take(turn, segmentKey, async () => {
      await before?.done;
      if (!this.#isClosed) await command();
    });
    return turn.done;
  }

  async #take(turn: Turn, segmentKey: string, command: () => Promise<void>): Promise<void> {
    try {
      await command();
    } catch (error) {
      this.#options.log(`A command for segment "${segmentKey}" failed: ${String(error)}`);
    } finally {
      if (this.#commands.get(segmentKey) === turn) this.#commands.delete(segmentKey);
    }
  }
}
