/**
 * Adds up one aggregator's states of several partials into one column, a batch of rows at a time. A
 * group is null only if all its states are.
 */
import { InvariantError, ResourceLimitError } from '@isotherm/errors';
import type { Batch } from '@isotherm/kernels';
import {
  addDoubles,
  addLanes,
  addSums1,
  carryLanes,
  keepGreatest,
  keepGreatestLanes,
  keepLeast,
  keepLeastLanes,
  lanesCarryEvery,
  readLanes,
  readNumbers,
} from '@isotherm/kernels';
import type { Aggregation } from '../model.ts';
import type { PartialColumn } from '../partial.ts';
import { presentRows } from './present-rows.ts';
import { sumLongs } from './sum-longs.ts';
import { uniteSketches } from './unite-sketches.ts';

/** Where each row of each partial goes. */
export interface Targets {
  /** Per partial the group of each row. */
  readonly slots: readonly Uint32Array[];
  /** How many groups. */
  readonly rowCount: number;
}

/**
 * Merges the states of one aggregation.
 *
 * @throws ResourceLimitError code LONG_OVERFLOW when a long sum leaves 64 bits
 */
export function mergeStates(
  aggregation: Aggregation,
  columns: readonly PartialColumn[],
  targets: Targets,
): PartialColumn {
  switch (aggregation.type) {
    case 'count':
    case 'longSum': {
      const longs = columns.map((column) => {
        if (column.type !== 'long') throw wrongState(column, 'long');
        return column;
      });
      const sums = sumLongs(longs, targets.slots, targets.rowCount);
      return sums ?? sumWideLongs(aggregation.name, columns, targets);
    }
    case 'longMin':
      return keepLongs(columns, targets, { keep: keepLeastLanes, start: Infinity });
    case 'longMax':
      return keepLongs(columns, targets, { keep: keepGreatestLanes, start: -Infinity });
    case 'doubleSum':
    case 'floatSum':
      return sumDoubles(aggregation.type, columns, targets);
    case 'doubleMin':
    case 'floatMin':
      return keepDoubles(columns, targets, { keep: keepLeast, start: Infinity });
    case 'doubleMax':
    case 'floatMax':
      return keepDoubles(columns, targets, { keep: keepGreatest, start: -Infinity });
    case 'hyperUnique':
    case 'cardinality':
      return unite(columns, targets);
  }
}

/** 64-bit integers as `high * 2^32 + low`, shapes [rowCount]. */
interface Lanes {
  readonly high: Float64Array;
  readonly low: Float64Array;
}

/** A batch of rows that have a value; `scratch` arrays have shape [≥ batch.count]. */
type AddLanes = (scratch: Lanes, count: number, slots: Uint32Array) => void;

/** Sums that may leave 64 bits on the way. */
function sumWideLongs(
  name: string,
  columns: readonly PartialColumn[],
  targets: Targets,
): PartialColumn {
  const sums = lanes(targets.rowCount);
  let sinceCarry = 0;
  const nulls = eachLongs(columns, targets, (scratch, count, slots) => {
    if (sinceCarry + count > lanesCarryEvery) {
      carryLanes(sums, targets.rowCount);
      sinceCarry = 0;
    }
    sinceCarry += count;
    addLanes(scratch.high, scratch.low, count, slots, sums);
  });
  carryLanes(sums, targets.rowCount);
  return { type: 'long', values: packLanes(sums, name), nulls };
}

function keepLongs(
  columns: readonly PartialColumn[],
  targets: Targets,
  { keep, start }: { keep: typeof keepLeastLanes; start: number },
): PartialColumn {
  const kept = lanes(targets.rowCount);
  kept.high.fill(start);
  const nulls = eachLongs(columns, targets, (scratch, count, slots) => {
    keep(scratch.high, scratch.low, count, slots, kept);
  });
  kept.high.forEach((high, row) => {
    if (high === start) kept.high[row] = 0;
  });
  return { type: 'long', values: packLanes(kept, ''), nulls };
}

function eachLongs(
  columns: readonly PartialColumn[],
  targets: Targets,
  add: AddLanes,
): Uint8Array | null {
  return presentRows(columns, targets, (column, batch, slots) => {
    if (column.type !== 'long') throw wrongState(column, 'long');
    const scratch = lanes(batch.count);
    readLanes(column.values, batch, scratch.high, scratch.low);
    add(scratch, batch.count, slots);
  });
}

function sumDoubles(
  type: 'doubleSum' | 'floatSum',
  columns: readonly PartialColumn[],
  targets: Targets,
): PartialColumn {
  const values = new Float64Array(targets.rowCount);
  const errors = new Float64Array(targets.rowCount);
  const nulls = presentRows(columns, targets, (column, batch, slots) => {
    if (column.type !== 'doubleSum' && column.type !== 'floatSum') throw wrongState(column, type);
    addDoubles(readDoubles(column.values, batch), batch.count, slots, values, errors);
    addSums1(readDoubles(column.errors, batch), batch.count, slots, errors);
  });
  return { type, values, errors, nulls };
}

function keepDoubles(
  columns: readonly PartialColumn[],
  targets: Targets,
  { keep, start }: { keep: typeof keepLeast; start: number },
): PartialColumn {
  const kept = new Float64Array(targets.rowCount).fill(start);
  const nulls = presentRows(columns, targets, (column, batch, slots) => {
    if (column.type !== 'double' && column.type !== 'float') throw wrongState(column, 'double');
    keep(readDoubles(column.values, batch), batch.count, slots, kept);
  });
  nulls?.forEach((isNull, row) => {
    if (isNull === 1) kept[row] = 0;
  });
  return { type: columns[0]?.type === 'float' ? 'float' : 'double', values: kept, nulls };
}

function unite(columns: readonly PartialColumn[], targets: Targets): PartialColumn {
  const sketches = columns.map((column) => {
    if (column.type !== 'hyperUnique') throw wrongState(column, 'hyperUnique');
    return column.registers;
  });
  return { type: 'hyperUnique', registers: uniteSketches(sketches, targets) };
}

function readDoubles(values: Float64Array, batch: Batch): Float64Array {
  const scratch = new Float64Array(batch.count);
  readNumbers(values, batch, scratch);
  return scratch;
}

function lanes(length: number): Lanes {
  return { high: new Float64Array(length), low: new Float64Array(length) };
}

/** Joins lanes to 64-bit integers without making a bigint. */
function packLanes({ high, low }: Lanes, name: string): BigInt64Array {
  const values = new BigInt64Array(high.length);
  const lows = new Uint32Array(values.buffer);
  const highs = new Int32Array(values.buffer);
  for (let row = 0; row < high.length; row++) {
    const upper = high[row] ?? 0;
    if (upper > 0x7fffffff || upper < -0x80000000) {
      throw new ResourceLimitError(
        `The sum "${name}" of a group does not fit into 64 bits. Expected at most 9223372036854775807. Use doubleSum, or a narrower interval or filter.`,
        { code: 'LONG_OVERFLOW', details: { aggregation: name } },
      );
    }
    lows[2 * row] = low[row] ?? 0;
    highs[2 * row + 1] = upper;
  }
  return values;
}

function wrongState(column: PartialColumn, expected: string): InvariantError {
  return new InvariantError(`A state column is "${column.type}"; "${expected}" was expected.`);
}
