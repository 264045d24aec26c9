import { describe, expect, it } from 'vitest';
import { TextDictionary, finishQuery, writeResult } from '../../src/index.ts';
import type { PartialColumn } from '../../src/index.ts';
import { grouped, longs, query, visible } from '../make-query.ts';

const nullByte = '\0';

/** Cells of one dimension in the order of the rows, by a groupBy whose groups are ordered by a number. */
function cellsOf(column: PartialColumn, rowCount: number): string[] {
  const places = Array.from({ length: rowCount }, (_, row) => row);
  const parsed = query('groupBy', {
    dimensions: ['x'],
    aggregations: [{ type: 'longSum', name: 'place', fieldName: 'place' }],
    limitSpec: { type: 'default', columns: ['place'] },
    context: { resultAsArray: true },
  });
  const partial = grouped(
    places.map(() => 0),
    [column],
    [longs(...places)],
  );
  const json = Buffer.concat([
    ...writeResult(parsed, finishQuery(parsed, [partial], visible)),
  ]).toString();
  return json
    .slice(2, -2)
    .split('],[')
    .map((row, place) => {
      expect(row.endsWith(`,${place}`)).toBe(true);
      return row.slice(0, -`,${place}`.length);
    });
}

describe('cells of text', () => {
  const cells: [name: string, text: string | null, json: string][] = [
    ['null', null, 'null'],
    ['no character', '', '""'],
    ['less than a word', 'abc', '"abc"'],
    ['a word', 'abcd', '"abcd"'],
    ['seven, eight and nine bytes', 'abcdefg', '"abcdefg"'],
    ['eight bytes', 'abcdefgh', '"abcdefgh"'],
    ['nine bytes', 'abcdefghi', '"abcdefghi"'],
    ['a quote alone', '"', '"\\""'],
    ['a backslash at the end', 'a\\', '"a\\\\"'],
    ['line breaks and tabs', '\n\r\t\b\f', '"\\n\\r\\t\\b\\f"'],
    ['other control characters', `${nullByte}\u0001\u001f`, '"\\u0000\\u0001\\u001f"'],
    ['DEL, which JSON leaves as it is', '\u007f', '"\u007f"'],
    ['two and three bytes a character', 'é€', '"é€"'],
    ['characters beyond the basic plane', '😀\u{10ffff}x', '"😀\u{10ffff}x"'],
    ['DEL behind what may end a block of eight', 'abcd\u{10ffff}\u007f', '"abcd\u{10ffff}\u007f"'],
    ['separators of lines, which JSON leaves as they are', '\u2028\u2029', '"\u2028\u2029"'],
    ['a quote behind 70,000 characters', `${'x'.repeat(70_000)}"`, `"${'x'.repeat(70_000)}\\""`],
    ['70,000 characters', 'y'.repeat(70_000), `"${'y'.repeat(70_000)}"`],
  ];
  it.each(cells)('of %s', (_name, text, json) => {
    const dictionary = TextDictionary.fromTexts(['before', text, 'behind']);
    const column: PartialColumn = { type: 'string', dictionary, ids: Uint32Array.of(1) };
    expect(cellsOf(column, 1)).toEqual([json]);
    expect(json).toBe(JSON.stringify(text));
  });

  it('are the same for each row of an entry', () => {
    const dictionary = TextDictionary.fromTexts(['a', null, 'b"', 'unused']);
    const ids = Uint32Array.of(2, 0, 1, 2, 0);
    expect(cellsOf({ type: 'string', dictionary, ids }, 5)).toEqual([
      '"b\\""',
      '"a"',
      'null',
      '"b\\""',
      '"a"',
    ]);
  });
});

describe('cells of longs', () => {
  it('have all digits, whatever their number', () => {
    const values = [0n, -1n, 2n ** 31n, -(2n ** 31n), -(2n ** 31n) - 1n, 2n ** 32n, 2n ** 32n - 1n];
    for (let power = 1n; power < 10n ** 19n; power *= 10n) {
      for (const near of [power - 1n, power, power + 1n, -power, 1n - power, -1n - power]) {
        if (BigInt.asIntN(64, near) === near) values.push(near);
      }
    }
    for (const near of [2n ** 53n, -(2n ** 53n), 99_999_999n * 10n ** 8n]) {
      values.push(near - 1n, near, near + 1n);
    }
    values.push(2n ** 63n - 1n, -(2n ** 63n));
    const column: PartialColumn = { type: 'long', values: BigInt64Array.from(values), nulls: null };
    expect(cellsOf(column, values.length)).toEqual(values.map(String));
  });

  it('are null where they are', () => {
    const values = BigInt64Array.of(7n, 0n, 8n);
    expect(cellsOf({ type: 'long', values, nulls: Uint8Array.of(0, 1, 0) }, 3)).toEqual([
      '7',
      'null',
      '8',
    ]);
  });
});

describe('cells of doubles and floats', () => {
  it('are written as Java prints them, and as text where JSON has no number', () => {
    const values = Float64Array.of(0, -0, 0.1, 1e7, -1.5e-7, NaN, Infinity, -Infinity, 5e-324);
    const [doubles, floats] = [
      cellsOf({ type: 'double', values, nulls: null }, values.length),
      cellsOf({ type: 'float', values, nulls: null }, values.length),
    ];
    const expected = ['0.0', '-0.0', '0.1', '1.0E7', '-1.5E-7', '"NaN"', '"Infinity"'];
    expect(doubles).toEqual([...expected, '"-Infinity"', '4.9E-324']);
    expect(floats).toEqual([...expected, '"-Infinity"', '0.0']);
  });

  it('are whole with a fraction of zero up to ten million', () => {
    const values = Float64Array.of(1, -1, 42, -9_999_999, 9_999_999, -1e7, 2 ** 31, 2 ** 32 + 1);
    const texts = ['1.0', '-1.0', '42.0', '-9999999.0', '9999999.0', '-1.0E7'];
    expect(cellsOf({ type: 'double', values, nulls: null }, values.length)).toEqual([
      ...texts,
      '2.147483648E9',
      '4.294967297E9',
    ]);
    expect(cellsOf({ type: 'float', values, nulls: null }, values.length)).toEqual([
      ...texts,
      '2.1474836E9',
      '4.2949673E9',
    ]);
  });

  it('of the greatest length fit', () => {
    const values = Float64Array.of(-1.7976931348623157e308, -2.2250738585072014e-308);
    expect(cellsOf({ type: 'double', values, nulls: null }, 2)).toEqual([
      '-1.7976931348623157E308',
      '-2.2250738585072014E-308',
    ]);
  });

  it('are null where they are', () => {
    const values = Float64Array.of(7, 0, 8.5);
    expect(cellsOf({ type: 'double', values, nulls: Uint8Array.of(0, 1, 0) }, 3)).toEqual([
      '7.0',
      'null',
      '8.5',
    ]);
  });
});

describe('an answer', () => {
  const parsed = query('groupBy', {
    granularity: 'day',
    dimensions: ['"x"'],
    aggregations: [{ type: 'count', name: 'ü\n' }],
  });

  it('of nothing is an empty list in one chunk', () => {
    expect([...writeResult(parsed, finishQuery(parsed, [], visible))].map(String)).toEqual(['[]']);
  });

  it('escapes names of columns', () => {
    const column: PartialColumn = {
      type: 'string',
      dictionary: TextDictionary.fromTexts(['a']),
      ids: new Uint32Array(1),
    };
    const finished = finishQuery(parsed, [grouped([0], [column], [longs(1)])], visible);
    expect([...writeResult(parsed, finished)].join('')).toBe(
      '[{"version":"v1","timestamp":"1970-01-01T00:00:00.000Z","event":{"\\"x\\"":"a","ü\\n":1}}]',
    );
  });

  it('comes in chunks that keep their bytes when later ones are written', () => {
    const rowCount = 5_000;
    const texts = Array.from({ length: rowCount }, (_, row) => `€${row}"`.repeat(1 + (row % 3)));
    const column: PartialColumn = {
      type: 'string',
      dictionary: TextDictionary.fromTexts(texts),
      ids: Uint32Array.from(texts, (_, row) => row),
    };
    const times = texts.map((_, row) => Math.floor(row / 7) * 86_400_000);
    const counts = longs(...texts.map((_, row) => row));
    const finished = finishQuery(parsed, [grouped(times, [column], [counts])], visible);
    const chunks = [...writeResult(parsed, finished)];
    expect(chunks.length).toBeGreaterThan(4);
    expect(chunks.slice(0, -1).every(({ length }) => length >= 65_536 && length < 66_000)).toBe(
      true,
    );
    // Only the rows that were given are looked at.
    const rows = JSON.parse(chunks.join('')) as { timestamp: string; event: object }[];
    const given = texts.map((text, row) => ({
      version: 'v1',
      timestamp: new Date(times[row] ?? 0).toISOString(),
      event: { '"x"': text, 'ü\n': row },
    }));
    const key = ({ event }: { event: object }) => JSON.stringify(event);
    const byKey = (a: { event: object }, b: { event: object }) => (key(a) < key(b) ? -1 : 1);
    expect(rows.toSorted(byKey)).toEqual(given.toSorted(byKey));
  });
});
