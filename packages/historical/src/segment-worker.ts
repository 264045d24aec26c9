/**
 * What a worker does: it owns a share of the node's segments, runs queries over them one after the
 * other, merges its own partial results and encodes them. It sees bytes and messages, never sockets,
 * and is the same in a thread and in process.
 */
import { InvariantError, IsothermError, errorToJson } from '@isotherm/errors';
import { SharedDictionaries } from '@isotherm/engine';
import type { Clock } from '@isotherm/platform';
import { type ByteSource, type ColumnMemory, openSegment } from '@isotherm/segment';
import { ColumnCache } from './column-cache.ts';
import { placeFault } from './place-fault.ts';
import { type HeldSegment, runHeldSegments } from './run-held-segments.ts';
import type { SegmentPlace, WorkerFailure, WorkerReply, WorkerRequest } from './worker-messages.ts';

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

/** Makes a worker without segments. Requests of type `run` must come one at a time. */
export function segmentWorker(options: SegmentWorkerOptions): SegmentWorker {
  const held = new Map<string, HeldSegment>();
  const cache = new ColumnCache(options.columnCacheBytes);
  const dictionaries = new SharedDictionaries({
    memory: options.memory,
    limitBytes: sharedDictionaryBytes,
  });
  // Columns lie in kernel memory, which nobody collects: a dropped segment frees them, but not
  // while a run may be reading it.
  const dropped: HeldSegment[] = [];
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
          return await runHeldSegments(request, { ...options, held, cache, dictionaries });
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

function toFailure(error: unknown): WorkerFailure {
  const isBug = !(error instanceof IsothermError) || error instanceof InvariantError;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { error: errorToJson(error), unexpected: isBug ? text : null };
}
