/** Sort order of the ids of a dimension: each id's rank, and what stands at each rank. */
import type { NumberDictionary } from './number-dictionary.ts';
import type { TextColumn } from './text-column.ts';
import type { SortedTexts } from './sorted-texts.ts';
import { sortTextIds } from './text-order.ts';

/** Ranks of the values of a text column: texts and lists together, null first. */
export interface TextRanks {
  readonly texts: SortedTexts;
  /** Number of distinct values. */
  readonly size: number;
  /** Rank of each text among all values, by dictionary id. */
  readonly ofText: Uint32Array;
  /** Rank of each list among all values, by list number. */
  readonly ofList: Uint32Array;
  /** What each rank is in ranks of texts alone; null where there are no lists, for then it is the same. */
  readonly values: readonly Uint32Array[] | null;
}

/** Sorts the values by code points; lists compare by their values, one after the other. */
export function rankTexts(column: TextColumn): TextRanks {
  const { dictionary, lists } = column;
  const sorted = sortTextIds(dictionary);
  const ofText = new Uint32Array(dictionary.size);
  for (let place = 0; place < sorted.length; place++) ofText[sorted[place]] = place + 1;
  const texts = dictionary.takeTexts(sorted);
  if (lists.length === 0) {
    return { texts, size: dictionary.size, ofText, ofList: new Uint32Array(), values: null };
  }
  const values = [
    ...Array.from(ofText, (rank, id) => ({
      ranks: id === 0 ? new Uint32Array() : Uint32Array.of(rank),
      list: -1,
      id,
    })),
    ...lists.map((list, number) => ({
      ranks: list.map((id) => ofText[id]),
      list: number,
      id: -1,
    })),
  ].sort((a, b) => compareRanks(a.ranks, b.ranks));
  const ofList = new Uint32Array(lists.length);
  const ofSingle = new Uint32Array(dictionary.size);
  values.forEach(({ list, id }, rank) => {
    if (list < 0) ofSingle[id] = rank;
    else ofList[list] = rank;
  });
  return {
    texts,
    size: values.length,
    ofText: ofSingle,
    ofList,
    values: values.map(({ ranks }) => ranks),
  };
}

function compareRanks(a: Uint32Array, b: Uint32Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return a[at] - b[at];
  return a.length - b.length;
}

/** Numbers by rank; rank 0 is null. */
export interface NumberRanks {
  /** Rank of each dictionary id. */
  readonly ofId: Uint32Array;
  readonly size: number;
  /** Shape [size]; 0 for null, rounded for a long beyond ±2^53. */
  readonly values: Float64Array;
  /** Longs beyond ±2^53 by rank. */
  readonly wide: ReadonlyMap<number, bigint>;
}

/** Sorts the numbers of a dictionary. */
export function rankNumbers(dictionary: NumberDictionary): NumberRanks {
  const { size } = dictionary;
  const ids = Uint32Array.from({ length: size - 1 }, (_, place) => place + 1);
  const doubles = Float64Array.from({ length: size }, (_, id) => dictionary.doubleOf(id));
  ids.sort((a, b) => {
    const order = doubles[a] - doubles[b];
    if (order !== 0) return order;
    const [left, right] = [dictionary.valueOf(a) ?? 0, dictionary.valueOf(b) ?? 0];
    return left < right ? -1 : left > right ? 1 : 0;
  });
  const ofId = new Uint32Array(size);
  const values = new Float64Array(size);
  const wide = new Map<number, bigint>();
  ids.forEach((id, place) => {
    ofId[id] = place + 1;
    values[place + 1] = doubles[id];
    const value = dictionary.valueOf(id);
    if (typeof value === 'bigint') wide.set(place + 1, value);
  });
  return { ofId, size, values, wide };
}
