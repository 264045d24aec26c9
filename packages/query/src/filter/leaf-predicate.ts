/**
 * Compiles filters on one column. A filter meets a column in the column's own type: a selector "10.0"
 * matches the long 10, a bound with numeric ordering compares longs exactly, and one with
 * lexicographic ordering compares their texts.
 */
import { boundPredicate, rangePredicate } from './bound-predicate.ts';
import { likeMatcher } from './like.ts';
import { equalsPredicate, memberPredicate, nullPredicate } from './member-predicate.ts';
import type { LeafFilter, ValuePredicate } from './predicate.ts';
import { textPredicate } from './predicate.ts';

/** Compiles a filter on one column. Costs time linear in its values, once. */
export function leafPredicate(filter: LeafFilter): ValuePredicate {
  switch (filter.type) {
    case 'null':
      return nullPredicate;
    case 'selector':
      return filter.value === null ? nullPredicate : memberPredicate([filter.value]);
    case 'in':
      return memberPredicate(filter.values);
    case 'equals':
      return equalsPredicate(filter.matchValue, filter.matchValueType);
    case 'bound':
      return boundPredicate(filter);
    case 'range':
      return rangePredicate(filter);
    case 'like':
      return textPredicate(likeMatcher(filter.pattern, filter.escape));
  }
}
