/** Filters that ask whether a value is one of a few or of a hundred thousand: null, selector, in, equals. */
import { doubleText } from '../java-number-text.ts';
import type { Filter } from '../model.ts';
import type { Truth, ValuePredicate } from './predicate.ts';
import type { ExactLong } from './read-number.ts';
import { exactLong, readDouble, readLong } from './read-number.ts';

type EqualsFilter = Extract<Filter, { type: 'equals' }>;

const isNull = (value: unknown): boolean => value === null;

/** True for null, false for all else; the only filter that is never unknown. */
export const nullPredicate: ValuePredicate = {
  ofText: isNull,
  ofLong: isNull,
  ofDouble: isNull,
  ofFloat: isNull,
};

/**
 * Matches members of a list of texts. Texts that are no number of the column's type match none of its
 * values. Null matches if it is a member, else it is unknown.
 */
export function memberPredicate(values: readonly (string | null)[]): ValuePredicate {
  const whenNull: Truth = values.includes(null) ? true : null;
  // Most filters meet columns of one type, and dictionaries without one call a value: sets are made when first asked for.
  const texts = lazySet(values, (text) => text);
  const longs = lazySet<ExactLong>(values, readLong);
  const doubles = lazySet(values, readDouble);
  const floats = lazySet(values, readFloat);
  return {
    ofText: (value) => (value === null ? whenNull : texts().has(value)),
    ofLong: (value) => (value === null ? whenNull : longs().has(exactLong(value))),
    ofDouble: (value) => (value === null ? whenNull : doubles().has(value)),
    ofFloat: (value) => (value === null ? whenNull : floats().has(value)),
  };
}

/** Matches one typed value; a text column is met as text, printed as Java prints it. */
export function equalsPredicate(
  value: string | number | bigint,
  type: EqualsFilter['matchValueType'],
): ValuePredicate {
  if (typeof value === 'string' || type === 'LONG') return memberPredicate([String(value)]);
  const number = Number(value);
  // A text column may hold a whole number in either form, and Druid matches "1" by the double 1. A long column holds
  // its exact value, which the text of a double beyond 2^53 rounds.
  const whole = Number.isInteger(number) ? [BigInt(number).toString()] : [];
  return memberPredicate([doubleText(number), String(number), ...whole]);
}

function readFloat(text: string): number | null {
  const value = readDouble(text);
  return value === null ? null : Math.fround(value);
}

function lazySet<Value>(
  texts: readonly (string | null)[],
  read: (text: string) => Value | null,
): () => ReadonlySet<Value> {
  let set: Set<Value> | null = null;
  return () => {
    if (set !== null) return set;
    set = new Set();
    for (const text of texts) {
      const value = text === null ? null : read(text);
      if (value !== null) set.add(value);
    }
    return set;
  };
}
