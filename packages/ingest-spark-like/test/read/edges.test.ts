/** What readers make of every odd thing that files hold: reliability facts 5.3, one row each. */
import { describe, expect, it } from 'vitest';
import { ingest, inlineSpec, makeStores, readBack, type Row } from '../ingest-in-memory.ts';

const csv = { type: 'csv', findColumnsFromHeader: true, listDelimiter: '|' };
const day = '2011-01-12T00:00:00Z';
const textDimension = { dimensionsSpec: { dimensions: ['d'] } };
const longDimension = { dimensionsSpec: { dimensions: [{ type: 'long', name: 'd' }] } };
const doubleDimension = { dimensionsSpec: { dimensions: [{ type: 'double', name: 'd' }] } };
const floatDimension = { dimensionsSpec: { dimensions: [{ type: 'float', name: 'd' }] } };

/** A job whose rows are all bad fails, unless its spec allows that many. */
const anyBadRows = { maxParseExceptions: 100 };

async function values(
  data: string,
  schema: Record<string, unknown>,
  format: Record<string, unknown>,
): Promise<{ cells: unknown[]; bad: string[] }> {
  const stores = await makeStores();
  const report = await ingest(inlineSpec(data, schema, format, anyBadRows), stores);
  const rows: Row[] = report.rowsStored === 0 ? [] : await readBack(stores);
  return {
    cells: rows.map((row) => row['d']),
    bad: report.badRows.map(({ line, reason }) => `${line}: ${reason}`),
  };
}

type Case = readonly [name: string, text: string, cells: unknown[], bad: string[]];

const csvTexts: readonly Case[] = [
  ['an empty field is null, a quoted one is empty', `${day},\n${day},""`, [null, ''], []],
  ['quotes hold delimiters, line ends and quotes', `${day},"a,\n""b"""`, ['a,\n"b"'], []],
  ['carriage returns end lines', `${day},a\r\n${day},"b"\r\n`, ['a', 'b'], []],
  ['a missing field is null', day, [null], []],
  ['an empty line is no row', `\n${day},a\n\n`, ['a'], []],
  ['one delimiter too many at the end is no column', `${day},a,`, ['a'], []],
  [
    'one column too many is a bad row',
    `${day},a,b`,
    [],
    ['2: The row has more than the 2 columns that are expected.'],
  ],
  [
    'an open quote is a bad row',
    `${day},a\n${day},"b`,
    ['a'],
    ['3: Column 2 has a quote that is not closed.'],
  ],
  [
    'text behind a quote is a bad row',
    `${day},"a"b\n${day},c`,
    ['c'],
    ['2: Column 2 has text behind its closing quote.'],
  ],
  [
    'a quote that is never closed takes the lines behind it, but not those before',
    `${day},a\n${day},"b\n${day},c\n${day},d`,
    ['a'],
    ['3: Column 2 has a quote that is not closed.'],
  ],
  ['lists are split and sorted', `${day},b|a|b`, [['a', 'b', 'b']], []],
  ['emoji sort after all other signs', `${day},😀\n${day},\uFFFD`, ['\uFFFD', '😀'], []],
  ['names of the prototype are plain values', `${day},__proto__`, ['__proto__'], []],
];

describe('csv', () => {
  it.each(csvTexts)('%s', async (_name, text, cells, bad) => {
    expect(await values(`t,d\n${text}`, textDimension, csv)).toEqual({ cells, bad });
  });

  it('strips the byte order mark and skips lines before the header', async () => {
    const format = { ...csv, skipHeaderRows: 2 };
    expect(await values(`\uFEFFone\ntwo\nt,d\n${day},a\n`, textDimension, format)).toEqual({
      cells: ['a'],
      bad: [],
    });
  });

  it('is tab separated and knows no quotes as tsv; an empty field is null', async () => {
    const format = { type: 'tsv', columns: ['t', 'd'] };
    expect(await values(`${day}\t"a"\n${day}\t`, textDimension, format)).toEqual({
      cells: [null, '"a"'],
      bad: [],
    });
  });
});

const numbers: readonly (readonly [
  name: string,
  schema: Record<string, unknown>,
  text: string,
  cells: unknown[],
  bad: string[],
])[] = [
  ['longs keep 64 bits', longDimension, '9223372036854775807', [9223372036854775807n], []],
  ['longs beyond 2^53 stay exact', longDimension, '-9007199254740993', [-9007199254740993n], []],
  [
    'a long of 65 bits is a bad row',
    longDimension,
    '9223372036854775808',
    [],
    ['2: Column "d" holds a whole number beyond 64 bits. Expected a long.'],
  ],
  [
    'a fraction is no long',
    longDimension,
    '1.5',
    [],
    ['2: Column "d" holds a number with a fraction. Expected a long.'],
  ],
  ['a whole double is a long', longDimension, '2.0', [2n], []],
  [
    'words are no long',
    longDimension,
    'many',
    [],
    ['2: Column "d" holds text that is no finite number. Expected a long.'],
  ],
  ['empty is null', longDimension, '', [null], []],
  ['blanks around numbers are cut', longDimension, ' 7 ', [7n], []],
  [
    'doubles round as they must',
    doubleDimension,
    '0.1234567890123456789',
    [0.12345678901234568],
    [],
  ],
  ['exponents are read', doubleDimension, '-1.5e-3', [-0.0015], []],
  ['minus zero is zero', doubleDimension, '-0.0', [0], []],
  [
    '1e400 is not finite',
    doubleDimension,
    '1e400',
    [],
    ['2: Column "d" holds text that is no finite number. Expected a double.'],
  ],
  [
    'NaN is a bad row',
    doubleDimension,
    'NaN',
    [],
    ['2: Column "d" holds text that is no finite number. Expected a double.'],
  ],
  ['floats are rounded to 32 bits', floatDimension, '0.1', [Math.fround(0.1)], []],
  [
    '1e39 is no float',
    floatDimension,
    '1e39',
    [],
    ['2: Column "d" holds a number beyond 32 bits. Expected a float.'],
  ],
];

describe('numbers in text', () => {
  it.each(numbers)('%s', async (_name, schema, text, cells, bad) => {
    expect(await values(`t,d\n${day},${text}\n`, schema, csv)).toEqual({ cells, bad });
  });
});

const json: readonly (readonly [
  name: string,
  schema: Record<string, unknown>,
  value: string,
  cells: unknown[],
  bad: string[],
])[] = [
  ['booleans become text', textDimension, 'true', ['true'], []],
  ['numbers keep their text', textDimension, '12', ['12'], []],
  ['a whole double keeps its point', textDimension, '1.0', ['1.0'], []],
  ['an exponent makes a double', textDimension, '1e3', ['1000.0'], []],
  ['a fraction stays', textDimension, '1.05', ['1.05'], []],
  ['what looks like a number in a text is text', textDimension, '"\\"1.0"', ['"1.0'], []],
  [
    'long digits stay exact as text',
    textDimension,
    '12345678901234567890',
    ['12345678901234567890'],
    [],
  ],
  ['long digits stay exact as longs', longDimension, '9007199254740993', [9007199254740993n], []],
  ['lists are sorted', textDimension, '["b",null,"a",1]', [[null, '1', 'a', 'b']], []],
  ['a list of one is its value', textDimension, '["a"]', ['a'], []],
  ['an empty list is null', textDimension, '[]', [null], []],
  ['empty text stays empty', textDimension, '""', [''], []],
  ['an object is a bad row', textDimension, '{"a":1}', [], ['1: Column "d" holds an object.']],
  [
    'half a surrogate pair is a bad row',
    textDimension,
    String.raw`"\ud800"`,
    [],
    ['1: Column "d" holds half of a surrogate pair.'],
  ],
  [
    '1e400 is not finite',
    doubleDimension,
    '1e400',
    [],
    ['1: Column "d" holds a number that is not finite. Expected a double.'],
  ],
  [
    'a list is no number',
    longDimension,
    '[1]',
    [],
    ['1: Column "d" holds a list. Expected a long.'],
  ],
  ['null is null', longDimension, 'null', [null], []],
];

describe('json', () => {
  it.each(json)('%s', async (_name, schema, value, cells, bad) => {
    expect(await values(`{"t":"${day}","d":${value}}`, schema, { type: 'json' })).toEqual({
      cells,
      bad,
    });
  });

  it('counts lines that are no object, and goes on', async () => {
    const text = `{"t":"${day}","d":"a"}\n{"t":\n[1]\n\n{"t":"${day}","d":"b"} {}\n{"t":"${day}","d":"c"}`;
    expect(await values(text, textDimension, { type: 'json' })).toEqual({
      cells: ['a', 'c'],
      bad: [
        '2: The line is not valid JSON.',
        '3: The line is not a JSON object.',
        '5: The line is not valid JSON.',
      ],
    });
  });

  it('reads columns named as what every object inherits only where a row has them', async () => {
    const schema = { dimensionsSpec: { dimensions: ['constructor', '__proto__', 'd'] } };
    const stores = await makeStores();
    await ingest(inlineSpec(`{"t":"${day}","__proto__":"x"}`, schema, { type: 'json' }), stores);
    const [row] = await readBack(stores);
    expect(Object.entries(row ?? {}).slice(1)).toEqual([
      ['constructor', null],
      ['__proto__', 'x'],
      ['d', null],
    ]);
  });

  it('takes columns from inside objects by flattenSpec', async () => {
    const flattenSpec = {
      useFieldDiscovery: false,
      fields: [
        { type: 'root', name: 't' },
        { type: 'path', name: 'd', expr: "$.a['b c'][1].x" },
      ],
    };
    const text = `{"t":"${day}","a":{"b c":[0,{"x":"deep"}]}}\n{"t":"${day}","a":[]}`;
    expect(await values(text, textDimension, { type: 'json', flattenSpec })).toEqual({
      cells: [null, 'deep'],
      bad: [],
    });
  });
});

const times: readonly (readonly [format: string, text: string, ms: number | null])[] = [
  ['auto', '2011-01-12T05:06:07.123456Z', 1294808767123],
  ['auto', '2011-01-12 05:06:07+00:00', 1294808767000],
  ['auto', '2011-01-12 05:06:07', 1294808767000],
  ['auto', '1294808767123', 1294808767123],
  ['iso', '2011-01-12T05:06:07-08:00', 1294837567000],
  ['iso', '2011-01-12', 1294790400000],
  ['iso', '2011-02-30T00:00:00Z', null],
  ['iso', '2012-02-29T00:00:00Z', 1330473600000],
  ['iso', '2011-01-12 05:06:07', null],
  ['posix', '1294808767', 1294808767000],
  ['millis', '1294808767123', 1294808767123],
  ['micro', '1294808767123456', 1294808767123],
  ['nano', '1294808767123456789', 1294808767123],
  ['yyyy-MM-dd HH:mm:ss', '2011-01-12 05:06:07', 1294808767000],
  ['dd/MMM/yyyy:HH:mm:ss Z', '12/Jan/2011:05:06:07 +0100', 1294805167000],
  ["yyyy-MM-dd'T'hh:mm a", '2011-01-12T05:06 PM', 1294851960000],
  ['yyyyMMdd', '20110230', null],
  ['iso', '275760-09-12T23:59:59.999Z', 8639999999999999],
  ['iso', '275760-09-13T00:00:00Z', null],
  ['iso', '+275761-01-01', null],
  ['millis', '8640000000000000', null],
  ['auto', 'soon', null],
  ['auto', '', null],
];

describe('times', () => {
  it.each(times)('%s: %s', async (format, text, ms) => {
    const stores = await makeStores();
    const schema = { ...textDimension, timestampSpec: { column: 't', format } };
    const spec = inlineSpec(`t,d\n"${text}",a\n`, schema, csv, anyBadRows);
    const report = await ingest(spec, stores);
    const found = report.rowsStored === 0 ? [] : await readBack(stores);
    expect(found.map((row) => row['__time'])).toEqual(ms === null ? [] : [ms]);
    const what = text === '' ? 'is missing' : `is no time of the form "${format}"`;
    expect(report.badRows.map(({ reason }) => reason)).toEqual(
      ms === null ? [`The time in column "t" ${what}.`] : [],
    );
  });
});
