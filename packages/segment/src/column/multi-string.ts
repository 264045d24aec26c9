/**
 * Text columns with any number of values a row: list<dictionary<uintN, utf8>>.
 *
 *   dictionaryOffsets, dictionaryValues   see dictionary.ts
 *   offsets       i32 [rowCount + 1]
 *   itemValidity  one bit a value, 0 = null; for other readers
 *   values        ids, [itemCount]
 *   indexOffsets, indexRows               see index/postings.ts
 */
import { InvalidInputError } from '@isotherm/errors';
import type { MultiStringColumn } from '../columns.ts';
import type { ColumnLayout } from '../format.ts';
import { buildListPostings, deservesPostings } from '../index/postings.ts';
import type { ColumnInput } from '../input.ts';
import { bytesOf, idWidth, mapArray, narrowIds } from '../typed-arrays.ts';
import { blocksOf, type EncodedColumn } from './encoded.ts';
import { offsetLimit } from './hyper-unique.ts';
import { checkIds, checkOffsets, type LoadedBlocks } from './loaded.ts';
import {
  checkUse,
  countZeros,
  decodeDictionary,
  decodeIndex,
  encodeText,
  type IndexBlocks,
  indexBlocks,
  nonZeroBits,
  textStatistics,
} from './string.ts';

/** Encodes a multi-value text column. @throws InvalidInputError if it has 2^31 values or more */
export function encodeMultiStrings(
  name: string,
  input: Extract<ColumnInput, { type: 'strings' }>,
): EncodedColumn {
  const { dictionary, offsets, ids } = input;
  const size = dictionary.length;
  const hasNull = dictionary[0] === null;
  if (ids.length > offsetLimit) {
    throw new InvalidInputError(
      `Column "${name}" has 2^31 values or more in one segment. Use fewer rows a segment.`,
    );
  }
  checkUse(name, ids, size);
  const nullItems = hasNull ? countZeros(ids) : 0;
  const { index, own } = buildIndex(offsets, ids, size);
  const text = encodeText(name, dictionary);
  return {
    name,
    layout: {
      type: 'strings',
      dictionarySize: size,
      hasNull,
      entryBytes: text.entryBytes,
      width: idWidth(size),
      itemCount: ids.length,
      index,
    },
    statistics: textStatistics(dictionary, countNullRows(offsets, ids, hasNull)),
    blocks: blocksOf({
      ...text.blocks,
      offsets: bytesOf(new Int32Array(offsets)),
      itemValidity: nullItems === 0 ? null : nonZeroBits(ids),
      values: bytesOf(narrowIds(ids, size)),
      ...own,
    }),
  };
}

/** Maps the blocks of a multi-value text column. @throws CorruptSegmentError if lengths, offsets or ids are wrong */
export function decodeMultiStrings(
  blocks: LoadedBlocks,
  layout: Extract<ColumnLayout, { type: 'strings' }>,
  rowCount: number,
): MultiStringColumn {
  const offsetsName = blocks.nameOf('offsets');
  const offsets = mapArray(blocks.bytes('offsets'), 'int32', rowCount + 1, offsetsName);
  checkOffsets(offsets, layout.itemCount, offsetsName);
  const name = blocks.nameOf('values');
  const ids = mapArray(blocks.bytes('values'), layout.width, layout.itemCount, name);
  checkIds(ids, layout.dictionarySize, name);
  return {
    type: 'strings',
    dictionary: decodeDictionary(blocks, layout),
    offsets,
    ids,
    index: decodeIndex(blocks, layout, rowCount),
  };
}

/** Rows that Druid reads as null: an empty list, or one that holds nothing but a null. */
function countNullRows(offsets: Uint32Array, ids: Uint32Array, hasNull: boolean): number {
  let count = 0;
  for (let row = 0; row + 1 < offsets.length; row++) {
    const length = offsets[row + 1] - offsets[row];
    if (length === 0 || (length === 1 && hasNull && ids[offsets[row]] === 0)) count++;
  }
  return count;
}

function buildIndex(
  rowOffsets: Uint32Array,
  ids: Uint32Array,
  size: number,
): { index: 'steps' | null; own: IndexBlocks } {
  if (!deservesPostings(size, ids.length)) return { index: null, own: {} };
  return {
    index: 'steps',
    own: indexBlocks(buildListPostings(rowOffsets, ids, size)),
  };
}
