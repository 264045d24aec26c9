/**
 * Group keys over number columns. Whole numbers in a small range are counted from the least;
 * others get ids from a hash table as they come, longs beyond ±2^53 from one table per lane.
 */
import type { Batch } from '@isotherm/kernels';
import {
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
import type { DimensionValue, KeyPart, KeyRows, OutputType } from './key-part.ts';
import { doubleToLong } from './number-text.ts';
import { roomForIds, roomForNumbers } from './scratch.ts';

/** Ranges up to this many numbers need no hash table. */
const smallRange = 1 << 16;

/**
 * The part of a number column.
 *
 * @param columns that of each segment, all of one type and all or none of 64 bits
 */
export function numberPart(
  columns: readonly (LongColumn | FloatingColumn)[],
  spec: DimensionSpec,
  segments: readonly Segment[],
): KeyPart {
  const { outputType } = spec;
  const isWhole = outputType === 'STRING' || outputType === 'LONG';
  const longs = columns.filter((column) => column.type === 'long');
  const rowCount = segments.reduce((sum, segment) => sum + segment.rowCount, 0);
  if (isWhole && longs.length === columns.length) {
    if (longs.every((column) => column.values instanceof BigInt64Array)) {
      return lanePart(longs, { outputType, rowCount });
    }
    const range = rangeOf(segments, spec.dimension);
    if (range.greatest - range.least < smallRange) {
      return rangePart(longs, { ...range, outputType });
    }
  }
  return hashedPart(columns, { outputType, rowCount });
}

/** Least and greatest number of a column, 0 included: nulls are stored as it. */
function rangeOf(
  segments: readonly Segment[],
  name: string,
): { readonly least: number; readonly greatest: number } {
  let [least, greatest] = [0, 0];
  for (const segment of segments) {
    const { min, max, nullCount } = segment.statistics(name) ?? { min: null, max: null };
    if (typeof min === 'bigint' && typeof max === 'bigint') {
      least = Math.min(least, Number(min));
      greatest = Math.max(greatest, Number(max));
    } else if (nullCount !== segment.rowCount) return { least: 0, greatest: Infinity };
  }
  return { least, greatest };
}

type ReadIds = KeyRows['read'];

/** Adds a null id 0 where a column has nulls. */
function nullable<C extends LongColumn | FloatingColumn>(
  columns: readonly C[],
  part: {
    readonly size: number;
    /** The way to read a column. */
    reader(column: C): ReadIds;
    valueOf(id: number): DimensionValue;
  },
): KeyPart {
  if (columns.every(({ validity }) => validity === null)) {
    const segments = columns.map((column) => ({ read: part.reader(column), lists: null }));
    return {
      size: part.size,
      values: { type: 'values', valueOf: (id) => part.valueOf(id) },
      segments,
    };
  }
  return {
    size: part.size + 1,
    values: { type: 'values', valueOf: (id) => (id === 0 ? null : part.valueOf(id - 1)) },
    segments: columns.map((column) => {
      const read = part.reader(column);
      const { validity } = column;
      return {
        read(batch, ids) {
          read(batch, ids);
          if (validity !== null) shiftIdsForNull(validity, batch, ids);
          else for (let i = 0; i < batch.count; i++) ids[i] += 1;
        },
        lists: null,
      };
    }),
  };
}

function rangePart(
  columns: readonly LongColumn[],
  range: { readonly least: number; readonly greatest: number; readonly outputType: OutputType },
): KeyPart {
  const { least, greatest, outputType } = range;
  let numbers: Float64Array = new Float64Array(0);
  return nullable(columns, {
    size: greatest - least + 1,
    reader: (column) => (batch, ids) => {
      numbers = roomForNumbers(numbers, batch.count);
      readDoubles(column, batch, numbers);
      offsetIds(numbers, batch.count, least, ids);
    },
    valueOf: (id) => longValue(BigInt(id + least), outputType),
  });
}

function longValue(value: bigint, outputType: OutputType): DimensionValue {
  return outputType === 'STRING' ? String(value) : value;
}

interface HashedKey {
  readonly outputType: OutputType;
  /** Rows of all segments. */
  readonly rowCount: number;
}

/** Numbers as doubles, brought to the output type before they are told apart. */
function hashedPart(
  columns: readonly (LongColumn | FloatingColumn)[],
  { outputType, rowCount }: HashedKey,
): KeyPart {
  const table = makeHashSlots();
  const type = columns[0]?.type;
  const textOf = type === 'float' ? floatText : doubleText;
  let numbers: Float64Array = new Float64Array(0);
  return nullable(columns, {
    size: rowCount + 1,
    reader: (column) => (batch, ids) => {
      numbers = roomForNumbers(numbers, batch.count);
      readDoubles(column, batch, numbers);
      if (outputType === 'LONG' && type !== 'long') truncateNumbers(numbers, batch.count);
      if (outputType === 'FLOAT') roundToFloats(numbers, batch.count);
      dropMinusZero(numbers, batch.count);
      assignHashSlots(table, numbers, batch.count, ids);
    },
    valueOf(id) {
      const number = table.keys[id];
      if (outputType === 'LONG') return doubleToLong(number);
      if (outputType !== 'STRING') return number;
      return type === 'long' ? String(number) : textOf(number);
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
function lanePart(columns: readonly LongColumn[], { outputType, rowCount }: HashedKey): KeyPart {
  const [highs, lows, both] = [makeHashSlots(), makeHashSlots(), makeHashSlots()];
  let high: Float64Array = new Float64Array(0);
  let low: Float64Array = new Float64Array(0);
  let keys: Float64Array = new Float64Array(0);
  let laneIds: Uint32Array = new Uint32Array(0);
  return nullable(columns, {
    size: rowCount + 1,
    reader:
      ({ values }) =>
      (batch, ids) => {
        const { count } = batch;
        high = roomForNumbers(high, count);
        low = roomForNumbers(low, count);
        keys = roomForNumbers(keys, count);
        laneIds = roomForIds(laneIds, count);
        // Callers give columns of 64 bits only.
        if (values instanceof BigInt64Array) readLanes(values, batch, high, low);
        // The ids of both lanes are the two words of a key, of which only bits count.
        const words = wordsOf(keys);
        assignHashSlots(highs, high, count, laneIds);
        for (let i = 0; i < count; i++) words[2 * i] = laneIds[i];
        assignHashSlots(lows, low, count, laneIds);
        for (let i = 0; i < count; i++) words[2 * i + 1] = laneIds[i];
        assignHashSlots(both, keys, count, ids);
      },
    valueOf(id) {
      const words = wordsOf(both.keys);
      const high = highs.keys[words[2 * id]];
      const low = lows.keys[words[2 * id + 1]];
      return longValue(BigInt(high) * 4294967296n + BigInt(low), outputType);
    },
  });
}

function wordsOf(keys: Float64Array): Uint32Array {
  return new Uint32Array(keys.buffer, keys.byteOffset, keys.length * 2);
}
