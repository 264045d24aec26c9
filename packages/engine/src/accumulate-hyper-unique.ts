/**
 * Distinct counts: folds stored sketches, or adds the text of any other value. One sketch is 2,048
 * bytes a slot, all of them in kernel memory. A row raises at most one register of its slot.
 */
import {
  explodeRows,
  explodedCount,
  foldImages,
  hyperUniqueRegisterCount,
  hyperUniqueTextMark,
  lookUpIds,
  raiseByIds,
  raiseByLongs,
  raiseByRows,
  scratchBytes,
} from '@isotherm/kernels';
import type { Batch, HyperUniqueEffects } from '@isotherm/kernels';
import { ResourceLimitError } from '@isotherm/errors';
import { doubleText, floatText } from '@isotherm/query';
import type { FloatingColumn, LongColumn, MultiStringColumn, Segment } from '@isotherm/segment';
import type { SingleAccumulator } from './accumulator.ts';
import { entryEffects, textEffects, timeEffects } from './hyper-unique-effects.ts';
import { roomForIds } from './scratch.ts';

const registerCount = hyperUniqueRegisterCount;
/** Bytes of sketches that one run may hold. */
const sketchBytesLimit = 2 ** 30;

/** Counts distinct values of a column; a missing column counts nothing. Reads the segment bound last. */
export function hyperUniqueAccumulator(
  name: string,
  segments: readonly Segment[],
): SketchAccumulator {
  return sketchAccumulator((segment) => makeFold(name, segments[segment]));
}

/** An accumulator whose states are sketches. */
export type SketchAccumulator = SingleAccumulator & { bind(segment: number): void };

/** Keeps the sketches that `makeFold` of the segment bound last adds to. */
export function sketchAccumulator(makeFold: (segment: number) => Fold): SketchAccumulator {
  let fold: Fold = () => undefined;
  let registers: Uint8Array = new Uint8Array(0);
  return {
    bind(segment) {
      fold = makeFold(segment);
    },
    add(batch, slots, slotCount) {
      registers = roomForSketches(registers, slotCount);
      fold(batch, slots, registers);
    },
    finish(slots) {
      const kept = new Uint8Array(checkedBytes(slots.length));
      for (const [i, slot] of slots.entries()) {
        const start = slot * registerCount;
        // A slot behind the registers saw no row.
        kept.set(registers.subarray(start, start + registerCount), i * registerCount);
      }
      return { type: 'hyperUnique', registers: kept };
    },
  };
}

/** Adds the rows of a batch to the sketches of their slots. */
export type Fold = (batch: Batch, slots: Uint32Array, registers: Uint8Array) => void;

function makeFold(name: string, segment: Segment): Fold {
  const column = segment.column(name);
  if (column === null) return () => undefined;
  switch (column.type) {
    case 'hyperUnique':
      return (batch, slots, registers) => foldImages(column, batch, slots, registers);
    case 'string': {
      const { type, effects } = textEffects(name, column, segment);
      return type === 'byRow'
        ? (batch, slots, registers) => raiseByRows(effects, batch, slots, registers)
        : (batch, slots, registers) => raiseByIds(column.ids, batch, effects, slots, registers);
    }
    case 'time': {
      const effects = timeEffects(name, column, segment);
      return (batch, slots, registers) => raiseByIds(column.ids, batch, effects, slots, registers);
    }
    case 'strings':
      return makeListFold(column, entryEffects(name, column.dictionary, segment));
    case 'long':
      return (batch, slots, registers) => raiseByLongs(column, batch, slots, registers);
    case 'float':
    case 'double':
      return makeNumberFold(column, markOfText(column.type));
  }
}

/** Adds every value of a row's list. @param effects of the entries, and none behind the last */
export function makeListFold(column: MultiStringColumn, effects: HyperUniqueEffects): Fold {
  const empty = column.dictionary.size;
  const none: Uint32Array = new Uint32Array(0);
  const room = { rows: none, from: none, ids: none };
  let slotOf = none;
  return (batch, slots, registers) => {
    const count = explodedCount(column.offsets, batch);
    room.rows = roomForIds(room.rows, count);
    room.from = roomForIds(room.from, count);
    room.ids = roomForIds(room.ids, count);
    slotOf = roomForIds(slotOf, count);
    explodeRows(column.offsets, column.ids, batch, empty, room);
    lookUpIds(room.from, count, slots, slotOf);
    raiseByIds(room.ids, { start: 0, count, rows: null }, effects, slotOf, registers);
  };
}

/** Marks that are remembered: the text of a double costs more than looking it up. */
const rememberedMarks = 1 << 16;

function markOfText(type: 'float' | 'double'): (value: number | bigint) => number {
  const textOf = type === 'float' ? floatText : doubleText;
  return (value) => hyperUniqueTextMark(textOf(Number(value)));
}

/** Adds numbers by their marks, which are computed once a value while they are few. */
export function makeNumberFold(
  { values, validity }: LongColumn | FloatingColumn,
  markOf: (value: number | bigint) => number,
): Fold {
  const known = new Map<number | bigint, number>();
  let marks: Uint32Array = new Uint32Array(0);
  return (batch, slots, registers) => {
    marks = roomForIds(marks, batch.count);
    for (let i = 0; i < batch.count; i++) {
      const row = batch.rows === null ? batch.start + i : batch.rows[i];
      const value = values[row];
      // A map does not tell -0.0 from 0.0, which differ.
      let mark = value === 0 ? undefined : known.get(value);
      if (mark === undefined) {
        mark = markOf(value);
        if (known.size < rememberedMarks) known.set(value, mark);
      }
      const isNull = validity !== null && ((validity[row >> 3] >> (row & 7)) & 1) === 0;
      marks[i] = isNull ? 0 : mark;
    }
    raiseByRows(marks, { start: 0, count: batch.count, rows: null }, slots, registers);
  };
}

function roomForSketches(registers: Uint8Array, slotCount: number): Uint8Array {
  const length = checkedBytes(slotCount);
  if (registers.length >= length) return registers;
  const grown = scratchBytes(Math.min(sketchBytesLimit, Math.max(length, registers.length * 2)));
  grown.set(registers);
  return grown;
}

/** Bytes of the sketches of some slots. @throws ResourceLimitError code TOO_MANY_SKETCHES */
function checkedBytes(slotCount: number): number {
  const length = slotCount * registerCount;
  if (length <= sketchBytesLimit) return length;
  throw new ResourceLimitError(
    `Distinct counts of ${slotCount} groups need ${length} bytes in one segment, more than the ` +
      `${sketchBytesLimit} allowed. Group by fewer values, or filter first.`,
    { code: 'TOO_MANY_SKETCHES', details: { groups: slotCount } },
  );
}
