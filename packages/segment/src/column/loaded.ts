/** The uncompressed blocks of one column, on their way to typed arrays. */
import { CorruptSegmentError } from '@isotherm/errors';
import type { NarrowUnsigned } from '../columns.ts';
import type { BlockRole } from '../format.ts';

/** Verified blocks by role. */
export interface LoadedBlocks {
  /** A block that must be there. @throws CorruptSegmentError if it is not */
  bytes(role: BlockRole): Uint8Array;
  /** The validity bitmap, or null without one. @throws CorruptSegmentError if it is too short */
  validity(rowCount: number): Uint8Array | null;
  /** `column/role`, for messages. */
  nameOf(role: BlockRole): string;
}

/** Wraps the blocks of a column. */
export function loadedBlocks(
  column: string,
  blocks: ReadonlyMap<BlockRole, Uint8Array>,
): LoadedBlocks {
  const nameOf = (role: BlockRole) => `${column}/${role}`;
  return {
    nameOf,
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
  if (greatest >= size) {
    throw new CorruptSegmentError(
      `Block "${name}" refers to entry ${greatest} of a dictionary of ${size}.`,
    );
  }
}

/** -1 for no ids. One loop a width: a loop that meets three kinds of array runs ten times slower. */
function greatestId(ids: NarrowUnsigned): number {
  let greatest = -1;
  if (ids instanceof Uint8Array) {
    for (let row = 0; row < ids.length; row++) if (ids[row] > greatest) greatest = ids[row];
  } else if (ids instanceof Uint16Array) {
    for (let row = 0; row < ids.length; row++) if (ids[row] > greatest) greatest = ids[row];
  } else {
    for (let row = 0; row < ids.length; row++) if (ids[row] > greatest) greatest = ids[row];
  }
  return greatest;
}

/** Checks that offsets rise from 0 to `last`, which is below 2^31. @throws CorruptSegmentError otherwise */
export function checkOffsets(offsets: Int32Array | Uint32Array, last: number, name: string): void {
  // One kind of array for the loop, as above; an offset of 2^31 or more falls below 0.
  const signed = new Int32Array(offsets.buffer, offsets.byteOffset, offsets.length);
  let falls = signed.length === 0 || signed[0] !== 0 || signed[signed.length - 1] !== last;
  for (let index = 1; index < signed.length; index++) {
    if (signed[index] < signed[index - 1]) falls = true;
  }
  if (falls) throw new CorruptSegmentError(`Block "${name}" does not rise from 0 to ${last}.`);
}
