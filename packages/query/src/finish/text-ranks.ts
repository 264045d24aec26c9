/** Ranks of dictionary entries among each other, so that rows are ordered by integers. */
import type { CompareTexts } from '../filter/compare-texts.ts';
import type { TextDictionary } from '../text-dictionary.ts';
import { sortedRows } from './sort-rows.ts';

/**
 * Ranks by code points, which is the order of bytes: nothing is decoded. Null is 0.
 *
 * @param entries ids of distinct entries, ascending
 * @returns rank + 1 of each of them at its id, shape [size]; equal texts share a rank
 */
export function rankBytes(dictionary: TextDictionary, entries: Uint32Array): Uint32Array {
  const { offsets, bytes, nullId, size } = dictionary;
  const ids = nullId === -1 ? entries : entries.filter((id) => id !== nullId);
  const skip = sharedPrefix(dictionary, ids);
  const words = [skip, skip + 4].map(
    (start) => (rows: Uint32Array) => prefixWords(dictionary, rows, start),
  );
  const sorted = sortedRows(ids, [{ words, coarse: null }], null);
  const [first, second] = words.map((wordsOf) => wordsOf(sorted));
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const compare = (a = 0, b = 0): number =>
    text.compare(text, offsets[b], offsets[b + 1], offsets[a], offsets[a + 1]);
  // Runs of entries that share eight bytes are sorted by all of them.
  for (let start = 0; start < sorted.length;) {
    let end = start + 1;
    while (
      end < sorted.length &&
      first?.[end] === first?.[start] &&
      second?.[end] === second?.[start]
    )
      end++;
    if (end - start > 1) sorted.subarray(start, end).sort(compare);
    start = end;
  }
  return ranksInOrder(sorted, size, (a, b) => compare(a, b) === 0);
}

/**
 * Ranks by any order of texts; each entry is decoded once.
 *
 * @param entries ids of distinct entries
 * @returns rank + 1 of each of them at its id, shape [size]; equal texts share a rank
 */
export function rankTexts(
  dictionary: TextDictionary,
  entries: Uint32Array,
  compare: CompareTexts,
): Uint32Array {
  const texts = new Map(Array.from(entries, (id) => [id, dictionary.textAt(id)]));
  const ofEntries = (a: number, b: number) => compare(texts.get(a) ?? null, texts.get(b) ?? null);
  return ranksInOrder(
    entries.toSorted(ofEntries),
    dictionary.size,
    (a, b) => ofEntries(a, b) === 0,
  );
}

/**
 * The four bytes of each entry from `start` on as a big-endian word, zeros behind its end: entries
 * order as their words do, where those differ.
 */
export function prefixWords(
  { offsets, bytes }: TextDictionary,
  ids: Uint32Array,
  start: number,
): Uint32Array {
  const words = new Uint32Array(ids.length);
  for (let place = 0; place < ids.length; place++) {
    const id = ids[place] ?? 0;
    const end = offsets[id + 1] ?? 0;
    let at = (offsets[id] ?? 0) + start;
    let word = 0;
    for (let shift = 24; shift >= 0 && at < end; shift -= 8, at++) {
      word |= (bytes[at] ?? 0) << shift;
    }
    words[place] = word;
  }
  return words;
}

/** How many bytes all of these entries begin with. */
export function sharedPrefix({ offsets, bytes }: TextDictionary, ids: Uint32Array): number {
  const [first = 0] = ids;
  const start = offsets[first] ?? 0;
  let shared = ids.length === 0 ? 0 : (offsets[first + 1] ?? 0) - start;
  for (let place = 1; place < ids.length && shared > 0; place++) {
    const id = ids[place] ?? 0;
    const from = offsets[id] ?? 0;
    shared = Math.min(shared, (offsets[id + 1] ?? 0) - from);
    let same = 0;
    while (same < shared && bytes[from + same] === bytes[start + same]) same++;
    shared = same;
  }
  return shared;
}

function ranksInOrder(
  sorted: Uint32Array,
  size: number,
  isSame: (a: number, b: number) => boolean,
): Uint32Array {
  const ranks = new Uint32Array(size);
  let rank = 0;
  for (let place = 0; place < sorted.length; place++) {
    const id = sorted[place] ?? 0;
    if (place === 0 || !isSame(sorted[place - 1] ?? 0, id)) rank++;
    ranks[id] = rank;
  }
  return ranks;
}
