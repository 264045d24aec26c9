/** The uncompressed blocks of one column, on their way to typed arrays. */
import { CorruptSegmentError } from '@isotherm/errors';
import { greatestId, neverFalls } from '@isotherm/kernels';
import type { NarrowUnsigned } from '../columns.ts';
import type { BlockRole } from '../format.ts';

/** Verified blocks by role. */
export interface LoadedBlocks {
  /** A block that must be there. @throws CorruptSegmentError if it is not */
  bytes(role: BlockRole): Uint8Array;
  has(role: BlockRole): boolean;
  /** The validity bitmap, or null without one. @throws CorruptSegmentError if it is too short */
  validity(rowCount: number): Uint8Array | null;
  /** `column/role`, for messages. */
  nameOf(role: BlockRole): string;
  /**
   * Makes bytes that other blocks imply, when they are first asked for; they count as part of the
   * column and go with it. `fill` gets zeros or anything else and writes all of them.
   */
  derive(key: string, byteLength: number, fill: (bytes: Uint8Array) => void): Uint8Array;
}

/** Wraps the blocks of a column. */
export function loadedBlocks(
  column: string,
  blocks: ReadonlyMap<BlockRole, Uint8Array>,
  derive: LoadedBlocks['derive'],
): LoadedBlocks {
  const nameOf = (role: BlockRole) => `${column}/${role}`;
  return {
    nameOf,
    derive,
    has: (role) => blocks.has(role),
    bytes(role) {
      const bytes = blocks.get(role);
      if (bytes === undefined) {
        throw new CorruptSegmentError(`Block "${nameOf(role)}" is not in the directory.`);
      }
      return bytes;
    },
    validity(rowCount) {
      const bits = blocks.get('validity') ?? null;
      if (bits !== null && bits.length !== (rowCount + 7) >> 3) {
        throw new CorruptSegmentError(
          `Block "${nameOf('validity')}" holds ${bits.length} bytes for ${rowCount} rows.`,
        );
      }
      return bits;
    },
  };
}

/** Checks that ids are below a dictionary's size. @throws CorruptSegmentError otherwise */
export function checkIds(ids: NarrowUnsigned, size: number, name: string): void {
  const greatest = greatestId(ids);
  if (ids.length > 0 && greatest >= size) {
    throw new CorruptSegmentError(
      `Block "${name}" refers to entry ${greatest} of a dictionary of ${size}.`,
    );
  }
}

/** Checks that offsets rise from 0 to `last`, which is below 2^31. @throws CorruptSegmentError otherwise */
export function checkOffsets(offsets: Int32Array | Uint32Array, last: number, name: string): void {
  // An offset of 2^31 or more falls below 0.
  const signed = new Int32Array(offsets.buffer, offsets.byteOffset, offsets.length);
  const isWhole = signed.length > 0 && signed[0] === 0 && signed[signed.length - 1] === last;
  if (isWhole && neverFalls(signed)) return;
  throw new CorruptSegmentError(`Block "${name}" does not rise from 0 to ${last}.`);
}
