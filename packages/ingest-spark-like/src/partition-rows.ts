/**
 * Step 2. Rows into chunks of time, by the segment granularity; later the rows of a whole chunk into
 * segments, by the partitionsSpec.
 */
import { InvalidInputError, InvariantError } from '@isotherm/errors';
import type { Interval } from '@isotherm/timeline';
import {
  bucketStart,
  bucketStarts,
  bucketStartsOf,
  eternity,
  nextBucket,
  overlaps,
} from '@isotherm/timeline';
import type { RowStatus } from './rows/row-status.ts';
import type { GranularitySpec } from './spec/ingestion-spec.ts';

/** Chunks of one job at most. */
const maxChunks = 10_000;

/** The chunks of time of one job. State with a lifetime: it remembers the chunks that rows fell into. */
export class Chunks {
  readonly #spec: GranularitySpec;
  readonly #intervals = new Map<number, Interval | null>();
  #last: Interval = { start: 0, end: 0 };
  #used = 0;

  constructor(spec: GranularitySpec) {
    this.#spec = spec;
  }

  /**
   * Filters rows outside the spec's intervals, and gives each other row its chunk and its time cut to the
   * query granularity. An interval that cuts a chunk takes the whole of it, for chunks are replaced whole.
   *
   * @param times  shape [rowCount]
   */
  assign(
    times: Float64Array,
    status: RowStatus,
  ): { readonly chunkStarts: Float64Array; readonly times: Float64Array } {
    const chunkStarts = new Float64Array(times.length);
    for (let row = 0; row < times.length; row++) {
      if (!status.isKept(row)) continue;
      const ms = times[row];
      if (ms < this.#last.start || ms >= this.#last.end) {
        const chunk = this.#chunkAt(ms);
        if (chunk === null) {
          status.filter(row);
          continue;
        }
        this.#last = chunk;
      }
      chunkStarts[row] = this.#last.start;
    }
    const cut = bucketStartsOf(this.#spec.query, times);
    // A bucket may begin before the chunk; the row stays in its chunk.
    for (let row = 0; row < cut.length; row++) cut[row] = Math.max(cut[row], chunkStarts[row]);
    return { chunkStarts, times: cut };
  }

  /** Notes a chunk that rows fell into elsewhere. @throws InvalidInputError code TOO_MANY_CHUNKS */
  add(chunkStart: number): void {
    this.#chunkAt(chunkStart);
  }

  /** The interval of a chunk that rows fell into. */
  intervalOf(chunkStart: number): Interval {
    const interval = this.#intervals.get(chunkStart);
    if (interval === undefined || interval === null) {
      throw new InvariantError(`No row fell into a chunk that starts at ${chunkStart}.`);
    }
    return interval;
  }

  /** Every chunk of the spec's intervals, ascending. @throws InvalidInputError code TOO_MANY_CHUNKS */
  all(): Interval[] {
    const { segment, intervals } = this.#spec;
    if (intervals === null) return [];
    if (segment.type === 'all') return [...intervals];
    const chunks = new Map<number, Interval>();
    for (const interval of intervals) {
      for (const start of bucketStarts(segment, interval)) {
        chunks.set(start, { start, end: nextBucket(segment, start) });
        if (chunks.size > maxChunks) throw tooMany();
      }
    }
    return [...chunks.values()];
  }

  /** Null outside the spec's intervals. */
  #chunkAt(ms: number): Interval | null {
    const { segment, intervals } = this.#spec;
    if (segment.type === 'all') {
      const found =
        intervals === null ? eternity : intervals.find(({ start, end }) => start <= ms && ms < end);
      if (found !== undefined) this.#intervals.set(found.start, found);
      return found ?? null;
    }
    const start = bucketStart(segment, ms);
    const known = this.#intervals.get(start);
    if (known !== undefined) return known;
    const chunk = { start, end: nextBucket(segment, start) };
    const isAsked = intervals === null || intervals.some((interval) => overlaps(interval, chunk));
    this.#intervals.set(start, isAsked ? chunk : null);
    if (isAsked && ++this.#used > maxChunks) throw tooMany();
    return isAsked ? chunk : null;
  }
}

function tooMany(): InvalidInputError {
  return new InvalidInputError(
    `The segment granularity makes more than ${maxChunks} chunks of time. Choose a coarser "segmentGranularity", or narrow "intervals"; the times of the rows may be wrong too.`,
    { code: 'TOO_MANY_CHUNKS' },
  );
}
