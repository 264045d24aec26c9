/** Columns that are loaded into a memory of the caller, and dictionaries read in order. */
import { describe, expect, it } from 'vitest';
import { type ColumnMemory, memorySource, openSegment, writeSegment } from '../src/index.ts';
import type { SegmentInput } from '../src/index.ts';

const rowCount = 70_000;
/** Ids of texts of one to four bytes a character, so that windows of entries start anywhere. */
const dictionary = Array.from({ length: rowCount - 1 }, (_none, id) =>
  id % 700 < 300 ? `a${String(id).padStart(6, '0')}` : `b${String(id).padStart(6, '0')}é😀`,
).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

const input: SegmentInput = {
  schema: {
    dataSource: 'd',
    namespace: 'default',
    interval: { start: 0, end: 1000 },
    dimensions: [{ name: 'name', type: 'string', multiValueHandling: 'ARRAY' }],
    metrics: [
      {
        name: 'views',
        type: 'long',
        aggregator: { type: 'longSum', name: 'views', fieldName: 'v' },
      },
    ],
    sortOrder: ['name', '__time'],
    rollup: true,
    queryGranularity: 'NONE',
    timestampSpec: {},
  },
  rowCount,
  time: new Float64Array(rowCount),
  columns: new Map([
    [
      'name',
      {
        type: 'string',
        dictionary: [null, ...dictionary],
        ids: Uint32Array.from({ length: rowCount }, (_none, row) => row),
      },
    ],
    [
      'views',
      {
        type: 'long',
        values: BigInt64Array.from({ length: rowCount }, (_none, row) => BigInt(row)),
        nulls: Uint8Array.from({ length: rowCount }, (_none, row) => (row === 5 ? 1 : 0)),
      },
    ],
  ]),
};

/** A memory that counts what is out, with room for `limit` bytes. */
function countingMemory(limit = Infinity): ColumnMemory & { readonly live: Set<Uint8Array> } {
  const live = new Set<Uint8Array>();
  return {
    live,
    allocate(byteLength) {
      const used = [...live].reduce((sum, bytes) => sum + bytes.length, 0);
      if (used + byteLength > limit) return null;
      const bytes = new Uint8Array(byteLength);
      live.add(bytes);
      return bytes;
    },
    free(bytes) {
      if (!live.delete(bytes)) throw new Error('freed twice');
    },
  };
}

describe.each(['zstd', 'none'] as const)('a segment with compression %s', (compression) => {
  const { bytes } = writeSegment(input, { compression });

  it('keeps what is derived from a column with it, counts it, and frees it with the column', async () => {
    const memory = countingMemory();
    const segment = await openSegment(memorySource(bytes), { memory });
    const ones = { key: 'ones', byteLength: 3 };
    const fillOnes = (room: Uint8Array): Uint8Array => room.fill(1);
    expect(() => segment.derived('views', ones, fillOnes)).toThrow(
      'Column "views" was not loaded.',
    );
    await segment.load(['views']);
    const [own, live] = [segment.columnBytes('views'), memory.live.size];
    const derived = segment.derived('views', ones, fillOnes);
    expect([...derived]).toEqual([1, 1, 1]);
    expect(segment.derived('views', ones, () => expect.unreachable())).toBe(derived);
    const other = segment.derived('views', { key: 'twos', byteLength: 2 }, (room) => room.fill(2));
    expect([...other]).toEqual([2, 2]);
    expect(segment.columnBytes('views')).toBe(own + 5);
    expect(segment.loadedBytes).toBe(own + 5);
    expect(memory.live.size).toBe(live + 2);
    segment.unload();
    expect(memory.live.size).toBe(0);
    expect(segment.columnBytes('views')).toBe(own);
    await segment.load(['views']);
    expect(segment.derived('views', ones, fillOnes)).not.toBe(derived);
  });

  it('loads values and validity into the memory it is given, and frees them when unloaded', async () => {
    const memory = countingMemory();
    const segment = await openSegment(memorySource(bytes), { memory });
    await segment.load(['views', 'name']);
    const [views, name] = [segment.column('views'), segment.column('name')];
    if (views?.type !== 'long' || name?.type !== 'string') throw new Error('wrong kinds');
    const arrays = [
      views.values,
      views.validity,
      name.ids,
      name.dictionary.offsets,
      name.dictionary.bytes,
      name.index?.type === 'ranges' ? name.index.starts : null,
    ];
    const buffers = new Set([...memory.live].map((array) => array.buffer));
    expect(arrays.map((array) => array !== null && buffers.has(array.buffer))).toEqual([
      true,
      true,
      true,
      true,
      true,
      true,
    ]);
    const { offsets, bytes: text } = name.dictionary;
    expect([offsets[1], Buffer.from(text.subarray(0, offsets[2])).toString()]).toEqual([
      0,
      dictionary[0],
    ]);
    expect([views.values[4], views.values[5], views.values[69_999]]).toEqual([4, 0, 69_999]);
    segment.unload(['views']);
    // Offsets and bytes of the dictionary, ranges, and the ids that they imply.
    expect(memory.live.size).toBe(4);
    segment.unload();
    segment.unload();
    expect(memory.live.size).toBe(0);
  });

  it('uses ordinary arrays once the memory is full', async () => {
    const memory = countingMemory(0);
    const segment = await openSegment(memorySource(bytes), { memory });
    await segment.load(segment.columnNames);
    const views = segment.column('views');
    expect(views?.type === 'long' && views.values[69_999]).toBe(69_999);
    segment.unload();
  });

  it('frees what it placed when a block turns out to be damaged', async () => {
    const memory = countingMemory();
    const damaged = bytes.slice();
    damaged.fill(0x5a, 64, damaged.length >> 1);
    const segment = await openSegment(memorySource(damaged), { memory });
    await expect(segment.load(segment.columnNames)).rejects.toThrow('checksum');
    expect(memory.live.size).toBe(0);
  });
});

describe('a large dictionary', () => {
  it.each([
    ['in order', (id: number) => id],
    ['in steps', (id: number) => (id * 7) % rowCount],
    ['backwards', (id: number) => rowCount - 1 - id],
    ['at random', (id: number) => (id * 48_271) % rowCount],
  ])('gives the same texts %s', async (_name, idOf) => {
    const segment = await openSegment(memorySource(writeSegment(input).bytes));
    await segment.load(['name']);
    const column = segment.column('name');
    if (column?.type !== 'string') throw new Error('wrong kind');
    const wrong: number[] = [];
    for (let i = 0; i < rowCount; i++) {
      const id = idOf(i);
      if (column.dictionary.valueAt(id) !== (id === 0 ? null : dictionary[id - 1])) wrong.push(id);
    }
    expect(wrong).toEqual([]);
  });
});
