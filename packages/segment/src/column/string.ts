/**
 * Text columns with one value a row: dictionary<uintN, utf8>.
 *
 *   dictionaryOffsets, dictionaryValues   see dictionary.ts
 *   validity      one bit a row, 0 = null; for other readers, ours knows null as id 0
 *   values        ids, uint8 to uint32, [rowCount]
 *   indexOffsets, indexRows               see index/ranges.ts and index/postings.ts
 */
import { CorruptSegmentError, InvariantError } from '@isotherm/errors';
import type { ColumnStatistics, StringColumn, StringIndex } from '../columns.ts';
import { dictionaryEntries, encodeDictionary, openDictionary } from '../dictionary.ts';
import type { ColumnLayout } from '../format.ts';
import { buildPostings, decodePostings, deservesPostings } from '../index/postings.ts';
import { buildStarts, decodeRanges, isClustered } from '../index/ranges.ts';
import type { ColumnInput, TextEntries } from '../input.ts';
import { bytesOf, idWidth, indexBits, mapArray, narrowIds, packValidity } from '../typed-arrays.ts';
import { absentBuffer, type EncodedColumn, type RoleBytes, validityBuffer } from './encoded.ts';
import { checkIds, checkOffsets, type LoadedBlocks } from './loaded.ts';

/** Encodes a text column; picks its index. */
export function encodeStrings(
  name: string,
  input: Extract<ColumnInput, { type: 'string' }>,
): EncodedColumn {
  const { dictionary, ids } = input;
  const entries = dictionaryEntries(name, dictionary);
  const { hasNull } = entries;
  const size = entries.offsets.length - 1;
  checkUse(name, ids, size);
  const nullCount = hasNull ? countZeros(ids) : 0;
  const { index, own } = buildIndex(ids, size);
  return {
    name,
    layout: { type: 'string', dictionarySize: size, hasNull, width: idWidth(size), index },
    statistics: textStatistics(dictionary, nullCount),
    field: {
      name,
      nullable: true,
      type: { type: 'utf8' },
      dictionary: { id: 0, indexBits: indexBits(size) },
      metadata: [['isotherm.type', 'string']],
    },
    dictionary: {
      length: size,
      buffers: [
        absentBuffer,
        ['dictionaryOffsets', bytesOf(entries.offsets)],
        ['dictionaryValues', entries.bytes],
      ],
    },
    nodes: [{ length: ids.length, nullCount }],
    buffers: [
      validityBuffer(nullCount === 0 ? null : nonZeroBits(ids)),
      ['values', bytesOf(narrowIds(ids, size))],
    ],
    own,
  };
}

/** Maps the blocks of a text column. @throws CorruptSegmentError if lengths, offsets or ids are wrong */
export function decodeStrings(
  blocks: LoadedBlocks,
  layout: Extract<ColumnLayout, { type: 'string' }>,
  rowCount: number,
): StringColumn {
  const name = blocks.nameOf('values');
  const ids = mapArray(blocks.bytes('values'), layout.width, rowCount, name);
  checkIds(ids, layout.dictionarySize, name);
  return {
    type: 'string',
    dictionary: decodeDictionary(blocks, layout),
    ids,
    index: decodeIndex(blocks, layout, rowCount),
  };
}

/** Maps the dictionary of a text column of either kind. @throws CorruptSegmentError if an offset is wrong */
export function decodeDictionary(
  blocks: LoadedBlocks,
  layout: { readonly dictionarySize: number; readonly hasNull: boolean },
) {
  const name = blocks.nameOf('dictionaryOffsets');
  const offsets = mapArray(
    blocks.bytes('dictionaryOffsets'),
    'int32',
    layout.dictionarySize + 1,
    name,
  );
  const bytes = blocks.bytes('dictionaryValues');
  checkOffsets(offsets, bytes.length, name);
  if (layout.hasNull && offsets[1] !== 0) {
    throw new CorruptSegmentError(`Block "${name}" has no empty first entry to stand for null.`);
  }
  return openDictionary({ offsets, bytes }, layout.hasNull);
}

/** Maps the index that the layout names. @throws CorruptSegmentError if it does not fit the column */
export function decodeIndex(
  blocks: LoadedBlocks,
  layout: { readonly dictionarySize: number; readonly index: 'ranges' | 'postings' | null },
  rowCount: number,
): StringIndex | null {
  switch (layout.index) {
    case null:
      return null;
    case 'ranges':
      return decodeRanges(blocks, layout.dictionarySize, rowCount);
    case 'postings':
      return decodePostings(blocks, layout.dictionarySize, rowCount);
  }
}

/** The buffers of a dictionary batch of text. */
export function dictionaryBuffers(
  name: string,
  dictionary: readonly (string | null)[],
): RoleBytes[] {
  const { offsets, bytes } = encodeDictionary(name, dictionary);
  return [absentBuffer, ['dictionaryOffsets', bytesOf(offsets)], ['dictionaryValues', bytes]];
}

/** Figures of text: first and last entry, number of entries. */
export function textStatistics(
  dictionary: readonly (string | null)[] | TextEntries,
  nullCount: number,
): ColumnStatistics {
  const isBytes = 'offsets' in dictionary;
  return {
    nullCount,
    distinctCount: isBytes ? dictionary.offsets.length - 1 : dictionary.length,
    min: isBytes
      ? textAt(dictionary, Number(dictionary.hasNull))
      : (dictionary.find((entry) => entry !== null) ?? null),
    max: isBytes
      ? textAt(dictionary, dictionary.offsets.length - 2)
      : (dictionary.at(-1) ?? null),
    sum: null,
    sumError: null,
  };
}

function textAt({ offsets, bytes, hasNull }: TextEntries, entry: number): string | null {
  if (entry < Number(hasNull) || entry >= offsets.length - 1) return null;
  return Buffer.from(bytes.subarray(offsets[entry], offsets[entry + 1])).toString();
}

/** Checks that ids stay below `size` and use every entry. @throws InvariantError otherwise */
export function checkUse(name: string, ids: Uint32Array, size: number): void {
  const used = new Uint8Array(size);
  let outside = false;
  for (let at = 0; at < ids.length; at++) {
    if (ids[at] < size) used[ids[at]] = 1;
    else outside = true;
  }
  if (outside || used.includes(0)) {
    throw new InvariantError(
      outside
        ? `Column "${name}" refers to an entry behind the end of its dictionary of ${size}.`
        : `Column "${name}" does not use entry ${used.indexOf(0)} of its dictionary.`,
    );
  }
}

/** A validity bitmap of ids, where id 0 is null. */
export function nonZeroBits(ids: Uint32Array): Uint8Array {
  const nulls = new Uint8Array(ids.length);
  for (let at = 0; at < ids.length; at++) nulls[at] = ids[at] === 0 ? 1 : 0;
  return packValidity(nulls);
}

/** Number of ids that are 0. */
export function countZeros(ids: Uint32Array): number {
  let count = 0;
  for (let at = 0; at < ids.length; at++) count += ids[at] === 0 ? 1 : 0;
  return count;
}

function buildIndex(
  ids: Uint32Array,
  size: number,
): { index: 'ranges' | 'postings' | null; own: RoleBytes[] } {
  if (isClustered(ids)) {
    return { index: 'ranges', own: [['indexOffsets', bytesOf(buildStarts(ids, size))]] };
  }
  if (!deservesPostings(size, ids.length)) return { index: null, own: [] };
  const { offsets, rows } = buildPostings(ids, size);
  return {
    index: 'postings',
    own: [
      ['indexOffsets', bytesOf(offsets)],
      ['indexRows', bytesOf(rows)],
    ],
  };
}
