/**
 * Text as the input of a numeric aggregator: each dictionary entry is parsed once, rows look their
 * number up. Nulls are dropped; text that is no number counts as what changes nothing: 0 in a sum, the
 * greatest number in a minimum. A group of nothing else shows it, as in Druid.
 */
import type { Batch } from '@isotherm/kernels';
import {
  dropUnknownIds,
  explodeRows,
  explodedCount,
  lookUpIds,
  lookUpNumbers,
  readIds,
  scratchBytes,
  scratchNumbers,
} from '@isotherm/kernels';
import type { MultiStringColumn, StringColumn, StringDictionary } from '@isotherm/segment';
import { greatestLong, leastLong, parseDouble, parseLong } from './number-text.ts';
import type { NumberSource, NumberUse } from './number-source.ts';
import { blankSource, exactLimit } from './number-source.ts';
import { roomForIds, roomForNumbers } from './scratch.ts';

const noIds: Uint32Array = new Uint32Array(0);

/** Numbers that the entries of a dictionary stand for. */
interface ParsedText {
  readonly known: Uint8Array;
  readonly values: Float64Array;
  /** Given when a long does not fit a double. */
  readonly lanes: { readonly high: Float64Array; readonly low: Float64Array } | null;
  readonly magnitude: number;
}

/** What text that is no number counts as. */
function idleNumber({ form, fold }: NumberUse): number | bigint {
  if (fold === 'Sum') return 0;
  if (form === 'long') return fold === 'Min' ? greatestLong : leastLong;
  return fold === 'Min' ? Infinity : -Infinity;
}

function parseDictionary(dictionary: StringDictionary, use: NumberUse): ParsedText {
  const { form } = use;
  const idle = idleNumber(use);
  const known = scratchBytes(dictionary.size);
  const values = scratchNumbers(dictionary.size);
  const high = scratchNumbers(dictionary.size);
  const low = scratchNumbers(dictionary.size);
  let magnitude = 0;
  for (let id = 0; id < dictionary.size; id++) {
    const text = dictionary.valueAt(id);
    if (text === null) continue;
    const read = form === 'long' ? parseLong(text) : parseDouble(text);
    const number = read ?? idle;
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

/** A source over text with one value a row. */
export function textSource(column: StringColumn, use: NumberUse): NumberSource {
  const parsed = parseDictionary(column.dictionary, use);
  let ids = noIds;
  return parsedSource(parsed, (batch, slots, give) => {
    ids = roomForIds(ids, batch.count);
    readIds(column.ids, batch, ids);
    give(ids, slots, batch.count);
  });
}

/** A source over rows that hold lists of text: each value counts. */
export function listSource(column: MultiStringColumn, use: NumberUse): NumberSource {
  const { dictionary, offsets } = column;
  const parsed = parseDictionary(dictionary, use);
  // A row without values gets an id of its own, which stands for no number.
  const known = scratchBytes(dictionary.size + 1);
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
    ...blankSource(),
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
