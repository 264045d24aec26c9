/** Sorted texts in a sorted dictionary, both as UTF-8 bytes: the search for the values of an IN filter. */
import type { Runs } from './row-lists.ts';
import { kernelsFor } from './wasm/module.ts';

/** Texts one behind the other: text i is bytes[offsets[i] … offsets[i + 1]). */
export interface TextBytes {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** Entries `first` … `size` - 1 of a dictionary, ascending and distinct; at least one. */
export interface SearchedTexts extends TextBytes {
  readonly first: number;
  readonly size: number;
}

/** Entries from one sample to the next, as the kernel has it. */
const sampleStep = 16;

/** Bytes that the samples of a dictionary take. */
export function sampleBytes({ first, size }: Pick<SearchedTexts, 'first' | 'size'>): number {
  return Math.ceil((size - first) / sampleStep) * 8;
}

/**
 * Takes the samples that the search in a dictionary starts from: of every 16th entry eight bytes
 * behind those that all entries share, as 64-bit numbers.
 *
 * @param out shape [sampleBytes(dictionary)]
 */
export function sampleTexts(dictionary: SearchedTexts, out: Uint8Array): void {
  const { offsets, bytes, first, size } = dictionary;
  const skip = sharedBytes(dictionary);
  let at = 0;
  for (let id = first; id < size; id += sampleStep) {
    const from = offsets[id] + skip;
    // Little-endian: the byte that decides first comes last.
    for (let i = 0; i < 8; i++) out[at + 7 - i] = from + i < offsets[id + 1] ? bytes[from + i] : 0;
    at += 8;
  }
}

/** Bytes that the first and the last entry begin with alike; so do all between. */
function sharedBytes({ offsets, bytes, first, size }: SearchedTexts): number {
  const [a, b] = [offsets[first], offsets[size - 1]];
  const most = Math.min(offsets[first + 1] - a, offsets[size] - b);
  let shared = 0;
  while (shared < most && bytes[a + shared] === bytes[b + shared]) shared += 1;
  return shared;
}

/**
 * Finds the ids of texts, both sides ascending and distinct, as runs of neighbours.
 *
 * @param dictionary with its `sampleTexts`
 * @param texts      each between the dictionary's first and last entry
 * @param out        shape [≥ number of texts] each; written and returned
 */
export function findTexts(
  dictionary: SearchedTexts & { readonly samples: Uint8Array },
  texts: TextBytes,
  out: { readonly starts: Uint32Array; readonly ends: Uint32Array },
): Runs {
  const { starts, ends } = out;
  const { first, size, samples } = dictionary;
  const textCount = texts.offsets.length - 1;
  const sides = [dictionary.offsets, dictionary.bytes, texts.offsets, texts.bytes] as const;
  const kernels = kernelsFor(...sides, samples, starts, ends);
  if (kernels !== null) {
    const entries = [dictionary.offsets.byteOffset, dictionary.bytes.byteOffset] as const;
    const list = [texts.offsets.byteOffset, texts.bytes.byteOffset] as const;
    const places = [starts.byteOffset, ends.byteOffset] as const;
    const sampled = [samples.byteOffset, sharedBytes(dictionary)] as const;
    const searched = [...entries, first, size, ...sampled] as const;
    return { starts, ends, count: kernels.findTexts(...searched, ...list, textCount, ...places) };
  }
  let count = 0;
  let low = first;
  for (let text = 0; text < textCount && low < size; text++) {
    low = firstNotBelow(dictionary, low, texts, text);
    if (low === size || compareTexts(dictionary, low, texts, text) !== 0) continue;
    if (count > 0 && ends[count - 1] === low) ends[count - 1] = low + 1;
    else {
      starts[count] = low;
      ends[count] = low + 1;
      count += 1;
    }
    low += 1;
  }
  return { starts, ends, count };
}

/** Gallops from `low`, then halves. */
function firstNotBelow(
  dictionary: TextBytes & { readonly size: number },
  from: number,
  texts: TextBytes,
  text: number,
): number {
  let low = from;
  let high = from;
  for (let step = 1; high < dictionary.size; step *= 2) {
    if (compareTexts(dictionary, high, texts, text) >= 0) break;
    low = high + 1;
    high += step;
  }
  high = Math.min(high, dictionary.size);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareTexts(dictionary, middle, texts, text) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Order of two texts by bytes. */
export function compareTexts(a: TextBytes, atA: number, b: TextBytes, atB: number): number {
  const { bytes: aBytes, offsets: aOffsets } = a;
  const { bytes: bBytes, offsets: bOffsets } = b;
  const aStart = aOffsets[atA];
  const bStart = bOffsets[atB];
  const aLength = aOffsets[atA + 1] - aStart;
  const bLength = bOffsets[atB + 1] - bStart;
  const shared = Math.min(aLength, bLength);
  for (let i = 0; i < shared; i++) {
    const order = aBytes[aStart + i] - bBytes[bStart + i];
    if (order !== 0) return order;
  }
  return aLength - bLength;
}
