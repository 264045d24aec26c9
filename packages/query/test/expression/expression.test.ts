/** Native expressions: what they give, and what is said about those that cannot be read. */
import { describe, expect, it } from 'vitest';
import type { ExpressionValue } from '../../src/index.ts';
import { evaluateExpression, expressionColumns, parseExpression } from '../../src/index.ts';

const row: Readonly<Record<string, ExpressionValue>> = {
  clicks: 7n,
  spend: 2.5,
  text: '100.000000',
  name: 'foo',
  none: null,
  'a column': 'spaced',
  tags: ['b', 'a'],
};

function give(text: string): ExpressionValue {
  return evaluateExpression(parseExpression(text), (name) => row[name] ?? null);
}

const cases: readonly (readonly [text: string, value: ExpressionValue])[] = [
  ['1 + 2 * 3', 7n],
  ['(1 + 2) * 3', 9n],
  ['2 ^ 3 ^ 2', 512n],
  ['-2 ^ 2', 4n],
  ['7 / 2', 3n],
  ['-7 / 2', -3n],
  ['-7 % 3', -1n],
  ['7 / 2.0', 3.5],
  ['clicks / 2', 3n],
  ['spend * 2', 5],
  ['9223372036854775807 + 1', -9223372036854775808n],
  ['9007199254740993 + 0', 9007199254740993n],
  ['text + 10', 110],
  ["name + 'bar'", 'foobar'],
  ['name * 2', null],
  ['none + 1', null],
  ['none == null', null],
  ['missing', null],
  ['"a column"', 'spaced'],
  ["'it\\'s \\u0041'", "it's A"],
  ['1 < 2 && 2 < 1', 0n],
  ['none && 1 == 2', 0n],
  ['none || 1 == 1', 1n],
  ['none && 1 == 1', null],
  ['!(clicks > 3)', 0n],
  ['clicks >= 7.0', 1n],
  ["name == 'foo'", 1n],
  ['if(clicks == 0, null, 1 / clicks)', 0n],
  ['if(1 == 1, 1, 1 / 0)', 1n],
  ["nvl(none, 'x')", 'x'],
  ['case_simple(clicks, 1, 2, 7, 8)', 8n],
  ["case_searched(clicks < 0, 'a', 'b')", 'b'],
  ["cast('12.7', 'LONG')", 12n],
  ["cast(12, 'DOUBLE')", 12],
  ["cast(1.0, 'STRING')", '1.0'],
  ["cast(1e7, 'STRING')", '1.0E7'],
  ['div(7, 2)', 3n],
  ['min(1, 2.5)', 1],
  ['max(1, 2)', 2n],
  ['round(2.675, 2)', 2.68],
  ['round(-2.5)', -3],
  ['round(155, -1)', 160n],
  ['abs(-3)', 3n],
  ['floor(2.7) + ceil(2.1)', 5],
  ['pow(2, 10)', 1024],
  ['log10(1000)', Math.log10(1000)],
  ["strlen(upper('añb'))", 3n],
  ["substring('hello', 1, 3)", 'ell'],
  ["substring('hello', 2)", 'llo'],
  ["trim('  x ')", 'x'],
  ["strpos('hello', 'l')", 2n],
  ["replace('a.b.c', '.', '$&')", 'a$&b$&c'],
  ['array_length(tags)', 2n],
  ["array_to_string(tags, '-')", 'b-a'],
  ["timestamp_floor('2011-01-12T05:06:07Z', 'P1D')", 1294790400000n],
  ["timestamp_extract(timestamp('2011-02-12T05:06:07Z'), 'QUARTER')", 1n],
  ["timestamp_extract('2011-01-12T05:06:07Z', 'HOUR', 'Asia/Kolkata')", 10n],
];

describe('an expression', () => {
  it.each(cases)('%s', (text, value) => {
    expect(give(text)).toStrictEqual(value);
  });

  it('names the columns that it reads, each once', () => {
    expect(expressionColumns(parseExpression('a + "b c" * abs(a) - [d, 1]'))).toEqual([
      'a',
      'b c',
      'd',
    ]);
  });
});

const faults: readonly (readonly [text: string, message: RegExp | string])[] = [
  [
    '1 +',
    'Expression "1 +" has nothing more at character 4. Expected a number, a text, a column or a function.',
  ],
  ['a = 1', 'Expression "a = 1" has the unknown sign "=" at character 3. Write == to compare.'],
  [
    "'open",
    `Expression "'open" has a text that does not end, begun at character 1. Expected a closing '.`,
  ],
  ['(1', 'Expression "(1" has nothing more at character 3. Expected ")".'],
  ['1 2', 'Expression "1 2" goes on with "2" at character 3. Expected an operator or the end.'],
  ['abs(1, 2)', 'Expression "abs(1, 2)" calls "abs" with 2 arguments at character 1. Expected 1.'],
  [
    '9223372036854775808',
    'Expression "9223372036854775808" has the number 9223372036854775808, which does not fit 64 bits, at character 1. Expected at most 9223372036854775807.',
  ],
  [
    'flor(1)',
    /calls the unknown function "flor" at character 1\. Known functions: abs, .* Did you mean "floor"\?$/,
  ],
  [`${'('.repeat(300)}1${')'.repeat(300)}`, /is nested more than 200 deep/],
];

describe('an expression that cannot be read', () => {
  it.each(faults)('%s', (text, message) => {
    expect(() => parseExpression(text)).toThrow(message);
  });

  it('divides whole numbers by zero only with an error', () => {
    expect(() => give('1 / 0')).toThrow(
      'An expression divides a whole number by 0. Guard it with safe_divide(a, b) or if(b == 0, …), or write a double such as 1.0.',
    );
    expect(give('1.0 / 0')).toBe(Infinity);
    expect(give('safe_divide(1, 0)')).toBeNull();
  });
});
