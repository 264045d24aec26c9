import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  inspectSegment,
  memorySource,
  openSegment,
  uncompressSegment,
  writeSegment,
} from '../src/index.ts';
import { columnCases } from './column-cases.ts';
import { version1Table } from './fixtures/v1-table.ts';
import { expectedValues, firstDifference, inputOf, openAtOddOffset, readValues } from './tables.ts';

describe('a file that is written anew without compression', () => {
  it.each(columnCases)('%s: is what the writer makes', async (_name, table) => {
    const [packed, plain] = (['zstd', 'none'] as const).map(
      (compression) => writeSegment(inputOf(table), { compression, leastRowsPerTime: 1 }).bytes,
    );
    expect(Buffer.compare(await uncompressSegment(packed), plain)).toBe(0);
    expect(await uncompressSegment(plain)).toBe(plain);
  });

  it('keeps its format, and reads as before', async () => {
    const bytes = readFileSync(join(import.meta.dirname, 'fixtures/v1.arrow'));
    const plain = await uncompressSegment(bytes);
    const { formatVersion, compression } = await inspectSegment(memorySource(plain));
    expect([formatVersion, compression]).toEqual([1, 'none']);
    expect(readValues(await openAtOddOffset(plain))).toEqual(expectedValues(version1Table));
  });

  it('is read by a source that cannot read to where blocks stay, too', async () => {
    const [, table] = columnCases.find(([name]) => name.startsWith('random')) ?? [];
    if (table === undefined) throw new Error('no random columns');
    const { bytes } = writeSegment(inputOf(table), { compression: 'none' });
    const source = memorySource(bytes);
    const read = (start: number, end: number): Promise<Uint8Array> => source.read(start, end);
    const segment = await openSegment({ byteLength: source.byteLength, read });
    await segment.load();
    expect(firstDifference(readValues(segment), expectedValues(table))).toBeNull();
  });

  it('is refused when a block is damaged, even one that no column loads', async () => {
    const { bytes } = writeSegment(
      inputOf({ time: [0, 1], columns: { a: { type: 'string', values: ['x', 'y'] } } }),
    );
    const damaged = bytes.slice();
    damaged.fill(0x5a, 64, bytes.length >> 1);
    await expect(uncompressSegment(damaged)).rejects.toThrow('does not match its checksum');
  });
});
