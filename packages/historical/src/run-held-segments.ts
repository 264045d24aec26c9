/**
 * A run of a worker: brings the columns of the query into memory, runs the engine over the segments, and
 * encodes what is asked for of the answer.
 */
import {
  CancelledError,
  CorruptSegmentError,
  InvariantError,
  type IsothermError,
  TimeoutError,
} from '@isotherm/errors';
import {
  type Leaders,
  type RunPiece,
  type SegmentsRun,
  type SharedDictionaries,
  defaultBatchRows,
  findLeaders,
  neededColumns,
  onlyGroups,
  runSegments,
} from '@isotherm/engine';
import type { Clock } from '@isotherm/platform';
import { type PartialResult, type Query, mergePartials, parseQuery } from '@isotherm/query';
import { encodePartials } from '@isotherm/rpc';
import type { Segment } from '@isotherm/segment';
import type { Interval } from '@isotherm/timeline';
import type { ColumnCache } from './column-cache.ts';
import { placeFault } from './place-fault.ts';
import type { RunReply, RunRequest, SegmentPlace } from './worker-messages.ts';

/** A segment that a worker holds. */
export interface HeldSegment {
  readonly segment: Segment;
  readonly place: SegmentPlace;
  readonly keepsColumns: boolean;
}

/** What a worker has for its runs. */
interface WorkerParts {
  readonly held: ReadonlyMap<string, HeldSegment>;
  readonly cache: ColumnCache;
  readonly dictionaries: SharedDictionaries;
  readonly clock: Clock;
  /** Bytes of on-demand columns that the worker keeps. */
  readonly columnCacheBytes: number;
  /** Rows a kernel handles at a time. */
  readonly batchRows?: number;
}

type HeldPiece = RunPiece & { readonly held: HeldSegment };

/**
 * Runs a query, or a part of one, over the segments of a request that the worker holds.
 *
 * @throws CancelledError, TimeoutError, or what the query itself ran into
 */
export async function runHeldSegments(request: RunRequest, parts: WorkerParts): Promise<RunReply> {
  const { runId, queryId, timeoutMs, part } = request;
  const parsed = parseQuery(JSON.parse(request.query), { queryId, timeoutMs });
  const query = part.type === 'groups' ? ofGroups(parsed, part.values) : parsed;
  const { dictionaries, batchRows = defaultBatchRows } = parts;
  const checkpoint = checkpointOf(request, parts.clock);
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
    touchColumns(query, pieces, parts);
    [pieces, demandedBytes] = [[], 0];
  };
  let isCut = false;
  for (const { segmentKey, intervals } of request.segments) {
    checkpoint();
    const found = parts.held.get(segmentKey);
    const fault = found === undefined ? 'absent' : await loadColumns(query, found, intervals);
    if (found === undefined || fault !== null) {
      missingKeys.push(segmentKey);
      if (fault instanceof CorruptSegmentError) damaged.push({ segmentKey, reason: fault.message });
      continue;
    }
    // Segments run together, as far as their columns fit where columns on demand may stay.
    if (demandedBytes > parts.columnCacheBytes) {
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

/** Notes the use of columns that are loaded on demand, and unloads what is too much. */
function touchColumns(query: Query, pieces: readonly HeldPiece[], parts: WorkerParts): void {
  for (const { segmentId, segment, intervals, held } of pieces) {
    // A segment that was dropped while its columns were read goes with this run.
    if (!held.keepsColumns && parts.held.get(segmentId) === held) {
      parts.cache.touch(segmentId, segment, neededColumns(query, segment, intervals));
    }
  }
  parts.cache.trim();
}

function neededBytes(query: Query, segment: Segment, intervals: readonly Interval[]): number {
  const names = neededColumns(query, segment, intervals);
  return names.reduce((sum, name) => sum + segment.columnBytes(name), 0);
}

/**
 * Brings the columns of a query into memory.
 *
 * @returns null, or why the segment cannot answer: a CorruptSegmentError when its local copy is
 *   damaged, another error when deep storage does not give it now
 */
async function loadColumns(
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
