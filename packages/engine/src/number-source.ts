/**
 * The input of a numeric aggregator as numbers, whatever the column: longs, doubles, time, text
 * that is parsed, lists of text. One read gives the values of one batch without its nulls, with
 * the slot of each.
 *
 * Longs beyond ±2^53 do not fit a double. A source that may hold such has `wide` set and gives
 * lanes (kernels' `readLanes`) instead of values.
 */
import type { Batch } from '@isotherm/kernels';
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
  splitLanes,
  truncateNumbers,
} from '@isotherm/kernels';
import { InvalidQueryError } from '@isotherm/errors';
import type {
  FloatingColumn,
  LongColumn,
  MultiStringColumn,
  Segment,
  StringColumn,
  StringDictionary,
  TimeColumn,
} from '@isotherm/segment';
import { parseDouble, parseLong } from './number-text.ts';
import { emptyBatch, roomForIds, roomForNumbers } from './scratch.ts';

/** What an aggregator counts in: longs cut doubles toward zero, floats round them to 32 bits. */
export type NumberForm = 'long' | 'float' | 'double';

/** What an aggregator does with its numbers. */
export interface NumberUse {
  readonly form: NumberForm;
  readonly fold: 'Sum' | 'Min' | 'Max';
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
  read(batch: Batch, slots: Uint32Array): void;
}

const none: Float64Array = new Float64Array(0);
const noIds: Uint32Array = new Uint32Array(0);
const exactLimit = 2 ** 53;

/**
 * A source for a column; null if the segment has none of that name.
 *
 * @param fold a sum takes text that is no number as 0, as Druid does; the extremes pass over it
 * @throws InvalidQueryError for a column of sketches
 */
export function numberSource(
  name: string,
  { form, fold }: NumberUse,
  segment: Segment,
): NumberSource | null {
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
      return textSource(column, parseDictionary(column.dictionary, form, fold));
    case 'strings':
      return listSource(column, parseDictionary(column.dictionary, form, fold));
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

function blank(): Omit<NumberSource, 'wide' | 'drops' | 'magnitude' | 'read'> {
  return { count: 0, slots: noIds, values: none, high: none, low: none, valuesPerRow: 1 };
}

/** Drops nulls of a batch; the result is the batch itself where there is no null. */
function makeNullDrop(
  validity: Uint8Array | null,
): (batch: Batch, slots: Uint32Array) => { readonly batch: Batch; readonly slots: Uint32Array } {
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
    ...blank(),
    wide,
    drops: column.validity !== null,
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
    ...blank(),
    wide,
    drops: column.validity !== null,
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
  const table = form === 'float' ? column.distinct.map((ms) => Math.fround(ms)) : column.distinct;
  let ids = noIds;
  const source: NumberSource = {
    ...blank(),
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

/** Numbers that the entries of a dictionary stand for. */
interface ParsedText {
  readonly known: Uint8Array;
  readonly values: Float64Array;
  /** Given when a long does not fit a double. */
  readonly lanes: { readonly high: Float64Array; readonly low: Float64Array } | null;
  readonly magnitude: number;
}

function parseDictionary(
  dictionary: StringDictionary,
  form: NumberForm,
  fold: NumberUse['fold'],
): ParsedText {
  const known = new Uint8Array(dictionary.size);
  const values = new Float64Array(dictionary.size);
  const high = new Float64Array(dictionary.size);
  const low = new Float64Array(dictionary.size);
  let magnitude = 0;
  for (let id = 0; id < dictionary.size; id++) {
    const text = dictionary.valueAt(id);
    if (text === null) continue;
    const read = form === 'long' ? parseLong(text) : parseDouble(text);
    if (read === null && fold !== 'Sum') continue;
    const number = read ?? 0;
    known[id] = 1;
    values[id] = form === 'float' ? Math.fround(Number(number)) : Number(number);
    magnitude = Math.max(magnitude, Math.abs(values[id]));
    if (typeof number === 'bigint') {
      high[id] = Number(number >> 32n);
      low[id] = Number(number & 0xffffffffn);
    }
  }
  const fits = form !== 'long' || magnitude <= exactLimit;
  return { known, values, lanes: fits ? null : { high, low }, magnitude };
}

function textSource(column: StringColumn, parsed: ParsedText): NumberSource {
  let ids = noIds;
  return parsedSource(parsed, (batch, slots, give) => {
    ids = roomForIds(ids, batch.count);
    readIds(column.ids, batch, ids);
    give(ids, slots, batch.count);
  });
}

function listSource(column: MultiStringColumn, parsed: ParsedText): NumberSource {
  const { dictionary, offsets } = column;
  // A row without values gets an id of its own, which stands for no number.
  const known = new Uint8Array(dictionary.size + 1);
  known.set(parsed.known);
  let longest = 1;
  for (let row = 1; row < offsets.length; row++) {
    longest = Math.max(longest, offsets[row] - offsets[row - 1]);
  }
  const room = { rows: noIds, from: noIds, ids: noIds };
  let slotOf = noIds;
  const read = (batch: Batch, slots: Uint32Array, give: GiveIds): void => {
    const count = explodedCount(offsets, batch);
    room.rows = roomForIds(room.rows, count);
    room.from = roomForIds(room.from, count);
    room.ids = roomForIds(room.ids, count);
    slotOf = roomForIds(slotOf, count);
    explodeRows(offsets, column.ids, batch, dictionary.size, room);
    lookUpIds(room.from, count, slots, slotOf);
    give(room.ids, slotOf, count);
  };
  return parsedSource({ ...parsed, known }, read, longest);
}

type GiveIds = (ids: Uint32Array, slots: Uint32Array, count: number) => void;

/** A source over ids of parsed text; `read` hands the ids of a batch on. */
function parsedSource(
  parsed: ParsedText,
  read: (batch: Batch, slots: Uint32Array, give: GiveIds) => void,
  valuesPerRow = 1,
): NumberSource {
  const { known, lanes } = parsed;
  const room = { ids: noIds, slots: noIds };
  const source: NumberSource = {
    ...blank(),
    valuesPerRow,
    wide: lanes !== null,
    drops: true,
    magnitude: parsed.magnitude,
    read: (batch, slots) => read(batch, slots, take),
  };
  const take: GiveIds = (ids, slots, count) => {
    room.ids = roomForIds(room.ids, count);
    room.slots = roomForIds(room.slots, count);
    source.count = dropUnknownIds(ids, slots, count, known, room);
    source.slots = room.slots;
    if (lanes === null) {
      source.values = roomForNumbers(source.values, count);
      lookUpNumbers(room.ids, source.count, parsed.values, source.values);
    } else {
      source.high = roomForNumbers(source.high, count);
      source.low = roomForNumbers(source.low, count);
      lookUpNumbers(room.ids, source.count, lanes.high, source.high);
      lookUpNumbers(room.ids, source.count, lanes.low, source.low);
    }
  };
  return source;
}
