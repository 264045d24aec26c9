/**
 * hyperUnique columns: one sketch image of Druid's version 1 a row, as Arrow binary.
 *
 *   validity  one bit a row, 0 where the image is empty; for other readers, ours needs only lengths
 *   offsets   i32 [rowCount + 1]
 *   values    the images one after the other
 */
import { InvalidInputError } from '@isotherm/errors';
import type { HyperUniqueColumn } from '../columns.ts';
import type { ColumnInput } from '../input.ts';
import { bytesOf, mapArray, packValidity } from '../typed-arrays.ts';
import { blocksOf, type EncodedColumn } from './encoded.ts';
import { checkOffsets, type LoadedBlocks } from './loaded.ts';

/** Bytes that int32 offsets reach. */
export const offsetLimit = 2 ** 31 - 1;

/** Encodes a sketch column. @throws InvalidInputError if the images exceed 2 GiB */
export function encodeHyperUniques(
  name: string,
  input: Extract<ColumnInput, { type: 'hyperUnique' }>,
): EncodedColumn {
  const { images } = input;
  const offsets = new Int32Array(images.length + 1);
  const nulls = new Uint8Array(images.length);
  let total = 0;
  let nullCount = 0;
  for (const [row, image] of images.entries()) {
    total += image.length;
    if (total > offsetLimit) {
      throw new InvalidInputError(
        `Column "${name}" has more than 2 GiB of sketches in one segment. Use fewer rows a segment.`,
      );
    }
    offsets[row + 1] = total;
    nulls[row] = image.length === 0 ? 1 : 0;
    nullCount += nulls[row];
  }
  const values = new Uint8Array(total);
  for (const [row, image] of images.entries()) values.set(image, offsets[row]);
  return {
    name,
    layout: { type: 'hyperUnique' },
    statistics: {
      nullCount,
      distinctCount: null,
      min: null,
      max: null,
      sum: null,
      sumError: null,
    },
    blocks: blocksOf({
      validity: nullCount === 0 ? null : packValidity(nulls),
      offsets: bytesOf(offsets),
      values,
    }),
  };
}

/** Maps the blocks of a sketch column; images are checked when they are folded. @throws CorruptSegmentError if an offset is wrong */
export function decodeHyperUniques(blocks: LoadedBlocks, rowCount: number): HyperUniqueColumn {
  const name = blocks.nameOf('offsets');
  const offsets = mapArray(blocks.bytes('offsets'), 'int32', rowCount + 1, name);
  const bytes = blocks.bytes('values');
  checkOffsets(offsets, bytes.length, name);
  return { type: 'hyperUnique', offsets, bytes };
}
