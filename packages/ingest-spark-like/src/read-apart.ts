/**
 * Reads inputs in several threads. Each takes the next input when it is done with one, and fills an index
 * of its own; which thread read what changes no byte, for runs are merged by their values.
 */
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { errorFromJson, InvariantError } from '@isotherm/errors';
import type { JobAccount } from './job-account.ts';
import type { ReadNews, ReadRequest, ReadTask } from './read-messages.ts';
import { type Input, inputBytes } from './read/open-batches.ts';
import type { FoundColumns } from './roll-up.ts';
import type { Run } from './runs/run.ts';
import type { IngestionSpec } from './spec/ingestion-spec.ts';
import { startThread } from './start-thread.ts';

/** Starting threads takes longer than reading so many bytes. */
const leastBytesForThreads = 8 << 20;
/** Each thread has an index; more of them fill the memory rather than the cores. */
const maxThreads = 4;

const finish: ReadRequest = { type: 'finish' };
const taken: ReadRequest = { type: 'taken' };

/** Threads beside the job's own, for reading or for writing, unless told otherwise. */
export function defaultThreads(): number {
  return Math.min(maxThreads, availableParallelism());
}

/** Threads to read with; 0 = in the job's own. @param threads  as the job was told; undefined = by size */
export function readerThreadsFor(threads: number | undefined, inputs: readonly Input[]): number {
  const bytes = inputs.reduce((sum, input) => sum + inputBytes(input), 0);
  if (threads === undefined && bytes < leastBytesForThreads) return 0;
  const count = Math.min(threads ?? defaultThreads(), inputs.length);
  return count < 2 ? 0 : count;
}

/**
 * @param check   throws when the job must not go on; called for all news
 * @param onRun   takes a run that filled an index
 * @returns what did not fill an index, one a thread
 * @throws what reading throws
 */
export async function indexApart(
  spec: IngestionSpec,
  inputs: readonly Input[],
  threadCount: number,
  account: JobAccount,
  columns: FoundColumns,
  check: () => void,
  onRun: (run: Run) => Promise<void>,
): Promise<(Run | null)[]> {
  const { limits } = spec;
  const maxBytesInMemory = limits.maxBytesInMemory / threadCount;
  const task: ReadTask = { spec, limits: { ...limits, maxBytesInMemory } };
  const queue = inputs.map((input, place): ReadRequest => ({ type: 'read', place, input }));
  const workers: Worker[] = [];
  /** Runs are stored one after the other; a thread goes on when those before its own are. */
  let storing = Promise.resolve();

  const store = (run: Run): Promise<void> => {
    const before = storing;
    storing = before.then(() => onRun(run));
    // Whoever stores or waits next hears of a failure.
    storing.catch(() => {});
    return before;
  };

  const hear = async (
    worker: Worker,
    news: ReadNews,
    onDone: (rest: Run | null) => void,
  ): Promise<void> => {
    check();
    switch (news.type) {
      case 'ready':
        worker.postMessage(queue.shift() ?? finish, []);
        return;
      case 'progress':
        account.onBytes(news.bytes);
        account.bad.addNews(news.place, news.bad);
        account.addRead(news.counts);
        return;
      case 'run':
        await store(news.run);
        worker.postMessage(taken, []);
        return;
      case 'done':
        for (const name of news.seen) columns.seen.add(name);
        for (const name of news.found) columns.found.add(name);
        onDone(news.rest);
        return;
      case 'failed':
        throw errorFromJson(news.error);
    }
  };

  const readInOne = (): Promise<Run | null> => {
    const { promise, resolve, reject } = Promise.withResolvers<Run | null>();
    const worker = startThread('read-worker.ts', task);
    workers.push(worker);
    // read-worker.ts posts nothing but news.
    worker.on('message', (news: ReadNews) => {
      hear(worker, news, resolve).catch(reject);
    });
    const fail = (): void => {
      // A thread ends by itself only when something broke; then the whole job fails.
      reject(new InvariantError('A thread that reads inputs ended before its work was done.'));
    };
    worker.on('error', fail);
    worker.on('exit', fail);
    return promise;
  };

  try {
    const rests = await Promise.all(Array.from({ length: threadCount }, readInOne));
    await storing;
    return rests;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
