/** Every column loop against the plainest loop that says the same, at batch edges and odd offsets. */
import { describe, expect, it } from 'vitest';
import type { Batch, NumberArray } from '../src/index.ts';
import {
  dropNulls,
  dropUnknownIds,
  explodeRows,
  explodedCount,
  joinLanes,
  lookUpIds,
  lookUpNumbers,
  readIds,
  readLanes,
  readNumbers,
  roundToFloats,
  sortRowsByTime,
  splitLanes,
  truncateNumbers,
} from '../src/index.ts';
import { randomValues } from './random-values.ts';

const random = randomValues(20_260_101);
const rowCount = 67;

/** Batches of a column: none, one row, an edge, an odd offset, all, a selection, repeats. */
const batches: [name: string, batch: Batch][] = [
  ['no rows', { start: 0, count: 0, rows: null }],
  ['one row', { start: 0, count: 1, rows: null }],
  ['the last row', { start: rowCount - 1, count: 1, rows: null }],
  ['rows from an odd offset', { start: 13, count: 31, rows: null }],
  ['all rows', { start: 0, count: rowCount, rows: null }],
  ['no selected rows', { start: 0, count: 0, rows: new Uint32Array(4) }],
  ['selected rows', { start: 0, count: 5, rows: Uint32Array.of(2, 3, 7, 40, 66, 1) }],
  ['repeated rows', { start: 0, count: 4, rows: Uint32Array.of(9, 9, 10, 9) }],
];

function rowsOf({ start, count, rows }: Batch): number[] {
  return Array.from({ length: count }, (_none, i) => rows?.[i] ?? start + i);
}

/** Arrays of each width with their extremes, lying at an unaligned place of a larger buffer. */
const columns: [name: string, values: NumberArray][] = [
  ['Int8Array', Int8Array.from(column(-128, 127))],
  ['Uint8Array', Uint8Array.from(column(0, 255))],
  ['Int16Array', Int16Array.from(column(-32_768, 32_767))],
  ['Uint16Array', Uint16Array.from(column(0, 65_535))],
  ['Int32Array', Int32Array.from(column(-2_147_483_648, 2_147_483_647))],
  ['Uint32Array', Uint32Array.from(column(0, 4_294_967_295))],
  ['Float32Array', Float32Array.from(column(-1e30, 3e38))],
  ['Float64Array', Float64Array.from([Number.NaN, -0, 5e-324, ...column(-1e300, 1e300)])],
].map(([name, values]) => [name as string, moved(values as NumberArray)]);

function column(least: number, most: number): number[] {
  const between = Array.from({ length: rowCount }, () => random.below(200) - 100);
  return [least, most, ...between.map((value) => Math.min(Math.max(value, least), most))];
}

function moved<Values extends NumberArray>(values: Values): Values {
  const room = new ArrayBuffer(values.byteLength + 64);
  // The constructor of a typed array makes its own kind again.
  const Kind = values.constructor as new (buffer: ArrayBuffer, offset: number, n: number) => Values;
  const copy = new Kind(room, 3 * values.BYTES_PER_ELEMENT, values.length);
  copy.set(values);
  return copy;
}

describe.each(batches)('over %s', (_name, batch) => {
  const rows = rowsOf(batch);

  it.each(columns)('reads numbers of a %s as doubles', (_type, values) => {
    const out = new Float64Array(rowCount);
    readNumbers(values, batch, out);
    expect([...out.subarray(0, batch.count)]).toEqual(rows.map((row) => values[row]));
  });

  it('reads ids of every width', () => {
    for (const ids of [
      Uint8Array.from(column(0, 255)),
      Uint16Array.from(column(0, 65_535)),
      Uint32Array.from(column(0, 4_294_967_295)),
    ]) {
      const out = new Uint32Array(rowCount);
      readIds(moved(ids), batch, out);
      expect([...out.subarray(0, batch.count)]).toEqual(rows.map((row) => ids[row]));
    }
  });

  it('reads 64-bit integers as lanes that add up to them', () => {
    const extremes = [0n, -1n, 1n, -(1n << 63n), (1n << 63n) - 1n, 1n << 32n, -(1n << 32n)];
    const values = BigInt64Array.from({ length: rowCount }, (_none, i) => extremes[i % 7] ?? 0n);
    const [high, low] = [new Float64Array(rowCount), new Float64Array(rowCount)];
    readLanes(values, batch, high, low);
    const joined = rows.map((_row, i) => BigInt(high[i]) * 4_294_967_296n + BigInt(low[i]));
    expect(joined).toEqual(rows.map((row) => values[row]));
  });

  it('drops null rows with their slots', () => {
    const validity = Uint8Array.from({ length: 9 }, () => random.below(256));
    const slots = Uint32Array.from({ length: rowCount }, () => random.below(5));
    const out = { rows: new Uint32Array(rowCount), slots: new Uint32Array(rowCount) };
    const found = dropNulls(validity, batch, slots, out);
    const kept = rows.flatMap((row, i) => (isValid(validity, row) ? [[row, slots[i]]] : []));
    expect(kept).toEqual(Array.from({ length: found }, (_n, i) => [out.rows[i], out.slots[i]]));
  });

  it('explodes rows that hold lists', () => {
    const offsets = new Int32Array(rowCount + 1);
    for (let row = 0; row < rowCount; row++) offsets[row + 1] = offsets[row] + random.below(4);
    const ids = Uint8Array.from({ length: offsets[rowCount] }, () => random.below(6));
    const lists = rows.map((row) => [...ids.subarray(offsets[row], offsets[row + 1])]);

    const elements = lists.flatMap((list, i) =>
      (list.length === 0 ? [9] : list).map((id) => [rows[i], i, id]),
    );
    const count = explodedCount(offsets, batch);
    const out = {
      rows: new Uint32Array(count),
      from: new Uint32Array(count),
      ids: new Uint32Array(count),
    };
    explodeRows(offsets, ids, batch, 9, out);
    expect(elements).toEqual(
      Array.from({ length: count }, (_none, i) => [out.rows[i], out.from[i], out.ids[i]]),
    );
  });
});

function isValid(validity: Uint8Array, row: number): boolean {
  return ((validity[row >> 3] >> (row & 7)) & 1) === 1;
}

describe('ids', () => {
  it('look ids up', () => {
    const ids = Uint32Array.of(2, 0, 1, 2);
    const numbers = new Float64Array(4);
    lookUpNumbers(ids, 4, Float64Array.of(10, 11, 12), numbers);
    expect([...numbers]).toEqual([12, 10, 11, 12]);
    lookUpIds(ids, 4, Uint32Array.of(5, 6, 7), ids);
    expect([...ids]).toEqual([7, 5, 6, 7]);
  });

  it('drop ids that stand for nothing', () => {
    const out = { ids: new Uint32Array(4), slots: new Uint32Array(4) };
    const slots = Uint32Array.of(8, 9, 8, 7);
    const found = dropUnknownIds(Uint32Array.of(1, 0, 1, 2), slots, 4, Uint8Array.of(0, 1, 1), out);
    expect([found, ...out.ids.subarray(0, 3), ...out.slots.subarray(0, 3)]).toEqual([
      3, 1, 1, 2, 8, 8, 7,
    ]);
  });
});

describe('conversions', () => {
  const extremes = [0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 53, -(2 ** 53), 2 ** 62, -(2 ** 63)];

  it('split whole doubles into lanes and join them again', () => {
    const values = Float64Array.from(extremes);
    const [high, low] = [new Float64Array(9), new Float64Array(9)];
    splitLanes(values, 9, high, low);
    expect(low.every((lane) => lane >= 0 && lane < 2 ** 32)).toBe(true);
    const joined = new Float64Array(9);
    joinLanes(high, low, 9, joined);
    expect([...joined]).toEqual(extremes);
  });

  it('cut doubles as a Java cast to long does', () => {
    const values = Float64Array.of(1.9, -1.9, -0.5, Number.NaN, Infinity, -Infinity, 1e300);
    truncateNumbers(values, values.length);
    expect([...values]).toEqual([1, -1, 0, 0, 2 ** 63, -(2 ** 63), 2 ** 63]);
  });

  it('round doubles to floats', () => {
    const values = Float64Array.of(0.1, 1e300);
    roundToFloats(values, 2);
    expect([...values]).toEqual([Math.fround(0.1), Infinity]);
  });
});

describe('lists of rows', () => {
  it('are sorted by time, rows of one time as they came', () => {
    const out = new Uint32Array(5);
    sortRowsByTime(Uint32Array.of(4, 3, 2, 1, 0), Uint8Array.of(1, 0, 1, 0, 2), 3, out);
    expect([...out]).toEqual([3, 1, 2, 0, 4]);
  });
});
