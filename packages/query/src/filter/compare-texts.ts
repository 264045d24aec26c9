/** Orders of text as Druid's string comparators define them; null comes first in all. */
import { compareCodePoints } from '@isotherm/kernels';
import type { StringOrdering } from '../model.ts';
import { compareAlphanumeric } from './compare-alphanumeric.ts';
import { compareVersions } from './compare-versions.ts';
import { compareDecimals, readDecimal } from './read-number.ts';

/** A total order of texts: negative, zero or positive. */
export type CompareTexts = (a: string | null, b: string | null) => number;

const byOrdering: Readonly<Record<StringOrdering, (a: string, b: string) => number>> = {
  lexicographic: compareCodePoints,
  alphanumeric: compareAlphanumeric,
  numeric: compareNumeric,
  strlen: compareLengths,
  version: compareVersions,
};

/** The comparison of an ordering. Nulls come first. */
export function compareTexts(ordering: StringOrdering): CompareTexts {
  const compare = byOrdering[ordering];
  return (a, b) => {
    if (a === b) return 0;
    if (a === null) return -1;
    return b === null ? 1 : compare(a, b);
  };
}

/** Numbers by value; texts that are no numbers come before them, in code point order. */
function compareNumeric(a: string, b: string): number {
  const [left, right] = [readDecimal(a), readDecimal(b)];
  if (left !== null && right !== null) return compareDecimals(left, right);
  if (left === null && right === null) return compareCodePoints(a, b);
  return left === null ? -1 : 1;
}

function compareLengths(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}
