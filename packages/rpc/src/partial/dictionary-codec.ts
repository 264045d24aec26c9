/** Dictionaries of text: one block of UTF-8 with offsets (see layout.ts). Pure ASCII takes a short cut both ways. */
import { InvariantError } from '@isotherm/errors';
import { noNullId } from './layout.ts';
import { type PartsReader, corruptAnswer } from './parts-reader.ts';
import type { PartsWriter } from './parts-writer.ts';

/** Writes a dictionary of distinct entries. @throws InvariantError if two entries are null */
export function encodeDictionary(
  writer: PartsWriter,
  dictionary: readonly (string | null)[],
): void {
  const nullId = dictionary.indexOf(null);
  if (nullId !== dictionary.lastIndexOf(null)) {
    throw new InvariantError('A dictionary of a partial result holds null twice.');
  }
  const joined = dictionary.join('');
  const text = Buffer.from(joined, 'utf8');
  const isAscii = text.length === joined.length;
  const offsets = new Uint32Array(dictionary.length + 1);
  let end = 0;
  for (const [id, value] of dictionary.entries()) {
    if (value !== null) end += isAscii ? value.length : Buffer.byteLength(value, 'utf8');
    offsets[id + 1] = end;
  }
  if (end !== text.length) {
    throw new InvariantError('A dictionary of a partial result holds half a surrogate pair.');
  }
  writer.words(dictionary.length, nullId === -1 ? noNullId : nullId, text.length, 0);
  writer.block(offsets);
  writer.block(text);
}

/** Reads what `encodeDictionary` wrote. @throws CorruptSegmentError code CORRUPT_ANSWER */
export function decodeDictionary(reader: PartsReader): (string | null)[] {
  const [size = 0, nullId = 0, textBytes = 0] = reader.u32(4);
  const offsets = reader.u32(size + 1);
  const block = reader.u8(textBytes);
  const text = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  checkOffsets(offsets, textBytes);
  if (nullId !== noNullId && nullId >= size)
    throw corruptAnswer('a null lies outside its dictionary');
  const whole = text.toString('latin1');
  const isAscii = !/[\u0080-\u00ff]/.test(whole);
  const dictionary: (string | null)[] = [];
  let start = 0;
  for (let id = 0; id < size; id++) {
    const end = offsets[id + 1] ?? start;
    dictionary.push(isAscii ? whole.slice(start, end) : text.toString('utf8', start, end));
    start = end;
  }
  if (nullId !== noNullId) dictionary[nullId] = null;
  return dictionary;
}

/** @throws CorruptSegmentError unless offsets rise from 0 to `end` */
export function checkOffsets(offsets: Uint32Array, end: number): void {
  let last = 0;
  for (const offset of offsets) {
    if (offset < last) throw corruptAnswer('offsets do not rise');
    last = offset;
  }
  if (offsets[0] !== 0 || last !== end) throw corruptAnswer('offsets do not span their values');
}
