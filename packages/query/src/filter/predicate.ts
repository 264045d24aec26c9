/**
 * What a filter says about one value, in three values: true, false, or null for unknown. A null value
 * is unknown to every filter that does not ask for null, so that `not` does not match it either.
 */
import { doubleText, floatText } from '../java-number-text.ts';
import type { Filter } from '../model.ts';
import type { ExactLong } from './read-number.ts';

/** The filters that look at one column. */
export type LeafFilter = Exclude<
  Filter,
  { readonly type: 'true' | 'false' | 'and' | 'or' | 'not' }
>;

/** true, false, or null for unknown. */
export type Truth = boolean | null;

/** Judges one value of a column of each type; a missing column is all null. */
export interface ValuePredicate {
  readonly ofText: (value: string | null) => Truth;
  readonly ofLong: (value: ExactLong | null) => Truth;
  readonly ofDouble: (value: number | null) => Truth;
  /** `value` is a 32-bit float held in a double; "10.1" means the float that is nearest to it. */
  readonly ofFloat: (value: number | null) => Truth;
}

/** Judges the text of every value, as Java prints numbers. */
export function textPredicate(matches: (text: string) => boolean): ValuePredicate {
  return {
    ofText: (value) => (value === null ? null : matches(value)),
    ofLong: (value) => (value === null ? null : matches(String(value))),
    ofDouble: (value) => (value === null ? null : matches(doubleText(value))),
    ofFloat: (value) => (value === null ? null : matches(floatText(value))),
  };
}
