/**
 * Group keys over number columns. Whole numbers in a small range are counted from the least;
 * others get ids from a hash table as they come, longs beyond ±2^53 from one table per lane.
 */
import type { Batch } from '@isotherm/kernels';
import {
  addWideKeys,
  assignHashSlots,
  dropMinusZero,
  joinLanes,
  makeHashSlots,
  offsetIds,
  readLanes,
  readNumbers,
  roundToFloats,
  shiftIdsForNull,
  truncateNumbers,
} from '@isotherm/kernels';
import type { DimensionSpec } from '@isotherm/query';
import { doubleText, floatText } from '@isotherm/query';
import type { FloatingColumn, LongColumn, Segment } from '@isotherm/segment';
import type { DimensionValue, KeyPart, OutputType } from './key-part.ts';
import { doubleToLong } from './number-text.ts';
import { roomForIds, roomForNumbers } from './scratch.ts';

/** Ranges up to this many numbers need no hash table. */
const smallRange = 1 << 16;
/** Stride of the high lane's ids in the key of both lanes: above any number of rows. */
const laneStride = 2 ** 26;

/** The part of a number column. */
export function numberPart(
  column: LongColumn | FloatingColumn,
  spec: DimensionSpec,
  segment: Segment,
): KeyPart {
  const { outputType } = spec;
  const { min, max } = segment.statistics(spec.dimension) ?? { min: null, max: null };
  const isWhole = outputType === 'STRING' || outputType === 'LONG';
  const ranged = column.type === 'long' && typeof min === 'bigint' && typeof max === 'bigint';
  if (isWhole && column.type === 'long') {
    if (column.values instanceof BigInt64Array)
      return lanePart(column, column.values, spec, segment);
    // Nulls are stored as 0, which must not fall out of the range.
    const [least, greatest] = ranged ? withZero(Number(min), Number(max)) : [0, Infinity];
    if (greatest - least < smallRange) {
      return rangePart(column, column.values, { least, greatest, outputType });
    }
  }
  return hashedPart(column, outputType, segment);
}

function withZero(min: number, max: number): [least: number, greatest: number] {
  return [Math.min(0, min), Math.max(0, max)];
}

/** Adds a null id 0 where the column has nulls. */
function nullable(
  validity: Uint8Array | null,
  part: {
    readonly size: number;
    read(batch: Batch, ids: Uint32Array): void;
    valueOf(id: number): DimensionValue;
  },
): KeyPart {
  if (validity === null) return { ...part, lists: null };
  return {
    size: part.size + 1,
    read(batch, ids) {
      part.read(batch, ids);
      shiftIdsForNull(validity, batch, ids);
    },
    lists: null,
    valueOf: (id) => (id === 0 ? null : part.valueOf(id - 1)),
  };
}

function rangePart(
  column: LongColumn,
  values: Exclude<LongColumn['values'], BigInt64Array>,
  range: { readonly least: number; readonly greatest: number; readonly outputType: OutputType },
): KeyPart {
  const { least, greatest, outputType } = range;
  let numbers: Float64Array = new Float64Array(0);
  return nullable(column.validity, {
    size: greatest - least + 1,
    read(batch, ids) {
      numbers = roomForNumbers(numbers, batch.count);
      readNumbers(values, batch, numbers);
      offsetIds(numbers, batch.count, least, ids);
    },
    valueOf: (id) => longValue(BigInt(id + least), outputType),
  });
}

function longValue(value: bigint, outputType: OutputType): DimensionValue {
  return outputType === 'STRING' ? String(value) : value;
}

/** Numbers as doubles, brought to the output type before they are told apart. */
function hashedPart(
  column: LongColumn | FloatingColumn,
  outputType: OutputType,
  segment: Segment,
): KeyPart {
  const table = makeHashSlots();
  const textOf = column.type === 'float' ? floatText : doubleText;
  let numbers: Float64Array = new Float64Array(0);
  return nullable(column.validity, {
    size: segment.rowCount + 1,
    read(batch, ids) {
      numbers = roomForNumbers(numbers, batch.count);
      readDoubles(column, batch, numbers);
      if (outputType === 'LONG' && column.type !== 'long') truncateNumbers(numbers, batch.count);
      if (outputType === 'FLOAT') roundToFloats(numbers, batch.count);
      dropMinusZero(numbers, batch.count);
      assignHashSlots(table, numbers, batch.count, ids);
    },
    valueOf(id) {
      const number = table.keys[id];
      if (outputType === 'LONG') return doubleToLong(number);
      if (outputType !== 'STRING') return number;
      return column.type === 'long' ? String(number) : textOf(number);
    },
  });
}

function readDoubles(column: LongColumn | FloatingColumn, batch: Batch, out: Float64Array): void {
  if (!(column.values instanceof BigInt64Array)) {
    readNumbers(column.values, batch, out);
    return;
  }
  const high = new Float64Array(batch.count);
  const low = new Float64Array(batch.count);
  readLanes(column.values, batch, high, low);
  joinLanes(high, low, batch.count, out);
}

/** 64-bit longs: ids of the high lane and of the low lane, joined into one key, give the id. */
function lanePart(
  column: LongColumn,
  values: BigInt64Array,
  spec: DimensionSpec,
  segment: Segment,
): KeyPart {
  const [highs, lows, both] = [makeHashSlots(), makeHashSlots(), makeHashSlots()];
  let high: Float64Array = new Float64Array(0);
  let low: Float64Array = new Float64Array(0);
  let keys: Float64Array = new Float64Array(0);
  let laneIds: Uint32Array = new Uint32Array(0);
  return nullable(column.validity, {
    size: segment.rowCount + 1,
    read(batch, ids) {
      const { count } = batch;
      high = roomForNumbers(high, count);
      low = roomForNumbers(low, count);
      keys = roomForNumbers(keys, count);
      laneIds = roomForIds(laneIds, count);
      readLanes(values, batch, high, low);
      assignHashSlots(highs, high, count, laneIds);
      keys.fill(0, 0, count);
      addWideKeys(laneIds, count, laneStride, keys);
      assignHashSlots(lows, low, count, laneIds);
      addWideKeys(laneIds, count, 1, keys);
      assignHashSlots(both, keys, count, ids);
    },
    valueOf(id) {
      const key = both.keys[id];
      const high = highs.keys[Math.floor(key / laneStride)];
      const low = lows.keys[key % laneStride];
      return longValue(BigInt(high) * 4294967296n + BigInt(low), spec.outputType);
    },
  });
}
