/** Filters of the oracle, in three values: true, false, or null for unknown. */
import type { Filter, LeafFilter } from '@isotherm/query';
import { compare, likePattern, numberText, valuesOf } from './values.ts';
import type { Row, Types, Value } from './values.ts';

type Truth = boolean | null;

/** What a filter says about a row; it holds on a list if it does on any value. */
export function truth(filter: Filter, row: Row, types: Types): Truth {
  switch (filter.type) {
    case 'true':
    case 'false':
      return filter.type === 'true';
    case 'not':
      return negated(truth(filter.field, row, types));
    case 'and':
      return negated(any(filter.fields.map((field) => negated(truth(field, row, types)))));
    case 'or':
      return any(filter.fields.map((field) => truth(field, row, types)));
    default: {
      const name = 'column' in filter ? filter.column : filter.dimension;
      const type = name === '__time' ? 'long' : (types[name] ?? 'string');
      return any(valuesOf(row, name, types).map((value) => leaf(filter, value, type)));
    }
  }
}

function negated(value: Truth): Truth {
  return value === null ? null : !value;
}

function any(values: readonly Truth[]): Truth {
  if (values.includes(true)) return true;
  return values.includes(null) ? null : false;
}

/** Literals take the type of the value: text for text, the nearest float for floats but in a range. */
function leaf(filter: LeafFilter, value: Value, type: Types[string]): Truth {
  if (filter.type === 'null') return value === null;
  const isFloat = type === 'float';
  const literals =
    filter.type === 'in' ? filter.values : filter.type === 'selector' ? [filter.value] : [];
  // Druid counts a null text as below every text.
  const isText = type === 'string' || type === 'strings';
  const isBelowAll = isText && filter.type === 'bound' && filter.lower === null;
  if (value === null) return isBelowAll || literals.includes(null) || null;
  const as = (literal: string | number | bigint): Value =>
    typeof value === 'string'
      ? String(literal)
      : isFloat && filter.type !== 'range'
        ? Math.fround(Number(literal))
        : Number(literal);
  const equals = (literal: string | number | bigint | null): boolean =>
    literal !== null &&
    compare(value, as(literal), 'numeric') === 0 &&
    (typeof value !== 'string' || value === literal);
  switch (filter.type) {
    case 'selector':
    case 'in':
      return literals.some(equals);
    case 'equals':
      return equals(filter.matchValue);
    case 'like':
      return likePattern(filter.pattern).test(numberText(value, isFloat));
    case 'bound':
    case 'range': {
      const isBound = filter.type === 'bound';
      const isOfTexts = !isBound && filter.matchValueType === 'STRING';
      const ordering = isBound ? filter.ordering : isOfTexts ? 'lexicographic' : 'numeric';
      const order = (limit: string | number | bigint): number =>
        ordering === 'numeric'
          ? compare(value, as(limit), ordering)
          : compare(numberText(value, isFloat), String(limit), ordering);
      const { lower, upper } = filter;
      const [isLowerOpen, isUpperOpen] = isBound
        ? [filter.lowerStrict, filter.upperStrict]
        : [filter.lowerOpen, filter.upperOpen];
      const above = lower === null || (isLowerOpen ? order(lower) > 0 : order(lower) >= 0);
      return above && (upper === null || (isUpperOpen ? order(upper) < 0 : order(upper) <= 0));
    }
  }
}
