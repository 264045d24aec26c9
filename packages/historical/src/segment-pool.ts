/**
 * All workers of a node: spreads segments over them by bytes, those of one interval too, and runs a query
 * on every worker that owns some of its segments.
 */
import { isRuledOut } from '@isotherm/engine';
import { TimeoutError } from '@isotherm/errors';
import type { Clock, Random } from '@isotherm/platform';
import { type Query, parseQuery } from '@isotherm/query';
import type { SegmentsRequest } from '@isotherm/rpc';
import { askForAnswer } from './ask-for-answer.ts';
import type { RunPart, RunReply, RunRequest } from './worker-messages.ts';
import type { WorkerPool } from './worker-pool.ts';
import { type OwnedSegment, type SlotOptions, type SlotRun, WorkerSlot } from './worker-slot.ts';

/** Characters of a query up to which parsing it costs less than to ask a worker in vain. */
const shortQuery = 8192;

/** What the pool is given. */
interface SegmentPoolOptions {
  readonly pool: WorkerPool;
  readonly clock: Clock;
  readonly random: Random;
  /** Runs that may wait for one worker. */
  readonly queueLimit: number;
  readonly log: (line: string) => void;
  readonly onLost: SlotOptions['onLost'];
}

/** A query over segments of this node. */
export interface PoolRequest extends Omit<SegmentsRequest, 'queryType'> {
  /** The query's JSON. */
  readonly query: string;
}

/** What a query over segments of this node came to. */
export interface PoolAnswer {
  /** One block of encoded partial results a worker. */
  readonly blocks: readonly Uint8Array[];
  readonly scannedRows: number;
  readonly missingKeys: readonly string[];
  readonly damaged: RunReply['damaged'];
}

/** The workers. */
export class SegmentPool {
  readonly #slots: readonly WorkerSlot[];
  readonly #clock: Clock;
  #lastRunId = 0;

  constructor(options: SegmentPoolOptions) {
    this.#clock = options.clock;
    this.#slots = Array.from({ length: options.pool.workerCount }, () => new WorkerSlot(options));
  }

  /** Runs that wait and runs that are worked on, over all workers. */
  get load(): { readonly queued: number; readonly running: number } {
    const loads = this.#slots.map((slot) => slot.load);
    return {
      queued: loads.reduce((sum, { queued }) => sum + queued, 0),
      running: loads.filter(({ isRunning }) => isRunning).length,
    };
  }

  /** Loads a segment on the worker with the fewest bytes of its interval, and else. @throws what the worker met */
  async loadSegment(segmentKey: string, segment: OwnedSegment): Promise<void> {
    const [first, ...others] = this.#slots;
    if (first === undefined) return;
    let [lightest, least] = [first, first.weightBeside(segment.interval)];
    for (const slot of others) {
      const weight = slot.weightBeside(segment.interval);
      if (weight < least) [lightest, least] = [slot, weight];
    }
    await lightest.loadSegment(segmentKey, segment);
  }

  dropSegment(segmentKey: string): void {
    this.#ownerOf(segmentKey)?.dropSegment(segmentKey);
  }

  /**
   * Runs a query; segments that no worker owns are answered as missing.
   *
   * @throws CapacityError when a worker's queue is full, TimeoutError after `timeoutMs` (waiting
   *   included), the signal's reason, or what a worker met
   */
  async run(request: PoolRequest, signal: AbortSignal): Promise<PoolAnswer> {
    signal.throwIfAborted();
    const { shares, missingKeys } = this.#share(request);
    const startMs = this.#clock.monotonicMs();
    const stopped = Promise.withResolvers<never>();
    const abort = (): void => stopped.reject(signal.reason as Error);
    const stopTimer = this.#clock.schedule(request.timeoutMs, () => {
      stopped.reject(
        new TimeoutError(
          `Query "${request.queryId}" took longer than ${Math.round(request.timeoutMs)} ms.`,
        ),
      );
    });
    signal.addEventListener('abort', abort);
    const started: { slot: WorkerSlot; run: SlotRun }[] = [];
    const ask = (part: RunPart): Promise<RunReply[]> => {
      const timeoutMs = request.timeoutMs - (this.#clock.monotonicMs() - startMs);
      const replies = [...shares].map(([slot, segments]) => {
        const asked = this.#submit(slot, { ...request, segments, part, timeoutMs });
        started.push({ slot, run: asked.run });
        return asked.reply;
      });
      return Promise.race([Promise.all(replies), stopped.promise]);
    };
    try {
      const isAlone = request.isOnlyNode && missingKeys.length === 0;
      return combine(await askForAnswer(ask, { isAlone, shareCount: shares.size }), missingKeys);
    } catch (error) {
      for (const { slot, run } of started) slot.cancel(run);
      throw error;
    } finally {
      stopTimer();
      signal.removeEventListener('abort', abort);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.close()));
  }

  #submit(
    slot: WorkerSlot,
    { query, queryId, segments, part, timeoutMs, priority }: PoolRequest & Pick<RunRequest, 'part'>,
  ): { readonly run: SlotRun; readonly reply: Promise<RunReply> } {
    const { promise, resolve, reject } = Promise.withResolvers<RunReply>();
    // Another share may fail first; then nobody waits for this one any more.
    promise.catch(() => {});
    const run: SlotRun = {
      request: {
        type: 'run',
        runId: ++this.#lastRunId,
        query,
        queryId,
        segments,
        part,
        timeoutMs,
        cancelled: new Int32Array(new SharedArrayBuffer(4)),
      },
      finish: resolve,
      fail: reject,
    };
    slot.submit(run, priority);
    return { run, reply: promise };
  }

  #ownerOf(segmentKey: string): WorkerSlot | undefined {
    return this.#slots.find((slot) => slot.owns(segmentKey));
  }

  /** What each worker is asked for: what it owns, without what cannot have rows of the query. */
  #share(request: PoolRequest): {
    shares: Map<WorkerSlot, SegmentsRequest['segments'][number][]>;
    missingKeys: string[];
  } {
    const shares = new Map<WorkerSlot, SegmentsRequest['segments'][number][]>();
    const missingKeys: string[] = [];
    const { segments } = request;
    const query = segments.length > 1 && request.query.length <= shortQuery ? parse(request) : null;
    for (const segment of segments) {
      const owner = this.#ownerOf(segment.segmentKey);
      if (owner === undefined) {
        missingKeys.push(segment.segmentKey);
      } else {
        const spans = query === null ? undefined : owner.spansOf(segment.segmentKey);
        if (query !== null && spans !== undefined && isRuledOut(query, spans)) continue;
        const share = shares.get(owner) ?? [];
        share.push(segment);
        shares.set(owner, share);
      }
    }
    return { shares, missingKeys };
  }
}

/** What the workers parse as well. @throws InvalidQueryError if it is not a query */
function parse({ query, queryId, timeoutMs }: PoolRequest): Query {
  return parseQuery(JSON.parse(query), { queryId, timeoutMs });
}

function combine(replies: readonly RunReply[], unownedKeys: readonly string[]): PoolAnswer {
  return {
    blocks: replies.map(({ bytes }) => bytes).filter((bytes) => bytes.length > 0),
    scannedRows: replies.reduce((sum, reply) => sum + reply.scannedRows, 0),
    missingKeys: [...unownedKeys, ...replies.flatMap((reply) => reply.missingKeys)],
    damaged: replies.flatMap((reply) => reply.damaged),
  };
}
