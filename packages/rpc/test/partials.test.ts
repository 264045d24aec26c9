import { type Random, seededRandom } from '@isotherm/platform';
import { type PartialColumn, type PartialResult, TextDictionary } from '@isotherm/query';
import { decodePartials, encodePartials } from '@isotherm/rpc';
import { describe, expect, it } from 'vitest';

const seed = 4_711;

/** Random columns of every kind, values and nulls at their extremes included. */
function randomColumns(random: Random, rowCount: number): PartialColumn[] {
  const pick = <T>(values: readonly T[]): T =>
    // An index below the length holds a value.
    values[Math.floor(random.next() * values.length)] as T;
  const nulls = (): Uint8Array | null =>
    random.next() < 0.5 ? null : Uint8Array.from({ length: rowCount }, () => pick([0, 1]));
  const doubles = (): Float64Array =>
    Float64Array.from({ length: rowCount }, () => pick([0, -0, 1.5, -1e308, Infinity, 5e-324]));
  const texts = pick([
    ['a', 'bc', ''],
    [null, 'ä€😀', 'plain', '\0'],
    [null],
    ['x', null],
    ['\uffff', '𐀀', 'é'],
  ]);
  const ids = (count: number): Uint32Array =>
    Uint32Array.from({ length: count }, () => Math.floor(random.next() * texts.length));
  const offsets = new Uint32Array(rowCount + 1);
  for (let row = 0; row < rowCount; row++) {
    offsets[row + 1] = (offsets[row] ?? 0) + pick([0, 1, 3]);
  }
  return [
    {
      type: 'long',
      values: BigInt64Array.from({ length: rowCount }, () =>
        pick([0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)]),
      ),
      nulls: nulls(),
    },
    { type: 'double', values: doubles(), nulls: nulls() },
    { type: 'float', values: doubles(), nulls: nulls() },
    { type: 'string', dictionary: TextDictionary.fromTexts(texts), ids: ids(rowCount) },
    {
      type: 'strings',
      dictionary: TextDictionary.fromTexts(texts),
      offsets,
      ids: ids(offsets[rowCount] ?? 0),
    },
    { type: 'doubleSum', values: doubles(), errors: doubles(), nulls: nulls() },
    { type: 'floatSum', values: doubles(), errors: doubles(), nulls: nulls() },
    {
      type: 'hyperUnique',
      registers: Uint8Array.from({ length: rowCount * 2048 }, () => Math.floor(random.next() * 52)),
    },
  ];
}

function randomPartials(random: Random, rowCount: number): PartialResult[] {
  const times = Float64Array.from({ length: rowCount }, () => Math.floor(random.next() * 2e12));
  const columns = randomColumns(random, rowCount);
  return [
    {
      kind: 'grouped',
      rowCount,
      times,
      dimensions: columns.slice(0, 4),
      states: columns.slice(4),
      scannedRows: 2 ** 40,
    },
    {
      kind: 'scan',
      rowCount,
      segmentId: 'wiki_2015-09-12T00:00:00.000Z_2015-09-13T00:00:00.000Z_1',
      columns: columns.map((column, index) => {
        const name = `col ${index} "ä"`;
        if (index > 1) return { name, column };
        return { name, column, typeName: index === 0 ? null : 'COMPLEX<hyperUnique>' };
      }),
      times,
      scannedRows: rowCount,
    },
    { kind: 'timeBoundary', minMs: -1, maxMs: null, scannedRows: 0 },
    {
      kind: 'segmentMetadata',
      segmentId: 's',
      interval: { start: 0, end: 86_400_000 },
      columns: {
        __proto__x: {
          typeSignature: 'STRING',
          type: 'STRING',
          hasMultipleValues: false,
          hasNulls: true,
          size: 0,
          cardinality: 3,
          minValue: 'a',
          maxValue: null,
          errorMessage: null,
        },
      },
      bytes: 9,
      rowCount: 4,
      aggregators: { clicks: { type: 'longSum', name: 'clicks', fieldName: 'clicks' } },
      timestampSpec: null,
      queryGranularity: { type: 'none' },
      rollup: true,
      scannedRows: 0,
    },
  ];
}

describe('partial results', () => {
  it('of no segments are sixteen bytes', () => {
    expect(encodePartials([])).toHaveLength(16);
    expect(decodePartials(encodePartials([]))).toEqual([]);
  });

  it.each([0, 1, 2, 3, 17, 100])('of every kind and %i rows come back the same', (rowCount) => {
    const random = seededRandom(seed + rowCount);
    for (let round = 0; round < 10; round++) {
      const partials = randomPartials(random, rowCount);
      expect(decodePartials(encodePartials(partials)), `seed ${seed}`).toEqual(partials);
    }
  });

  it('are read in place from an aligned buffer and copied once from any other', () => {
    const partials = randomPartials(seededRandom(seed), 5);
    const bytes = encodePartials(partials);
    const [inPlace] = decodePartials(bytes);
    expect(inPlace?.kind === 'grouped' && inPlace.times.buffer === bytes.buffer).toBe(true);
    for (let offset = 1; offset < 8; offset++) {
      const larger = new Uint8Array(bytes.length + 16);
      larger.set(bytes, offset);
      expect(decodePartials(larger.subarray(offset, offset + bytes.length))).toEqual(partials);
    }
  });

  it('do not change when the buffers they were made of change later', () => {
    const times = Float64Array.of(1);
    const bytes = encodePartials([
      { kind: 'grouped', rowCount: 1, times, dimensions: [], states: [], scannedRows: 1 },
    ]);
    times[0] = 2;
    expect(decodePartials(bytes)[0]).toMatchObject({ times: Float64Array.of(1) });
  });

  it('cut short anywhere are refused', () => {
    const bytes = encodePartials(randomPartials(seededRandom(seed), 2));
    for (let length = 0; length < bytes.length; length += length < 600 ? 1 : 97) {
      expect(() => decodePartials(bytes.slice(0, length))).toThrow(
        /^Partial results of a node are damaged: /,
      );
    }
  });

  it('with any byte changed are refused', () => {
    const bytes = encodePartials(randomPartials(seededRandom(seed), 1));
    for (let index = 0; index < bytes.length; index += index < 600 ? 1 : 61) {
      const damaged = Uint8Array.from(bytes);
      damaged[index] = (damaged[index] ?? 0) ^ 0x10;
      expect(() => decodePartials(damaged)).toThrow(/^Partial results of a node are damaged: /);
    }
  });

  it('whose columns differ in length are refused by the writer', () => {
    const long: PartialColumn = { type: 'long', values: new BigInt64Array(2), nulls: null };
    const times = new Float64Array(1);
    expect(() =>
      encodePartials([
        { kind: 'grouped', rowCount: 1, times, dimensions: [], states: [long], scannedRows: 1 },
      ]),
    ).toThrow('A column of a partial holds 2 values, not 1.');
    expect(() =>
      encodePartials([
        { kind: 'grouped', rowCount: 3, times, dimensions: [], states: [], scannedRows: 1 },
      ]),
    ).toThrow('A partial of 3 rows holds 1 times.');
  });
});
