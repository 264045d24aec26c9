/**
 * Truth of a filter leaf for every entry of a dictionary, so that rows only look it up. Leaves
 * that follow the order of the dictionary are found by binary search; the others are evaluated
 * once an entry.
 */
import { maskFalse, maskTrue, maskUnknown, scratchBytes } from '@isotherm/kernels';
import type { Filter, ValuePredicate } from '@isotherm/query';
import type { StringDictionary } from '@isotherm/segment';

/** The truth byte of a predicate's answer; null is unknown. */
export function truthOf(answer: boolean | null): number {
  if (answer === null) return maskUnknown;
  return answer ? maskTrue : maskFalse;
}

/** Truth of each entry of a text dictionary, shape [dictionary.size]. */
export function textTruth(
  filter: Filter,
  dictionary: StringDictionary,
  predicate: ValuePredicate,
): Uint8Array {
  const table = scratchBytes(dictionary.size);
  if (!fillByOrder(filter, dictionary, table)) {
    for (let id = 0; id < dictionary.size; id++) {
      table[id] = truthOf(predicate.ofText(dictionary.valueAt(id)));
    }
  } else if (dictionary.hasNull) {
    table[0] = truthOf(predicate.ofText(null));
  }
  return table;
}

/** Truth of each distinct time, shape [times.length]. */
export function timeTruth(times: Float64Array, predicate: ValuePredicate): Uint8Array {
  const table = scratchBytes(times.length);
  for (let id = 0; id < times.length; id++) table[id] = truthOf(predicate.ofLong(times[id]));
  return table;
}

/** Marks entries found by binary search; false if the filter does not follow the dictionary's order. */
function fillByOrder(filter: Filter, dictionary: StringDictionary, table: Uint8Array): boolean {
  switch (filter.type) {
    case 'selector':
      return fillValues([filter.value], dictionary, table);
    case 'in':
      return fillValues(filter.values, dictionary, table);
    case 'null':
      return true;
    case 'bound':
      if (filter.ordering !== 'lexicographic') return false;
      return fillBetween(filter, dictionary, table);
    case 'range': {
      const { lower, upper } = filter;
      if (filter.matchValueType !== 'STRING') return false;
      if (typeof lower === 'number' || typeof lower === 'bigint') return false;
      if (typeof upper === 'number' || typeof upper === 'bigint') return false;
      const bounds = { lower, upper, lowerStrict: filter.lowerOpen, upperStrict: filter.upperOpen };
      return fillBetween(bounds, dictionary, table);
    }
    default:
      return false;
  }
}

function fillValues(
  values: readonly (string | null)[],
  dictionary: StringDictionary,
  table: Uint8Array,
): boolean {
  for (const value of values) {
    const id = dictionary.idOf(value);
    if (id >= 0) table[id] = maskTrue;
  }
  return true;
}

function fillBetween(
  bounds: {
    readonly lower: string | null;
    readonly upper: string | null;
    readonly lowerStrict: boolean;
    readonly upperStrict: boolean;
  },
  dictionary: StringDictionary,
  table: Uint8Array,
): boolean {
  const { lower, upper } = bounds;
  let start = dictionary.hasNull ? 1 : 0;
  let end = dictionary.size;
  if (lower !== null) {
    start = dictionary.lowerBound(lower);
    if (bounds.lowerStrict && dictionary.idOf(lower) >= 0) start += 1;
  }
  if (upper !== null) {
    end = dictionary.lowerBound(upper);
    if (!bounds.upperStrict && dictionary.idOf(upper) >= 0) end += 1;
  }
  if (start < end) table.fill(maskTrue, start, end);
  return true;
}
