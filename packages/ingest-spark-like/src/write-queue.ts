/**
 * Writes segment files beside the reading: small jobs in this thread, one after the other; from
 * `leastRowsForThreads` rows on in worker threads (write-worker.ts). A file hangs on its input alone, so
 * the number of threads changes no byte.
 */
import type { Worker } from 'node:worker_threads';
import { InvalidInputError, InvariantError } from '@isotherm/errors';
import type { WriteOptions, WrittenSegment } from '@isotherm/segment';
import { writeSegment } from '@isotherm/segment';
import { startThread } from './start-thread.ts';
import {
  packInput,
  type SegmentSource,
  unpackInput,
  type WriteReply,
  type WriteRequest,
} from './write-messages.ts';

/** Starting a thread takes as long as writing about so many rows. */
const leastRowsForThreads = 300_000;
/** Rows that wait to be written, at most; a single larger file is let through alone. */
const maxRowsWaiting = 2_000_000;

/** Takes a file that was written. */
type Store = (written: WrittenSegment) => Promise<void>;

interface Thread {
  readonly worker: Worker;
  /** Files it has not answered for. */
  waiting: number;
}

interface Answer {
  readonly resolve: (written: WrittenSegment) => void;
  readonly reject: (error: Error) => void;
}

/** State with a lifetime: that of a job. */
export class WriteQueue {
  readonly #threadCount: number;
  readonly #leastRows: number;
  readonly #threads: Thread[] = [];
  readonly #answers = new Map<number, Answer>();
  readonly #running = new Set<Promise<void>>();
  #rowsSeen = 0;
  #rowsWaiting = 0;
  #nextId = 0;
  #failure: Error | null = null;

  /**
   * @param threadCount  0 writes everything in this thread
   * @param leastRows    threads are used from so many rows on
   */
  constructor(threadCount: number, leastRows = leastRowsForThreads) {
    this.#threadCount = threadCount;
    this.#leastRows = leastRows;
  }

  /**
   * Takes a file to be written, and waits until there is room for more.
   *
   * @param input  handed over: its arrays may be gone afterwards
   * @param store  called once the file is written
   * @throws what writing or storing an earlier file threw
   */
  async add(input: SegmentSource, options: WriteOptions, store: Store): Promise<void> {
    const { rowCount } = input;
    this.#rowsSeen += rowCount;
    if (this.#threadCount === 0 || this.#rowsSeen < this.#leastRows) {
      await store(writeSegment(unpackInput(packInput(input).packed), options));
      return;
    }
    await this.#room(rowCount);
    const running = this.#writeApart(input, options)
      .then(store)
      .catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error('A file was not written.');
      })
      .finally(() => {
        this.#rowsWaiting -= rowCount;
        this.#running.delete(running);
      });
    this.#rowsWaiting += rowCount;
    this.#running.add(running);
  }

  /** Waits until everything is stored. @throws what writing or storing threw */
  async drain(): Promise<void> {
    await Promise.all(this.#running);
    if (this.#failure !== null) throw this.#failure;
  }

  /** Waits for what is in hand, and ends the threads. Never throws. */
  async close(): Promise<void> {
    await Promise.all(this.#running);
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
    this.#threads.length = 0;
  }

  async #room(rowCount: number): Promise<void> {
    const isFull = (): boolean =>
      this.#running.size > this.#threadCount || this.#rowsWaiting + rowCount > maxRowsWaiting;
    while (this.#running.size > 0 && isFull()) await Promise.race(this.#running);
    if (this.#failure !== null) throw this.#failure;
  }

  #writeApart(input: SegmentSource, options: WriteOptions): Promise<WrittenSegment> {
    const { promise, resolve, reject } = Promise.withResolvers<WrittenSegment>();
    const id = this.#nextId++;
    const thread = this.#idlest();
    const { packed, transfer } = packInput(input);
    const request: WriteRequest = { id, input: packed, options };
    this.#answers.set(id, { resolve, reject });
    thread.waiting++;
    thread.worker.postMessage(request, transfer);
    return promise.finally(() => thread.waiting--);
  }

  #idlest(): Thread {
    const [first, ...others] = this.#threads;
    const idlest =
      first === undefined
        ? null
        : others.reduce((best, thread) => (thread.waiting < best.waiting ? thread : best), first);
    if (idlest !== null && (idlest.waiting === 0 || this.#threads.length === this.#threadCount)) {
      return idlest;
    }
    const thread = { worker: this.#start(), waiting: 0 };
    this.#threads.push(thread);
    return thread;
  }

  #start(): Worker {
    const worker = startThread('write-worker.ts', null);
    // write-worker.ts posts nothing but replies.
    worker.on('message', (reply: WriteReply) => {
      const answer = this.#answers.get(reply.id);
      this.#answers.delete(reply.id);
      if (reply.type === 'written') answer?.resolve(reply.written);
      else answer?.reject(errorOf(reply));
    });
    const fail = (): void => {
      // A thread ends by itself only when something broke; then the whole job fails.
      const error = new InvariantError(
        'A thread that writes segments ended before its work was done.',
      );
      for (const answer of this.#answers.values()) answer.reject(error);
      this.#answers.clear();
    };
    worker.on('error', fail);
    worker.on('exit', fail);
    return worker;
  }
}

function errorOf(reply: Extract<WriteReply, { type: 'failed' }>): Error {
  const { kind, code, message } = reply;
  return kind === 'InvalidInputError'
    ? new InvalidInputError(message, { code })
    : new InvariantError(message);
}
