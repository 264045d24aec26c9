/**
 * A filter leaf on a number column as a test of plain doubles: a range, a set of values, or, where
 * the leaf compares text, the predicate itself once a distinct value.
 *
 * What a literal means for a column (does "10.0" equal the long 10?) is for the predicate of
 * `@isotherm/query` to say. So literals only give candidates, and the predicate picks among them.
 */
import type { LeafFilter, ValuePredicate } from '@isotherm/query';
import { leafPredicate } from '@isotherm/query';

/** How the values of a number column are tested. */
export type NumberTest =
  | {
      readonly type: 'range';
      readonly low: number;
      readonly high: number;
      /** Whether not-a-number counts as inside. */
      readonly nanHolds: boolean;
    }
  /** Ascending, not empty. */
  | { readonly type: 'set'; readonly sorted: Float64Array }
  | { readonly type: 'never' }
  | { readonly type: 'each'; readonly predicate: ValuePredicate };

/** What a number column holds. */
type NumberKind = 'long' | 'float' | 'double';

/** What was worked out for a leaf once: a query meets many segments. */
interface KnownLeaf {
  readonly predicate: ValuePredicate;
  readonly tests: Map<NumberKind, NumberTest>;
}

const knownLeaves = new WeakMap<LeafFilter, KnownLeaf>();

function knownLeaf(filter: LeafFilter): KnownLeaf {
  let leaf = knownLeaves.get(filter);
  if (leaf === undefined) {
    leaf = { predicate: leafPredicate(filter), tests: new Map() };
    knownLeaves.set(filter, leaf);
  }
  return leaf;
}

/** The predicate of a leaf, compiled once. */
export function predicateOf(filter: LeafFilter): ValuePredicate {
  return knownLeaf(filter).predicate;
}

/** Plans the test of the values of a number column, once a leaf; nulls are not its business. */
export function planNumberTest(filter: LeafFilter, kind: NumberKind): NumberTest {
  const { predicate, tests } = knownLeaf(filter);
  let test = tests.get(kind);
  if (test === undefined) tests.set(kind, (test = makeTest(filter, kind, predicate)));
  return test;
}

function makeTest(filter: LeafFilter, kind: NumberKind, predicate: ValuePredicate): NumberTest {
  const each: NumberTest = { type: 'each', predicate };
  switch (filter.type) {
    case 'null':
      return { type: 'never' };
    case 'selector':
      return setTest([filter.value], predicate, kind) ?? each;
    case 'in':
      return setTest(filter.values, predicate, kind) ?? each;
    case 'equals':
      return filter.matchValueType === 'STRING'
        ? each
        : (setTest([filter.matchValue], predicate, kind) ?? each);
    case 'bound': {
      if (filter.ordering !== 'numeric') return each;
      const below = { ...filter, lower: null, lowerStrict: false };
      const above = { ...filter, upper: null, upperStrict: false };
      return rangeTest({ filter, above, below, kind }) ?? each;
    }
    case 'range': {
      if (filter.matchValueType === 'STRING') return each;
      const below = { ...filter, lower: null, lowerOpen: false };
      const above = { ...filter, upper: null, upperOpen: false };
      return rangeTest({ filter, above, below, kind }) ?? each;
    }
    case 'like':
      return each;
  }
}

/** Null where a literal may be a long that no double tells from its neighbours. */
function setTest(
  literals: readonly (string | number | bigint | null)[],
  predicate: ValuePredicate,
  kind: NumberKind,
): NumberTest | null {
  const found = new Set<number>();
  for (const literal of literals) {
    const number = literal === null || literal === '' ? Number.NaN : Number(literal);
    if (Number.isNaN(number)) continue;
    if (kind === 'long') {
      const whole = Math.trunc(number);
      if (!Number.isSafeInteger(whole)) {
        if (Math.abs(whole) <= 2 ** 63) return null;
      } else if (predicate.ofLong(whole) === true) found.add(whole);
    } else if (kind === 'float') {
      const float = Math.fround(number);
      if (predicate.ofFloat(float) === true) found.add(float);
    } else if (predicate.ofDouble(number) === true) {
      found.add(number);
    }
  }
  if (found.size === 0) return { type: 'never' };
  return { type: 'set', sorted: Float64Array.from(found).sort() };
}

/** Null where no plain range says the same as the predicate. */
function rangeTest(bounds: {
  readonly filter: LeafFilter & { readonly type: 'bound' | 'range' };
  /** The filter with its lower bound only, and with its upper bound only. */
  readonly above: LeafFilter;
  readonly below: LeafFilter;
  readonly kind: NumberKind;
}): NumberTest | null {
  const { filter, kind } = bounds;
  const [lowerStrict, upperStrict] =
    filter.type === 'bound'
      ? [filter.lowerStrict, filter.upperStrict]
      : [filter.lowerOpen, filter.upperOpen];
  const low =
    filter.lower === null
      ? -Infinity
      : edge({
          literal: filter.lower,
          strict: lowerStrict,
          upward: true,
          kind,
          leaf: bounds.above,
        });
  const high =
    filter.upper === null
      ? Infinity
      : edge({
          literal: filter.upper,
          strict: upperStrict,
          upward: false,
          kind,
          leaf: bounds.below,
        });
  if (low === null || high === null) return null;
  const nanHolds = kind !== 'long' && predicateOf(filter).ofDouble(Number.NaN) === true;
  return { type: 'range', low, high, nanHolds };
}

/** The first value inside the bound, or null if the predicate draws the line elsewhere. */
function edge(bound: {
  readonly literal: string | number | bigint;
  readonly strict: boolean;
  /** True for a lower bound: values at and above the edge are inside. */
  readonly upward: boolean;
  readonly kind: NumberKind;
  readonly leaf: LeafFilter;
}): number | null {
  const { literal, strict, upward, kind } = bound;
  const number = literal === '' ? Number.NaN : Number(literal);
  if (!Number.isFinite(number)) return null;
  const predicate = leafPredicate(bound.leaf);
  if (kind !== 'long') {
    const value = kind === 'float' ? Math.fround(number) : number;
    const inside = kind === 'float' ? predicate.ofFloat(value) : predicate.ofDouble(value);
    if (inside === strict) return null;
    return strict ? neighbour(value, upward) : value;
  }
  return wholeEdge(number, upward ? 1 : -1, predicate);
}

/** Walks to the first whole number inside, from one that must be outside. */
function wholeEdge(number: number, step: 1 | -1, predicate: ValuePredicate): number | null {
  const near = Math.trunc(number);
  if (!Number.isSafeInteger(near - 3) || !Number.isSafeInteger(near + 3)) return null;
  if (predicate.ofLong(near - 2 * step) === true) return null;
  for (let away = -1; away <= 2; away++) {
    if (predicate.ofLong(near + away * step) === true) return near + away * step;
  }
  return null;
}

/** The next double above or below a finite one. */
function neighbour(value: number, upward: boolean): number {
  if (value === 0) return upward ? Number.MIN_VALUE : -Number.MIN_VALUE;
  const bits = new BigInt64Array(1);
  const double = new Float64Array(bits.buffer);
  double[0] = value;
  bits[0] = (bits[0] ?? 0n) + (upward === value > 0 ? 1n : -1n);
  return double[0];
}
