/**
 * Runs native queries on the product's worker threads, without a broker: the historical's own pool,
 * whose workers run the engine over their segments, merge and encode, as a node does that is asked
 * alone; here their partial results are decoded, merged and finished. Time ends when the answer stands
 * in columns, before JSON.
 */
import { SegmentPool, threadPool } from '@isotherm/historical';
import { nodeClock, nodeRandom } from '@isotherm/platform';
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
  const segments = new SegmentPool({
    pool,
    clock: nodeClock(),
    random: nodeRandom(),
    queueLimit: 1,
    log: (line) => {
      throw new Error(line);
    },
    onLost: (segmentKey, error) => {
      throw new Error(`Segment "${segmentKey}" was lost.`, { cause: error });
    },
  });
  for (const { path, byteLength, rowCount: weightBytes, interval } of files) {
    const place = { type: 'file', path, byteLength } as const;
    await segments.loadSegment(path, { place, keepsColumns: true, weightBytes, interval });
  }
  const visibleIntervals = files.map(({ interval }) => interval);
  const never = new AbortController().signal;
  let runCount = 0;
  const run = async (native: unknown): Promise<FinishedAnswer> => {
    runCount += 1;
    const queryId = String(runCount);
    const query = parseQuery(native, { queryId, timeoutMs });
    const answer = await segments.run(
      {
        query: JSON.stringify(native),
        queryId,
        segments: piecesOf(files, query.intervals),
        isOnlyNode: true,
        timeoutMs,
        priority: 0,
      },
      never,
    );
    if (answer.missingKeys.length > 0) {
      throw new Error(`Segments are missing: ${answer.missingKeys.join(', ')}.`);
    }
    const partials = answer.blocks.flatMap((bytes) => decodePartials(bytes));
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
      await segments.close();
    },
  };
}

/** The segments that the intervals meet, and what of each is asked for. */
function piecesOf(
  files: readonly SegmentFile[],
  intervals: readonly Interval[],
): { readonly segmentKey: string; readonly intervals: readonly Interval[] }[] {
  return files.flatMap(({ path, interval }) => {
    const cut = intervals.flatMap((asked) => intersectIntervals(asked, interval) ?? []);
    return cut.length === 0 ? [] : [{ segmentKey: path, intervals: cut }];
  });
}
