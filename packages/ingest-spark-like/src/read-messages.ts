/** What passes between a job and the threads that read its inputs. */
import type { ErrorJson } from '@isotherm/errors';
import type { BadRow } from './bad-rows.ts';
import type { BatchCounts } from './index-rows.ts';
import type { Input } from './read/open-batches.ts';
import type { Run } from './runs/run.ts';
import type { IngestionLimits, IngestionSpec } from './spec/ingestion-spec.ts';

/** What a thread is started with. */
export interface ReadTask {
  readonly spec: IngestionSpec;
  readonly limits: IngestionLimits;
}

/** Told to a thread: an input to read, that there is no more, or that its run was taken. */
export type ReadRequest =
  | { readonly type: 'read'; readonly place: number; readonly input: Input }
  | { readonly type: 'finish' }
  | { readonly type: 'taken' };

/** Bad rows of one input: the first of them, and how many others. */
export interface BadRowNews {
  readonly rows: readonly (BadRow & { readonly rowCount: number })[];
  readonly others: number;
}

/** Told by a thread. */
export type ReadNews =
  /** It waits for an input. */
  | { readonly type: 'ready' }
  /** Since the last time, of the input at `place`. */
  | {
      readonly type: 'progress';
      readonly place: number;
      readonly bytes: number;
      readonly counts: BatchCounts;
      readonly bad: BadRowNews;
    }
  /** A run; it waits until that is taken. */
  | { readonly type: 'run'; readonly run: Run }
  | {
      readonly type: 'done';
      readonly rest: Run | null;
      readonly seen: readonly string[];
      readonly found: readonly string[];
    }
  | { readonly type: 'failed'; readonly error: ErrorJson };
