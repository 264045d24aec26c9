/** Druid's cardinality of every type of column, against hashing each value by itself. */
import { hyperUniqueMark, hyperUniqueRegisterCount, kernelMemory } from '@isotherm/kernels';
import { parseQuery } from '@isotherm/query';
import { memorySource, openSegment, writeSegment } from '@isotherm/segment';
import { describe, expect, it } from 'vitest';
import { SharedDictionaries, neededColumns, runSegments } from '../src/index.ts';
import type { MemoryOptions, MemoryRow } from './memory-segment.ts';
import { segmentInput } from './memory-segment.ts';

const rows: MemoryRow[] = [
  { __time: 0, ad: 'a', tags: ['x', 'y'], clicks: 1n, cost: 0.5, rate: 0.25, users: null },
  { __time: 0, ad: 'a', tags: ['y'], clicks: -1n, cost: null, rate: -0, users: null },
  { __time: 1, ad: 'é日本', tags: [], clicks: null, cost: 1.5, rate: 0, users: null },
  {
    __time: 3,
    ad: '\u{1f600}',
    tags: ['z', null, '\uffee'],
    clicks: 2n ** 62n,
    cost: -0,
    rate: 1,
    users: null,
  },
  { __time: 3, ad: null, tags: [null], clicks: 4n, cost: 0, rate: null, users: null },
  { __time: 4, ad: '', tags: [null, null], clicks: 4n, cost: 0, rate: null, users: null },
];
const types = {
  ad: 'string',
  tags: 'strings',
  clicks: 'long',
  cost: 'double',
  rate: 'float',
  users: 'hyperUnique',
} as const;
const metrics = [
  {
    name: 'users',
    type: 'hyperUnique',
    aggregator: { type: 'hyperUnique', name: 'users', fieldName: 'users' },
  },
] as const;

/** Bytes of the values of a row: none for a null, several for a list. */
function bytesOf(row: MemoryRow, name: string): Buffer[] {
  const bytes = Buffer.alloc(8);
  const value = row[name] ?? null;
  if (name === '__time' || typeof value === 'bigint') {
    bytes.writeBigInt64LE(BigInt(name === '__time' ? row.__time : String(value)));
    return [bytes];
  }
  if (typeof value === 'number' && name === 'rate') {
    bytes.writeFloatLE(value);
    return [bytes.subarray(0, 4)];
  }
  if (typeof value === 'number') {
    bytes.writeDoubleLE(value);
    return [bytes];
  }
  const texts = [value].flat().filter((text) => typeof text === 'string');
  return texts.map((text) => Buffer.from(text, 'utf16le'));
}

function sketchOf(values: readonly Buffer[]): Uint8Array {
  const registers = new Uint8Array(hyperUniqueRegisterCount);
  for (const bytes of values) {
    const mark = hyperUniqueMark(bytes, 0, bytes.length);
    registers[mark >>> 8] = Math.max(registers[mark >>> 8], mark & 0xff);
  }
  return registers;
}

async function sketch(
  table: MemoryOptions,
  aggregator: object,
  batchRows: number,
): Promise<Uint8Array> {
  const source = memorySource(writeSegment(segmentInput(table)).bytes);
  const segment = await openSegment(source, { memory: kernelMemory() });
  const json = {
    queryType: 'timeseries',
    dataSource: 'ads',
    intervals: ['1970-01-01/P1D'],
    granularity: 'all',
    aggregations: [{ type: 'cardinality', name: 'n', ...aggregator }],
  };
  const query = parseQuery(json, { queryId: 'test', timeoutMs: 1000 });
  await segment.load(neededColumns(query, segment, query.intervals));
  const [partial] = runSegments({
    query,
    segments: [{ segment, segmentId: 'ads_1', intervals: query.intervals }],
    batchRows,
    checkpoint: () => undefined,
    dictionaries: new SharedDictionaries({ limitBytes: 2 ** 20 }),
  });
  segment.unload();
  if (partial.kind !== 'grouped' || partial.states[0]?.type !== 'hyperUnique') {
    throw new Error('The answer is no sketch.');
  }
  return partial.states[0].registers;
}

const columns = ['ad', 'tags', 'clicks', 'cost', 'rate', '__time', 'missing'];

describe.each([1, 8192])('in batches of %d rows', (batchRows) => {
  it.each(columns)('counts the values of "%s"', async (name) => {
    const expected = sketchOf(rows.flatMap((row) => bytesOf(row, name)));
    expect(await sketch({ types, rows, metrics }, { fields: [name] }, batchRows)).toEqual(expected);
  });

  it('counts the values of all columns together', async () => {
    const expected = sketchOf(rows.flatMap((row) => columns.flatMap((name) => bytesOf(row, name))));
    expect(await sketch({ types, rows, metrics }, { fields: columns }, batchRows)).toEqual(
      expected,
    );
  });

  it('counts rows by all columns, where a null leaves its place empty', async () => {
    const fields = ['ad', 'clicks', 'missing', 'cost', 'rate', '__time'];
    const expected = sketchOf(
      rows.map((row) =>
        Buffer.concat(
          fields.flatMap((name, i) => [Buffer.alloc(Number(i > 0)), ...bytesOf(row, name)]),
        ),
      ),
    );
    expect(await sketch({ types, rows, metrics }, { fields, byRow: true }, batchRows)).toEqual(
      expected,
    );
  });

  it('counts lists by their sorted values, and by nothing if they are null throughout', async () => {
    const texts = ['x\u0001y', 'y', '', '\u0000\u0001z\u0001\uffee', '', ''];
    const expected = sketchOf(texts.map((text) => Buffer.from(text, 'utf16le')));
    const aggregator = { fields: ['tags'], byRow: true };
    expect(await sketch({ types, rows, metrics }, aggregator, batchRows)).toEqual(expected);
  });
});

it.each([true, false])('refuses a column of sketches, by row: %s', async (byRow) => {
  await expect(
    sketch({ types, rows, metrics }, { fields: ['users'], byRow }, 8192),
  ).rejects.toThrow(
    'Column "users" holds sketches, of which "cardinality" cannot count values. Use "hyperUnique" for it.',
  );
});
