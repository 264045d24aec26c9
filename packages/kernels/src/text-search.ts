/** Sorted texts in a sorted dictionary, both as UTF-8 bytes: the search for the values of an IN filter. */
import type { Runs } from './row-lists.ts';
import { kernelsFor } from './wasm/module.ts';

/** Texts one behind the other: text i is bytes[offsets[i] … offsets[i + 1]). */
export interface TextBytes {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/**
 * Finds the ids of texts, both sides ascending and distinct, as runs of neighbours; about
 * 2 log2(distance) comparisons a text, where the distance is that to the text before.
 *
 * @param dictionary entries `first` … `size` - 1 are searched
 * @param texts      all of them are looked for
 * @param out        shape [≥ number of texts] each; written and returned
 */
export function findTexts(
  dictionary: TextBytes & { readonly first: number; readonly size: number },
  texts: TextBytes,
  out: { readonly starts: Uint32Array; readonly ends: Uint32Array },
): Runs {
  const { starts, ends } = out;
  const { first, size } = dictionary;
  const textCount = texts.offsets.length - 1;
  const sides = [dictionary.offsets, dictionary.bytes, texts.offsets, texts.bytes] as const;
  const kernels = kernelsFor(...sides, starts, ends);
  if (kernels !== null) {
    const entries = [dictionary.offsets.byteOffset, dictionary.bytes.byteOffset] as const;
    const list = [texts.offsets.byteOffset, texts.bytes.byteOffset] as const;
    const places = [starts.byteOffset, ends.byteOffset] as const;
    const count = kernels.findTexts(...entries, first, size, ...list, 0, textCount, ...places);
    return { starts, ends, count };
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
  const [aStart, bStart] = [a.offsets[atA], b.offsets[atB]];
  const [aLength, bLength] = [a.offsets[atA + 1] - aStart, b.offsets[atB + 1] - bStart];
  const shared = Math.min(aLength, bLength);
  for (let i = 0; i < shared; i++) {
    const order = a.bytes[aStart + i] - b.bytes[bStart + i];
    if (order !== 0) return order;
  }
  return aLength - bLength;
}
