import { InvalidQueryError, JsonFields, kindOf } from '@isotherm/errors';
import { describe, expect, it } from 'vitest';

const fields = (json: unknown): JsonFields => new JsonFields(json, 'spec');
const max = Number.MAX_SAFE_INTEGER;

describe('a field', () => {
  it('is read by its type; absent and null are the same', () => {
    const all = fields({ s: 'x', n: 5, t: '7', b: 'true', l: [1], o: { p: 1 }, nil: null });
    expect([all.string('s'), all.optionalString('nil'), all.optionalString('gone')]).toEqual([
      'x',
      null,
      null,
    ]);
    expect([all.number('n'), all.number('t'), all.optionalNumber('gone')]).toEqual([5, 7, null]);
    expect([all.optionalBoolean('b'), all.optionalBoolean('nil')]).toEqual([true, null]);
    expect([all.array('l'), all.optionalArray('nil')]).toEqual([[1], null]);
    expect([all.has('s'), all.has('nil'), all.required('n'), all.optional('nil')]).toEqual([
      true,
      false,
      5,
      undefined,
    ]);
    expect([all.optionalObject('gone'), all.object('o').path]).toEqual([null, 'spec.o']);
    expect(all.optionalInteger('n', { min: 5, max: 5 })).toBe(5);
    all.end();
  });

  const faults: [
    name: string,
    read: (json: JsonFields) => unknown,
    json: unknown,
    message: string,
    code: string,
  ][] = [
    ['missing', (f) => f.string('name'), {}, '"spec.name" is missing. Add it.', 'MISSING_FIELD'],
    [
      'missing, with one that is near',
      (f) => f.string('name'),
      { nmae: 'x' },
      '"spec.name" is missing. The unknown field "nmae" is near it: rename that.',
      'MISSING_FIELD',
    ],
    ['no text', (f) => f.string('a'), { a: 5 }, '"spec.a" is 5. Expected text.', 'WRONG_TYPE'],
    [
      'no number',
      (f) => f.number('a'),
      { a: 'x5' },
      '"spec.a" is "x5". Expected a number.',
      'WRONG_TYPE',
    ],
    [
      'an empty text for a number',
      (f) => f.number('a'),
      { a: ' ' },
      '"spec.a" is " ". Expected a number.',
      'WRONG_TYPE',
    ],
    [
      'no finite number',
      (f) => f.number('a'),
      { a: '1e999' },
      '"spec.a" is "1e999". Expected a number.',
      'WRONG_TYPE',
    ],
    [
      'no boolean',
      (f) => f.optionalBoolean('a'),
      { a: 'yes' },
      '"spec.a" is "yes". Expected true or false.',
      'WRONG_TYPE',
    ],
    [
      'no list',
      (f) => f.array('a'),
      { a: {} },
      '"spec.a" is an object. Expected a list in brackets.',
      'WRONG_TYPE',
    ],
    [
      'a list with a number',
      (f) => f.stringArray('a'),
      { a: ['x', 2] },
      '"spec.a[1]" is 2. Expected text.',
      'WRONG_TYPE',
    ],
    [
      'no object',
      (f) => f.object('a'),
      { a: [] },
      '"spec.a" is a list. Expected an object in braces.',
      'NOT_AN_OBJECT',
    ],
    [
      'not whole',
      (f) => f.optionalInteger('a', { min: 0 }),
      { a: 1.5 },
      `"spec.a" is 1.5. Expected a whole number from 0 to ${max}.`,
      'OUT_OF_RANGE',
    ],
    [
      'too small',
      (f) => f.optionalInteger('a', { min: 1, max: 9 }),
      { a: 0 },
      '"spec.a" is 0. Expected a whole number from 1 to 9.',
      'OUT_OF_RANGE',
    ],
    [
      'not one of a few',
      (f) => f.oneOf('a', ['json', 'csv']),
      { a: 'jsn' },
      '"spec.a" is "jsn". Expected one of json, csv. Did you mean "json"?',
      'UNKNOWN_VALUE',
    ],
    [
      'inherited',
      (f) => f.string('toString'),
      {},
      '"spec.toString" is missing. Add it.',
      'MISSING_FIELD',
    ],
  ];
  it.each(faults)('that is %s is refused', (_name, read, json, message, code) => {
    expect(() => read(fields(json))).toThrow(
      expect.objectContaining({ message, code, kind: 'InvalidInputError' }),
    );
  });
});

describe('a closed object', () => {
  it('refuses a key that nobody asked for', () => {
    const closed = fields({ type: 'x', intreval: 'y' });
    closed.string('type');
    closed.optionalString('interval');
    expect(() => closed.end()).toThrow(
      '"spec.intreval" is not a known field. Known here: interval, type. Did you mean "interval"?',
    );
  });

  const roots: [json: unknown, message: string][] = [
    [null, 'The document is null. Expected an object in braces.'],
    [[], 'The document is a list. Expected an object in braces.'],
    ['x', 'The document is "x". Expected an object in braces.'],
  ];
  it.each(roots)('is an object, not %j', (json, message) => {
    expect(() => new JsonFields(json, '')).toThrow(message);
  });

  it('takes its errors from the factory, inner objects too', () => {
    const query = new JsonFields(
      { inner: {} },
      '',
      (message, code) => new InvalidQueryError(message, { code }),
    );
    expect(() => query.object('inner').string('a')).toThrow(
      expect.objectContaining({
        kind: 'InvalidQueryError',
        message: '"inner.a" is missing. Add it.',
      }),
    );
  });
});

const values: [value: unknown, kind: string][] = [
  [null, 'null'],
  [[], 'a list'],
  [{}, 'an object'],
  ['short', '"short"'],
  ['x'.repeat(61), 'a text of 61 characters'],
  [5, '5'],
  [true, 'true'],
];
it.each(values)('kindOf %j is %s', (value, kind) => {
  expect(kindOf(value)).toBe(kind);
});
