/**
 * Text columns with one value a row: dictionary<uintN, utf8>.
 *
 *   dictionaryOffsets, dictionaryValues   see dictionary.ts
 *   validity      one bit a row, 0 = null; for other readers, ours knows null as id 0
 *   values        ids, uint8 to uint32, [rowCount]
 *   indexOffsets, indexRows               see index/ranges.ts and index/postings.ts
 */
import { CorruptSegmentError, InvariantError } from '@isotherm/errors';
import type { Postings } from '@isotherm/kernels';
import type { ColumnStatistics, NarrowUnsigned, StringColumn, StringIndex } from '../columns.ts';
import { dictionaryEntries, openDictionary } from '../dictionary.ts';
import type { BlockRole, ColumnLayout, TextIndex } from '../format.ts';
import { buildPostings, decodePostings, decodeSteps, deservesPostings } from '../index/postings.ts';
import { buildStarts, decodeRanges, isClustered } from '../index/ranges.ts';
import type { ColumnInput, TextEntries } from '../input.ts';
import {
  bytesOf,
  idWidth,
  mapArray,
  narrowIds,
  packValidity,
  widthBytes,
} from '../typed-arrays.ts';
import { blocksOf, type EncodedColumn } from './encoded.ts';
import { checkIds, checkOffsets, type LoadedBlocks } from './loaded.ts';

/** Encodes a text column; picks its index. */
export function encodeStrings(
  name: string,
  input: Extract<ColumnInput, { type: 'string' }>,
): EncodedColumn {
  const { dictionary, ids } = input;
  const text = encodeText(name, dictionary);
  const { size, hasNull } = text;
  checkUse(name, ids, size);
  const nullCount = hasNull ? countZeros(ids) : 0;
  const { index, own } = buildIndex(ids, size);
  return {
    name,
    layout: {
      type: 'string',
      dictionarySize: size,
      hasNull,
      entryBytes: text.entryBytes,
      width: idWidth(size),
      index,
    },
    statistics: textStatistics(dictionary, nullCount),
    blocks: blocksOf({
      ...text.blocks,
      validity: nullCount === 0 ? null : nonZeroBits(ids),
      values: bytesOf(narrowIds(ids, size)),
      ...own,
    }),
  };
}

/** Maps the blocks of a text column. @throws CorruptSegmentError if lengths, offsets or ids are wrong */
export function decodeStrings(
  blocks: LoadedBlocks,
  layout: Extract<ColumnLayout, { type: 'string' }>,
  rowCount: number,
): StringColumn {
  const dictionary = decodeDictionary(blocks, layout);
  const index = decodeIndex(blocks, layout, rowCount);
  let ids = index?.type === 'ranges' ? null : decodeIds(blocks, layout, rowCount);
  return {
    type: 'string',
    dictionary,
    index,
    get ids() {
      ids ??=
        index?.type === 'ranges' ? idsOfRanges(blocks, layout, index.starts) : narrowIds([], 0);
      return ids;
    },
  };
}

function decodeIds(
  blocks: LoadedBlocks,
  layout: Extract<ColumnLayout, { type: 'string' }>,
  rowCount: number,
): NarrowUnsigned {
  const name = blocks.nameOf('values');
  const ids = mapArray(blocks.bytes('values'), layout.width, rowCount, name);
  checkIds(ids, layout.dictionarySize, name);
  return ids;
}

/** Writes the ids of a clustered column out, which its ranges imply. */
function idsOfRanges(
  blocks: LoadedBlocks,
  { width }: Extract<ColumnLayout, { type: 'string' }>,
  starts: Uint32Array,
): NarrowUnsigned {
  const rowCount = starts[starts.length - 1];
  const map = (bytes: Uint8Array) => mapArray(bytes, width, rowCount, blocks.nameOf('values'));
  return map(
    blocks.derive('values', rowCount * widthBytes(width), (bytes) => {
      const ids = map(bytes);
      let row = 0;
      for (let id = 0; id + 1 < starts.length; id++) {
        for (const end = starts[id + 1]; row < end; row++) ids[row] = id;
      }
    }),
  );
}

/** Maps the dictionary of a text column of either kind. @throws CorruptSegmentError if an offset is wrong */
export function decodeDictionary(
  blocks: LoadedBlocks,
  layout: Pick<
    Extract<ColumnLayout, { type: 'string' }>,
    'dictionarySize' | 'hasNull' | 'entryBytes'
  >,
) {
  const { dictionarySize: size, hasNull, entryBytes } = layout;
  const name = blocks.nameOf('dictionaryOffsets');
  const bytes = blocks.bytes('dictionaryValues');
  const map = (block: Uint8Array) => mapArray(block, 'int32', size + 1, name);
  if (entryBytes !== null) {
    const first = hasNull ? 1 : 0;
    if (bytes.length !== (size - first) * entryBytes) {
      throw new CorruptSegmentError(
        `Block "${blocks.nameOf('dictionaryValues')}" does not hold entries of ${entryBytes} bytes.`,
      );
    }
    const makeOffsets = (): Int32Array =>
      map(
        blocks.derive('dictionaryOffsets', (size + 1) * 4, (block) => {
          const offsets = map(block);
          for (let id = 0; id <= size; id++) offsets[id] = Math.max(0, id - first) * entryBytes;
        }),
      );
    return openDictionary({ size, bytes, entryBytes, makeOffsets }, hasNull);
  }
  const offsets = map(blocks.bytes('dictionaryOffsets'));
  checkOffsets(offsets, bytes.length, name);
  if (hasNull && offsets[1] !== 0) {
    throw new CorruptSegmentError(`Block "${name}" has no empty first entry to stand for null.`);
  }
  return openDictionary({ size, bytes, entryBytes, makeOffsets: () => offsets }, hasNull);
}

/** Maps the index that the layout names. @throws CorruptSegmentError if it does not fit the column */
export function decodeIndex(
  blocks: LoadedBlocks,
  layout: { readonly dictionarySize: number; readonly index: TextIndex | null },
  rowCount: number,
): StringIndex | null {
  switch (layout.index) {
    case null:
      return null;
    case 'ranges':
      return decodeRanges(blocks, layout.dictionarySize, rowCount);
    case 'steps':
      return decodeSteps(blocks, layout.dictionarySize, rowCount);
    case 'postings':
      return decodePostings(blocks, layout.dictionarySize, rowCount);
  }
}

/** The blocks of a dictionary, and the bytes of an entry where all but that of null are as long. */
export function encodeText(
  name: string,
  dictionary: readonly (string | null)[] | TextEntries,
): {
  readonly blocks: Partial<Record<BlockRole, Uint8Array>>;
  readonly entryBytes: number | null;
  readonly size: number;
  readonly hasNull: boolean;
} {
  const { offsets, bytes, hasNull } = dictionaryEntries(name, dictionary);
  const first = hasNull ? 1 : 0;
  const entryBytes = offsets.length > first + 1 ? offsets[first + 1] : 0;
  let isEven = true;
  for (let id = first; id + 1 < offsets.length; id++) {
    if (offsets[id + 1] - offsets[id] !== entryBytes) isEven = false;
  }
  return {
    blocks: { dictionaryOffsets: bytesOf(offsets), dictionaryValues: bytes },
    entryBytes: isEven ? entryBytes : null,
    size: offsets.length - 1,
    hasNull,
  };
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
    max: isBytes ? textAt(dictionary, dictionary.offsets.length - 2) : (dictionary.at(-1) ?? null),
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

/** The blocks of an index. */
export type IndexBlocks = Partial<Record<'indexOffsets' | 'indexRows', Uint8Array>>;

/** Postings as blocks. */
export function indexBlocks({ offsets, steps }: Postings): IndexBlocks {
  return { indexOffsets: bytesOf(offsets), indexRows: bytesOf(steps) };
}

function buildIndex(
  ids: Uint32Array,
  size: number,
): { index: 'ranges' | 'steps' | null; own: IndexBlocks } {
  if (isClustered(ids)) {
    return { index: 'ranges', own: { indexOffsets: bytesOf(buildStarts(ids, size)) } };
  }
  if (!deservesPostings(size, ids.length)) return { index: null, own: {} };
  return { index: 'steps', own: indexBlocks(buildPostings(ids, size)) };
}
