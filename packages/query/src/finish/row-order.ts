/** What rows of an answer are ordered by, as unsigned words that sort-rows.ts compares. */
import type { StringOrdering } from '../model.ts';
import { compareTexts } from '../filter/compare-texts.ts';
import type { TextDictionary } from '../text-dictionary.ts';
import { estimates } from './finish-states.ts';
import type { FinishedColumn } from './output-column.ts';
import { textReader } from './output-column.ts';
import type { SortKey, WordsOf } from './sort-rows.ts';
import { prefixWords, rankBytes, rankTexts, sharedPrefix } from './text-ranks.ts';

/** The sign bit: words of signed integers order as unsigned ones with it turned round. */
const signBit = 0x8000_0000;

/** Orders by a column of times. */
export function byTime(times: Float64Array): SortKey {
  return { words: doubleWords(times), coarse: null };
}

/** True when no time is before the one in front of it. */
export function isAscending(times: Float64Array): boolean {
  for (let row = 1; row < times.length; row++) {
    if ((times[row] ?? 0) < (times[row - 1] ?? 0)) return false;
  }
  return true;
}

/** Orders by a column's own type, nulls first: numbers by value, not-a-number last, text by code points. */
export function byValue(column: FinishedColumn): SortKey {
  switch (column.type) {
    case 'string':
      return byText(column, 'lexicographic');
    case 'long':
      return { words: [...nullWords(column.nulls), ...longWords(column)], coarse: null };
    case 'double':
    case 'float':
      return {
        words: [...nullWords(column.nulls), ...doubleWords(column.values, column.nulls)],
        coarse: null,
      };
    case 'hyperUnique':
      return byValue(estimates(column.registers, { isRounded: false }));
    case 'strings':
      return { words: [], coarse: null };
  }
}

/** Orders by a column's texts, nulls first. */
export function byText(column: FinishedColumn, ordering: StringOrdering): SortKey {
  if (column.type !== 'string') {
    return ordering === 'numeric' && column.type === 'long'
      ? byValue(column)
      : { words: [rankedTexts(column, ordering)], coarse: null };
  }
  const { dictionary, ids } = column;
  const idsOf: WordsOf = (rows) => {
    const found = new Uint32Array(rows.length);
    for (let at = 0; at < rows.length; at++) found[at] = ids[rows[at] ?? 0] ?? 0;
    return found;
  };
  if (ordering !== 'lexicographic') {
    const compare = compareTexts(ordering);
    const rank = (entries: Uint32Array) => rankTexts(dictionary, entries, compare);
    return { words: [(rows) => ranked(idsOf(rows), dictionary, rank)], coarse: null };
  }
  return {
    words: [(rows) => ranked(idsOf(rows), dictionary, (entries) => rankBytes(dictionary, entries))],
    coarse: (rows) => coarseWords(dictionary, idsOf(rows)),
  };
}

/** Orders only nulls, behind everything else. */
export function nullsLast(column: FinishedColumn): SortKey {
  if (column.type !== 'string') {
    return {
      words: nullWords('nulls' in column ? column.nulls : null).map(complement),
      coarse: null,
    };
  }
  const { dictionary, ids } = column;
  if (dictionary.nullId === -1) return { words: [], coarse: null };
  const isNull: WordsOf = (rows) => rows.map((row) => Number(ids[row] === dictionary.nullId));
  return { words: [isNull], coarse: null };
}

/** Turns an order round, nulls included. */
export function reversed({ words, coarse }: SortKey): SortKey {
  return { words: words.map(complement), coarse: coarse === null ? null : complement(coarse) };
}

function complement(wordsOf: WordsOf): WordsOf {
  return (rows) => {
    const words = wordsOf(rows);
    for (let place = 0; place < words.length; place++) words[place] = ~(words[place] ?? 0);
    return words;
  };
}

/** 0 for null, 1 for a value; no word where there are no nulls. */
function nullWords(nulls: Uint8Array | null): WordsOf[] {
  return nulls === null ? [] : [(rows) => rows.map((row) => 1 - (nulls[row] ?? 0))];
}

/** Upper and lower word of each long; what stands under a null does not count. */
function longWords({ values, nulls }: Extract<FinishedColumn, { type: 'long' }>): WordsOf[] {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  return [
    (rows) => wordsAt(rows, { words, place: 1, flip: signBit, nulls }),
    (rows) => wordsAt(rows, { words, place: 0, flip: 0, nulls }),
  ];
}

/** One of the two words of 64-bit values, some bits of it turned round. */
function wordsAt(
  rows: Uint32Array,
  {
    words,
    place,
    flip,
    nulls,
  }: {
    readonly words: Int32Array;
    readonly place: 0 | 1;
    readonly flip: number;
    readonly nulls: Uint8Array | null;
  },
): Uint32Array {
  const found = new Uint32Array(rows.length);
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] ?? 0;
    if (nulls === null || nulls[row] !== 1) found[at] = (words[2 * row + place] ?? 0) ^ flip;
  }
  return found;
}

/**
 * Upper and lower word of each double as an integer that orders alike: positive ones have the sign bit
 * set, of negative ones all bits are turned round. Both zeros are one, not-a-number comes last.
 */
function doubleWords(values: Float64Array, nulls: Uint8Array | null = null): WordsOf[] {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  return [(rows) => orderedBits(rows, bits, 1, nulls), (rows) => orderedBits(rows, bits, 0, nulls)];
}

/** The lower (0) or upper (1) of those words. */
function orderedBits(
  rows: Uint32Array,
  bits: Uint32Array,
  place: 0 | 1,
  nulls: Uint8Array | null,
): Uint32Array {
  const words = new Uint32Array(rows.length);
  const positiveFlip = place === 1 ? signBit : 0;
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] ?? 0;
    if (nulls !== null && nulls[row] === 1) continue;
    const low = bits[2 * row] ?? 0;
    const high = bits[2 * row + 1] ?? 0;
    const size = high & ~signBit;
    const word = place === 1 ? high : low;
    if (size > infinityWord || (size === infinityWord && low !== 0)) words[at] = ~0;
    else if (high < signBit) words[at] = word ^ positiveFlip;
    // Minus zero is as zero.
    else words[at] = size === 0 && low === 0 ? positiveFlip : ~word;
  }
  return words;
}

/** The upper word of infinity; with more behind it it is not-a-number. */
const infinityWord = 0x7ff0_0000;

/** Ranks of the entries that rows have; null is 0. */
function ranked(
  ids: Uint32Array,
  dictionary: TextDictionary,
  rank: (entries: Uint32Array) => Uint32Array,
): Uint32Array {
  const ranks = rank(usedEntries(ids, dictionary));
  for (let place = 0; place < ids.length; place++) ids[place] = ranks[ids[place] ?? 0] ?? 0;
  return ids;
}

function usedEntries(ids: Uint32Array, { size }: TextDictionary): Uint32Array {
  // An array of marks pays unless rows are few beside the entries.
  if (ids.length * 16 < size) return Uint32Array.from(new Set(ids)).sort();
  const marks = new Uint8Array(size);
  for (let place = 0; place < ids.length; place++) marks[ids[place] ?? 0] = 1;
  const used = new Uint32Array(size);
  let count = 0;
  for (let id = 0; id < size; id++) {
    used[count] = id;
    count += marks[id] ?? 0;
  }
  return used.subarray(0, count);
}

/** Three bytes behind what all texts begin with, and whether there is a text at all. */
function coarseWords(dictionary: TextDictionary, ids: Uint32Array): Uint32Array {
  const texts = dictionary.nullId === -1 ? ids : ids.filter((id) => id !== dictionary.nullId);
  const words = prefixWords(dictionary, ids, sharedPrefix(dictionary, texts));
  for (let place = 0; place < words.length; place++) {
    const isNull = ids[place] === dictionary.nullId;
    words[place] = isNull ? 0 : ((words[place] ?? 0) >>> 1) | signBit;
  }
  return words;
}

/** Ranks of the texts of rows that have no dictionary. */
function rankedTexts(column: FinishedColumn, ordering: StringOrdering): WordsOf {
  const compare = compareTexts(ordering);
  const textAt = textReader(column);
  return (rows) => {
    const texts = Array.from(rows, textAt);
    const order = rows
      .map((_, place) => place)
      .sort((a, b) => compare(texts[a] ?? null, texts[b] ?? null));
    const ranks = new Uint32Array(rows.length);
    let rank = 0;
    for (const [at, place] of order.entries()) {
      const before = order[at - 1];
      const isNew =
        before !== undefined && compare(texts[before] ?? null, texts[place] ?? null) !== 0;
      if (isNew) rank++;
      ranks[place] = rank;
    }
    return ranks;
  };
}
