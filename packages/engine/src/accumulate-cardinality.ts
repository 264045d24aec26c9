/**
 * Druid's cardinality: a sketch of the values of several columns, or with `byRow` of their combinations.
 * It hashes other bytes than hyperUnique does, low bytes first:
 *
 *   text     the UTF-16 units           long, time   8 bytes        null   nothing
 *   double   8 bytes of its bits        float        4 bytes
 *   row      its fields with a byte 0 between; a list in order of its texts, with U+0001 between, where a
 *            null is U+0000 unless there is nothing else
 */
import { hyperUniqueMark, raiseByIds, raiseByRows, scratchIds } from '@isotherm/kernels';
import type { Batch } from '@isotherm/kernels';
import { InvalidQueryError } from '@isotherm/errors';
import type { Aggregation } from '@isotherm/query';
import type { Column, MultiStringColumn, Segment } from '@isotherm/segment';
import type { Fold, SketchAccumulator } from './accumulate-hyper-unique.ts';
import { makeListFold, makeNumberFold, sketchAccumulator } from './accumulate-hyper-unique.ts';
import { entryEffects, textEffects } from './hyper-unique-effects.ts';
import { roomForIds } from './scratch.ts';

/** Counts distinct values or rows of some columns. @throws InvalidQueryError for a column of sketches */
export function cardinalityAccumulator(
  { fields, byRow }: Extract<Aggregation, { type: 'cardinality' }>,
  segments: readonly Segment[],
): SketchAccumulator {
  return sketchAccumulator((place) => {
    const segment = segments[place];
    if (byRow) return makeRowFold(fields, segment);
    const folds = fields.flatMap((name) => makeValueFold(name, segment) ?? []);
    return (batch, slots, registers) => {
      for (const fold of folds) fold(batch, slots, registers);
    };
  });
}

/** Adds the values of one column; null for a missing one, which has none. */
function makeValueFold(name: string, segment: Segment): Fold | null {
  const column = segment.column(name);
  switch (column?.type) {
    case undefined:
      return null;
    case 'string': {
      const { type, effects } = textEffects(name, column, segment, 'chars');
      return type === 'byRow'
        ? (batch, slots, registers) => raiseByRows(effects, batch, slots, registers)
        : (batch, slots, registers) => raiseByIds(column.ids, batch, effects, slots, registers);
    }
    case 'strings':
      return makeListFold(column, entryEffects(name, column.dictionary, segment, 'chars'));
    case 'time': {
      const effects = scratchIds(column.distinct.length);
      for (let id = 0; id < effects.length; id++) effects[id] = markOfLong(column.distinct[id]);
      return (batch, slots, registers) => raiseByIds(column.ids, batch, effects, slots, registers);
    }
    case 'long':
      return makeNumberFold(column, markOfLong);
    case 'double':
      return makeNumberFold(column, (value) => markOf(doubleBytes(Number(value))));
    case 'float':
      return makeNumberFold(column, (value) => markOf(floatBytes(Number(value))));
    case 'hyperUnique':
      throw noSketches(name);
  }
}

function noSketches(name: string): InvalidQueryError {
  return new InvalidQueryError(
    `Column "${name}" holds sketches, of which "cardinality" cannot count values. Use "hyperUnique" for it.`,
    { details: { column: name } },
  );
}

function markOf(bytes: Uint8Array): number {
  return hyperUniqueMark(bytes, 0, bytes.length);
}

function markOfLong(value: number | bigint): number {
  return markOf(longBytes(value));
}

const number = new DataView(new ArrayBuffer(8));
const eight = new Uint8Array(number.buffer);
const four = eight.subarray(0, 4);

/** Overwritten by the next number, as are those of the other types. */
function longBytes(value: number | bigint): Uint8Array {
  number.setBigInt64(0, BigInt(value), true);
  return eight;
}

function doubleBytes(value: number): Uint8Array {
  number.setFloat64(0, value, true);
  return eight;
}

function floatBytes(value: number): Uint8Array {
  number.setFloat32(0, value, true);
  return four;
}

/** Bytes of a row, written one field after the other. */
class RowBytes {
  bytes = new Uint8Array(256);
  length = 0;

  add(part: Uint8Array): void {
    if (this.length + part.length > this.bytes.length) {
      const grown = new Uint8Array((this.length + part.length) * 2);
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.bytes.set(part, this.length);
    this.length += part.length;
  }
}

const fieldSeparator = Uint8Array.of(0);

function makeRowFold(fields: readonly string[], segment: Segment): Fold {
  const writers = fields.map((name) => rowWriter(name, segment.column(name)));
  const written = new RowBytes();
  let marks: Uint32Array = new Uint32Array(0);
  return ({ rows, start, count }: Batch, slots, registers) => {
    marks = roomForIds(marks, count);
    for (let i = 0; i < count; i++) {
      written.length = 0;
      for (const [field, write] of writers.entries()) {
        if (field > 0) written.add(fieldSeparator);
        write(rows === null ? start + i : rows[i], written);
      }
      marks[i] = hyperUniqueMark(written.bytes, 0, written.length);
    }
    raiseByRows(marks, { start: 0, count, rows: null }, slots, registers);
  };
}

/** Writes the value of a row in one column. */
type RowWriter = (row: number, written: RowBytes) => void;

function rowWriter(name: string, column: Column | null): RowWriter {
  switch (column?.type) {
    case undefined:
      return () => undefined;
    case 'string': {
      const bytesOf = entryBytes((id) => column.dictionary.valueAt(id) ?? '');
      return (row, written) => written.add(bytesOf(column.ids[row]));
    }
    case 'strings':
      return (row, written) => written.add(listBytes(column, row));
    case 'time':
      return (row, written) => written.add(longBytes(column.distinct[column.ids[row]]));
    case 'long':
    case 'double':
    case 'float': {
      const { type, values, validity } = column;
      return (row, written) => {
        if (validity !== null && ((validity[row >> 3] >> (row & 7)) & 1) === 0) return;
        const value = values[row];
        if (type === 'long') written.add(longBytes(value));
        else
          written.add(type === 'double' ? doubleBytes(Number(value)) : floatBytes(Number(value)));
      };
    }
    case 'hyperUnique':
      throw noSketches(name);
  }
}

/** Entries that are remembered as bytes. */
const rememberedEntries = 1 << 16;

function entryBytes(textOf: (id: number) => string): (id: number) => Uint8Array {
  const known = new Map<number, Uint8Array>();
  return (id) => {
    const found = known.get(id);
    if (found !== undefined) return found;
    const bytes = Buffer.from(textOf(id), 'utf16le');
    if (known.size < rememberedEntries) known.set(id, bytes);
    return bytes;
  };
}

function listBytes({ dictionary, offsets, ids }: MultiStringColumn, row: number): Uint8Array {
  const texts = Array.from(ids.subarray(offsets[row], offsets[row + 1]), (id) =>
    dictionary.valueAt(id),
  );
  if (texts.every((text) => text === null)) return new Uint8Array(0);
  // By UTF-16 units, as Java sorts.
  const sorted = texts.map((text) => text ?? '\u0000').sort();
  return Buffer.from(sorted.join('\u0001'), 'utf16le');
}
