/**
 * The segments that a worker holds: loaded, dropped, and freed when no run reads them any more. Columns
 * lie in kernel memory, which nobody collects.
 */
import { type RunPiece, SharedDictionaries, neededColumns } from '@isotherm/engine';
import type { IsothermError } from '@isotherm/errors';
import type { Query } from '@isotherm/query';
import { type ByteSource, type ColumnMemory, type Segment, openSegment } from '@isotherm/segment';
import type { Interval } from '@isotherm/timeline';
import { ColumnCache } from './column-cache.ts';
import { placeFault } from './place-fault.ts';
import type { SegmentPlace } from './worker-messages.ts';

/** What holding segments takes. */
export interface HeldSegmentsOptions {
  readonly openPlace: (place: SegmentPlace) => ByteSource;
  /** Where columns are loaded to. */
  readonly memory: ColumnMemory;
  /** Bytes of on-demand columns that this worker keeps. */
  readonly columnCacheBytes: number;
}

/** A segment that a worker holds. */
export interface HeldSegment {
  readonly segment: Segment;
  readonly place: SegmentPlace;
  readonly keepsColumns: boolean;
}

/** Bytes of texts that a worker keeps with ids of their own; with more, segments are grouped one by one. */
const sharedDictionaryBytes = 2 ** 29;

/** All segments of a worker. */
export class HeldSegments {
  readonly #options: HeldSegmentsOptions;
  readonly #held = new Map<string, HeldSegment>();
  readonly #cache: ColumnCache;
  /** Not held any more, but maybe read by a run. */
  readonly #dropped: HeldSegment[] = [];
  #runs = 0;
  /** Ids of texts over the held segments. */
  readonly dictionaries: SharedDictionaries;

  constructor(options: HeldSegmentsOptions) {
    this.#options = options;
    this.#cache = new ColumnCache(options.columnCacheBytes);
    const { memory } = options;
    this.dictionaries = new SharedDictionaries({ memory, limitBytes: sharedDictionaryBytes });
  }

  get(segmentKey: string): HeldSegment | undefined {
    return this.#held.get(segmentKey);
  }

  /** Opens a segment in the place of an older copy. @throws what reading it met */
  async load(segmentKey: string, place: SegmentPlace, keepsColumns: boolean): Promise<Segment> {
    const { openPlace, memory } = this.#options;
    const segment = await openSegment(openPlace(place), { memory });
    if (keepsColumns) await segment.load();
    this.#takeOut(segmentKey);
    this.#held.set(segmentKey, { segment, place, keepsColumns });
    this.#release();
    return segment;
  }

  drop(segmentKey: string): void {
    this.#cache.drop(segmentKey);
    this.#takeOut(segmentKey);
    this.#release();
  }

  /** Does a run; what is dropped meanwhile is freed after it. */
  async during<T>(run: () => Promise<T>): Promise<T> {
    this.#runs += 1;
    try {
      return await run();
    } finally {
      this.#runs -= 1;
      this.#cache.trim();
      this.#release();
    }
  }

  /** Notes the use of columns that are loaded on demand, and unloads what is too much. */
  touchColumns(query: Query, pieces: readonly HeldPiece[]): void {
    for (const { segmentId, segment, intervals, held } of pieces) {
      // A segment that was dropped while its columns were read goes with this run.
      if (!held.keepsColumns && this.#held.get(segmentId) === held) {
        this.#cache.touch(segmentId, segment, neededColumns(query, segment, intervals));
      }
    }
    this.#cache.trim();
  }

  #takeOut(segmentKey: string): void {
    const before = this.#held.get(segmentKey);
    if (before !== undefined) this.#dropped.push(before);
    this.#held.delete(segmentKey);
  }

  #release(): void {
    if (this.#runs > 0) return;
    for (const { segment } of this.#dropped.splice(0)) {
      this.dictionaries.forget(segment);
      segment.unload();
    }
  }
}

/** A held segment, and what of it a run asks for. */
export interface HeldPiece extends RunPiece {
  readonly held: HeldSegment;
}

/**
 * Brings the columns of a query into memory.
 *
 * @returns null, or why the segment cannot answer: a CorruptSegmentError when its local copy is
 *   damaged, another error when deep storage does not give it now
 */
export async function loadColumns(
  query: Query,
  { segment, place, keepsColumns }: HeldSegment,
  intervals: readonly Interval[],
): Promise<IsothermError | null> {
  if (keepsColumns) return null;
  try {
    await segment.load(neededColumns(query, segment, intervals));
    return null;
  } catch (error) {
    const fault = placeFault(error, place);
    if (fault === null) throw error;
    return fault;
  }
}
