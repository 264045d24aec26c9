/**
 * The texts of a filter as UTF-8, encoded once a query however many segments it meets: the form in
 * which kernels look them up in dictionaries.
 */
import type { TextBytes } from '@isotherm/kernels';
import { compareTexts } from '@isotherm/kernels';

const encoder = new TextEncoder();

/** Lists by the array that holds their values, which lives as long as the query. */
const known = new WeakMap<readonly (string | null)[], TextBytes>();

/**
 * Encodes the values of an IN filter, without null and without texts that are no Unicode, which no
 * dictionary holds. Later calls with the same array cost nothing.
 *
 * @returns ascending by bytes, distinct
 */
export function encodedList(values: readonly (string | null)[]): TextBytes {
  let list = known.get(values);
  if (list === undefined) known.set(values, (list = sorted(encode(values))));
  return list;
}

/** The text of a filter that has only one. */
export function encodedText(value: string): TextBytes {
  return encode([value]);
}

function encode(values: readonly (string | null)[]): TextBytes {
  const texts = values.filter((value) => value !== null);
  const joined = texts.join('');
  const bytes = encoder.encode(joined);
  if (bytes.length === joined.length) return { offsets: offsetsOf(texts), bytes };
  const whole = texts.filter((text) => text.isWellFormed()).map((text) => encoder.encode(text));
  return { offsets: offsetsOf(whole), bytes: Buffer.concat(whole) };
}

/** Where each of some texts, or of their bytes, starts. */
function offsetsOf(parts: readonly { readonly length: number }[]): Int32Array {
  const offsets = new Int32Array(parts.length + 1);
  for (let i = 0; i < parts.length; i++) offsets[i + 1] = offsets[i] + parts[i].length;
  return offsets;
}

/** The same list in order: as it is, for a parsed query's values are sorted, else a sorted copy. */
function sorted(list: TextBytes): TextBytes {
  const count = list.offsets.length - 1;
  let isSorted = true;
  for (let i = 1; i < count && isSorted; i++) isSorted = compareTexts(list, i - 1, list, i) < 0;
  if (isSorted) return list;
  const places = Array.from({ length: count }, (_none, i) => i)
    .sort((a, b) => compareTexts(list, a, list, b))
    .filter((place, i, all) => i === 0 || compareTexts(list, all[i - 1], list, place) !== 0);
  const parts = places.map((at) => list.bytes.subarray(list.offsets[at], list.offsets[at + 1]));
  return { offsets: offsetsOf(parts), bytes: Buffer.concat(parts) };
}
