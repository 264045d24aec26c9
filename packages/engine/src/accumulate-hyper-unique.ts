/**
 * Distinct counts: folds stored sketches, or adds the text of any other value. One sketch is 2,048
 * bytes a slot. Each distinct text is hashed once; its rows then only raise one register.
 */
import {
  addHyperUniqueText,
  explodeRows,
  explodedCount,
  foldHyperUniqueAt,
  hyperUniqueRegisterCount,
  lookUpIds,
  readIds,
} from '@isotherm/kernels';
import type { Batch } from '@isotherm/kernels';
import { ResourceLimitError } from '@isotherm/errors';
import { doubleText, floatText } from '@isotherm/query';
import type { FloatingColumn, HyperUniqueColumn, LongColumn, Segment } from '@isotherm/segment';
import type { SingleAccumulator } from './accumulator.ts';
import { roomForIds } from './scratch.ts';

const registerCount = hyperUniqueRegisterCount;
/** Bytes of sketches that one run may hold. */
const sketchBytesLimit = 2 ** 30;

/** Counts distinct values of a column; a missing column counts nothing. Reads the segment bound last. */
export function hyperUniqueAccumulator(
  name: string,
  segments: readonly Segment[],
): SingleAccumulator & { bind(segment: number): void } {
  let fold: Fold = () => undefined;
  let registers: Uint8Array = new Uint8Array(0);
  return {
    bind(segment) {
      fold = makeFold(name, segments[segment]);
    },
    add(batch, slots, slotCount) {
      registers = roomForSketches(registers, slotCount);
      fold(batch, slots, registers);
    },
    finish(slots) {
      const kept = roomForSketches(new Uint8Array(0), slots.length);
      for (const [i, slot] of slots.entries()) {
        const start = slot * registerCount;
        kept.set(registers.subarray(start, start + registerCount), i * registerCount);
      }
      return { type: 'hyperUnique', registers: kept.subarray(0, slots.length * registerCount) };
    },
  };
}

type Fold = (batch: Batch, slots: Uint32Array, registers: Uint8Array) => void;

function makeFold(name: string, segment: Segment): Fold {
  const column = segment.column(name);
  if (column === null) return () => undefined;
  switch (column.type) {
    case 'hyperUnique':
      return (batch, slots, registers) => foldImages(column, batch, slots, registers);
    case 'string': {
      const { dictionary } = column;
      const hashed = makeHashedIds(dictionary.size, (id) => dictionary.valueAt(id));
      return makeIdFold((batch, ids) => readIds(column.ids, batch, ids), hashed);
    }
    case 'time': {
      const { distinct } = column;
      const hashed = makeHashedIds(distinct.length, (id) => String(distinct[id]));
      return makeIdFold((batch, ids) => readIds(column.ids, batch, ids), hashed);
    }
    case 'strings': {
      const { dictionary } = column;
      const empty = dictionary.size;
      const hashed = makeHashedIds(empty + 1, (id) => (id < empty ? dictionary.valueAt(id) : null));
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
        hashed(room.ids, slotOf, count, registers);
      };
    }
    case 'long':
    case 'float':
    case 'double':
      return makeNumberFold(column);
  }
}

function foldImages(
  column: HyperUniqueColumn,
  batch: Batch,
  slots: Uint32Array,
  registers: Uint8Array,
): void {
  const { rows, start, count } = batch;
  const { offsets, bytes } = column;
  for (let i = 0; i < count; i++) {
    const row = rows === null ? start + i : rows[i];
    const [from, to] = [offsets[row], offsets[row + 1]];
    if (from < to) foldHyperUniqueAt(bytes, from, to, registers, slots[i] * registerCount);
  }
}

function makeIdFold(
  read: (batch: Batch, ids: Uint32Array) => void,
  hashed: (ids: Uint32Array, slots: Uint32Array, count: number, registers: Uint8Array) => void,
): Fold {
  let ids: Uint32Array = new Uint32Array(0);
  return (batch, slots, registers) => {
    ids = roomForIds(ids, batch.count);
    read(batch, ids);
    hashed(ids, slots, batch.count, registers);
  };
}

/** Adds dictionary entries by id, each hashed when first met. */
function makeHashedIds(
  size: number,
  textOf: (id: number) => string | null,
): (ids: Uint32Array, slots: Uint32Array, count: number, registers: Uint8Array) => void {
  // Register and position that an entry raises, as register * 256 + position; a null raises none.
  const effects = new Int32Array(size).fill(-1);
  return (ids, slots, count, registers) => {
    for (let i = 0; i < count; i++) {
      const id = ids[i];
      let effect = effects[id];
      if (effect < 0) effects[id] = effect = effectOf(textOf(id));
      const at = slots[i] * registerCount + (effect >> 8);
      registers[at] = Math.max(registers[at], effect & 255);
    }
  };
}

function makeNumberFold(column: LongColumn | FloatingColumn): Fold {
  const { values, validity } = column;
  const textOf = column.type === 'long' ? String : column.type === 'float' ? floatText : doubleText;
  const effects = new Map<number | bigint, number>();
  return (batch, slots, registers) => {
    for (let i = 0; i < batch.count; i++) {
      const row = batch.rows === null ? batch.start + i : batch.rows[i];
      if (validity !== null && ((validity[row >> 3] >> (row & 7)) & 1) === 0) continue;
      const value = values[row];
      let effect = effects.get(value);
      if (effect === undefined) {
        // Only longs are ever bigints, and their text is the same either way.
        effect = effectOf(typeof value === 'bigint' ? String(value) : textOf(value));
        effects.set(value, effect);
      }
      const at = slots[i] * registerCount + (effect >> 8);
      registers[at] = Math.max(registers[at], effect & 255);
    }
  };
}

const probe = new Uint8Array(registerCount);

/** What adding a text to an empty sketch changes. */
function effectOf(text: string | null): number {
  if (text === null) return 0;
  addHyperUniqueText(probe, 0, text);
  const register = probe.findIndex((position) => position > 0);
  const effect = register * 256 + probe[register];
  probe[register] = 0;
  return effect;
}

function roomForSketches(registers: Uint8Array, slotCount: number): Uint8Array {
  const length = slotCount * registerCount;
  if (registers.length >= length) return registers;
  if (length > sketchBytesLimit) {
    throw new ResourceLimitError(
      `Distinct counts of ${slotCount} groups need ${length} bytes in one segment, more than the ` +
        `${sketchBytesLimit} allowed. Group by fewer values, or filter first.`,
      { code: 'TOO_MANY_SKETCHES', details: { groups: slotCount } },
    );
  }
  const grown = new Uint8Array(Math.min(sketchBytesLimit, Math.max(length, registers.length * 2)));
  grown.set(registers);
  return grown;
}
