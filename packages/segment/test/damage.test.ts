import { isDeepStrictEqual } from 'node:util';
import { CorruptSegmentError } from '@isotherm/errors';
import { describe, expect, it } from 'vitest';
import { memorySource, openSegment, type Segment, writeSegment } from '../src/index.ts';
import { inputOf, type PlainTable, readValues, seededNumbers } from './tables.ts';

const table: PlainTable = {
  time: [0, 3_600_000, 0, 3_600_000],
  columns: {
    text: { type: 'string', values: ['b', null, 'a', 'a'] },
    lists: { type: 'strings', values: [['a', 'b'], [], [null], ['c']] },
    long: { type: 'long', values: [1n, null, -70_000n, 2n ** 40n] },
    double: { type: 'double', values: [0.5, -1, null, 4] },
    sketch: { type: 'hyperUnique', values: [null, '01000001000000000710', null, null] },
  },
};

async function readAll(bytes: Uint8Array): Promise<Segment> {
  const segment = await openSegment(memorySource(bytes));
  await segment.load();
  return segment;
}

/** What a reader makes of bytes: the error's class, or whether all is as it was. */
async function outcome(bytes: Uint8Array, whole: unknown): Promise<string> {
  try {
    const segment = await readAll(bytes);
    return isDeepStrictEqual(contents(segment), whole) ? 'harmless' : 'wrong values';
  } catch (error) {
    if (error instanceof CorruptSegmentError) return 'CorruptSegmentError';
    throw error;
  }
}

function contents(segment: Segment) {
  return {
    values: readValues(segment),
    schema: segment.schema,
    timeRange: segment.timeRange,
    statistics: segment.columnNames.map((name) => segment.statistics(name)),
    zones: segment.columnNames.map((name) => segment.zones(name)),
    timeSums: segment.timeSums(),
  };
}

describe.each(['zstd', 'none'] as const)('damage to a file, compression %s', (compression) => {
  const { bytes } = writeSegment(inputOf(table), { compression, leastRowsPerTime: 1 });

  it('every cut is refused', async () => {
    const whole = contents(await readAll(bytes));
    for (let length = 0; length < bytes.length; length++) {
      const found = await outcome(bytes.subarray(0, length), whole);
      expect([length, found]).toEqual([length, 'CorruptSegmentError']);
    }
  });

  it('a flip of any byte is refused or changes nothing that is read', async () => {
    const whole = contents(await readAll(bytes));
    const seed = Math.floor(Math.random() * 2 ** 32);
    console.log(`seed of the byte flips: ${seed}`);
    const next = seededNumbers(seed);
    const counts = new Map<string, number>();
    for (let at = 0; at < bytes.length; at++) {
      const flipped = bytes.slice();
      flipped[at] = (flipped[at] ?? 0) ^ (1 + Math.floor(next() * 255));
      const found = await outcome(flipped, whole);
      counts.set(found, (counts.get(found) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['CorruptSegmentError', 'harmless']);
    expect(counts.get('CorruptSegmentError')).toBeGreaterThan(1_000);
  });

  it('several flips at once are refused or harmless', async () => {
    const whole = contents(await readAll(bytes));
    const seed = Math.floor(Math.random() * 2 ** 32);
    console.log(`seed of the bursts: ${seed}`);
    const next = seededNumbers(seed);
    for (let round = 0; round < 300; round++) {
      const flipped = bytes.slice();
      const start = Math.floor(next() * bytes.length);
      for (let at = start; at < Math.min(bytes.length, start + 16); at++) {
        flipped[at] = Math.floor(next() * 256);
      }
      await expect(outcome(flipped, whole)).resolves.toMatch(/harmless|CorruptSegmentError/);
    }
  });
});

describe('what the errors say', () => {
  const { bytes } = writeSegment(inputOf(table));

  /** Replaces bytes in schema and footer, where keys and values of metadata stand. */
  function replaced(from: string, to: string): Uint8Array {
    const text = Buffer.from(bytes).toString('latin1');
    return Buffer.from(text.replaceAll(from, to), 'latin1');
  }

  it.each([
    [
      'an empty file',
      new Uint8Array(0),
      'The file has 0 bytes, too few for a segment. Fetch it again.',
    ],
    [
      'another file',
      Buffer.from('name,clicks\nspot,7\n'),
      'The file does not end as an Arrow file does. Fetch it again.',
    ],
    [
      'an Arrow file of others',
      replaced('isotherm.format', 'elsewise.format'),
      'The file is an Arrow file but no segment: its footer has no "isotherm.format".',
    ],
  ])('%s', async (_name, damaged, message) => {
    await expect(openSegment(memorySource(damaged))).rejects.toThrow(message);
  });

  it('a newer format is refused with the version that this one reads', async () => {
    const copy = replaced('\x01\0\0\x002\0', '\x01\0\0\x003\0');
    await expect(openSegment(memorySource(copy))).rejects.toThrow(
      'The segment file has format "3". This version reads formats 1 to 2. Update Isotherm on this node.',
    );
  });

  it('a damaged block is named when its column is loaded; the other columns still load', async () => {
    const plain = writeSegment(inputOf(table), { compression: 'none' }).bytes;
    const long = Buffer.from(BigInt64Array.of(-70_000n, 2n ** 40n).buffer);
    const copy = Buffer.from(plain);
    const at = copy.indexOf(long);
    copy[at] = (copy[at] ?? 0) ^ 1;
    const segment = await openSegment(memorySource(copy));
    await segment.load(['text', 'double']);
    await expect(segment.load(['long'])).rejects.toThrow(
      'Block "long/values" does not match its checksum. Fetch the segment file again.',
    );
    expect(segment.column('text')?.type).toBe('string');
  });
});
