import { describe, expect, it } from 'vitest';
import {
  memorySource,
  type ColumnTimeSums,
  openSegment,
  type Segment,
  timeSumsPart,
  writeSegment,
} from '../src/index.ts';
import { columnCases } from './column-cases.ts';
import { inputOf, type PlainColumn, type PlainTable } from './tables.ts';

/** Opens a table with sums by time and loads these alone. */
async function openSums(table: PlainTable, leastRowsPerTime = 1): Promise<Segment> {
  const { bytes } = writeSegment(inputOf(table), { leastRowsPerTime });
  const segment = await openSegment(memorySource(bytes));
  await segment.load([timeSumsPart]);
  return segment;
}

/** Rows of each time, ascending. */
function rowsByTime({ time }: PlainTable): [ms: number, rows: number[]][] {
  const found = new Map<number, number[]>();
  for (const [row, ms] of time.entries()) {
    const rows = found.get(ms) ?? [];
    found.set(ms, rows);
    rows.push(row);
  }
  return [...found].sort(([a], [b]) => a - b);
}

/** Sums and counts of a metric at each time, worked out value by value; null where it has none. */
function expectedMetric(column: PlainColumn, times: readonly (readonly number[])[]) {
  if (column.type === 'string' || column.type === 'strings' || column.type === 'hyperUnique') {
    return null;
  }
  const counts = times.map((rows) => rows.filter((row) => column.values[row] !== null).length);
  const hasNulls = times.some((rows, time) => rows.length !== counts[time]);
  const valueCounts = hasNulls ? counts : null;
  if (column.type === 'long') {
    const { values } = column;
    const sums = times.map((rows) => rows.reduce((sum, row) => sum + (values[row] ?? 0n), 0n));
    return sums.some((sum) => BigInt.asIntN(64, sum) !== sum) ? null : { valueCounts, sums };
  }
  const { type, values } = column;
  const round = type === 'float' ? Math.fround : Number;
  const sums = times.map((rows) =>
    near(rows.reduce((sum, row) => sum + round(values[row] ?? 0), 0)),
  );
  return { valueCounts, sums };
}

/** Plain sums lose what double-doubles keep. */
function near(sum: number): unknown {
  if (!Number.isFinite(sum)) return sum;
  return expect.closeTo(sum, 9 - Math.ceil(Math.log10(Math.max(1, Math.abs(sum)))));
}

function foundMetric(found: ColumnTimeSums | undefined) {
  if (found === undefined) return null;
  const valueCounts = found.valueCounts === null ? null : [...found.valueCounts];
  if (found.type === 'long') return { valueCounts, sums: [...found.sums] };
  return { valueCounts, sums: Array.from(found.sums, (sum, i) => sum + (found.errors[i] ?? 0)) };
}

describe('sums by time', () => {
  const dated = columnCases.filter(
    ([, { time }]) => time.length > 0 && new Set(time).size < 65_537,
  );
  it.each(dated)('%s: count and add the rows of each time', async (_name, table) => {
    const sums = (await openSums(table)).timeSums();
    const times = rowsByTime(table);
    expect([...(sums?.times ?? [])]).toEqual(times.map(([ms]) => ms));
    expect([...(sums?.rowCounts ?? [])]).toEqual(times.map(([, rows]) => rows.length));
    const found = Object.keys(table.columns).map((name) => foundMetric(sums?.columns.get(name)));
    const rows = times.map(([, each]) => each);
    const expected = Object.values(table.columns).map((column) => expectedMetric(column, rows));
    expect(found).toEqual(expected);
  });

  it('are not written for more times than 65,536', async () => {
    const time = Array.from({ length: 65_537 }, (_none, row) => row);
    const segment = await openSums({ time, columns: {} });
    expect(segment.timeSums()).toBeNull();
    const fewer = await openSums({ time: time.slice(1), columns: {} });
    expect(fewer.timeSums()?.rowCounts.length).toBe(65_536);
  });

  it('keep what doubles would lose', async () => {
    const segment = await openSums({
      time: [0, 0, 0, 0],
      columns: { spend: { type: 'double', values: [1e16, 1, 1, -1e16] } },
    });
    const spend = segment.timeSums()?.columns.get('spend');
    if (spend?.type !== 'double') throw new Error('no sums');
    expect((spend.sums[0] ?? 0) + (spend.errors[0] ?? 0)).toBe(2);
  });

  it('carry halves of long columns of any sign', async () => {
    const values = [2n ** 62n, -(2n ** 63n), 2n ** 62n, 2n ** 62n - 1n, -5n, 2n ** 32n - 1n];
    const segment = await openSums({
      time: values.map(() => 7),
      columns: { views: { type: 'long', values } },
    });
    const sum = values.reduce((all, value) => all + value, 0n);
    const views = segment.timeSums()?.columns.get('views');
    expect(views?.type === 'long' ? [...views.sums] : null).toEqual([sum]);
  });

  it('leave a metric out of which the sum of a time leaves 64 bits', async () => {
    const segment = await openSums({
      time: [0, 0, 1],
      columns: {
        large: { type: 'long', values: [2n ** 63n - 1n, 1n, -5n] },
        small: { type: 'long', values: [1n, 2n, 3n] },
      },
    });
    expect([...segment.timeSummed]).toEqual(['small']);
    expect([...(segment.timeSums()?.columns.keys() ?? [])]).toEqual(['small']);
  });

  it('are written from 64 rows a time on', async () => {
    const table = (rowCount: number): PlainTable => ({
      time: Array.from({ length: rowCount }, (_none, row) => row % 3),
      columns: { views: { type: 'long', values: Array.from({ length: rowCount }, () => 1n) } },
    });
    const has = async (rowCount: number): Promise<boolean> =>
      (await openSegment(memorySource(writeSegment(inputOf(table(rowCount))).bytes))).hasTimeSums;
    expect([await has(191), await has(192)]).toEqual([false, true]);
  });

  it('must be loaded before they are asked for, and are forgotten with the rest', async () => {
    const { bytes } = writeSegment(
      inputOf({ time: [0], columns: { views: { type: 'long', values: [1n] } } }),
      { leastRowsPerTime: 1 },
    );
    const segment = await openSegment(memorySource(bytes));
    expect(() => segment.timeSums()).toThrow('The sums by time were not loaded.');
    await segment.load();
    expect(segment.timeSums()?.rowCounts).toEqual(Uint32Array.of(1));
    segment.unload([timeSumsPart]);
    expect(() => segment.timeSums()).toThrow('The sums by time were not loaded.');
    expect(segment.column('views')?.type).toBe('long');
  });
});
