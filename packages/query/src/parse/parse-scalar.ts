/** Small values that Druid reads leniently: texts given as numbers, directions by prefix, orderings. */
import { JsonFields, didYouMean, kindOf } from '@isotherm/errors';
import type { StringOrdering } from '../model.ts';
import { queryFault } from './fault.ts';

const orderings: readonly StringOrdering[] = [
  'lexicographic',
  'alphanumeric',
  'numeric',
  'strlen',
  'version',
];

/** Reads a text or null; numbers and booleans become their text. */
export function textOrNull(value: unknown, path: string): string | null {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      if (value === null || value === undefined) return null;
      throw queryFault(
        `"${path}" is ${kindOf(value)}. Expected text, a number or null.`,
        'WRONG_TYPE',
      );
  }
}

/** Reads `ordering`-like fields: a name in any case, or an object with `type`; null when absent. */
export function optionalOrdering(fields: JsonFields, name: string): StringOrdering | null {
  const value = fields.optional(name);
  if (value === undefined) return null;
  const path = fields.pathOf(name);
  const text = typeof value === 'string' ? value : orderingType(value, path);
  const found = orderings.find((ordering) => ordering === text.toLowerCase());
  if (found !== undefined) return found;
  throw queryFault(
    `"${path}" is "${text}". Expected one of ${orderings.join(', ')}.${didYouMean(text, orderings)}`,
    'UNKNOWN_VALUE',
  );
}

/** Reads a direction: any prefix of ascending or descending in any case; ascending when absent. */
export function isDescending(fields: JsonFields, name: string): boolean {
  const text = fields.optionalString(name);
  if (text === null) return false;
  const lower = text.toLowerCase();
  if (lower !== '' && 'ascending'.startsWith(lower)) return false;
  if (lower !== '' && 'descending'.startsWith(lower)) return true;
  throw fields.fault(name, `is "${text}"`, 'Expected ascending or descending.', 'UNKNOWN_VALUE');
}

/** Reads a number; one beyond 2^53 given as text stays exact as a bigint. */
export function exactNumber(fields: JsonFields, name: string): number | bigint {
  const value = fields.required(name);
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string' && /^[+-]?\d{16,}$/.test(value)) return BigInt(value);
  return fields.number(name);
}

function orderingType(value: unknown, path: string): string {
  const object = new JsonFields(value, path, queryFault);
  const type = object.string('type');
  object.end();
  return type;
}
