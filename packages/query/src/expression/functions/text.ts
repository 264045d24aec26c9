/** Functions of text. A null argument gives null; numbers are written as text first. Positions count from 0. */
import { didYouMean, InvalidInputError } from '@isotherm/errors';
import type { ExpressionValue } from '../expression.ts';
import { asDouble, asLong, asText } from '../values.ts';
import { type FunctionDefinition, eager } from './definition.ts';

/** Longest text that `repeat`, `lpad` and `rpad` make. */
const maxTextLength = 1 << 20;

/** Functions by name. */
export const textFunctions: Readonly<Record<string, FunctionDefinition>> = {
  concat: eager(0, Infinity, (values) => {
    const texts = values.map(asText);
    return texts.length === 0 || texts.includes(null) ? null : texts.join('');
  }),
  strlen: ofText((text) => BigInt(text.length)),
  lower: ofText((text) => text.toLowerCase()),
  upper: ofText((text) => text.toUpperCase()),
  reverse: ofText((text) => Array.from(text).reverse().join('')),
  trim: eager(1, 2, (values) => trim(values, { start: true, end: true })),
  ltrim: eager(1, 2, (values) => trim(values, { start: true, end: false })),
  rtrim: eager(1, 2, (values) => trim(values, { start: false, end: true })),
  replace: eager(3, 3, ([text, pattern, replacement]) => {
    const texts = [text, pattern, replacement].map((value) => asText(value ?? null));
    const [whole = null, part = null, by = null] = texts;
    return whole === null || part === null || by === null ? null : whole.replaceAll(part, () => by);
  }),
  substring: eager(2, 3, ([text, from, length]) => {
    const whole = asText(text ?? null);
    const start = Number(asLong(from ?? null) ?? 0n);
    if (whole === null || start > whole.length) return null;
    const count = length === undefined ? -1 : Number(asLong(length) ?? -1n);
    return whole.slice(Math.max(0, start), count < 0 ? undefined : Math.max(0, start) + count);
  }),
  left: eager(2, 2, ([text, count]) => side(text, count, (whole, n) => whole.slice(0, n))),
  right: eager(2, 2, ([text, count]) =>
    side(text, count, (whole, n) => whole.slice(Math.max(0, whole.length - n))),
  ),
  strpos: eager(2, 3, ([text, part, from]) => {
    const [whole, needle] = [asText(text ?? null), asText(part ?? null)];
    if (whole === null || needle === null) return null;
    return BigInt(whole.indexOf(needle, Number(asLong(from ?? null) ?? 0n)));
  }),
  repeat: eager(2, 2, ([text, count]) => {
    const whole = asText(text ?? null);
    const times = Number(asLong(count ?? null) ?? 0n);
    if (whole === null || times < 1 || times > 0x7fff_ffff) return null;
    return checkLength(whole.length * times) ? whole.repeat(times) : null;
  }),
  lpad: eager(3, 3, ([text, size, filler]) =>
    pad(text, size, filler, (whole, rest) => rest + whole),
  ),
  rpad: eager(3, 3, ([text, size, filler]) =>
    pad(text, size, filler, (whole, rest) => whole + rest),
  ),
  cast: eager(2, 2, ([value, type]) => cast(value ?? null, asText(type ?? null) ?? 'null')),
};

function ofText(apply: (text: string) => ExpressionValue): FunctionDefinition {
  return eager(1, 1, ([value]) => {
    const text = asText(value ?? null);
    return text === null ? null : apply(text);
  });
}

function trim(
  values: readonly ExpressionValue[],
  sides: { start: boolean; end: boolean },
): ExpressionValue {
  const text = asText(values[0] ?? null);
  const signs = values.length > 1 ? asText(values[1] ?? null) : ' ';
  if (text === null || signs === null) return null;
  let [start, end] = [0, text.length];
  while (sides.start && start < end && signs.includes(text[start] ?? '')) start++;
  while (sides.end && end > start && signs.includes(text[end - 1] ?? '')) end--;
  return text.slice(start, end);
}

function side(
  text: ExpressionValue | undefined,
  count: ExpressionValue | undefined,
  cut: (whole: string, count: number) => string,
): ExpressionValue {
  const whole = asText(text ?? null);
  const length = asLong(count ?? null);
  return whole === null || length === null || length < 0n ? null : cut(whole, Number(length));
}

function pad(
  text: ExpressionValue | undefined,
  size: ExpressionValue | undefined,
  filler: ExpressionValue | undefined,
  join: (whole: string, rest: string) => string,
): ExpressionValue {
  const [whole, length, fill] = [
    asText(text ?? null),
    asLong(size ?? null),
    asText(filler ?? null),
  ];
  if (whole === null || length === null || fill === null) return null;
  const wanted = Math.max(0, Number(length));
  if (whole.length >= wanted || fill === '') return whole.slice(0, wanted);
  checkLength(wanted);
  const missing = wanted - whole.length;
  return join(whole, fill.repeat(Math.ceil(missing / fill.length)).slice(0, missing));
}

function checkLength(length: number): boolean {
  if (length <= maxTextLength) return true;
  throw new InvalidInputError(
    `An expression makes a text of ${length} characters. Expected at most ${maxTextLength}.`,
    { code: 'EXPRESSION_FAILED' },
  );
}

const castTypes = ['STRING', 'LONG', 'DOUBLE', 'FLOAT', 'ARRAY<STRING>', 'ARRAY<LONG>'];

function cast(value: ExpressionValue, type: string): ExpressionValue {
  const upper = type.toUpperCase().replace(/^(STRING|LONG|DOUBLE)_ARRAY$/, 'ARRAY<$1>');
  const item = /^ARRAY<(STRING|LONG|DOUBLE)>$/.exec(upper)?.[1];
  if (item !== undefined) {
    if (value === null) return null;
    const items: readonly ExpressionValue[] = Array.isArray(value) ? value : [value];
    return items.map((part) => cast(part, item));
  }
  switch (upper) {
    case 'STRING':
      return asText(value);
    case 'LONG':
      return asLong(value);
    case 'DOUBLE':
    case 'FLOAT': {
      const double = asDouble(value);
      return double !== null && upper === 'FLOAT' ? Math.fround(double) : double;
    }
    default:
      throw new InvalidInputError(
        `cast to "${type}" is not known. Expected one of ${castTypes.join(', ')}, ARRAY<DOUBLE>.${didYouMean(type, castTypes)}`,
        { code: 'EXPRESSION_FAILED' },
      );
  }
}
