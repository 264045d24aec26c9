/**
 * What the values of a text or time column do to a sketch: hashed once a dictionary entry and kept
 * with the loaded column, so that a second query only looks it up.
 *
 *   by entry   2 bytes an entry; one lookup a row, into a table that stays in the second-level cache
 *   by row     2 bytes a row, for dictionaries of more than 65,536 entries: there the lookup costs more
 *              than all else (3.1 ns a row of 600,000 entries against 1.1), and ids take 4 bytes
 *
 * In a segment with one of the rare texts that 16 bits do not hold it is 4 bytes.
 */
import type { HyperUniqueEffects } from '@isotherm/kernels';
import { hashTexts, scratchIds, spreadEffects } from '@isotherm/kernels';
import type { Segment, StringColumn, StringDictionary, TimeColumn } from '@isotherm/segment';

/** Largest dictionary whose effects are looked up by entry. */
const entryLimit = 1 << 16;

/** Effects of a column, by the id of an entry or by row. */
export type ColumnEffects =
  | { readonly type: 'byEntry'; readonly effects: HyperUniqueEffects }
  | { readonly type: 'byRow'; readonly effects: HyperUniqueEffects };

/** Effects of a text column with one value a row. */
export function textEffects(name: string, column: StringColumn, segment: Segment): ColumnEffects {
  const { dictionary, ids } = column;
  if (dictionary.size <= entryLimit) {
    return { type: 'byEntry', effects: entryEffects(name, dictionary, segment) };
  }
  const effects = kept(name, { key: 'effects of rows', length: ids.length }, segment, (room) => {
    const words = scratchIds(dictionary.size);
    const byEntry =
      room.BYTES_PER_ELEMENT === 4
        ? words
        : new Uint16Array(words.buffer, words.byteOffset, dictionary.size);
    const unheld = hashDictionary(dictionary, byEntry);
    spreadEffects(ids, byEntry, room);
    return unheld;
  });
  return { type: 'byRow', effects };
}

/** Effects of the entries of a dictionary, and none behind the last; shape [size + 1]. */
export function entryEffects(
  name: string,
  dictionary: StringDictionary,
  segment: Segment,
): HyperUniqueEffects {
  const length = dictionary.size + 1;
  return kept(name, { key: 'effects of entries', length }, segment, (room) => {
    room[dictionary.size] = 0;
    return hashDictionary(dictionary, room);
  });
}

/** Effects of the distinct times of a segment, which are hashed as decimal texts; shape [distinct]. */
export function timeEffects(
  name: string,
  { distinct }: TimeColumn,
  segment: Segment,
): HyperUniqueEffects {
  const { length } = distinct;
  return kept(name, { key: 'effects of times', length }, segment, (room) => {
    const texts = Array.from(distinct, String);
    const offsets = new Int32Array(length + 1);
    for (const [id, text] of texts.entries()) offsets[id + 1] = offsets[id] + text.length;
    return hashTexts({ offsets, bytes: Buffer.from(texts.join('')) }, room);
  });
}

/** Hashes all entries; null has no effect. Returns how many the width does not hold. */
function hashDictionary(dictionary: StringDictionary, effects: HyperUniqueEffects): number {
  const unheld = hashTexts(dictionary, effects);
  if (dictionary.hasNull) effects[0] = 0;
  return unheld;
}

/**
 * Effects that the segment keeps: of 16 bits, with a word behind the last that tells whether they hold
 * everything, else of 32.
 */
function kept(
  name: string,
  { key, length }: { readonly key: string; readonly length: number },
  segment: Segment,
  fill: (effects: HyperUniqueEffects) => number,
): HyperUniqueEffects {
  const viewOf = (bytes: Uint8Array): Uint16Array =>
    new Uint16Array(bytes.buffer, bytes.byteOffset, length + 1);
  const narrow = viewOf(
    segment.derived(name, { key, byteLength: (length + 1) * 2 }, (room) => {
      const all = viewOf(room);
      all[length] = fill(all.subarray(0, length)) === 0 ? 0 : 1;
    }),
  );
  if (narrow[length] === 0) return narrow.subarray(0, length);
  const bytes = segment.derived(name, { key: `wide ${key}`, byteLength: length * 4 }, (room) => {
    fill(new Uint32Array(room.buffer, room.byteOffset, length));
  });
  return new Uint32Array(bytes.buffer, bytes.byteOffset, length);
}
