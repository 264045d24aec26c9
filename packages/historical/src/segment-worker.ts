/**
 * What a worker does: it owns a share of the node's segments, runs queries over them one after the
 * other, merges its own partial results and encodes them. It sees bytes and messages, never sockets,
 * and is the same in a thread and in process.
 */
import {
  CancelledError,
  CorruptSegmentError,
  InvariantError,
  IsothermError,
  NotFoundError,
  StoreError,
  TimeoutError,
  UnavailableError,
  errorToJson,
} from '@isotherm/errors';
import {
  type RunPiece,
  SharedDictionaries,
  defaultBatchRows,
  neededColumns,
  runSegments,
} from '@isotherm/engine';
import type { Clock } from '@isotherm/platform';
import { type PartialResult, type Query, mergePartials, parseQuery } from '@isotherm/query';
import { encodePartials } from '@isotherm/rpc';
import { type ByteSource, type ColumnMemory, type Segment, openSegment } from '@isotherm/segment';
import type { Interval } from '@isotherm/timeline';
import { ColumnCache } from './column-cache.ts';
import type {
  RunReply,
  RunRequest,
  SegmentPlace,
  WorkerFailure,
  WorkerReply,
  WorkerRequest,
} from './worker-messages.ts';

/** What a worker is given. */
interface SegmentWorkerOptions {
  readonly openPlace: (place: SegmentPlace) => ByteSource;
  readonly clock: Clock;
  /** Where columns are loaded to. */
  readonly memory: ColumnMemory;
  /** Bytes of on-demand columns that this worker keeps. */
  readonly columnCacheBytes: number;
  /** Rows a kernel handles at a time. */
  readonly batchRows?: number;
}

/** Handles a request; null when it has no reply. Never rejects: faults are replies. */
export type SegmentWorker = (request: WorkerRequest) => Promise<WorkerReply | null>;

/** Bytes of texts that a worker keeps with ids of their own; with more, segments are grouped one by one. */
const sharedDictionaryBytes = 2 ** 29;

interface Held {
  readonly segment: Segment;
  readonly place: SegmentPlace;
  readonly keepsColumns: boolean;
}

/** Makes a worker without segments. Requests of type `run` must come one at a time. */
export function segmentWorker(options: SegmentWorkerOptions): SegmentWorker {
  const held = new Map<string, Held>();
  const cache = new ColumnCache(options.columnCacheBytes);
  const dictionaries = new SharedDictionaries({
    memory: options.memory,
    limitBytes: sharedDictionaryBytes,
  });
  // Columns lie in kernel memory, which nobody collects: a dropped segment frees them, but not
  // while a run may be reading it.
  const dropped: Held[] = [];
  let runs = 0;
  const release = (): void => {
    if (runs > 0) return;
    for (const { segment } of dropped.splice(0)) {
      dictionaries.forget(segment);
      segment.unload();
    }
  };

  return async (request) => {
    switch (request.type) {
      case 'load': {
        const { segmentKey, place, keepsColumns } = request;
        try {
          const segment = await openSegment(options.openPlace(place), { memory: options.memory });
          if (keepsColumns) await segment.load();
          const before = held.get(segmentKey);
          if (before !== undefined) dropped.push(before);
          held.set(segmentKey, { segment, place, keepsColumns });
          release();
          return { type: 'loaded', segmentKey };
        } catch (error) {
          return {
            type: 'loadFailed',
            segmentKey,
            failure: toFailure(placeFault(error, place) ?? error),
          };
        }
      }
      case 'drop': {
        const before = held.get(request.segmentKey);
        cache.drop(request.segmentKey);
        held.delete(request.segmentKey);
        if (before !== undefined) dropped.push(before);
        release();
        return null;
      }
      case 'run':
        runs += 1;
        try {
          return await runAll(request, held, { cache, dictionaries }, options);
        } catch (error) {
          return { type: 'runFailed', runId: request.runId, failure: toFailure(error) };
        } finally {
          runs -= 1;
          cache.trim();
          release();
        }
    }
  };
}

async function runAll(
  request: RunRequest,
  held: ReadonlyMap<string, Held>,
  {
    cache,
    dictionaries,
  }: { readonly cache: ColumnCache; readonly dictionaries: SharedDictionaries },
  options: SegmentWorkerOptions,
): Promise<RunReply> {
  const { runId, queryId, timeoutMs } = request;
  const query = parseQuery(JSON.parse(request.query), { queryId, timeoutMs });
  const checkpoint = checkpointOf(request, options.clock);
  const { batchRows = defaultBatchRows } = options;
  const partials: PartialResult[] = [];
  const missingKeys: string[] = [];
  const damaged: { segmentKey: string; reason: string }[] = [];
  let pieces: (RunPiece & { readonly held: Held })[] = [];
  let demandedBytes = 0;
  const runPieces = (): void => {
    partials.push(...runSegments({ query, segments: pieces, batchRows, checkpoint, dictionaries }));
    for (const { segmentId, segment, intervals, held: piece } of pieces) {
      // A segment that was dropped while its columns were read goes with this run.
      if (!piece.keepsColumns && held.get(segmentId) === piece) {
        cache.touch(segmentId, segment, neededColumns(query, segment, intervals));
      }
    }
    cache.trim();
    [pieces, demandedBytes] = [[], 0];
  };
  for (const { segmentKey, intervals } of request.segments) {
    checkpoint();
    const found = held.get(segmentKey);
    const fault = found === undefined ? 'absent' : await loadColumns(query, found, intervals);
    if (found === undefined || fault !== null) {
      missingKeys.push(segmentKey);
      if (fault instanceof CorruptSegmentError) damaged.push({ segmentKey, reason: fault.message });
      continue;
    }
    const { segment } = found;
    pieces.push({ segmentId: segmentKey, segment, intervals, held: found });
    // Segments run together, as far as their columns fit where columns on demand may stay.
    if (!found.keepsColumns) {
      for (const name of neededColumns(query, segment, intervals)) {
        demandedBytes += segment.columnBytes(name);
      }
    }
    if (demandedBytes > options.columnCacheBytes) runPieces();
  }
  if (pieces.length > 0) runPieces();
  checkpoint();
  const scannedRows = partials.reduce((sum, partial) => sum + partial.scannedRows, 0);
  const bytes = encodePartials(mergePartials(query, partials));
  return { type: 'ran', runId, bytes, scannedRows, missingKeys, damaged };
}

/**
 * Brings the columns of a query into memory.
 *
 * @returns null, or why the segment cannot answer: a CorruptSegmentError when its local copy is
 *   damaged, another error when deep storage does not give it now
 */
async function loadColumns(
  query: Query,
  { segment, place, keepsColumns }: Held,
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

/** Faults of a disk that say that the copy is bad, not that the node is out of files or rights. */
const copyFaults: readonly string[] = ['SHORT_FILE', 'DISK_FAILED'];

/**
 * Judges why a segment could not be read: a local copy that is gone or cannot be read is as bad as a
 * wrong one and is fetched again; deep storage may just be away.
 *
 * @returns null for what is no fault of the place, such as a bug
 */
function placeFault(error: unknown, place: SegmentPlace): IsothermError | null {
  if (error instanceof CorruptSegmentError) return error;
  const isUnreadable =
    error instanceof NotFoundError ||
    error instanceof StoreError ||
    error instanceof UnavailableError;
  if (!isUnreadable) return null;
  const isCopyBad = error instanceof NotFoundError || copyFaults.includes(error.code);
  return place.type === 'file' && isCopyBad
    ? new CorruptSegmentError(error.message, { cause: error })
    : error;
}

function checkpointOf(request: RunRequest, clock: Clock): () => void {
  const { cancelled, queryId, timeoutMs } = request;
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  return () => {
    if (Atomics.load(cancelled, 0) !== 0) {
      throw new CancelledError(`Query "${queryId}" was cancelled.`);
    }
    if (clock.monotonicMs() > deadlineMs) {
      throw new TimeoutError(`Query "${queryId}" took longer than ${Math.round(timeoutMs)} ms.`);
    }
  };
}

function toFailure(error: unknown): WorkerFailure {
  const isBug = !(error instanceof IsothermError) || error instanceof InvariantError;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { error: errorToJson(error), unexpected: isBug ? text : null };
}
