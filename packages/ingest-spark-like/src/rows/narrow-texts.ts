/** From ranks of a job's texts to places in a segment's own dictionary, which has only what its rows use. */
import type { TextEntries } from '@isotherm/segment';
import { copyText, entryWords, rankCount, type SortedTexts, textAt } from './sorted-texts.ts';

/** @param ids  ranks; replaced by places, in place */
export function narrowTexts(
  texts: SortedTexts,
  ids: Uint32Array,
): { readonly dictionary: TextEntries; readonly ids: Uint32Array } {
  const ranks = useRanks(texts, ids);
  const offsets = new Int32Array(ranks.length + 1);
  for (let place = 0; place < ranks.length; place++) {
    offsets[place + 1] = offsets[place] + texts.entries[ranks[place] * entryWords];
  }
  const bytes = new Uint8Array(offsets[ranks.length]);
  for (let place = 0; place < ranks.length; place++) {
    copyText(texts, ranks[place], bytes, offsets[place]);
  }
  return { dictionary: { offsets, bytes, hasNull: ranks[0] === 0 }, ids };
}

/** The same with the texts as strings. */
export function narrowLists(
  texts: SortedTexts,
  ids: Uint32Array,
): { readonly dictionary: readonly (string | null)[]; readonly ids: Uint32Array } {
  return { dictionary: Array.from(useRanks(texts, ids), (rank) => textAt(texts, rank)), ids };
}

/** Ranks that are used, ascending; `ids` become places among them. */
function useRanks(texts: SortedTexts, ids: Uint32Array): Uint32Array {
  const isUsed = new Uint8Array(rankCount(texts));
  for (let at = 0; at < ids.length; at++) isUsed[ids[at]] = 1;
  let count = 0;
  for (let rank = 0; rank < isUsed.length; rank++) count += isUsed[rank];
  const ranks = new Uint32Array(count);
  const places = new Uint32Array(isUsed.length);
  let place = 0;
  for (let rank = 0; rank < isUsed.length; rank++) {
    if (isUsed[rank] === 0) continue;
    places[rank] = place;
    ranks[place++] = rank;
  }
  for (let at = 0; at < ids.length; at++) ids[at] = places[ids[at]];
  return ranks;
}
