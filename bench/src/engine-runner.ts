/**
 * Runs native queries on the product's worker threads, without a broker: the historical's own pool,
 * whose workers run the engine over their segments, merge and encode; here their partial results are
 * decoded, merged and finished. Time ends when the answer stands in columns, before JSON.
 */
import {
  type RunRequest,
  type WorkerPort,
  type WorkerReply,
  type WorkerRequest,
  threadPool,
} from '@isotherm/historical';
import { finishQuery, mergePartials, parseQuery, writeResult } from '@isotherm/query';
import { decodePartials } from '@isotherm/rpc';
import { type Interval, intersectIntervals } from '@isotherm/timeline';
import { medianMs } from './measure.ts';
import { type SegmentFile, deepStorageOf } from './segment-files.ts';

const timeoutMs = 300_000;
const jsonRepetition = { minRuns: 3, maxRuns: 9, budgetMs: 300 };

/** A native query on its way through the engine. */
export type FinishedAnswer = ReturnType<typeof finishQuery>;

/** Workers that hold all segments between them. */
export interface EngineRunner {
  run(native: unknown): Promise<FinishedAnswer>;
  /** Druid's JSON of an answer. */
  jsonOf(native: unknown): Promise<string>;
  /** Writes an answer several times, and says how long it is and how fast it was written. */
  jsonPace(native: unknown): Promise<{ readonly bytes: number; readonly bytesPerSecond: number }>;
  close(): Promise<void>;
}

/** A worker; it is asked one thing at a time. */
interface Worker {
  readonly port: WorkerPort;
  readonly files: SegmentFile[];
  settle: (reply: WorkerReply) => void;
}

/** Starts `workerCount` threads and loads every segment on the one with the fewest rows, as a node does. */
export async function startEngine(
  dataDir: string,
  files: readonly SegmentFile[],
  workerCount: number,
): Promise<EngineRunner> {
  const storageDir = deepStorageOf(dataDir);
  const pool = threadPool({
    workerCount,
    cacheDir: storageDir,
    deepStorage: { type: 'local', path: storageDir },
    columnCacheBytes: 0,
  });
  const workers = Array.from({ length: workerCount }, () => startWorker(pool));
  for (const file of files) {
    const lightest = workers.reduce((best, worker) =>
      rowsOf(worker.files) < rowsOf(best.files) ? worker : best,
    );
    const { path, byteLength } = file;
    const place = { type: 'file', path, byteLength } as const;
    await ask(lightest, { type: 'load', segmentKey: path, place, keepsColumns: true });
    lightest.files.push(file);
  }
  const visibleIntervals = files.map(({ interval }) => interval);
  let runId = 0;
  const run = async (native: unknown): Promise<FinishedAnswer> => {
    runId += 1;
    const query = parseQuery(native, { queryId: String(runId), timeoutMs });
    const asked = workers.flatMap((worker) =>
      requestsOf(worker.files, query.intervals, { native, runId }).map((request) =>
        ask(worker, request),
      ),
    );
    const replies = await Promise.all(asked);
    const partials = replies.flatMap((reply) =>
      reply.type === 'ran' ? decodePartials(reply.bytes) : [],
    );
    return finishQuery(query, mergePartials(query, partials), { visibleIntervals });
  };
  return {
    run,
    async jsonOf(native) {
      const query = parseQuery(native, { queryId: 'json', timeoutMs });
      return [...writeResult(query, await run(native))].join('');
    },
    async jsonPace(native) {
      const query = parseQuery(native, { queryId: 'json', timeoutMs });
      const answer = await run(native);
      let bytes = 0;
      const ms = await medianMs(async () => {
        bytes = 0;
        for (const text of writeResult(query, answer)) bytes += Buffer.byteLength(text);
      }, jsonRepetition);
      return { bytes, bytesPerSecond: (bytes / ms) * 1000 };
    },
    async close() {
      await Promise.all(workers.map(({ port }) => port.close()));
    },
  };
}

function startWorker(pool: ReturnType<typeof threadPool>): Worker {
  const worker: Worker = {
    files: [],
    settle: () => {},
    port: pool.start({
      onReply: (reply) => worker.settle(reply),
      onExit: (reason) => {
        throw new Error(`A worker of the bench died: ${reason}.`);
      },
    }),
  };
  return worker;
}

/** @throws Error with what the worker met */
async function ask(worker: Worker, request: WorkerRequest): Promise<WorkerReply> {
  const { promise, resolve } = Promise.withResolvers<WorkerReply>();
  worker.settle = resolve;
  worker.port.post(request);
  const reply = await promise;
  if (reply.type === 'loadFailed' || reply.type === 'runFailed') {
    throw new Error(reply.failure.unexpected ?? reply.failure.error.message);
  }
  if (reply.type === 'ran' && reply.missingKeys.length > 0) {
    throw new Error(`Segments are missing: ${reply.missingKeys.join(', ')}.`);
  }
  return reply;
}

/** One run for the segments that the intervals meet; none when there are no such segments. */
function requestsOf(
  files: readonly SegmentFile[],
  intervals: readonly Interval[],
  { native, runId }: { readonly native: unknown; readonly runId: number },
): RunRequest[] {
  const segments = files.flatMap(({ path, interval }) => {
    const cut = intervals.flatMap((asked) => intersectIntervals(asked, interval) ?? []);
    return cut.length === 0 ? [] : [{ segmentKey: path, intervals: cut }];
  });
  if (segments.length === 0) return [];
  const request: RunRequest = {
    type: 'run',
    runId,
    query: JSON.stringify(native),
    queryId: String(runId),
    segments,
    timeoutMs,
    cancelled: new Int32Array(new SharedArrayBuffer(4)),
  };
  return [request];
}

function rowsOf(files: readonly SegmentFile[]): number {
  return files.reduce((sum, { rowCount }) => sum + rowCount, 0);
}
