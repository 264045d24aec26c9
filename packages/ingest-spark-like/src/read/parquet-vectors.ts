/**
 * DuckDB's vectors as columns, straight from their bytes.
 *
 *   numbers   8 bytes a value
 *   text      16 bytes a value: length (u32), then up to 12 bytes of text, or a prefix and a pointer
 *   validity  a bit a value, 0 = null; absent when there is no null
 *
 * A text behind a pointer costs a call of its own. So beside the text itself come its pieces of 12 signs:
 * when each is as long in bytes as in signs they make the text up, and no call is needed.
 */
import type { InputColumn } from './input-batch.ts';

/** Bytes that a text may have to lie inside its vector. */
export const inlineBytes = 12;
/** Words of 32 bits that a vector has for each text, and those of them that hold the text. */
const wordsPerText = 4;
const inlineWords = 3;

/** What a vector is read as. */
export type VectorKind = 'text' | 'long' | 'double' | 'list';

/** What is needed of a vector; all but `getItem` are fields that its type does not show. */
interface Vector {
  getItem(index: number): unknown;
  readonly dataView?: DataView;
  readonly items?: unknown;
  readonly validity?: { readonly data: unknown; readonly offset: number };
}

/** Arrays of one text column that each vector overwrites. */
export interface TextSpace {
  starts: Int32Array;
  ends: Int32Array;
  text: Uint32Array<ArrayBuffer>;
}

/** Space for a column, without room yet. */
export function textSpace(): TextSpace {
  return { starts: new Int32Array(), ends: new Int32Array(), text: new Uint32Array() };
}

/**
 * Copies a vector into a column.
 *
 * @param sources   the vector, then those of its pieces
 * @param space     this column's; a text column lies in it until the next one is loaded
 */
export function loadColumn(
  sources: readonly unknown[],
  kind: VectorKind,
  rowCount: number,
  space: TextSpace,
): InputColumn {
  // The vectors hold these fields at run time; without them `getItem` serves.
  const [vector, ...pieces] = sources as [Vector, ...Vector[]];
  switch (kind) {
    case 'text':
      return loadText(vector, pieces, rowCount, space);
    case 'long':
      return { type: 'long', ...loadNumbers(vector, new BigInt64Array(rowCount), 0n) };
    case 'double':
      return { type: 'double', ...loadNumbers(vector, new Float64Array(rowCount), 0) };
    case 'list':
      return {
        type: 'values',
        values: Array.from({ length: rowCount }, (_, row) => {
          const item = vector.getItem(row);
          const isList = typeof item === 'object' && item !== null && 'items' in item;
          return isList ? item.items : null;
        }),
      };
  }
}

/** 1 for null, [rowCount]; null when there is none, undefined when the vector does not tell. */
function nullsOf({ validity }: Vector, rowCount: number): Uint8Array | null | undefined {
  if (validity?.data === null) return null;
  if (!(validity?.data instanceof BigUint64Array) || validity.offset !== 0) return undefined;
  const { buffer, byteOffset, length } = validity.data;
  const bits = new Uint32Array(buffer, byteOffset, length * 2);
  const nulls = new Uint8Array(rowCount);
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    nulls[row] = ((bits[row >> 5] >>> (row & 31)) & 1) ^ 1;
    count += nulls[row];
  }
  return count === 0 ? null : nulls;
}

function loadNumbers<Values extends BigInt64Array | Float64Array>(
  vector: Vector,
  values: Values,
  zero: Values[number],
): { values: Values; nulls: Uint8Array | null } {
  const known = nullsOf(vector, values.length);
  if (known !== undefined && vector.items instanceof values.constructor) {
    // The constructor is that of `values`.
    (values as Float64Array).set((vector.items as Float64Array).subarray(0, values.length));
    if (known === null) return { values, nulls: null };
    for (let row = 0; row < values.length; row++) if (known[row] === 1) values[row] = zero;
    return { values, nulls: known };
  }
  let nulls: Uint8Array | null = null;
  for (let row = 0; row < values.length; row++) {
    const item = vector.getItem(row);
    if (item === null) {
      nulls ??= new Uint8Array(values.length);
      nulls[row] = 1;
      values[row] = zero;
    } else {
      // The column was cast to the type of these values.
      values[row] = item as Values[number];
    }
  }
  return { values, nulls };
}

const encoder = new TextEncoder();

/** Texts in the order of the vector's words, then those that were put together, then those that were fetched. */
function loadText(
  vector: Vector,
  pieces: readonly Vector[],
  rowCount: number,
  space: TextSpace,
): InputColumn {
  const words = wordsOf(vector, rowCount);
  const nulls = nullsOf(vector, rowCount);
  const pieceWords = pieces.map((piece) => wordsOf(piece, rowCount) ?? new Uint32Array());
  const room = words === null ? 0 : rowCount * (wordsPerText + pieces.length * inlineWords);
  if (space.starts.length < rowCount) {
    space.starts = new Int32Array(rowCount);
    space.ends = new Int32Array(rowCount);
  }
  if (space.text.length < room) space.text = new Uint32Array(room);
  const { starts, ends, text } = space;
  if (words !== null) text.set(words);
  const fetched: Uint8Array[] = [];
  let end = text.length * 4;
  let at = rowCount * wordsPerText;
  for (let row = 0; row < rowCount; row++) {
    if (nulls?.[row] === 1) {
      starts[row] = -1;
      continue;
    }
    if (words !== null && nulls !== undefined) {
      const length = words[row * wordsPerText];
      if (length <= inlineBytes) {
        starts[row] = row * wordsPerText * 4 + 4;
        ends[row] = starts[row] + length;
        continue;
      }
      const used = joinPieces(pieceWords, row, length, text, at);
      if (used > 0) {
        starts[row] = at * 4;
        ends[row] = starts[row] + length;
        at += used;
        continue;
      }
    }
    const item = vector.getItem(row);
    if (typeof item !== 'string') {
      starts[row] = -1;
      continue;
    }
    const encoded = encoder.encode(item);
    starts[row] = end;
    end += encoded.length;
    ends[row] = end;
    fetched.push(encoded);
  }
  const bytes = withFetched(new Uint8Array(text.buffer), fetched, end);
  const isTold = words !== null && nulls !== undefined;
  return {
    type: 'text',
    bytes,
    starts,
    ends,
    listDelimiter: -1,
    words: isTold ? new Int32Array(text.buffer, 0, words.length) : null,
  };
}

/** Writes the pieces of a text behind each other. @returns words written; 0 when they do not make it up */
function joinPieces(
  pieces: readonly Uint32Array[],
  row: number,
  length: number,
  target: Uint32Array,
  at: number,
): number {
  const from = row * wordsPerText;
  let rest = length;
  let to = at;
  for (let place = 0; place < pieces.length; place++) {
    const piece = pieces[place];
    if (piece[from] !== Math.min(rest, inlineBytes)) return 0;
    target[to++] = piece[from + 1];
    target[to++] = piece[from + 2];
    target[to++] = piece[from + 3];
    rest -= inlineBytes;
    if (rest <= 0) return to - at;
  }
  return 0;
}

function wordsOf({ dataView }: Vector, rowCount: number): Uint32Array | null {
  if (dataView === undefined) return null;
  const { buffer, byteOffset } = dataView;
  if (byteOffset % 4 !== 0) return null;
  return new Uint32Array(buffer, byteOffset, rowCount * wordsPerText);
}

function withFetched(
  bytes: Uint8Array<ArrayBuffer>,
  fetched: readonly Uint8Array[],
  end: number,
): Uint8Array {
  if (fetched.length === 0) return bytes;
  const all = new Uint8Array(end);
  all.set(bytes);
  let at = bytes.length;
  for (const text of fetched) {
    all.set(text, at);
    at += text.length;
  }
  return all;
}
