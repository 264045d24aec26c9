/**
 * Texts by number, without a string: four words each, and longer ones in a buffer.
 *
 *   entries  i32 [count × 4]; that of number 0 is null
 *              length ≤ 12   length, then the text's bytes, little-endian, zeros behind the end
 *              length > 12   length, hash, start in bytes, 0
 *   bytes    longer texts, one behind the other
 */

/** Texts in sort order, rank 0 = null; its arrays may be shared between threads. */
export interface SortedTexts {
  readonly entries: Int32Array;
  readonly bytes: Uint8Array;
}

/** Bytes that a text may have to lie in its entry. */
export const entryBytes = 12;
/** Words of an entry. */
export const entryWords = 4;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Number of ranks, null's included. */
export function rankCount({ entries }: SortedTexts): number {
  return entries.length / entryWords;
}

/** Bytes of a text; a copy. */
export function textBytes(texts: SortedTexts, rank: number): Uint8Array {
  const bytes = new Uint8Array(texts.entries[rank * entryWords]);
  copyText(texts, rank, bytes, 0);
  return bytes;
}

/** A text as a string; null for rank 0. */
export function textAt(texts: SortedTexts, rank: number): string | null {
  return rank === 0 ? null : decoder.decode(textBytes(texts, rank));
}

/** Copies a text to target[start …). */
export function copyText(
  { entries, bytes }: SortedTexts,
  rank: number,
  target: Uint8Array,
  start: number,
): void {
  const at = rank * entryWords;
  const length = entries[at];
  if (length > entryBytes) {
    const from = entries[at + 2];
    target.set(bytes.subarray(from, from + length), start);
    return;
  }
  let word = entries[at + 1];
  for (let place = 0; place < length; place++) {
    if (place === 4 || place === 8) word = entries[at + 1 + (place >> 2)];
    target[start + place] = word;
    word >>>= 8;
  }
}
