/**
 * The main thread's side of one worker: which segments it owns, which run it works on, and which
 * wait. A worker that dies is started again and loads its segments anew; what it was working on is
 * answered as missing, so that replicas are asked.
 */
import type { TextSpans } from '@isotherm/engine';
import { type IsothermError, UnavailableError, errorFromJson } from '@isotherm/errors';
import type { Clock, Random } from '@isotherm/platform';
import { reconnectDelays } from '@isotherm/rpc';
import type { Interval } from '@isotherm/timeline';
import { RunQueue } from './run-queue.ts';
import type {
  RunReply,
  RunRequest,
  SegmentPlace,
  WorkerFailure,
  WorkerReply,
} from './worker-messages.ts';
import type { WorkerPool, WorkerPort } from './worker-pool.ts';

/** One worker's part of a query. */
export interface SlotRun {
  readonly request: RunRequest;
  readonly finish: (reply: RunReply) => void;
  readonly fail: (error: IsothermError) => void;
}

/** A segment as its worker is told to load it. */
export interface OwnedSegment {
  readonly place: SegmentPlace;
  readonly keepsColumns: boolean;
  /** What it counts when a worker for the next segment is chosen. */
  readonly weightBytes: number;
  /** The interval that it is of: segments of one are mostly asked for together. */
  readonly interval: Interval;
}

/** What a slot is given. */
export interface SlotOptions {
  readonly pool: WorkerPool;
  readonly clock: Clock;
  readonly random: Random;
  readonly queueLimit: number;
  readonly log: (line: string) => void;
  /** A segment could not be loaded again after a restart. */
  readonly onLost: (segmentKey: string, error: IsothermError) => void;
}

/** A worker that lives this long starts its restart delays from the beginning. */
const healthyMs = 60_000;

/** A worker whose last run took less than this gets the next ones while it works on one. */
const shortMs = 2;

/** One worker. */
export class WorkerSlot {
  readonly #options: SlotOptions;
  readonly #segments = new Map<string, OwnedSegment>();
  /** What the worker said of segments when it had loaded them. */
  readonly #spans = new Map<string, TextSpans>();
  #weightBytes = 0;
  /** Of the segments of each interval, by its start. */
  readonly #weightOf = new Map<number, number>();
  readonly #loads = new Map<string, PromiseWithResolvers<void>>();
  readonly #queue: RunQueue<SlotRun>;
  /** Runs that the worker has, the one it works on first. */
  readonly #running: SlotRun[] = [];
  /** When the first of them became the first. */
  #firstSinceMs = 0;
  #wasShort = false;
  #port: WorkerPort | null;
  #startedMs = 0;
  #delays: ReturnType<typeof reconnectDelays>;
  #cancelRestart = (): void => {};
  #isClosed = false;

  constructor(options: SlotOptions) {
    this.#options = options;
    this.#queue = new RunQueue(options.queueLimit);
    this.#delays = reconnectDelays(options.random);
    this.#port = this.#start();
  }

  /**
   * What the segments weigh that it owns, for the choice of the next one's worker: those of the same
   * interval in full, so that a query over it is shared, all others half.
   */
  weightBeside({ start }: Interval): number {
    return (this.#weightBytes + (this.#weightOf.get(start) ?? 0)) / 2;
  }

  /** Runs that wait, and whether one is being worked on. */
  get load(): { readonly queued: number; readonly isRunning: boolean } {
    return { queued: this.#queue.length, isRunning: this.#running.length > 0 };
  }

  owns(segmentKey: string): boolean {
    return this.#segments.has(segmentKey);
  }

  /** Spans of the texts of a segment; undefined until it is loaded. */
  spansOf(segmentKey: string): TextSpans | undefined {
    return this.#spans.get(segmentKey);
  }

  /** Makes the worker own and load a segment. @throws what the worker met, such as CorruptSegmentError */
  async loadSegment(segmentKey: string, segment: OwnedSegment): Promise<void> {
    this.#forget(segmentKey);
    this.#segments.set(segmentKey, segment);
    this.#weigh(segment, 1);
    try {
      await this.#post(segmentKey, segment);
    } catch (error) {
      this.#forget(segmentKey);
      throw error;
    }
  }

  /** Makes the worker forget a segment; a run that reads it finishes first or finds it missing. */
  dropSegment(segmentKey: string): void {
    this.#forget(segmentKey);
    this.#port?.post({ type: 'drop', segmentKey });
  }

  /** Queues a run. @throws CapacityError when too many wait */
  submit(run: SlotRun, priority: number): void {
    this.#queue.push(run, priority);
    this.#next();
  }

  /** Takes a waiting run out, or tells the worker to stop working on it. Neither finishes nor fails it. */
  cancel(run: SlotRun): void {
    this.#queue.remove(run);
    Atomics.store(run.request.cancelled, 0, 1);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRestart();
    const closing = closingError();
    for (const load of this.#loads.values()) load.reject(closing);
    for (let run = this.#queue.shift(); run !== undefined; run = this.#queue.shift()) {
      run.fail(closing);
    }
    for (const run of this.#running) run.fail(closing);
    await this.#port?.close();
  }

  #forget(segmentKey: string): void {
    const segment = this.#segments.get(segmentKey);
    if (segment === undefined) return;
    this.#weigh(segment, -1);
    this.#segments.delete(segmentKey);
    this.#spans.delete(segmentKey);
  }

  #weigh({ weightBytes, interval: { start } }: OwnedSegment, sign: 1 | -1): void {
    this.#weightBytes += sign * weightBytes;
    const weight = (this.#weightOf.get(start) ?? 0) + sign * weightBytes;
    if (weight === 0) this.#weightOf.delete(start);
    else this.#weightOf.set(start, weight);
  }

  #start(): WorkerPort {
    this.#startedMs = this.#options.clock.monotonicMs();
    return this.#options.pool.start({
      onReply: (reply) => this.#receive(reply),
      onExit: (reason) => this.#restart(reason),
    });
  }

  #post(segmentKey: string, { place, keepsColumns }: OwnedSegment): Promise<void> {
    // A worker that has ended answers nothing: whoever waited for it would wait for ever.
    if (this.#isClosed) return Promise.reject(closingError());
    const load = Promise.withResolvers<void>();
    this.#loads.set(segmentKey, load);
    this.#port?.post({ type: 'load', segmentKey, place, keepsColumns });
    return load.promise;
  }

  /** Hands over waiting runs: one, or a few when runs are short, so that the worker need not wait for each. */
  #next(): void {
    const most = this.#wasShort ? 1 + (this.#options.pool.runsAhead ?? 0) : 1;
    while (this.#port !== null && this.#running.length < most) {
      const run = this.#queue.shift();
      if (run === undefined) return;
      if (this.#running.length === 0) this.#firstSinceMs = this.#options.clock.monotonicMs();
      this.#running.push(run);
      this.#port.post(run.request);
    }
  }

  #receive(reply: WorkerReply): void {
    switch (reply.type) {
      case 'loaded':
        if (this.owns(reply.segmentKey)) this.#spans.set(reply.segmentKey, reply.spans);
        this.#settleLoad(reply.segmentKey)?.resolve();
        break;
      case 'loadFailed':
        this.#settleLoad(reply.segmentKey)?.reject(this.#toError(reply.failure));
        break;
      case 'ran':
        this.#takeRunning(reply.runId)?.finish(reply);
        this.#next();
        break;
      case 'runFailed':
        this.#takeRunning(reply.runId)?.fail(this.#toError(reply.failure));
        this.#next();
        break;
    }
  }

  #settleLoad(segmentKey: string): PromiseWithResolvers<void> | undefined {
    const load = this.#loads.get(segmentKey);
    this.#loads.delete(segmentKey);
    return load;
  }

  #takeRunning(runId: number): SlotRun | null {
    const place = this.#running.findIndex(({ request }) => request.runId === runId);
    const [run] = place < 0 ? [] : this.#running.splice(place, 1);
    if (run === undefined) return null;
    const nowMs = this.#options.clock.monotonicMs();
    this.#wasShort = nowMs - this.#firstSinceMs < shortMs;
    this.#firstSinceMs = nowMs;
    return run;
  }

  #toError({ error, unexpected }: WorkerFailure): IsothermError {
    if (unexpected !== null) this.#options.log(`A worker met a bug: ${unexpected}`);
    return errorFromJson(error);
  }

  #restart(reason: string): void {
    if (this.#isClosed) return;
    const { clock, random, log } = this.#options;
    if (clock.monotonicMs() - this.#startedMs > healthyMs) this.#delays = reconnectDelays(random);
    const { value: delayMs } = this.#delays.next();
    log(`A worker died (${reason}); it starts again in ${Math.round(delayMs)} ms.`);
    this.#port = null;
    this.#answerAsMissing();
    this.#cancelRestart = clock.schedule(delayMs, () => {
      this.#port = this.#start();
      for (const [segmentKey, segment] of this.#segments) this.#loadAgain(segmentKey, segment);
      this.#next();
    });
  }

  #loadAgain(segmentKey: string, segment: OwnedSegment): void {
    const waiting = this.#loads.get(segmentKey);
    if (waiting !== undefined) {
      // Its first load was on the way when the worker died; who waits for it waits on.
      const { place, keepsColumns } = segment;
      this.#port?.post({ type: 'load', segmentKey, place, keepsColumns });
      return;
    }
    this.#post(segmentKey, segment).catch((error: IsothermError) => {
      this.#forget(segmentKey);
      if (!this.#isClosed) this.#options.onLost(segmentKey, error);
    });
  }

  #answerAsMissing(): void {
    const runs = this.#running.splice(0);
    for (let run = this.#queue.shift(); run !== undefined; run = this.#queue.shift())
      runs.push(run);
    for (const { request, finish } of runs) {
      finish({
        type: 'ran',
        runId: request.runId,
        bytes: new Uint8Array(),
        scannedRows: 0,
        missingKeys: request.segments.map(({ segmentKey }) => segmentKey),
        damaged: [],
        leaders: null,
      });
    }
  }
}

function closingError(): UnavailableError {
  return new UnavailableError('The node is shutting down.');
}
