/**
 * The input of a numeric aggregator as numbers, whatever the column: longs, doubles, time, text
 * that is parsed, lists of text. One read gives the values of one batch without its nulls, with
 * the slot of each.
 *
 * Longs beyond ±2^53 do not fit a double. A source that may hold such has `wide` set and gives
 * lanes (kernels' `readLanes`) instead of values.
 */
import type { Batch, IntegerArray } from '@isotherm/kernels';
import {
  dropNulls,
  joinLanes,
  lookUpNumbers,
  readIds,
  readLanes,
  readNumbers,
  roundToFloats,
  scratchNumbers,
  splitLanes,
  truncateNumbers,
} from '@isotherm/kernels';
import { InvalidQueryError } from '@isotherm/errors';
import type { FloatingColumn, LongColumn, Segment, TimeColumn } from '@isotherm/segment';
import { emptyBatch, roomForIds, roomForNumbers } from './scratch.ts';
import { listSource, textSource } from './text-source.ts';

/** What an aggregator counts in: longs cut doubles toward zero, floats round them to 32 bits. */
type NumberForm = 'long' | 'float' | 'double';

/** What an aggregator does with its numbers. */
export interface NumberUse {
  readonly form: NumberForm;
  readonly fold: 'Sum' | 'Min' | 'Max';
}

/** Rows with the slot of each. */
export interface RowsWithSlots {
  readonly batch: Batch;
  readonly slots: Uint32Array;
}

/** Reads one column batch by batch. The fields hold the result of the last `read`. */
export interface NumberSource {
  /** Elements without nulls. */
  count: number;
  /** Slot of each element. */
  slots: Uint32Array;
  /** Value of each element; unused when `wide`. */
  values: Float64Array;
  /** Lanes of each element; used when `wide`. */
  high: Float64Array;
  low: Float64Array;
  readonly wide: boolean;
  /** False where every row has exactly one value, so that `slots` is what was given. */
  readonly drops: boolean;
  /** Values that a row may have at most, usually 1. */
  readonly valuesPerRow: number;
  /** No value is farther from 0; Infinity if nothing is known. */
  readonly magnitude: number;
  /** Given where the values are exactly those of an integer column: `read` without a copy. */
  readonly integers?: IntegerArray | undefined;
  /** Given with `integers`: the rows that have a value, with their slots; overwritten by the next call. */
  dropNulls?(batch: Batch, slots: Uint32Array): RowsWithSlots;
  read(batch: Batch, slots: Uint32Array): void;
}

const none: Float64Array = new Float64Array(0);
const noIds: Uint32Array = new Uint32Array(0);
/** Whole numbers up to it, either way, are exact in doubles. */
export const exactLimit = 2 ** 53;

/**
 * A source for a column; null if the segment has none of that name.
 *
 * @throws InvalidQueryError for a column of sketches
 */
export function numberSource(name: string, use: NumberUse, segment: Segment): NumberSource | null {
  const { form } = use;
  const column = segment.column(name);
  if (column === null) return null;
  const magnitude = magnitudeOf(name, segment);
  switch (column.type) {
    case 'long':
      return column.values instanceof BigInt64Array
        ? bigSource(column, column.values, form, magnitude)
        : plainSource(column, column.values, { form, magnitude: Math.min(magnitude, 2 ** 32) });
    case 'double':
    case 'float':
      return plainSource(column, column.values, { form, magnitude });
    case 'time':
      return timeSource(column, form);
    case 'string':
      return textSource(column, use);
    case 'strings':
      return listSource(column, use);
    case 'hyperUnique':
      throw new InvalidQueryError(
        `Column "${name}" holds sketches, which have no number. ` +
          'Use the aggregator "hyperUnique" for it.',
        { details: { column: name } },
      );
  }
}

function magnitudeOf(name: string, segment: Segment): number {
  const { min, max } = segment.statistics(name) ?? { min: null, max: null };
  if (typeof min === 'string' || typeof max === 'string') return Infinity;
  if (min === null || max === null) return Infinity;
  const magnitude = Math.max(Math.abs(Number(min)), Math.abs(Number(max)));
  return Number.isNaN(magnitude) ? Infinity : magnitude;
}

/** The fields of a source before its first read. */
export function blankSource(): Omit<NumberSource, 'wide' | 'drops' | 'magnitude' | 'read'> {
  return { count: 0, slots: noIds, values: none, high: none, low: none, valuesPerRow: 1 };
}

/** Drops nulls of a batch; the result is the batch itself where there is no null. */
function makeNullDrop(
  validity: Uint8Array | null,
): (batch: Batch, slots: Uint32Array) => RowsWithSlots {
  if (validity === null) return (batch, slots) => ({ batch, slots });
  const kept = emptyBatch();
  const room = { rows: noIds, slots: noIds };
  return (batch, slots) => {
    room.rows = roomForIds(room.rows, batch.count);
    room.slots = roomForIds(room.slots, batch.count);
    kept.count = dropNulls(validity, batch, slots, room);
    kept.rows = room.rows;
    return { batch: kept, slots: room.slots };
  };
}

/** Numbers that fit doubles. */
function plainSource(
  column: LongColumn | FloatingColumn,
  values: Exclude<LongColumn['values'], BigInt64Array> | FloatingColumn['values'],
  known: { readonly form: NumberForm; readonly magnitude: number },
): NumberSource {
  const { form } = known;
  const withoutNulls = makeNullDrop(column.validity);
  const fromDoubles = column.type !== 'long';
  // A double may be any whole number of 64 bits once it is cut.
  const wide = form === 'long' && fromDoubles && !(known.magnitude <= exactLimit);
  const source: NumberSource = {
    ...blankSource(),
    wide,
    drops: column.validity !== null,
    ...(form === 'long' && column.type === 'long'
      ? { integers: column.values, dropNulls: withoutNulls }
      : {}),
    magnitude: known.magnitude,
    read(batch, slots) {
      const kept = withoutNulls(batch, slots);
      const { count } = kept.batch;
      source.count = count;
      source.slots = kept.slots;
      source.values = roomForNumbers(source.values, count);
      readNumbers(values, kept.batch, source.values);
      if (form === 'float') roundToFloats(source.values, count);
      if (form === 'long' && fromDoubles) truncateNumbers(source.values, count);
      if (wide) splitInto(source);
    },
  };
  return source;
}

function splitInto(source: NumberSource): void {
  source.high = roomForNumbers(source.high, source.count);
  source.low = roomForNumbers(source.low, source.count);
  splitLanes(source.values, source.count, source.high, source.low);
}

/** 64-bit longs: as doubles where statistics say that they fit, else as lanes. */
function bigSource(
  column: LongColumn,
  values: BigInt64Array,
  form: NumberForm,
  magnitude: number,
): NumberSource {
  const withoutNulls = makeNullDrop(column.validity);
  const wide = form === 'long' && !(magnitude <= exactLimit);
  const source: NumberSource = {
    ...blankSource(),
    wide,
    drops: column.validity !== null,
    ...(form === 'long' ? { integers: values, dropNulls: withoutNulls } : {}),
    magnitude,
    read(batch, slots) {
      const kept = withoutNulls(batch, slots);
      const { count } = kept.batch;
      source.count = count;
      source.slots = kept.slots;
      source.high = roomForNumbers(source.high, count);
      source.low = roomForNumbers(source.low, count);
      readLanes(values, kept.batch, source.high, source.low);
      if (wide) return;
      source.values = roomForNumbers(source.values, count);
      joinLanes(source.high, source.low, count, source.values);
      if (form === 'float') roundToFloats(source.values, count);
    },
  };
  return source;
}

function timeSource(column: TimeColumn, form: NumberForm): NumberSource {
  const table = scratchNumbers(column.distinct.length);
  table.set(column.distinct);
  if (form === 'float') roundToFloats(table, table.length);
  let ids = noIds;
  const source: NumberSource = {
    ...blankSource(),
    wide: false,
    drops: false,
    magnitude: table.reduce((most, ms) => Math.max(most, Math.abs(ms)), 0),
    read(batch, slots) {
      ids = roomForIds(ids, batch.count);
      readIds(column.ids, batch, ids);
      source.count = batch.count;
      source.slots = slots;
      source.values = roomForNumbers(source.values, batch.count);
      lookUpNumbers(ids, batch.count, table, source.values);
    },
  };
  return source;
}
