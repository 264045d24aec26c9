/** Sort order of the ids of a dimension: each id's rank, and what stands at each rank. */
import { compareCodePoints } from '@isotherm/kernels';
import type { NumberDictionary } from './number-dictionary.ts';
import { isListId, type TextColumn } from './text-column.ts';

/** Ranks of texts by dictionary id; texts by rank, null first. */
export interface TextRanks {
  readonly texts: readonly (string | null)[];
  readonly ofText: Uint32Array;
  /** Number of distinct values of rows, lists included. */
  readonly size: number;
  /** Rank of each list, by list number, and of each text among texts and lists; null without lists. */
  readonly lists: { readonly ofList: Uint32Array; readonly ofText: Uint32Array } | null;
}

/** Sorts the texts by code points. */
export function rankTexts(column: TextColumn): TextRanks {
  const { dictionary } = column;
  const texts: (string | null)[] = [null];
  let hasPairs = false;
  for (let id = 1; id < dictionary.size; id++) {
    const text = dictionary.textOf(id);
    if (!hasPairs && text !== null && /[\uD800-\uDFFF\uE000-\uFFFF]/.test(text)) hasPairs = true;
    texts.push(text);
  }
  const ofText = new Uint32Array(dictionary.size);
  const sorted = texts.slice(1) as string[];
  // Code units order like code points as long as there is no surrogate beside higher units.
  if (hasPairs) sorted.sort(compareCodePoints);
  else sorted.sort();
  sorted.forEach((text, place) => {
    ofText[dictionary.idOfText(text)] = place + 1;
  });
  const ranked = { texts: [null, ...sorted], ofText };
  if (column.lists.length === 0) {
    return { ...ranked, size: dictionary.size, lists: null };
  }
  return { ...ranked, ...rankLists(column, ofText) };
}

/** Lists compare by their values, one after the other. */
function rankLists(column: TextColumn, ofText: Uint32Array): Pick<TextRanks, 'size' | 'lists'> {
  const values = column.lists.map((list) => list.map((id) => ofText[id]));
  const singles = Array.from(ofText, (rank, id) => ({
    ranks: id === 0 ? new Uint32Array() : Uint32Array.of(rank),
    list: -1,
    id,
  }));
  const lists = values.map((ranks, list) => ({ ranks, list, id: -1 }));
  const all = [...singles, ...lists].sort((a, b) => compareRanks(a.ranks, b.ranks));
  const ofSingle = new Uint32Array(singles.length);
  const ofList = new Uint32Array(lists.length);
  all.forEach(({ list, id }, rank) => {
    if (list < 0) ofSingle[id] = rank;
    else ofList[list] = rank;
  });
  return { size: all.length, lists: { ofList, ofText: ofSingle } };
}

/** Replaces the ids of rows by their ranks, in place. */
export function replaceByRanks(ids: Uint32Array, { ofText, lists }: TextRanks): void {
  if (lists === null) {
    for (let row = 0; row < ids.length; row++) ids[row] = ofText[ids[row]];
    return;
  }
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row];
    ids[row] = isListId(id) ? lists.ofList[id - 0x8000_0000] : lists.ofText[id];
  }
}

function compareRanks(a: Uint32Array, b: Uint32Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return a[at] - b[at];
  return a.length - b.length;
}

/** Rank of each id of a number dictionary, null first. */
export function rankNumbers(dictionary: NumberDictionary): Uint32Array {
  const ranks = new Uint32Array(dictionary.size);
  const ids = Uint32Array.from({ length: dictionary.size - 1 }, (_, place) => place + 1);
  const doubles = Float64Array.from({ length: dictionary.size }, (_, id) =>
    dictionary.doubleOf(id),
  );
  ids.sort((a, b) => {
    const order = doubles[a] - doubles[b];
    if (order !== 0) return order;
    const [left, right] = [dictionary.valueOf(a) ?? 0, dictionary.valueOf(b) ?? 0];
    return left < right ? -1 : left > right ? 1 : 0;
  });
  ids.forEach((id, place) => {
    ranks[id] = place + 1;
  });
  return ranks;
}
