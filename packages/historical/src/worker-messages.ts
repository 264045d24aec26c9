/** What the main thread and its workers say to each other. Everything here can be sent to a thread. */
import type { ErrorJson } from '@isotherm/errors';
import type { Leaders, TextSpans } from '@isotherm/engine';
import type { SegmentsRequest } from '@isotherm/rpc';

/** Where a worker reads a segment: a file of the node's cache, or an object of deep storage. */
export interface SegmentPlace {
  readonly type: 'file' | 'object';
  readonly path: string;
  readonly byteLength: number;
}

/** Loads, drops, or runs a query. */
export type WorkerRequest =
  | {
      readonly type: 'load';
      readonly segmentKey: string;
      readonly place: SegmentPlace;
      /** Load all columns now and keep them; else each on demand, within the worker's cache. */
      readonly keepsColumns: boolean;
    }
  | { readonly type: 'drop'; readonly segmentKey: string }
  | RunRequest;

/** A query over segments that one worker holds. */
export interface RunRequest {
  readonly type: 'run';
  readonly runId: number;
  /** JSON text: a thread gets it for the price of a copy, and parses it once. */
  readonly query: string;
  readonly queryId: string;
  readonly segments: SegmentsRequest['segments'];
  readonly part: RunPart;
  /** Counts from when the worker starts on it. */
  readonly timeoutMs: number;
  /** Shared, one number; anything but 0 stops the run at the next batch. */
  readonly cancelled: Int32Array;
}

/** How much of a query's groups a run is to give. */
export type RunPart =
  /** All: other workers or nodes have rows of the query too. */
  | { readonly type: 'every' }
  /** Nobody else has rows of the query: groups that cannot be in its answer may be left out. */
  | { readonly type: 'answer' }
  /** Those with the greatest metric, of one of several shares of the rows; all where there are no such. */
  | { readonly type: 'leaders'; readonly shareCount: number }
  /** Those of some values of the only dimension; `startMs` is the start of the only bucket over all groups. */
  | {
      readonly type: 'groups';
      readonly values: readonly (string | null)[];
      readonly startMs: number;
    };

/** Answers to requests; a drop has none. */
export type WorkerReply =
  | { readonly type: 'loaded'; readonly segmentKey: string; readonly spans: TextSpans }
  | { readonly type: 'loadFailed'; readonly segmentKey: string; readonly failure: WorkerFailure }
  | RunReply
  | { readonly type: 'runFailed'; readonly runId: number; readonly failure: WorkerFailure };

/** What a run came to. */
export interface RunReply {
  readonly type: 'ran';
  readonly runId: number;
  /** Partial results in the form of rpc's `encodePartials`. */
  readonly bytes: Uint8Array;
  readonly scannedRows: number;
  /** Segments of the request that did not answer: not loaded here, or unreadable. */
  readonly missingKeys: readonly string[];
  /** Those of them whose local copy is damaged. */
  readonly damaged: readonly { readonly segmentKey: string; readonly reason: string }[];
  /** Given when `bytes` hold leaders alone, with nothing but the metric: facts of the engine's `Leaders`. */
  readonly leaders: Omit<Leaders, 'partial'> | null;
}

/** An error on its way out of a worker. */
export interface WorkerFailure {
  readonly error: ErrorJson;
  /** Text for the log of the node when the error is a bug; never sent to callers. */
  readonly unexpected: string | null;
}
