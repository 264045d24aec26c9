/**
 * Sorts the texts of a dictionary by their UTF-8 bytes, which is the order of code points, without
 * making a string: a radix sort over twelve bytes behind what all texts begin with, then a comparison
 * where those are equal.
 */
import type { TextDictionary } from './text-dictionary.ts';

const keyBytes = 12;
const keyWords = 3;
/** Fewer texts are compared: a pass over the counters would cost more. */
const leastForRadix = 1 << 11;
const digitBits = 16;

/** Ids by rank, without null; freshly allocated. */
export function sortTextIds(dictionary: TextDictionary): Uint32Array {
  const count = dictionary.size - 1;
  const ids = new Uint32Array(count);
  for (let place = 0; place < count; place++) ids[place] = place + 1;
  const skipped = commonBytes(dictionary);
  const compare = (a: number, b: number): number => compareTexts(dictionary, a, b, skipped);
  if (count < leastForRadix) return ids.sort(compare);
  const keys = readKeys(dictionary, skipped);
  const sorted = radixSort(ids, keys);
  sortTies(sorted, keys, compare);
  return sorted;
}

/** Bytes that all texts begin with. */
function commonBytes(dictionary: TextDictionary): number {
  if (dictionary.size < 2) return 0;
  let common = dictionary.lengthOf(1);
  for (let id = 2; id < dictionary.size && common > 0; id++) {
    common = Math.min(common, dictionary.lengthOf(id));
    let same = 0;
    while (same < common && dictionary.byteOf(id, same) === dictionary.byteOf(1, same)) same++;
    common = same;
  }
  return common;
}

/** Twelve bytes of each text as three big-endian words, shape [size × 3]; zeros behind its end. */
function readKeys(dictionary: TextDictionary, skipped: number): Uint32Array {
  const keys = new Uint32Array(dictionary.size * keyWords);
  for (let id = 1; id < dictionary.size; id++) {
    const length = Math.min(dictionary.lengthOf(id) - skipped, keyBytes);
    for (let place = 0; place < length; place++) {
      const byte = dictionary.byteOf(id, skipped + place);
      keys[id * keyWords + (place >> 2)] |= byte << (24 - ((place & 3) << 3));
    }
  }
  return keys;
}

function radixSort(ids: Uint32Array, keys: Uint32Array): Uint32Array {
  let from = ids;
  let to: Uint32Array = new Uint32Array(ids.length);
  const counts = new Uint32Array((1 << digitBits) + 1);
  for (let digit = keyWords * 2 - 1; digit >= 0; digit--) {
    const word = digit >> 1;
    const shift = (digit & 1) === 1 ? 0 : digitBits;
    counts.fill(0);
    for (let at = keyWords + word; at < keys.length; at += keyWords) {
      counts[((keys[at] >>> shift) & 0xffff) + 1]++;
    }
    if (counts.includes(ids.length)) continue;
    for (let value = 1; value < counts.length; value++) counts[value] += counts[value - 1];
    for (let place = 0; place < from.length; place++) {
      const id = from[place];
      to[counts[(keys[id * keyWords + word] >>> shift) & 0xffff]++] = id;
    }
    [from, to] = [to, from];
  }
  return from;
}

function sortTies(
  ids: Uint32Array,
  keys: Uint32Array,
  compare: (a: number, b: number) => number,
): void {
  const areEqual = (a: number, b: number): boolean =>
    keys[a] === keys[b] && keys[a + 1] === keys[b + 1] && keys[a + 2] === keys[b + 2];
  for (let start = 0; start < ids.length;) {
    let end = start + 1;
    while (end < ids.length && areEqual(ids[start] * keyWords, ids[end] * keyWords)) end++;
    if (end - start > 1) ids.subarray(start, end).sort(compare);
    start = end;
  }
}

function compareTexts(dictionary: TextDictionary, a: number, b: number, skipped: number): number {
  const [left, right] = [dictionary.lengthOf(a), dictionary.lengthOf(b)];
  const end = Math.min(left, right);
  for (let place = skipped; place < end; place++) {
    const order = dictionary.byteOf(a, place) - dictionary.byteOf(b, place);
    if (order !== 0) return order;
  }
  return left - right;
}
