/** What the random comparison with the oracle (test/oracle) does not reach: states, limits, errors. */
import {
  addHyperUniqueText,
  encodeHyperUnique,
  estimateHyperUnique,
  hyperUniqueRegisterCount,
} from '@isotherm/kernels';
import type { GroupedPartial, PartialColumn, PartialResult } from '@isotherm/query';
import { TextDictionary, parseQuery } from '@isotherm/query';
import type { Segment } from '@isotherm/segment';
import { describe, expect, it } from 'vitest';
import { SharedDictionaries, defaultBatchRows, neededColumns, runSegments } from '../src/index.ts';
import type { MemoryOptions, MemoryRow } from './memory-segment.ts';
import { memorySegment } from './memory-segment.ts';

const dayMs = 86_400_000;
const base = { dataSource: 'ads', intervals: ['1970-01-01/1970-02-01'], granularity: 'all' };

async function run(
  json: object,
  segment: Segment,
  options: {
    readonly batchRows?: number;
    readonly checkpoint?: () => void;
    readonly memoryBytes?: number;
  } = {},
): Promise<PartialResult> {
  const query = parseQuery({ ...base, ...json }, { queryId: 'test', timeoutMs: 1000 });
  const { intervals } = query;
  await segment.load(neededColumns(query, segment, intervals));
  const { batchRows = defaultBatchRows, checkpoint = () => undefined } = options;
  const segments = [{ segment, segmentId: 'ads_1', intervals }];
  const dictionaries = new SharedDictionaries({ limitBytes: 2 ** 28 });
  const [partial] = runSegments({
    query,
    segments,
    batchRows,
    checkpoint,
    dictionaries,
    memoryBytes: options.memoryBytes,
  });
  return partial;
}

async function groups(json: object, segment: Segment, batchRows?: number): Promise<GroupedPartial> {
  const partial = await run(json, segment, batchRows === undefined ? {} : { batchRows });
  if (partial.kind !== 'grouped') throw new Error(partial.kind);
  return partial;
}

/** Values of a column, null where it is null. */
function valuesOf(column: PartialColumn | undefined): unknown[] {
  switch (column?.type) {
    case 'long':
      return Array.from(column.values, (value, i) => (column.nulls?.[i] ? null : value));
    case 'double':
    case 'float':
      return Array.from(column.values, (value, i) => (column.nulls?.[i] ? null : value));
    case 'doubleSum':
    case 'floatSum':
      return Array.from(column.values, (value, i) =>
        column.nulls?.[i] ? null : value + column.errors[i],
      );
    case 'string':
      return Array.from(column.ids, (id) => column.dictionary.textAt(id));
    case 'hyperUnique':
      return Array.from({ length: column.registers.length / hyperUniqueRegisterCount }, (_n, i) =>
        Math.round(estimateHyperUnique(column.registers, i * hyperUniqueRegisterCount)),
      );
    default:
      throw new Error(column?.type);
  }
}

const table: MemoryOptions = {
  types: { ad: 'string', tags: 'strings', clicks: 'long', cost: 'double', rate: 'float' },
  rows: [
    { __time: 0, ad: 'a', tags: ['x', 'y'], clicks: 1n, cost: 0.1, rate: 0.5 },
    { __time: dayMs, ad: 'a', tags: [], clicks: 2n, cost: null, rate: 1.5 },
    { __time: 4 * dayMs, ad: 'b', tags: ['y'], clicks: null, cost: 0.2, rate: 2.5 },
    { __time: 4 * dayMs, ad: null, tags: [null, 'x'], clicks: 4n, cost: 0.7, rate: 3.5 },
  ],
};
const sums = [
  { type: 'count', name: 'rows' },
  { type: 'longSum', name: 'clicks', fieldName: 'clicks' },
  { type: 'doubleSum', name: 'cost', fieldName: 'cost' },
];

describe('timeseries', () => {
  it('fills empty buckets between the first and the last row with zero rows and null sums', async () => {
    const answer = await groups(
      { queryType: 'timeseries', granularity: 'day', aggregations: sums },
      memorySegment(table),
      2,
    );
    expect([...answer.times]).toEqual([0, 1, 2, 3, 4].map((day) => day * dayMs));
    expect(answer.states.map(valuesOf)).toEqual([
      [1n, 1n, 0n, 0n, 2n],
      [1n, 2n, null, null, 4n],
      [0.1, null, null, null, 0.2 + 0.7],
    ]);
  });

  it('leaves empty buckets out if the context says so', async () => {
    const context = { skipEmptyBuckets: true };
    const query = { queryType: 'timeseries', granularity: 'day', aggregations: sums, context };
    const answer = await groups(query, memorySegment(table));
    expect([...answer.times]).toEqual([0, dayMs, 4 * dayMs]);
  });

  it('refuses more buckets than anyone can read', async () => {
    const rows = [0, 20 * dayMs].map((ms) => ({ ...table.rows[0], __time: ms }));
    const segment = memorySegment({ ...table, rows });
    const query = { queryType: 'timeseries', granularity: 'none', aggregations: sums };
    await expect(groups(query, segment)).rejects.toThrow(
      'The timeseries has more than 5000000 buckets in one segment. Ask for a coarser ' +
        'granularity, shorter intervals, or set "skipEmptyBuckets" in the context.',
    );
  });

  it('reads no column where statistics know the answer, and gives the same as if it did', async () => {
    const names = ['longSum', 'longMin', 'longMax'].map((type) => ({ type, fieldName: 'clicks' }));
    const doubles = ['doubleSum', 'doubleMin', 'doubleMax'].map((type) => ({
      type,
      fieldName: 'cost',
    }));
    const floats = ['floatSum', 'floatMin', 'floatMax'].map((type) => ({
      type,
      fieldName: 'rate',
    }));
    const missing = [{ type: 'longSum', fieldName: 'no' }];
    const aggregations = [
      { type: 'count', name: 'rows' },
      ...[...names, ...doubles, ...floats, ...missing].map((each, i) => ({
        ...each,
        name: `a${i}`,
      })),
    ];
    const json = { ...base, queryType: 'timeseries', aggregations };
    const query = parseQuery(json, { queryId: 'test', timeoutMs: 1000 });
    const segment = memorySegment(table);
    expect(neededColumns(query, segment, query.intervals)).toEqual([]);
    const known = await groups(json, segment);
    expect(known.scannedRows).toBe(0);
    const read = await groups(
      { ...json, filter: { type: 'not', field: { type: 'false' } } },
      segment,
    );
    expect([...known.times, ...known.states.flatMap(valuesOf)]).toEqual([
      ...read.times,
      ...read.states.flatMap(valuesOf),
    ]);
  });
});

describe('groupBy', () => {
  it('explodes rows that hold lists; an empty list is null', async () => {
    const dimensions = ['tags', 'ad'];
    const query = { queryType: 'groupBy', dimensions, aggregations: sums.slice(0, 1) };
    const answer = await groups(query, memorySegment(table), 3);
    const rows = answer.times.length;
    const keys = answer.dimensions.map(valuesOf);
    const counts = valuesOf(answer.states[0]);
    expect(
      Array.from({ length: rows }, (_n, i) => [keys[0]?.[i], keys[1]?.[i], counts[i]]),
    ).toEqual(
      expect.arrayContaining([
        ['x', 'a', 1n],
        ['y', 'a', 1n],
        [null, 'a', 1n],
        ['y', 'b', 1n],
        [null, null, 1n],
        ['x', null, 1n],
      ]),
    );
    expect(rows).toBe(6);
  });

  it('finds groups of any number of dimensions: direct, dense, hashed and chained keys', async () => {
    const rows = Array.from({ length: 3000 }, (_none, i): MemoryRow => {
      const spread = (i * 7919) % 2999;
      return {
        __time: 0,
        a: `a${spread}`,
        b: `b${spread % 1500}`,
        c: BigInt(spread) << 40n,
        d: spread / 8,
        e: `e${i % 7}`,
      };
    });
    const types = { a: 'string', b: 'string', c: 'long', d: 'double', e: 'string' } as const;
    const segment = memorySegment({ types, rows });
    for (const dimensions of [
      ['e'],
      ['e', 'b'],
      ['a', 'b'],
      ['a', 'b', 'c', 'd', 'e'],
      ['c'],
      ['d', 'c'],
    ]) {
      const expected = new Map<string, bigint>();
      for (const row of rows) {
        const key = dimensions.map((name) => String(row[name])).join(' ');
        expected.set(key, (expected.get(key) ?? 0n) + 1n);
      }
      const query = {
        queryType: 'groupBy',
        dimensions: dimensions.map(plain),
        aggregations: sums.slice(0, 1),
      };
      const answer = await groups(query, segment, 512);
      const keys = answer.dimensions.map(valuesOf);
      const counts = valuesOf(answer.states[0]);
      const found = counts.map((count, i) => [keys.map((key) => String(key[i])).join(' '), count]);
      expect(found.length).toBe(expected.size);
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
    }
  });

  it('refuses to group by sketches', async () => {
    const types = { users: 'hyperUnique' } as const;
    const segment = memorySegment({ types, rows: [{ __time: 0, users: null }] });
    await expect(groups({ queryType: 'groupBy', dimensions: ['users'] }, segment)).rejects.toThrow(
      'Dimension "users" holds sketches, which cannot be grouped by. Use the aggregator "hyperUnique" for it.',
    );
  });
});

function plain(dimension: string): object {
  const outputType = dimension === 'c' ? 'LONG' : dimension === 'd' ? 'DOUBLE' : 'STRING';
  return { type: 'default', dimension, outputName: dimension, outputType };
}

describe('filters on longs', () => {
  const most = (1n << 63n) - 1n;
  const near = 9007199254740993n;
  const values = [near - 1n, near, near + 1n, most, -most - 1n, 5n];
  const rows = values.map((big) => ({ __time: 0, big }));

  it.each([
    ['selector', { type: 'selector', value: String(near) }, [near]],
    [
      'in',
      { type: 'in', values: ['-9223372036854775808', String(most), '5'] },
      [most, -most - 1n, 5n],
    ],
    ['equals', { type: 'equals', matchValueType: 'LONG', matchValue: String(near) }, [near]],
  ])('find longs beyond 2^53 exactly: %s', async (_name, leaf, expected) => {
    const segment = memorySegment({ types: { big: 'long' }, rows });
    const filter = {
      ...leaf,
      ...(leaf.type === 'equals' ? { column: 'big' } : { dimension: 'big' }),
    };
    const query = { queryType: 'scan', granularity: undefined, columns: ['big'], filter };
    const answer = await run(query, segment);
    expect(answer.kind === 'scan' && valuesOf(answer.columns[0]?.column)).toEqual(expected);
  });
});

describe('text as a LONG dimension', () => {
  it('is a long where it is a whole number, however written', async () => {
    const texts = ['10', '10.0', '1e1', '1.5e1', '1.5', 'x'];
    const rows = texts.map((text) => ({ __time: 0, text }));
    const segment = memorySegment({ types: { text: 'string' }, rows });
    const dimension = { dimension: 'text', outputName: 'n', outputType: 'LONG' };
    const aggregations = [{ type: 'count', name: 'rows' }];
    const query = { queryType: 'groupBy', dimensions: [dimension], aggregations };
    const answer = await groups(query, segment);
    const counts = valuesOf(answer.states[0]);
    const found = valuesOf(answer.dimensions[0]).map((value, i) => [String(value), counts[i]]);
    expect(Object.fromEntries(found)).toEqual({ 10: 3n, 15: 1n, null: 2n });
  });
});

describe('extremes of text', () => {
  it.each([
    ['longMin', (1n << 63n) - 1n, 7n],
    ['longMax', -(1n << 63n), 7n],
    ['doubleMin', Infinity, 7],
    ['floatMax', -Infinity, 7],
  ])('take text that is no number for what changes nothing: %s', async (type, idle, seven) => {
    const rows = [
      { __time: 0, ad: 'a', text: 'x' },
      { __time: 0, ad: 'b', text: 'x' },
      { __time: 0, ad: 'b', text: '7' },
      { __time: 0, ad: 'c', text: null },
    ];
    const segment = memorySegment({ types: { ad: 'string', text: 'string' }, rows });
    const aggregations = [{ type, name: 'extreme', fieldName: 'text' }];
    const answer = await groups(
      { queryType: 'groupBy', dimensions: ['ad'], aggregations },
      segment,
    );
    expect(answer.states.map(valuesOf)).toEqual([[idle, seven, null]]);
  });
});

describe('long sums', () => {
  const most = (1n << 63n) - 1n;
  const sum = { queryType: 'timeseries', filter: { type: 'not', field: { type: 'false' } } };
  const aggregations = [{ type: 'longSum', name: 'total', fieldName: 'big' }];
  const bigs = (values: bigint[]): Segment =>
    memorySegment({ types: { big: 'long' }, rows: values.map((big) => ({ __time: 0, big })) });

  it.each([
    ['beyond 2^53', [1n << 53n, 1n, 1n], (1n << 53n) + 2n],
    ['up to the last 64-bit integer', [most - 1n, 1n], most],
    ['past it and back', [most, most, -most, 5n - most], 5n],
    ['of narrow columns', [255n, 1n], 256n],
  ])('are exact %s', async (_name, values, expected) => {
    const answer = await groups({ ...sum, aggregations }, bigs(values));
    const [total] = valuesOf(answer.states[0]);
    expect(total).toBe(expected);
  });

  it('fail with LONG_OVERFLOW when the end result leaves 64 bits', async () => {
    await expect(groups({ ...sum, aggregations }, bigs([most, 1n]))).rejects.toMatchObject({
      code: 'LONG_OVERFLOW',
      message:
        'The sum "total" does not fit a 64-bit integer. Use a doubleSum, or filter to fewer rows.',
    });
  });
});

describe('hyperUnique', () => {
  it('folds stored sketches and hashes the text of everything else', async () => {
    const sketch = (...values: string[]): Uint8Array => {
      const registers = new Uint8Array(hyperUniqueRegisterCount);
      for (const value of values) addHyperUniqueText(registers, 0, value);
      return encodeHyperUnique(registers, 0);
    };
    const rows = [
      { ...table.rows[0], __time: 0, users: sketch('u1', 'u2') },
      { ...table.rows[1], __time: 0, users: null },
      { ...table.rows[2], __time: 0, users: sketch('u2', 'u3', 'u4') },
      { ...table.rows[3], __time: 0, users: sketch('u1') },
    ];
    const segment = memorySegment({ types: { ...table.types, users: 'hyperUnique' }, rows });
    const names = ['users', 'ad', 'tags', 'clicks', 'cost', '__time', 'no'];
    const aggregations = names.map((name) => ({
      type: 'hyperUnique',
      name: `distinct ${name}`,
      fieldName: name,
    }));
    const all = await groups({ queryType: 'timeseries', aggregations }, segment, 3);
    expect(all.states.map(valuesOf)).toEqual([[4], [2], [2], [3], [3], [1], [0]]);
    const byAd = await groups(
      { queryType: 'groupBy', dimensions: ['ad'], aggregations: aggregations.slice(0, 1) },
      segment,
    );
    expect([valuesOf(byAd.dimensions[0]), valuesOf(byAd.states[0])]).toEqual([
      [null, 'a', 'b'],
      [1, 2, 3],
    ]);
  });
});

describe('every run', () => {
  it('calls the checkpoint between batches, which may stop it', async () => {
    let calls = 0;
    const checkpoint = (): void => {
      calls += 1;
      if (calls === 3) throw new Error('cancelled');
    };
    const query = { queryType: 'groupBy', dimensions: ['ad'], aggregations: sums };
    const stopped = run(query, memorySegment(table), { batchRows: 1, checkpoint });
    await expect(stopped).rejects.toThrow('cancelled');
    expect(calls).toBe(3);
  });

  it('answers nothing where query and data do not meet, and nothing of an empty segment', async () => {
    const intervals = ['1969-01-01/1969-02-01'];
    for (const segment of [memorySegment(table), memorySegment({ ...table, rows: [] })]) {
      for (const queryType of ['timeseries', 'groupBy', 'topN']) {
        const extra =
          queryType === 'topN'
            ? { dimension: 'ad', metric: 'rows', threshold: 5 }
            : { dimensions: ['ad'] };
        const json = {
          queryType,
          intervals,
          aggregations: sums,
          ...(queryType === 'timeseries' ? {} : extra),
        };
        expect((await groups(json, segment)).rowCount).toBe(0);
      }
    }
  });

  it('groups by a hash table within its memory, and says when that is not enough', async () => {
    const rows = Array.from({ length: 2000 }, (_none, i) => ({
      __time: i,
      a: `a${(i * 7919) % 1999}`,
      b: `b${(i * 104_729) % 1997}`,
      clicks: i,
    }));
    const types = { a: 'string', b: 'string', clicks: 'long' } as const;
    const segment = memorySegment({ types, rows });
    const sum = { type: 'longSum', name: 'clicks', fieldName: 'clicks' };
    const json = { queryType: 'groupBy', dimensions: ['a', 'b'], aggregations: [sum] };
    const answer = await run(json, segment, { memoryBytes: 2 ** 22 });
    expect(answer.kind === 'grouped' && answer.rowCount).toBe(2000);
    await expect(run(json, segment, { memoryBytes: 2 ** 16 })).rejects.toMatchObject({
      code: 'RUN_MEMORY_EXCEEDED',
      details: { limitBytes: 2 ** 16 },
    });
  });

  it('looks only at the rows that an index names', async () => {
    const rows = Array.from({ length: 1000 }, (_none, i) => ({
      __time: i,
      ad: `ad${String(i >> 2).padStart(3, '0')}`,
      page: `p${i % 100}`,
    }));
    const types = { ad: 'string', page: 'string' } as const;
    const segment = memorySegment({ types, rows, clusteredBy: 'ad', postings: ['page'] });
    const query = { queryType: 'groupBy', dimensions: ['ad'], aggregations: sums.slice(0, 1) };
    const scanned = async (filter: object): Promise<number[]> => {
      const answer = await groups({ ...query, filter }, segment);
      return [answer.rowCount, answer.scannedRows];
    };
    const ad = (...values: string[]): object => ({ type: 'in', dimension: 'ad', values });
    const page = { type: 'selector', dimension: 'page', value: 'p7' };
    expect(await scanned(ad('ad003'))).toEqual([1, 4]);
    expect(await scanned(ad('ad000', 'ad001', 'ad200', 'nobody'))).toEqual([3, 12]);
    expect(await scanned(page)).toEqual([10, 10]);
    expect(await scanned({ type: 'and', fields: [page, ad('ad001')] })).toEqual([1, 4]);
    expect(await scanned({ type: 'or', fields: [page, ad('ad001')] })).toEqual([10, 1000]);
  });
});

describe('scan', () => {
  it('shows columns as stored: lists, nulls, sketches in base64, missing ones as null', async () => {
    const image = Uint8Array.of(1, 0, 0, 1, 0, 0, 0, 2, 0x78, 0x30);
    const rows = table.rows.map((row, i) => ({ ...row, users: i === 1 ? image : null }));
    const segment = memorySegment({ types: { ...table.types, users: 'hyperUnique' }, rows });
    const columns = ['__time', 'tags', 'clicks', 'users', 'no'];
    const answer = await run(
      { queryType: 'scan', granularity: undefined, columns, limit: 2, order: 'descending' },
      segment,
    );
    expect(answer).toEqual({
      kind: 'scan',
      rowCount: 2,
      segmentId: 'ads_1',
      times: Float64Array.of(4 * dayMs, 4 * dayMs),
      scannedRows: 4,
      columns: [
        {
          name: '__time',
          column: {
            type: 'long',
            values: BigInt64Array.of(345_600_000n, 345_600_000n),
            nulls: null,
          },
        },
        {
          name: 'tags',
          column: {
            type: 'strings',
            dictionary: TextDictionary.fromTexts([null, 'x', 'y']),
            offsets: Uint32Array.of(0, 2, 3),
            ids: Uint32Array.of(0, 1, 2),
          },
        },
        {
          name: 'clicks',
          column: { type: 'long', values: BigInt64Array.of(4n, 0n), nulls: Uint8Array.of(0, 1) },
        },
        {
          name: 'users',
          // Where nothing was counted Druid shows a sketch of nothing.
          column: {
            type: 'string',
            dictionary: TextDictionary.fromTexts(['AQAAAAAAAA==']),
            ids: Uint32Array.of(0, 0),
          },
          typeName: 'COMPLEX<hyperUnique>',
        },
        {
          name: 'no',
          column: {
            type: 'string',
            dictionary: TextDictionary.fromTexts([null]),
            ids: Uint32Array.of(0, 0),
          },
          typeName: null,
        },
      ],
    });
    const first = await run(
      { queryType: 'scan', granularity: undefined, columns: ['users'], limit: 1, offset: 1 },
      segment,
      { batchRows: 1 },
    );
    expect(first).toMatchObject({
      rowCount: 2,
      scannedRows: 2,
      columns: [
        { column: { dictionary: TextDictionary.fromTexts(['AQAAAAAAAA==', 'AQAAAQAAAAJ4MA==']) } },
      ],
    });
  });
});

describe('segmentMetadata', () => {
  it('gives types and nulls, and on request sizes, cardinalities and extremes', async () => {
    const metrics = [
      { name: 'clicks', type: 'long', aggregator: { type: 'count', name: 'clicks' } },
    ] as const;
    const segment = memorySegment({ ...table, metrics });
    const analysisTypes = [
      'cardinality',
      'size',
      'minmax',
      'aggregators',
      'queryGranularity',
      'timestampSpec',
      'rollup',
    ];
    const answer = await run(
      { queryType: 'segmentMetadata', granularity: undefined, analysisTypes },
      segment,
    );
    const column = {
      hasMultipleValues: false,
      hasNulls: false,
      cardinality: null,
      minValue: null,
      maxValue: null,
      errorMessage: null,
    };
    const text = { ...column, typeSignature: 'STRING', type: 'STRING', hasNulls: true };
    expect(answer).toEqual({
      kind: 'segmentMetadata',
      segmentId: 'ads_1',
      interval: { start: 0, end: 4 * dayMs + 1 },
      columns: {
        __time: { ...column, typeSignature: 'LONG', type: 'LONG', size: 40 },
        ad: { ...text, size: 3, cardinality: 3, maxValue: 'b' },
        tags: { ...text, hasMultipleValues: true, size: 4, cardinality: 3, maxValue: 'y' },
        clicks: { ...column, typeSignature: 'LONG', type: 'LONG', size: 32, hasNulls: true },
        cost: { ...column, typeSignature: 'DOUBLE', type: 'DOUBLE', size: 32, hasNulls: true },
        rate: { ...column, typeSignature: 'FLOAT', type: 'FLOAT', size: 32 },
      },
      bytes: 167,
      rowCount: 4,
      aggregators: { clicks: { type: 'longSum', name: 'clicks', fieldName: 'clicks' } },
      timestampSpec: { column: 'ts', format: 'iso', missingValue: null },
      queryGranularity: { type: 'none' },
      rollup: false,
      scannedRows: 0,
    });
  });
});
