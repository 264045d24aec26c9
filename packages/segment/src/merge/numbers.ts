/**
 * Merges numeric columns: as dimensions they are ranked and the value of a group's first row is
 * kept, as metrics the values of a group are combined.
 *
 * Longs of up to 32 bits are handled as doubles, which are exact for sums of 2^21 of them; wider ones
 * or more rows go through BigInt.
 */
import { InvalidInputError } from '@isotherm/errors';
import type { FloatingColumn, LongColumn } from '../columns.ts';
import type { ColumnInput } from '../input.ts';
import type { MergedOrder } from './order.ts';

/** A numeric column of one run; null where the run has no such column. */
export type NumberRun = LongColumn | FloatingColumn | null;

/** How the values of one group become one. */
export type Combination = 'first' | 'sum' | 'min' | 'max';

const exactRows = 2 ** 21;
const leastLong = -(2n ** 63n);
const greatestLong = 2n ** 63n - 1n;
const twoToThe32 = 2 ** 32;

/** Ranks of rows, one array a run: null lowest, then by value, NaN last, -0 as 0. */
export function rankNumbers(
  runs: readonly NumberRun[],
  rowCounts: readonly number[],
): Float64Array[] {
  const wide = runs.some((run) => run?.values instanceof BigInt64Array);
  return wide ? rankLongs(runs, rowCounts) : rankDoubles(runs, rowCounts);
}

function rankDoubles(runs: readonly NumberRun[], rowCounts: readonly number[]): Float64Array[] {
  const values = runs.map((run, index) => {
    const out = new Float64Array(rowCounts[index]);
    for (let row = 0; row < out.length; row++) out[row] = numberAt(run, row) ?? -Infinity;
    return out;
  });
  // Ranks are needed only where a value would not compare as itself.
  const plain = values.every((run, index) =>
    run.every((value, row) => Number.isFinite(value) || isNull(runs[index], row)),
  );
  if (plain) return values;
  const sorted = Float64Array.from(new Set(values.flatMap((run) => [...run]))).sort();
  const rank = new Map([...sorted].map((value, index) => [value, index]));
  return values.map((run, index) =>
    run.map((value, row) => (isNull(runs[index], row) ? -1 : (rank.get(value) ?? 0))),
  );
}

function rankLongs(runs: readonly NumberRun[], rowCounts: readonly number[]): Float64Array[] {
  const distinct = new Set<bigint>();
  for (const [index, run] of runs.entries()) {
    for (let row = 0; row < rowCounts[index]; row++) distinct.add(longAt(run, row) ?? 0n);
  }
  const sorted = BigInt64Array.from(distinct).sort();
  const rank = new Map([...sorted].map((value, index) => [value, index]));
  return runs.map((run, index) =>
    Float64Array.from({ length: rowCounts[index] }, (_unused, row) => {
      const value = longAt(run, row);
      return value === null ? -1 : (rank.get(value) ?? 0);
    }),
  );
}

/**
 * Combines the values of each group. Nulls are passed over; a group of nulls is null.
 *
 * @throws InvalidInputError if a long sum leaves 64 bits
 */
export function combineNumbers(
  name: string,
  type: 'long' | 'double' | 'float',
  runs: readonly NumberRun[],
  order: MergedOrder,
  combination: Combination,
): ColumnInput {
  if (type !== 'long') return { type, ...combineDoubles(runs, order, combination, type) };
  const wide =
    order.rows.length > exactRows || runs.some((run) => run?.values instanceof BigInt64Array);
  if (wide) return { type, ...combineLongs(name, runs, order, combination) };
  const { values, nulls } = combineDoubles(runs, order, combination, type);
  return { type, values: longsOf(values), nulls };
}

function combineDoubles(
  runs: readonly NumberRun[],
  { runs: runOf, rows, starts }: MergedOrder,
  combination: Combination,
  type: 'long' | 'double' | 'float',
): { values: Float64Array; nulls: Uint8Array | null } {
  const values = new Float64Array(starts.length - 1);
  const nulls = new Uint8Array(values.length);
  for (let group = 0; group < values.length; group++) {
    let result: number | null = null;
    for (let place = starts[group]; place < starts[group + 1]; place++) {
      const value = numberAt(runs[runOf[place]], rows[place]);
      if (value === null) continue;
      if (result === null) result = value;
      else if (combination === 'sum') result += value;
      else if (combination === 'min') result = Math.min(result, value);
      else if (combination === 'max') result = Math.max(result, value);
      if (type === 'float') result = Math.fround(result);
    }
    values[group] = result ?? 0;
    nulls[group] = result === null ? 1 : 0;
  }
  return { values, nulls: nulls.includes(1) ? nulls : null };
}

function combineLongs(
  name: string,
  runs: readonly NumberRun[],
  { runs: runOf, rows, starts }: MergedOrder,
  combination: Combination,
): { values: BigInt64Array; nulls: Uint8Array | null } {
  const values = new BigInt64Array(starts.length - 1);
  const nulls = new Uint8Array(values.length);
  for (let group = 0; group < values.length; group++) {
    let result: bigint | null = null;
    for (let place = starts[group]; place < starts[group + 1]; place++) {
      const value = longAt(runs[runOf[place]], rows[place]);
      if (value === null) continue;
      if (result === null) result = value;
      else if (combination === 'sum') result += value;
      else if (combination === 'min') result = value < result ? value : result;
      else if (combination === 'max') result = value > result ? value : result;
    }
    if (result !== null && (result < leastLong || result > greatestLong)) {
      throw new InvalidInputError(
        `The sum of metric "${name}" leaves the 64 bits of a long. Use a doubleSum for it.`,
        { code: 'LONG_OVERFLOW' },
      );
    }
    values[group] = result ?? 0n;
    nulls[group] = result === null ? 1 : 0;
  }
  return { values, nulls: nulls.includes(1) ? nulls : null };
}

/** Turns whole doubles below 2^53 into longs by halves: a BigInt for each would cost ten times as much. */
function longsOf(values: Float64Array): BigInt64Array {
  const longs = new BigInt64Array(values.length);
  const halves = new Int32Array(longs.buffer);
  for (let row = 0; row < values.length; row++) {
    const high = Math.floor(values[row] / twoToThe32);
    halves[row * 2] = values[row] - high * twoToThe32;
    halves[row * 2 + 1] = high;
  }
  return longs;
}

function isNull(run: NumberRun, row: number): boolean {
  if (run === null) return true;
  return run.validity !== null && ((run.validity[row >> 3] >> (row & 7)) & 1) === 0;
}

function numberAt(run: NumberRun, row: number): number | null {
  return run === null || isNull(run, row) ? null : Number(run.values[row]);
}

function longAt(run: NumberRun, row: number): bigint | null {
  return run === null || isNull(run, row) ? null : BigInt(run.values[row]);
}
