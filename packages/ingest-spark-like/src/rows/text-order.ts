/**
 * Sorts the texts of a dictionary by their UTF-8 bytes, which is the order of code points, without
 * making a string. Of the twelve bytes behind what all texts begin with, the bits that differ are packed
 * into a key (those of ids in digits are four bits a sign); keys are sorted by radix, and texts with
 * equal keys are compared.
 *
 *   records  u32 [texts × (words + 1)]: the key's words, then the id
 */
import type { TextDictionary } from './text-dictionary.ts';

const keyBytes = 12;
const digitBits = 12;
/** Fewer texts are compared: a pass over the counters would cost more. */
const leastForRadix = 1 << 10;

/** Bits of one byte of the texts: `width` of them from bit `low` on. */
interface Field {
  readonly place: number;
  readonly low: number;
  readonly width: number;
}

/** The fields of one word of the key, most significant first. */
type KeyWord = readonly Field[];

/** Ids by rank, without null; freshly allocated. */
export function sortTextIds(dictionary: TextDictionary): Uint32Array {
  const count = dictionary.size - 1;
  const skipped = commonBytes(dictionary);
  const compare = (a: number, b: number): number => compareTexts(dictionary, a, b, skipped);
  const ids = new Uint32Array(count);
  for (let place = 0; place < count; place++) ids[place] = place + 1;
  if (count < leastForRadix) return ids.sort(compare);
  const words = keyWords(dictionary, skipped);
  const stride = words.length + 1;
  const records = radixSort(makeRecords(dictionary, words), words, stride);
  for (let place = 0; place < count; place++) ids[place] = records[place * stride + words.length];
  sortTies(ids, records, stride, compare);
  return ids;
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

/** Chooses the bits of the key. */
function keyWords(dictionary: TextDictionary, skipped: number): KeyWord[] {
  const words: Field[][] = [];
  let free = 0;
  for (let place = skipped; place < skipped + keyBytes; place++) {
    let inAll = 0xff;
    let inAny = 0;
    for (let id = 1; id < dictionary.size; id++) {
      const byte = dictionary.byteOf(id, place);
      inAll &= byte;
      inAny |= byte;
    }
    const differing = inAll ^ inAny;
    if (differing === 0) continue;
    const low = 31 - Math.clz32(differing & -differing);
    const width = 32 - Math.clz32(differing) - low;
    if (width > free) {
      words.push([]);
      free = 32;
    }
    free -= width;
    words.at(-1)?.push({ place, low, width });
  }
  return words;
}

function makeRecords(dictionary: TextDictionary, words: readonly KeyWord[]): Uint32Array {
  const stride = words.length + 1;
  const records = new Uint32Array((dictionary.size - 1) * stride);
  words.forEach((fields, word) => {
    for (const { place, low, width } of fields) {
      const mask = (1 << width) - 1;
      for (let id = 1, at = word; id < dictionary.size; id++, at += stride) {
        records[at] = (records[at] << width) | ((dictionary.byteOf(id, place) >> low) & mask);
      }
    }
  });
  for (let id = 1, at = words.length; id < dictionary.size; id++, at += stride) records[at] = id;
  return records;
}

/** Stable passes from the least significant digit on. @returns the records or others of their size */
function radixSort(records: Uint32Array, words: readonly KeyWord[], stride: number): Uint32Array {
  let from = records;
  let to: Uint32Array = new Uint32Array(records.length);
  const starts = new Uint32Array((1 << digitBits) + 1);
  for (let word = words.length - 1; word >= 0; word--) {
    const bits = words[word].reduce((sum, { width }) => sum + width, 0);
    for (let shift = 0; shift < bits; shift += digitBits) {
      starts.fill(0);
      countDigits(from, word, shift, stride, starts);
      scatter(from, to, word, shift, stride, starts);
      [from, to] = [to, from];
    }
  }
  return from;
}

const digitMask = (1 << digitBits) - 1;

function countDigits(
  records: Uint32Array,
  word: number,
  shift: number,
  stride: number,
  starts: Uint32Array,
): void {
  for (let at = word; at < records.length; at += stride) {
    starts[((records[at] >>> shift) & digitMask) + 1]++;
  }
  for (let digit = 1; digit < starts.length; digit++) starts[digit] += starts[digit - 1];
}

function scatter(
  from: Uint32Array,
  to: Uint32Array,
  word: number,
  shift: number,
  stride: number,
  starts: Uint32Array,
): void {
  for (let at = 0; at < from.length; at += stride) {
    let target = starts[(from[at + word] >>> shift) & digitMask]++ * stride;
    for (let part = at; part < at + stride; part++, target++) to[target] = from[part];
  }
}

function sortTies(
  ids: Uint32Array,
  records: Uint32Array,
  stride: number,
  compare: (a: number, b: number) => number,
): void {
  for (let start = 0; start < ids.length;) {
    let end = start + 1;
    while (end < ids.length && areEqual(records, start * stride, end * stride, stride - 1)) end++;
    if (end - start > 1) ids.subarray(start, end).sort(compare);
    start = end;
  }
}

function areEqual(records: Uint32Array, a: number, b: number, words: number): boolean {
  for (let word = 0; word < words; word++)
    if (records[a + word] !== records[b + word]) return false;
  return true;
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
