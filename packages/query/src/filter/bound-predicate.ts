/** Filters between two limits: `bound`, whose limits are texts, and `range`, whose limits are typed. */
import { doubleText } from '../java-number-text.ts';
import type { Filter } from '../model.ts';
import { compareTexts } from './compare-texts.ts';
import type { Truth, ValuePredicate } from './predicate.ts';
import { textPredicate } from './predicate.ts';
import type { ExactLong } from './read-number.ts';
import { readDouble, readLong } from './read-number.ts';

type BoundFilter = Extract<Filter, { type: 'bound' }>;
type RangeFilter = Extract<Filter, { type: 'range' }>;

/** Two limits as texts; null = open on that side. */
interface Limits {
  readonly lower: string | null;
  readonly upper: string | null;
  readonly lowerStrict: boolean;
  readonly upperStrict: boolean;
}

/**
 * Compiles a `bound`: numeric ordering compares numbers as numbers, every other one their texts. A null
 * text matches a bound that has no lower limit, as in Druid, where it comes before all texts; one with
 * a lower limit is unknown of it in lexicographic order, and plainly false in every other.
 */
export function boundPredicate(filter: BoundFilter): ValuePredicate {
  const texts = textPredicate(between(filter, filter, compareTexts(filter.ordering)));
  const whenNull = filter.lower === null || (filter.ordering === 'lexicographic' ? null : false);
  const ofText = (value: string | null) => (value === null ? whenNull : texts.ofText(value));
  if (filter.ordering !== 'numeric') return { ...texts, ofText };
  return {
    ofText,
    ofLong: numberTest<ExactLong>(filter, (text) => readLong(text) ?? readNumber(text)),
    ofDouble: numberTest(filter, readNumber),
    ofFloat: numberTest(filter, readFloat),
  };
}

/** Compiles a `range`: limits that are numbers compare columns of numbers as numbers, floats as doubles. */
export function rangePredicate(filter: RangeFilter): ValuePredicate {
  const limits: Limits = {
    lower: limitText(filter.lower, filter.matchValueType),
    upper: limitText(filter.upper, filter.matchValueType),
    lowerStrict: filter.lowerOpen,
    upperStrict: filter.upperOpen,
  };
  if (filter.matchValueType === 'STRING') {
    return textPredicate(between(limits, limits, compareTexts('lexicographic')));
  }
  const texts = textPredicate(between(limits, limits, compareTexts('numeric')));
  const ofDouble = numberTest(limits, readNumber);
  return {
    ...texts,
    ofLong: numberTest<ExactLong>(limits, (text) => readLong(text) ?? readNumber(text)),
    ofDouble,
    ofFloat: ofDouble,
  };
}

function limitText(
  value: string | number | bigint | null,
  type: RangeFilter['matchValueType'],
): string | null {
  if (value === null || typeof value === 'string') return value;
  if (type === 'FLOAT') return doubleText(Math.fround(Number(value)));
  return type === 'LONG' ? String(value) : doubleText(Number(value));
}

/** A limit that is no number lies below all numbers: as the lower one it is open, as the upper one nothing matches. */
function numberTest<Value extends ExactLong>(
  limits: Limits,
  read: (text: string) => Value | null,
): (value: Value | null) => Truth {
  const lower = limits.lower === null ? null : read(limits.lower);
  const upper = limits.upper === null ? null : read(limits.upper);
  const matchesNothing = limits.upper !== null && upper === null;
  const matches = between({ lower, upper }, limits, compareNumbers);
  return (value) => (value === null ? null : !matchesNothing && matches(value));
}

function between<Value>(
  { lower, upper }: { readonly lower: Value | null; readonly upper: Value | null },
  { lowerStrict, upperStrict }: Pick<Limits, 'lowerStrict' | 'upperStrict'>,
  compare: (a: Value, b: Value) => number,
): (value: Value) => boolean {
  const leastOrder = lowerStrict ? 1 : 0;
  const greatestOrder = upperStrict ? -1 : 0;
  return (value) =>
    (lower === null || Math.sign(compare(value, lower)) >= leastOrder) &&
    (upper === null || Math.sign(compare(value, upper)) <= greatestOrder);
}

/** JavaScript compares bigint with number exactly; NaN comes after all numbers, as in Java. */
function compareNumbers(a: ExactLong, b: ExactLong): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function readNumber(text: string): number | null {
  const value = readDouble(text);
  return Number.isNaN(value) ? null : value;
}

function readFloat(text: string): number | null {
  const value = readNumber(text);
  return value === null ? null : Math.fround(value);
}
