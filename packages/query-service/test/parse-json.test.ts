import { InvalidQueryError } from '@isotherm/errors';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../src/parse-json.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

function failure(text: string | Uint8Array): { code: string; message: string } {
  try {
    parseJson(typeof text === 'string' ? bytes(text) : text);
  } catch (error) {
    if (error instanceof InvalidQueryError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('It was parsed.');
}

describe('what is read', () => {
  const table: [name: string, text: string, value: unknown][] = [
    ['an object', '{"a": [1, -2.5e3, "x", true, null]}', { a: [1, -2500, 'x', true, null] }],
    ['equal keys in different objects', '[{"a":1},{"a":{"a":2}}]', [{ a: 1 }, { a: { a: 2 } }]],
    ['brackets and colons inside texts', '{"a":"}]\\"[{:","b":":"}', { a: '}]"[{:', b: ':' }],
    ['forbidden names as values', '{"column":"__proto__"}', { column: '__proto__' }],
    ['a text that follows a key', '{"a" : "b" , "b" : "a"}', { a: 'b', b: 'a' }],
    ['a backslash at the end of a text', '{"a":"\\\\","b":1}', { a: '\\', b: 1 }],
    ['64 levels', nested(64), JSON.parse(nested(64))],
  ];
  it.each(table)('%s', (_name, text, value) => {
    expect(parseJson(bytes(text))).toEqual({ json: value, text: bytes(text) });
  });

  const numbers: [text: string, value: unknown][] = [
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', '9007199254740993'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['1234567890123456', 1234567890123456],
    ['0.12345678901234567890', 0.12345678901234568],
    ['1e300', 1e300],
  ];
  it.each(numbers)('the number %s without losing a digit', (text, value) => {
    const { json, text: kept } = parseJson(bytes(`{"a":[${text}]}`));
    expect(json).toEqual({ a: [value] });
    expect(JSON.parse(new TextDecoder().decode(kept))).toEqual(json);
  });
});

describe('what is refused', () => {
  const table: [name: string, text: string | Uint8Array, code: string, message: string][] = [
    [
      '65 levels',
      nested(65),
      'JSON_TOO_DEEP',
      'The request is nested more than 64 levels deep. Flatten its filters, or use "in".',
    ],
    [
      'a key twice',
      '{"a":1,"b":{"a":1},"a":2}',
      'DUPLICATE_KEY',
      'Key "a" is given twice in one object. Remove one of the two.',
    ],
    [
      'a key twice, written differently',
      '{"a":1,"\\u0061":2}',
      'DUPLICATE_KEY',
      'Key "a" is given twice in one object. Remove one of the two.',
    ],
    [
      'a key that reaches into prototypes',
      '{"context":{"__proto__":{"a":1}}}',
      'FORBIDDEN_KEY',
      'Key "__proto__" is not allowed in a request. Remove it; a column of that name is written as a value.',
    ],
    [
      'such a key in disguise',
      '{"\\u005f_proto__":1}',
      'FORBIDDEN_KEY',
      'Key "__proto__" is not allowed in a request. Remove it; a column of that name is written as a value.',
    ],
    ['nothing', ' \n', 'INVALID_JSON', 'The request body is empty. Send a query as JSON.'],
    [
      'a fault in the middle',
      '{\n  "a": 1,\n  b: 2\n}',
      'INVALID_JSON',
      'The request body is not JSON from there on: line 3, column 3. Check quotes, commas and brackets before that place.',
    ],
    [
      'a document that ends too early',
      '{"a": [1, 2',
      'INVALID_JSON',
      'The request body ends too early: line 1, column 12. Check quotes, commas and brackets before that place.',
    ],
    [
      'a text that ends too early',
      '{"a": "b',
      'INVALID_JSON',
      'The request body ends too early: line 1, column 9. Check quotes, commas and brackets before that place.',
    ],
    [
      'bytes that are no UTF-8',
      Uint8Array.of(0x22, 0xff, 0x22),
      'INVALID_JSON',
      'The request body is not UTF-8 text. Send JSON in UTF-8.',
    ],
  ];
  it.each(table)('%s', (_name, text, code, message) => {
    expect(failure(text)).toEqual({ code, message });
  });

  it('more than 10,000 keys', () => {
    const keys = Array.from({ length: 10_001 }, (_, index) => `"k${index}":0`).join(',');
    expect(failure(`{${keys}}`).code).toBe('JSON_TOO_MANY_KEYS');
  });

  it('more than 250,000 values, but not 100,000', () => {
    const list = (count: number): string => `{"values":[${'"a",'.repeat(count - 1)}"a"]}`;
    expect(failure(list(250_001))).toEqual({
      code: 'JSON_TOO_MANY_VALUES',
      message:
        'The request has more than 250000 values. Send fewer, in several queries, or ingest them as a dimension to filter by.',
    });
    expect(parseJson(bytes(list(100_000))).json).toMatchObject({
      values: { length: 100_000 },
    });
  });

  it('five million levels, before they cost anything', () => {
    const deep = new Uint8Array(5_000_000).fill(0x5b);
    const durations = [1, 2, 3, 4, 5].map(() => {
      const startedMs = performance.now();
      expect(failure(deep).code).toBe('JSON_TOO_DEEP');
      return performance.now() - startedMs;
    });
    expect(Math.min(...durations)).toBeLessThan(50);
  });
});
