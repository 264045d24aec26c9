/** Whose fault it is that a segment could not be read. */
import {
  CorruptSegmentError,
  type IsothermError,
  NotFoundError,
  StoreError,
  UnavailableError,
} from '@isotherm/errors';
import type { SegmentPlace } from './worker-messages.ts';

/** Faults of a disk that say that the copy is bad, not that the node is out of files or rights. */
const copyFaults: readonly string[] = ['SHORT_FILE', 'DISK_FAILED'];

/**
 * Judges why a segment could not be read: a local copy that is gone or cannot be read is as bad as a
 * wrong one and is fetched again; deep storage may just be away.
 *
 * @returns null for what is no fault of the place, such as a bug
 */
export function placeFault(error: unknown, place: SegmentPlace): IsothermError | null {
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
