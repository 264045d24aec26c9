/**
 * Sorts row numbers by words: whatever an answer is ordered by, row-order.ts turns it into unsigned
 * 32-bit words, the most significant first, so that loops here compare nothing but integers. Nothing is
 * moved but row numbers; few of many are found by a cut on one word after another, so that words of
 * later keys are made only for rows that tie in the earlier ones.
 */

/** Words of rows, shape [rows.length]: smaller ones come first. */
export type WordsOf = (rows: Uint32Array) => Uint32Array;

/** Something to order by. */
export interface SortKey {
  /** Most significant first; rows equal in all of them tie. */
  readonly words: readonly WordsOf[];
  /** A cheap word that no two rows have in another order; equal ones say nothing. null = the first word is cheap. */
  readonly coarse: WordsOf | null;
}

/** Rows up to this many are sorted by insertion: histograms would cost more. */
const fewRows = 48;
const digitBits = 11;
const digits = 1 << digitBits;

/**
 * Sorts row numbers by keys, ties by row number.
 *
 * @param rows  ascending; not changed
 * @param limit how many of the first rows are wanted; null = all
 * @returns shape [min(limit, rows)]
 */
export function sortedRows(
  rows: Uint32Array,
  keys: readonly SortKey[],
  limit: number | null,
): Uint32Array {
  const wanted = limit === null || limit >= rows.length ? rows : firstRows(rows, keys, limit);
  const words = keys.flatMap((key) => key.words.map((wordsOf) => wordsOf(wanted)));
  if (isInOrder(words, wanted.length)) return wanted.slice();
  const order = wanted.length <= fewRows ? inserted(words, wanted) : radixSorted(words, wanted);
  for (let place = 0; place < order.length; place++) order[place] = wanted[order[place] ?? 0] ?? 0;
  return order;
}

/** The first `limit` rows, ascending by number. */
function firstRows(rows: Uint32Array, keys: readonly SortKey[], limit: number): Uint32Array {
  const first = new Uint32Array(limit);
  let count = 0;
  let ties = rows;
  for (const { coarse, words } of keys) {
    for (const wordsOf of coarse === null ? words : [coarse, ...words]) {
      if (count + ties.length <= limit) break;
      const word = wordsOf(ties);
      if (varyingBits(word) === 0) continue;
      const bound = nthWord(word, limit - count);
      const equal = new Uint32Array(ties.length);
      let equalCount = 0;
      for (let place = 0; place < ties.length; place++) {
        const value = word[place] ?? 0;
        if (value < bound) first[count++] = ties[place] ?? 0;
        else if (value === bound) equal[equalCount++] = ties[place] ?? 0;
      }
      ties = equal.subarray(0, equalCount);
    }
  }
  first.set(ties.subarray(0, limit - count), count);
  return first.sort();
}

/** The `count`-th smallest word: its bits are settled by counting, eleven at a time. */
function nthWord(words: Uint32Array, count: number): number {
  let left = count;
  // Bits above the highest one that differs are shared.
  let known = 32 - Math.clz32(varyingBits(words));
  let prefix = upperBits(words[0] ?? 0, known);
  while (known > 0) {
    const bits = Math.min(known, digitBits);
    const shift = known - bits;
    const mask = (1 << bits) - 1;
    const counts = new Uint32Array(1 << bits);
    for (let place = 0; place < words.length; place++) {
      const word = words[place] ?? 0;
      if (upperBits(word, known) !== prefix) continue;
      const digit = (word >>> shift) & mask;
      counts[digit] = (counts[digit] ?? 0) + 1;
    }
    let digit = 0;
    while (left > (counts[digit] ?? 0)) left -= counts[digit++] ?? 0;
    prefix = ((prefix << bits) | digit) >>> 0;
    known = shift;
  }
  return prefix;
}

/** The bits of a word from `shift` on; a shift by 32 would be one by 0. */
function upperBits(word: number, shift: number): number {
  return shift === 32 ? 0 : word >>> shift;
}

/** True when rows come in order as they are, which is cheap to see and often so. */
function isInOrder(words: readonly Uint32Array[], rowCount: number): boolean {
  for (let place = 1; place < rowCount; place++) {
    if (comesBefore(words, place, place - 1)) return false;
  }
  return true;
}

/** Places of rows in order, by insertion. */
function inserted(words: readonly Uint32Array[], rows: Uint32Array): Uint32Array {
  const order = new Uint32Array(rows.length);
  for (let next = 0; next < order.length; next++) {
    let place = next;
    while (place > 0 && comesBefore(words, next, order[place - 1] ?? 0)) {
      order[place] = order[place - 1] ?? 0;
      place--;
    }
    order[place] = next;
  }
  return order;
}

function comesBefore(words: readonly Uint32Array[], a: number, b: number): boolean {
  for (const word of words) {
    const left = word[a] ?? 0;
    const right = word[b] ?? 0;
    if (left !== right) return left < right;
  }
  return false;
}

/** A word whose bits matter only below `width`. */
interface NarrowWord {
  readonly keys: Uint32Array;
  readonly width: number;
}

/** Places of rows in order, from the last word to the first, eleven bits at a time. */
function radixSorted(words: readonly Uint32Array[], rows: Uint32Array): Uint32Array {
  let order = new Uint32Array(rows.length);
  for (let place = 0; place < order.length; place++) order[place] = place;
  let otherOrder = new Uint32Array(rows.length);
  let keys = new Uint32Array(rows.length);
  let otherKeys = new Uint32Array(rows.length);
  for (const word of packedWords(words).toReversed()) {
    for (let place = 0; place < order.length; place++) {
      keys[place] = word.keys[order[place] ?? 0] ?? 0;
    }
    for (let shift = 0; shift < word.width; shift += digitBits) {
      sortDigit(shift, { keys, order }, { keys: otherKeys, order: otherOrder });
      [keys, otherKeys] = [otherKeys, keys];
      [order, otherOrder] = [otherOrder, order];
    }
  }
  return order;
}

/** Leaves out the bits that all rows share, and puts neighbours that then fit 32 bits into one word. */
function packedWords(words: readonly Uint32Array[]): NarrowWord[] {
  const packed: NarrowWord[] = [];
  for (const word of words) {
    const varying = varyingBits(word);
    if (varying === 0) continue;
    const lowest = 31 - Math.clz32(varying & -varying);
    const width = 32 - Math.clz32(varying) - lowest;
    const last = packed.at(-1);
    const isFitting = last !== undefined && last.width + width <= 32;
    const keys = new Uint32Array(word.length);
    const mask = width === 32 ? ~0 : (1 << width) - 1;
    for (let place = 0; place < keys.length; place++) {
      const bits = ((word[place] ?? 0) >>> lowest) & mask;
      // A word before it has a bit at least, so the shift is below 32.
      keys[place] = isFitting ? ((last.keys[place] ?? 0) << width) | bits : bits;
    }
    if (isFitting) packed[packed.length - 1] = { keys, width: last.width + width };
    else packed.push({ keys, width });
  }
  return packed;
}

/** The bits in which words differ. */
function varyingBits(word: Uint32Array): number {
  const first = word[0] ?? 0;
  let varying = 0;
  for (let place = 0; place < word.length; place++) varying |= (word[place] ?? 0) ^ first;
  return varying;
}

interface Sorted {
  readonly keys: Uint32Array;
  readonly order: Uint32Array;
}

/** Sorts by eleven bits, stable; keys move with their rows, so that all reads are in sequence. */
function sortDigit(shift: number, from: Sorted, to: Sorted): void {
  const { keys, order } = from;
  const starts = new Uint32Array(digits);
  for (let place = 0; place < keys.length; place++) {
    const digit = ((keys[place] ?? 0) >>> shift) & (digits - 1);
    starts[digit] = (starts[digit] ?? 0) + 1;
  }
  let start = 0;
  for (let digit = 0; digit < digits; digit++) {
    const count = starts[digit] ?? 0;
    starts[digit] = start;
    start += count;
  }
  const { keys: sortedKeys, order: sortedOrder } = to;
  for (let place = 0; place < keys.length; place++) {
    const key = keys[place] ?? 0;
    const digit = (key >>> shift) & (digits - 1);
    const at = starts[digit] ?? 0;
    sortedKeys[at] = key;
    sortedOrder[at] = order[place] ?? 0;
    starts[digit] = at + 1;
  }
}
