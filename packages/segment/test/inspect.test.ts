import { describe, expect, it } from 'vitest';
import { inspectSegment, memorySource, writeSegment } from '../src/index.ts';
import { inputOf, type PlainTable } from './tables.ts';

const table: PlainTable = {
  time: [0, 3_600_000, 0],
  columns: {
    country: { type: 'string', values: [null, 'de', 'us'] },
    tags: { type: 'strings', values: [['a', null], [], ['b']] },
    clicks: { type: 'long', values: [1n, null, 2n ** 62n] },
    spend: { type: 'double', values: [0.5, -1, null] },
    users: { type: 'hyperUnique', values: [null, '01000001000000000710', null] },
  },
};

describe('inspectSegment', () => {
  it('tells encodings, sizes, checksums and the first rows', async () => {
    const input = inputOf(table);
    const written = writeSegment(input);
    const found = await inspectSegment(memorySource(written.bytes));
    expect({ ...found, columns: [] }).toEqual({
      formatVersion: 2,
      schema: input.schema,
      rowCount: 3,
      timeRange: { minMs: 0, maxMs: 3_600_000 },
      compression: 'zstd',
      fileBytes: written.bytes.length,
      memoryBytes: written.memoryBytes,
      columns: [],
      firstRows: [
        {
          __time: '1970-01-01T00:00:00.000Z',
          country: null,
          tags: ['a', null],
          clicks: 1,
          spend: 0.5,
          users: null,
        },
        {
          __time: '1970-01-01T01:00:00.000Z',
          country: 'de',
          tags: [],
          clicks: null,
          spend: -1,
          users: 'AQAAAQAAAAAHEA==',
        },
        {
          __time: '1970-01-01T00:00:00.000Z',
          country: 'us',
          tags: ['b'],
          clicks: '4611686018427387904',
          spend: null,
          users: null,
        },
      ],
    });
    const shapes = found.columns.map(({ name, type, width, dictionarySize, index }) => [
      name,
      type,
      width,
      dictionarySize,
      index,
    ]);
    expect(shapes).toEqual([
      ['__time', 'time', 'uint8', null, null],
      ['country', 'string', 'uint8', 3, 'ranges'],
      ['tags', 'strings', 'uint8', 3, null],
      ['clicks', 'long', 'int64', null, null],
      ['spend', 'double', null, null, null],
      ['users', 'hyperUnique', null, null, null],
    ]);
    expect(found.columns.flatMap((column) => column.damagedBlocks)).toEqual([]);
  });

  it('names damaged blocks and then shows no rows', async () => {
    const { bytes } = writeSegment(inputOf(table), { compression: 'none' });
    const copy = Buffer.from(bytes);
    const at = copy.indexOf(Buffer.from(Float64Array.of(0.5, -1).buffer));
    copy[at] = 1;
    const found = await inspectSegment(memorySource(copy));
    const damaged = found.columns.filter((column) => column.damagedBlocks.length > 0);
    expect(damaged.map(({ name, damagedBlocks }) => [name, damagedBlocks])).toEqual([
      ['spend', ['values']],
    ]);
    expect(found.firstRows).toBeNull();
  });
});
