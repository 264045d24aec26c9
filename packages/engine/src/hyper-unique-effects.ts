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
import { hashTexts, scratchBytes, scratchIds, spreadEffects } from '@isotherm/kernels';
import type { Segment, StringColumn, StringDictionary, TimeColumn } from '@isotherm/segment';

/** Largest dictionary whose effects are looked up by entry. */
const entryLimit = 1 << 16;

/** Entries that are decoded at once. */
const decodedEntries = 4096;

/** Which bytes of a text are hashed: hyperUnique takes UTF-8, cardinality the chars of Java. */
export type TextForm = 'utf8' | 'chars';

/** Effects of a column, by the id of an entry or by row. */
export type ColumnEffects =
  | { readonly type: 'byEntry'; readonly effects: HyperUniqueEffects }
  | { readonly type: 'byRow'; readonly effects: HyperUniqueEffects };

/** Effects of a text column with one value a row. */
export function textEffects(
  name: string,
  column: StringColumn,
  segment: Segment,
  form: TextForm = 'utf8',
): ColumnEffects {
  const { dictionary, ids } = column;
  if (dictionary.size <= entryLimit) {
    return { type: 'byEntry', effects: entryEffects(name, dictionary, segment, form) };
  }
  const effects = kept(
    name,
    { key: `effects of rows, ${form}`, length: ids.length },
    segment,
    (room) => {
      const words = scratchIds(dictionary.size);
      const byEntry =
        room.BYTES_PER_ELEMENT === 4
          ? words
          : new Uint16Array(words.buffer, words.byteOffset, dictionary.size);
      const unheld = hashDictionary(dictionary, byEntry, form);
      spreadEffects(ids, byEntry, room);
      return unheld;
    },
  );
  return { type: 'byRow', effects };
}

/** Effects of the entries of a dictionary, and none behind the last; shape [size + 1]. */
export function entryEffects(
  name: string,
  dictionary: StringDictionary,
  segment: Segment,
  form: TextForm = 'utf8',
): HyperUniqueEffects {
  const length = dictionary.size + 1;
  return kept(name, { key: `effects of entries, ${form}`, length }, segment, (room) => {
    room[dictionary.size] = 0;
    return hashDictionary(dictionary, room, form);
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
function hashDictionary(
  dictionary: StringDictionary,
  effects: HyperUniqueEffects,
  form: TextForm,
): number {
  const unheld = hashTexts(form === 'utf8' ? dictionary : charsOf(dictionary), effects);
  if (dictionary.hasNull) effects[0] = 0;
  return unheld;
}

/** The entries of a dictionary in UTF-16, low bytes first, in scratch of the run. */
function charsOf({ offsets, bytes }: StringDictionary): {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
} {
  const ends = scratchIds(offsets.length);
  let units = 0;
  for (let id = 0; id + 1 < offsets.length; id++) {
    for (let at = offsets[id]; at < offsets[id + 1]; at++) {
      // A byte that continues a character adds none; four bytes are a pair of units.
      units += ((bytes[at] & 0xc0) === 0x80 ? 0 : 1) + (bytes[at] >= 0xf0 ? 1 : 0);
    }
    ends[id + 1] = units * 2;
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chars = scratchBytes(units * 2);
  for (let id = 0; id + 1 < offsets.length;) {
    // Some entries at a time, for a text has at most 2^29 units.
    const end = Math.min(offsets.length - 1, id + decodedEntries);
    chars.set(Buffer.from(text.toString('utf8', offsets[id], offsets[end]), 'utf16le'), ends[id]);
    id = end;
  }
  return { offsets: new Int32Array(ends.buffer, ends.byteOffset, ends.length), bytes: chars };
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
