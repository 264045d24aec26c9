/**
 * Dictionaries of several partials as one, by the bytes of their entries: nothing is decoded. Entry 0
 * of the joined one is null, whether or not a partial has a null.
 */
import { TextTable, kernelMemory, scratchBytes, scratchIds } from '@isotherm/kernels';
import { TextDictionary } from '../text-dictionary.ts';

/** Below as many entries it costs more to reach the kernels than to do without. */
const fewEntries = 4096;

/** A joined dictionary. */
interface JoinedTexts {
  readonly dictionary: TextDictionary;
  /** Per given dictionary the joined id of each entry, shape [size]. */
  readonly idsOf: readonly Uint32Array[];
}

/** Joins dictionaries; O(bytes of all). */
export function joinTexts(dictionaries: readonly TextDictionary[]): JoinedTexts {
  const entryCount = dictionaries.reduce((sum, { size }) => sum + size, 0);
  const table = new TextTable(entryCount < fewEntries ? null : kernelMemory());
  try {
    const idsOf = dictionaries.map((dictionary) => addAll(table, dictionary));
    const offsets = table.offsets.slice(0, table.size + 1);
    const bytes = table.bytes.slice(0, offsets[table.size]);
    return { dictionary: new TextDictionary({ bytes, offsets, nullId: 0 }), idsOf };
  } finally {
    table.free();
  }
}

function addAll(table: TextTable, dictionary: TextDictionary): Uint32Array {
  const { size, nullId } = dictionary;
  const ids = scratchIds(size);
  const entries = size < fewEntries ? dictionary : inScratch(dictionary);
  // A null has no bytes and would be found as the empty text.
  const end = nullId === -1 ? size : nullId;
  table.addTexts(entries, 0, end, ids);
  if (end < size) {
    ids[end] = 0;
    table.addTexts(entries, end + 1, size, ids.subarray(end + 1));
  }
  return ids;
}

/** A copy where kernels can read it: copying is far faster than what they save. */
function inScratch({
  offsets,
  bytes,
  size,
}: TextDictionary): Pick<TextDictionary, 'offsets' | 'bytes'> {
  const used = bytes.subarray(0, offsets[size]);
  const copies = { offsets: scratchIds(offsets.length), bytes: scratchBytes(used.length) };
  copies.offsets.set(offsets);
  copies.bytes.set(used);
  return copies;
}
