/**
 * What a worker does: it owns a share of the node's segments, runs queries over them one after the
 * other, merges its own partial results and encodes them, as much of them as is asked for. It sees bytes
 * and messages, never sockets, and is the same in a thread and in process.
 */
import {
  CancelledError,
  CorruptSegmentError,
  InvariantError,
  IsothermError,
  TimeoutError,
  errorToJson,
} from '@isotherm/errors';
import {
  type Leaders,
  type SegmentsRun,
  defaultBatchRows,
  findLeaders,
  neededColumns,
  onlyGroups,
  runSegments,
  textSpans,
} from '@isotherm/engine';
import type { Clock } from '@isotherm/platform';
import { type PartialResult, type Query, mergePartials, parseQuery } from '@isotherm/query';
import { encodePartials } from '@isotherm/rpc';
import type { Segment } from '@isotherm/segment';
import type { Interval } from '@isotherm/timeline';
import {
  type HeldPiece,
  HeldSegments,
  type HeldSegmentsOptions,
  loadColumns,
} from './held-segments.ts';
import { placeFault } from './place-fault.ts';
import type {
  RunReply,
  RunRequest,
  WorkerFailure,
  WorkerReply,
  WorkerRequest,
} from './worker-messages.ts';

/** What a worker is given. */
interface SegmentWorkerOptions extends HeldSegmentsOptions {
  readonly clock: Clock;
  /** Rows a kernel handles at a time. */
  readonly batchRows?: number;
}

/** Handles a request; null when it has no reply. Never rejects: faults are replies. */
export type SegmentWorker = (request: WorkerRequest) => Promise<WorkerReply | null>;

/** Makes a worker without segments. Requests of type `run` must come one at a time. */
export function segmentWorker(options: SegmentWorkerOptions): SegmentWorker {
  const held = new HeldSegments(options);
  return async (request) => {
    switch (request.type) {
      case 'load': {
        const { segmentKey, place, keepsColumns } = request;
        try {
          const segment = await held.load(segmentKey, place, keepsColumns);
          return { type: 'loaded', segmentKey, spans: textSpans(segment) };
        } catch (error) {
          const failure = toFailure(placeFault(error, place) ?? error);
          return { type: 'loadFailed', segmentKey, failure };
        }
      }
      case 'drop':
        held.drop(request.segmentKey);
        return null;
      case 'run':
        try {
          return await held.during(() => runSegmentsOf(request, held, options));
        } catch (error) {
          return { type: 'runFailed', runId: request.runId, failure: toFailure(error) };
        }
    }
  };
}

/**
 * Runs a query, or a part of one, over the segments of a request that the worker holds.
 *
 * @throws CancelledError, TimeoutError, or what the query itself ran into
 */
async function runSegmentsOf(
  request: RunRequest,
  held: HeldSegments,
  options: SegmentWorkerOptions,
): Promise<RunReply> {
  const { runId, queryId, timeoutMs, part } = request;
  const parsed = parseQuery(JSON.parse(request.query), { queryId, timeoutMs });
  const query = part.type === 'groups' ? ofGroups(parsed, part.values) : parsed;
  const { dictionaries } = held;
  const { batchRows = defaultBatchRows } = options;
  const checkpoint = checkpointOf(request, options.clock);
  const partials: PartialResult[] = [];
  const missingKeys: string[] = [];
  const damaged: { segmentKey: string; reason: string }[] = [];
  let leaders: Leaders | null = null;
  let pieces: HeldPiece[] = [];
  let demandedBytes = 0;
  const runPieces = ({ seesAll }: { readonly seesAll: boolean }): void => {
    const run: SegmentsRun = { query, segments: pieces, batchRows, checkpoint, dictionaries };
    if (seesAll && part.type === 'leaders') leaders = findLeaders(run, part.shareCount);
    if (leaders !== null) partials.push(leaders.partial);
    else partials.push(...runSegments({ ...run, seesAllRows: seesAll && part.type === 'answer' }));
    held.touchColumns(query, pieces);
    [pieces, demandedBytes] = [[], 0];
  };
  let isCut = false;
  for (const { segmentKey, intervals } of request.segments) {
    checkpoint();
    const found = held.get(segmentKey);
    const fault = found === undefined ? 'absent' : await loadColumns(query, found, intervals);
    if (found === undefined || fault !== null) {
      missingKeys.push(segmentKey);
      if (fault instanceof CorruptSegmentError) damaged.push({ segmentKey, reason: fault.message });
      continue;
    }
    // Segments run together, as far as their columns fit where columns on demand may stay.
    if (demandedBytes > options.columnCacheBytes) {
      isCut = true;
      runPieces({ seesAll: false });
    }
    const { segment } = found;
    pieces.push({ segmentId: segmentKey, segment, intervals, held: found });
    if (!found.keepsColumns) demandedBytes += neededBytes(query, segment, intervals);
  }
  if (pieces.length > 0) runPieces({ seesAll: !isCut && missingKeys.length === 0 });
  checkpoint();
  const scannedRows = partials.reduce((sum, partial) => sum + partial.scannedRows, 0);
  const merged = leaders === null ? mergePartials(query, partials) : partials;
  const bytes = encodePartials(part.type === 'groups' ? startingAt(merged, part.startMs) : merged);
  return {
    type: 'ran',
    runId,
    bytes,
    scannedRows,
    missingKeys,
    damaged,
    leaders: factsOf(leaders),
  };
}

function ofGroups(query: Query, values: readonly (string | null)[]): Query {
  if (query.queryType === 'topN' || query.queryType === 'groupBy') return onlyGroups(query, values);
  throw new InvariantError(`Groups of a ${query.queryType} were asked for by their values.`);
}

/** The bucket of granularity `all` starts where any group has its first rows, also one that is left out. */
function startingAt(partials: readonly PartialResult[], startMs: number): PartialResult[] {
  return partials.map((partial) =>
    partial.kind === 'grouped' ? { ...partial, times: partial.times.fill(startMs) } : partial,
  );
}

function factsOf(leaders: Leaders | null): RunReply['leaders'] {
  return leaders === null ? null : { restMost: leaders.restMost, count: leaders.count };
}

function neededBytes(query: Query, segment: Segment, intervals: readonly Interval[]): number {
  const names = neededColumns(query, segment, intervals);
  return names.reduce((sum, name) => sum + segment.columnBytes(name), 0);
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
