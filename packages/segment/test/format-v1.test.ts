import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectSegment, memorySource } from '../src/index.ts';
import { version1Table } from './fixtures/v1-table.ts';
import { indexedRows, scannedRows } from './figures.ts';
import { expectedValues, inputOf, openAtOddOffset, readValues } from './tables.ts';

const bytes = readFileSync(join(import.meta.dirname, 'fixtures/v1.arrow'));

describe('a file of format 1 that was written when the format began', () => {
  it('is read to the same values', async () => {
    const segment = await openAtOddOffset(bytes);
    expect(readValues(segment)).toEqual(expectedValues(version1Table));
    expect(segment.schema).toEqual(inputOf(version1Table).schema);
  });

  it('has ranges, postings and a column without an index, and every checksum holds', async () => {
    const found = await inspectSegment(memorySource(bytes));
    const indexes = found.columns.map(({ name, index }) => [name, index]);
    expect(indexes.slice(0, 5)).toEqual([
      ['__time', null],
      ['clustered', 'ranges'],
      ['scattered', 'postings'],
      ['empty', null],
      ['tags', 'postings'],
    ]);
    expect(found.columns.flatMap((column) => column.damagedBlocks)).toEqual([]);
    expect(found.formatVersion).toBe(1);
  });

  it('names the rows of each entry, and has no sums by time', async () => {
    const segment = await openAtOddOffset(bytes);
    const values = expectedValues(version1Table);
    for (const name of ['clustered', 'scattered', 'tags']) {
      expect(indexedRows(segment, name)).toEqual(scannedRows(segment, name, values[name] ?? []));
    }
    expect(segment.timeSums()).toBeNull();
  });
});
