import { describe, expect, it } from 'vitest';
import { memorySource, openSegment, writeSegment } from '../src/index.ts';
import { columnCases, randomTable } from './column-cases.ts';
import { expectedStatistics, indexedRows, rowsOutsideZones, scannedRows } from './figures.ts';
import { expectedValues, firstDifference, inputOf, openAtOddOffset, readValues } from './tables.ts';

describe.each(['zstd', 'none'] as const)('with compression %s', (compression) => {
  it.each(columnCases)('%s: read back from an odd offset', async (_name, table) => {
    const written = writeSegment(inputOf(table), { compression });
    const segment = await openAtOddOffset(written.bytes);
    expect(firstDifference(readValues(segment), expectedValues(table))).toBeNull();
    expect(segment.rowCount).toBe(table.time.length);
    expect(segment.timeRange).toEqual(written.timeRange);
    expect(segment.schema).toEqual(inputOf(table).schema);
  });

  it.each(columnCases)('%s: takes the bytes that the writer said', async (_name, table) => {
    const written = writeSegment(inputOf(table), { compression, leastRowsPerTime: 1 });
    const segment = await openSegment(memorySource(written.bytes));
    await segment.load();
    expect(segment.loadedBytes).toBe(written.memoryBytes);
    segment.unload();
    expect(segment.loadedBytes).toBe(0);
  });
});

describe('what the file says of a column', () => {
  it.each(columnCases)('%s: statistics are those of its values', async (_name, table) => {
    const segment = await openAtOddOffset(writeSegment(inputOf(table)).bytes);
    const found = segment.columnNames.map((name) => [name, segment.statistics(name)]);
    expect(Object.fromEntries(found)).toEqual(expectedStatistics(table));
  });

  it.each(columnCases)('%s: zones hold their rows, indexes name theirs', async (_name, table) => {
    const segment = await openAtOddOffset(writeSegment(inputOf(table)).bytes);
    const values = expectedValues(table);
    expect(rowsOutsideZones(segment, values)).toEqual([]);
    for (const [name, column] of Object.entries(values)) {
      const [indexed, scanned] = [indexedRows(segment, name), scannedRows(segment, name, column)];
      expect(firstDifference({ rows: indexed ?? [] }, { rows: scanned ?? [] })).toBeNull();
    }
  });
});

describe('which index a text column gets', () => {
  it.each([
    ['clustered', 'ranges'],
    ['scattered', 'postings'],
    ['few', null],
    ['tags', 'postings'],
  ])('%s: %s', async (name, type) => {
    const segment = await openAtOddOffset(writeSegment(inputOf(randomTable())).bytes);
    const column = segment.column(name);
    if (column?.type !== 'string' && column?.type !== 'strings') throw new Error('no text');
    expect(column.index?.type ?? null).toBe(type);
  });
});

describe('postings', () => {
  const far = 150_000;
  const numbers = Array.from({ length: far + 10 }, (_none, row) => row);
  /** Differences on both sides of 65,535, the first step of a list among them. */
  const rare = new Map([
    ...[0, 65_534, 131_069, 131_070].map((row) => [row, 'a'] as const),
    ...[1, 65_537, far].map((row) => [row, 'b'] as const),
    ...[70_000, far + 9].map((row) => [row, 'c'] as const),
  ]);
  const values = numbers.map((row) => rare.get(row) ?? `v${String((row * 37) % 97)}`);

  it('find rows however far they lie apart', async () => {
    const table = { time: numbers, columns: { t: { type: 'string', values } } } as const;
    const segment = await openAtOddOffset(writeSegment(inputOf(table)).bytes);
    const [indexed, scanned] = [indexedRows(segment, 't'), scannedRows(segment, 't', values)];
    expect(firstDifference({ rows: indexed ?? [] }, { rows: scanned ?? [] })).toBeNull();
    expect(indexed?.slice(0, 3)).toEqual([
      [0, 65_534, 131_069, 131_070],
      [1, 65_537, far],
      [70_000, far + 9],
    ]);
  });
});

describe('dictionaries', () => {
  it('find ids and bounds without decoding', async () => {
    const values = ['', 'a', 'aa', 'b', '\uff5e', '\u{1f600}', null];
    const table = {
      time: values.map(() => 0),
      columns: { t: { type: 'string', values } },
    } as const;
    const segment = await openAtOddOffset(writeSegment(inputOf(table)).bytes);
    const column = segment.column('t');
    if (column?.type !== 'string') throw new Error('no text');
    const { dictionary } = column;
    const ids = [null, '', 'a', 'aa', 'ab', 'b', '\uff5e', '\u{1f600}', '\ud83d'];
    expect(ids.map((value) => dictionary.idOf(value))).toEqual([0, 1, 2, 3, -1, 4, 5, 6, -1]);
    const bounds = ['', 'A', 'a', 'a!', 'aaa', 'c', '\uff5e', '\u{1f600}', '\u{10ffff}'];
    expect(bounds.map((value) => dictionary.lowerBound(value))).toEqual([
      1, 2, 2, 3, 4, 5, 5, 6, 7,
    ]);
    expect([dictionary.size, dictionary.hasNull, dictionary.valueAt(0)]).toEqual([7, true, null]);
  });
});

describe('writing', () => {
  it('gives the same bytes for the same input', () => {
    const [first, second] = [
      writeSegment(inputOf(randomTable())),
      writeSegment(inputOf(randomTable())),
    ];
    expect(first.sha256).toBe(second.sha256);
    expect(Buffer.compare(first.bytes, second.bytes)).toBe(0);
  });

  const column = { type: 'string', dictionary: ['a', 'b'], ids: Uint32Array.of(0, 1) } as const;
  const wrong: [string, object, string][] = [
    [
      'an unsorted dictionary',
      { ...column, dictionary: ['b', 'a'] },
      'The dictionary of column "a" is not sorted and distinct at entry 1.',
    ],
    [
      'null behind a value',
      { ...column, dictionary: ['a', null] },
      'The dictionary of column "a" is not sorted and distinct at entry 1.',
    ],
    [
      'an unused entry',
      { ...column, ids: Uint32Array.of(0, 0) },
      'Column "a" does not use entry 1 of its dictionary.',
    ],
    [
      'an id behind the end',
      { ...column, ids: Uint32Array.of(0, 2) },
      'Column "a" refers to an entry behind the end of its dictionary of 2.',
    ],
    [
      'too few rows',
      { ...column, ids: Uint32Array.of(0) },
      'Column "a" has 1 rows, the segment 2.',
    ],
    [
      'another type',
      { type: 'long', values: new BigInt64Array(2), nulls: null },
      'Column "a" is long, but the schema says string.',
    ],
    [
      'half a surrogate pair',
      { ...column, dictionary: ['a', '\ud800'] },
      'Column "a" has a text with half a surrogate pair. Expected Unicode text; replace such characters before ingestion.',
    ],
  ];
  it.each(wrong)('refuses %s', (_name, bad, message) => {
    const input = inputOf({ time: [0, 0], columns: { a: { type: 'string', values: ['a', 'b'] } } });
    // The table holds deliberately wrong columns, which no type would allow.
    const columns = new Map([['a', bad as never]]);
    expect(() => writeSegment({ ...input, columns })).toThrow(message);
  });
});

describe('reading by range', () => {
  it('opens with one read of at most 64 KiB and loads only the named column', async () => {
    const { bytes } = writeSegment(inputOf(randomTable()), { compression: 'none' });
    const reads: number[] = [];
    const segment = await openSegment({
      byteLength: bytes.length,
      read: async (start, end) => {
        reads.push(end - start);
        return bytes.slice(start, end);
      },
    });
    expect(reads).toEqual([64 * 1024]);
    reads.length = 0;
    await segment.load(['small', 'unknown']);
    expect(reads.reduce((sum, length) => sum + length, 0)).toBeLessThan(64 * 1024 * 2);
    expect(segment.loadedBytes).toBe(segment.columnBytes('small'));
    expect(segment.columnBytes('small')).toBe(10_000 + 3 * 16);
    expect(segment.column('unknown')).toBeNull();
    expect(segment.columnBytes('unknown')).toBe(0);
    expect(() => segment.column('few')).toThrow('Column "few" was not loaded.');
    await segment.load(['small']);
    segment.unload();
    expect(segment.loadedBytes).toBe(0);
    expect(() => segment.time()).toThrow('Column "__time" was not loaded.');
  });

  it('reads a column once for callers that ask together', async () => {
    const { bytes } = writeSegment(inputOf(randomTable()));
    const source = memorySource(bytes);
    let reads = 0;
    const segment = await openSegment({
      byteLength: bytes.length,
      read: (start, end) => {
        reads++;
        return source.read(start, end);
      },
    });
    reads = 0;
    await Promise.all([segment.load(['__time']), segment.load(['__time', 'few'])]);
    const together = reads;
    segment.unload();
    reads = 0;
    await segment.load(['__time']);
    await segment.load(['few']);
    expect(together).toBe(reads);
  });
});
