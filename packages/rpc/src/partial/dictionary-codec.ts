/** Dictionaries of text: one block of UTF-8 with offsets (see layout.ts), moved as it is and never decoded. */
import { isUtf8 } from 'node:buffer';
import { InvariantError } from '@isotherm/errors';
import { TextDictionary } from '@isotherm/query';
import { noNullId } from './layout.ts';
import { type PartsReader, corruptAnswer } from './parts-reader.ts';
import type { PartsWriter } from './parts-writer.ts';

/** Writes a dictionary. @throws InvariantError if its offsets leave its bytes */
export function encodeDictionary(writer: PartsWriter, dictionary: TextDictionary): void {
  const { size, nullId, offsets, bytes } = dictionary;
  const textBytes = offsets[size] ?? 0;
  if (textBytes > bytes.length) {
    throw new InvariantError(
      `A dictionary of a partial result ends at ${textBytes}, its bytes at ${bytes.length}.`,
    );
  }
  writer.words(size, nullId === -1 ? noNullId : nullId, textBytes, 0);
  writer.block(offsets);
  writer.block(bytes.subarray(0, textBytes));
}

/** Reads what `encodeDictionary` wrote, in place. @throws CorruptSegmentError code CORRUPT_ANSWER */
export function decodeDictionary(reader: PartsReader): TextDictionary {
  const [size = 0, nullId = 0, textBytes = 0] = reader.u32(4);
  const offsets = reader.u32(size + 1);
  const bytes = reader.u8(textBytes);
  checkOffsets(offsets, textBytes);
  if (nullId === noNullId) return checked({ offsets, bytes, nullId: -1 });
  if (nullId >= size) throw corruptAnswer('a null lies outside its dictionary');
  if (offsets[nullId] !== offsets[nullId + 1]) throw corruptAnswer('a null has text');
  return checked({ offsets, bytes, nullId });
}

/** @throws CorruptSegmentError unless offsets rise from 0 to `end` */
export function checkOffsets(offsets: Uint32Array, end: number): void {
  let last = 0;
  for (let index = 0; index < offsets.length; index++) {
    const offset = offsets[index] ?? 0;
    if (offset < last) throw corruptAnswer('offsets do not rise');
    last = offset;
  }
  if (offsets[0] !== 0 || last !== end) throw corruptAnswer('offsets do not span their values');
}

/** Every entry must be UTF-8 by itself: its bytes go into answers as they are. */
function checked(parts: ConstructorParameters<typeof TextDictionary>[0]): TextDictionary {
  const { offsets, bytes } = parts;
  if (!isUtf8(bytes)) throw corruptAnswer('a text is not UTF-8');
  for (let index = 0; index < offsets.length; index++) {
    // 10xxxxxx is never the first byte of a character.
    if (((bytes[offsets[index] ?? 0] ?? 0) & 0xc0) === 0x80)
      throw corruptAnswer('a text starts in a character');
  }
  return new TextDictionary(parts);
}
