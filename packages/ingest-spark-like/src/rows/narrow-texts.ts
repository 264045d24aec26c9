/** From ranks of a job's texts to places in a segment's own dictionary, which has only what its rows use. */
import type { TextEntries } from '@isotherm/segment';
import type { SortedTexts } from './text-order.ts';

/** @param ids  ranks; replaced by places, in place */
export function narrowTexts(
  texts: SortedTexts,
  ids: Uint32Array,
): { readonly dictionary: TextEntries; readonly ids: Uint32Array } {
  const ranks = useRanks(texts, ids);
  const hasNull = ranks[0] === 0;
  const offsets = new Int32Array(ranks.length + 1);
  for (let place = 0; place < ranks.length; place++) {
    const rank = ranks[place];
    offsets[place + 1] = offsets[place] + texts.offsets[rank + 1] - texts.offsets[rank];
  }
  const bytes = new Uint8Array(offsets[ranks.length]);
  for (let place = 0; place < ranks.length; place++) {
    const source = texts.bytes;
    let from = texts.offsets[ranks[place]];
    for (let to = offsets[place]; to < offsets[place + 1]; to++, from++) bytes[to] = source[from];
  }
  return { dictionary: { offsets, bytes, hasNull }, ids };
}

/** The same with the texts as strings. */
export function narrowLists(
  texts: SortedTexts,
  ids: Uint32Array,
): { readonly dictionary: readonly (string | null)[]; readonly ids: Uint32Array } {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const dictionary = Array.from(useRanks(texts, ids), (rank) =>
    rank === 0
      ? null
      : decoder.decode(texts.bytes.slice(texts.offsets[rank], texts.offsets[rank + 1])),
  );
  return { dictionary, ids };
}

/** Ranks that are used, ascending; `ids` become places among them. */
function useRanks({ offsets }: SortedTexts, ids: Uint32Array): Uint32Array {
  const places = new Uint32Array(offsets.length - 1);
  for (let at = 0; at < ids.length; at++) places[ids[at]] = 1;
  let count = 0;
  for (let rank = 0; rank < places.length; rank++) count += places[rank];
  const ranks = new Uint32Array(count);
  let place = 0;
  for (let rank = 0; rank < places.length; rank++) {
    if (places[rank] === 0) continue;
    places[rank] = place;
    ranks[place++] = rank;
  }
  for (let at = 0; at < ids.length; at++) ids[at] = places[ids[at]];
  return ranks;
}
