/** Functions of lists: what a multi-value column gives, `[1, 2]` in an expression, or `string_to_array`. */
import type { ExpressionValue } from '../expression.ts';
import { asDouble, asLong, asText } from '../values.ts';
import { type FunctionDefinition, eager } from './definition.ts';

/** Functions by name. */
export const listFunctions: Readonly<Record<string, FunctionDefinition>> = {
  array_length: eager(1, 1, ([list]) => ofList(list, (items) => BigInt(items.length))),
  array_offset: eager(2, 2, ([list, index]) => itemAt(list, asLong(index ?? null))),
  array_ordinal: eager(2, 2, ([list, index]) => {
    const ordinal = asLong(index ?? null);
    return itemAt(list, ordinal === null ? null : ordinal - 1n);
  }),
  array_offset_of: eager(2, 2, ([list, value]) => placeOf(list, value, 0n)),
  array_ordinal_of: eager(2, 2, ([list, value]) => placeOf(list, value, 1n)),
  array_to_string: eager(2, 2, ([list, separator]) =>
    ofList(list, (items) =>
      items.map((item) => asText(item) ?? 'null').join(asText(separator ?? null) ?? ''),
    ),
  ),
  string_to_array: eager(2, 2, ([value, separator]) => {
    const text = asText(value ?? null);
    return text === null ? null : text.split(asText(separator ?? null) ?? '');
  }),
  mv_to_array: eager(1, 1, ([list]) => ofList(list, (items) => items)),
  array_to_mv: eager(1, 1, ([list]) => ofList(list, (items) => widened(items).map(asText))),
  array: eager(0, Infinity, (values) => widened(values)),
};

function ofList(
  value: ExpressionValue | undefined,
  apply: (items: readonly ExpressionValue[]) => ExpressionValue,
): ExpressionValue {
  if (value === null || value === undefined) return null;
  return apply(Array.isArray(value) ? value : [value]);
}

function itemAt(list: ExpressionValue | undefined, index: bigint | null): ExpressionValue {
  if (index === null) return null;
  return ofList(list, (items) => items[Number(index)] ?? null);
}

function placeOf(
  list: ExpressionValue | undefined,
  value: ExpressionValue | undefined,
  first: bigint,
): ExpressionValue {
  return ofList(list, (items) => {
    const index = items.indexOf(value ?? null);
    return index < 0 ? null : BigInt(index) + first;
  });
}

/** One type for all items: text if any is text, else doubles if any is one. */
function widened(items: readonly ExpressionValue[]): ExpressionValue[] {
  if (items.some((item) => typeof item === 'string')) return items.map(asText);
  if (items.some((item) => typeof item === 'number')) return items.map(asDouble);
  return [...items];
}
