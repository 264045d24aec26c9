/**
 * Distinct counts over columns: rows of a batch into the sketches of their slots, 2,048 registers of
 * one byte each, at registers[slot * 2048 …].
 *
 * What a value does to a sketch, its effect, is a register and a position (`hyperUniqueMark`). That of
 * a dictionary entry is found once, so that a row only looks it up:
 *
 *   Uint32Array   register << 8 | position
 *   Uint16Array   register << 5 | code: the position up to 30, and 31 for position 64
 *
 * 0 is no effect: position 0 raises nothing. Sixteen bits hold the empty text, whose hash is 0 and
 * position 64, and all other texts but one in 2^30.
 */
import { InvariantError } from '@isotherm/errors';
import type { Batch, IdArray } from './batch.ts';
import { foldHyperUniqueAt } from './hyper-unique-image.ts';
import { hyperUniqueMark, hyperUniqueRegisterCount, hyperUniqueTextMark } from './hyper-unique.ts';
import type { IntegerArray } from './integer-sums.ts';
import { widthOf } from './integer-sums.ts';
import { addressOf, kernelsFor } from './wasm/module.ts';

/** Effects by id, in either form. */
export type HyperUniqueEffects = Uint16Array | Uint32Array;

/**
 * Finds the effects of texts: text i is the UTF-8 bytes[offsets[i], offsets[i + 1]).
 *
 * @param effects shape [offsets.length - 1], overwritten
 * @returns how many have a position that 16 bits do not hold: if any, an array of that width is wrong
 */
export function hashTexts(
  texts: { readonly offsets: Int32Array; readonly bytes: Uint8Array },
  effects: HyperUniqueEffects,
): number {
  const { offsets, bytes } = texts;
  const count = offsets.length - 1;
  if (count < 1) return 0;
  const width = effects.BYTES_PER_ELEMENT;
  const kernels = kernelsFor(offsets, bytes, effects);
  if (kernels !== null) {
    const { byteOffset: to } = effects;
    return kernels.hashTexts(offsets.byteOffset, bytes.byteOffset, count, width, to);
  }
  let unheld = 0;
  for (let i = 0; i < count; i++) {
    const mark = hyperUniqueMark(bytes, offsets[i], offsets[i + 1]);
    const position = mark & 0xff;
    if (position > 30 && position < 64) unheld++;
    effects[i] = width === 4 ? mark : ((mark >>> 8) << 5) | (position === 64 ? 31 : position);
  }
  return unheld;
}

/** Applies `effects[ids[row i]]` to the sketch of `slots[i]`. */
export function raiseByIds(
  ids: IdArray,
  batch: Batch,
  effects: HyperUniqueEffects,
  slots: Uint32Array,
  registers: Uint8Array,
): void {
  const { rows, start, count } = batch;
  const effectWidth = effects.BYTES_PER_ELEMENT;
  const kernels = kernelsFor(ids, effects, slots, registers, rows ?? slots);
  if (kernels !== null) {
    const [width, from, at] = [ids.BYTES_PER_ELEMENT, ids.byteOffset, addressOf(rows)];
    const to = [effectWidth, effects.byteOffset, slots.byteOffset, registers.byteOffset] as const;
    kernels.raiseByIds(width, from, at, start, count, ...to);
    return;
  }
  for (let i = 0; i < count; i++) {
    const effect = effects[ids[rows === null ? start + i : rows[i]]];
    raise(registers, slots[i], effectWidth === 4 ? effect : markOf(effect));
  }
}

/** Applies `effects[row i]` to the sketch of `slots[i]`. */
export function raiseByRows(
  effects: HyperUniqueEffects,
  batch: Batch,
  slots: Uint32Array,
  registers: Uint8Array,
): void {
  const { rows, start, count } = batch;
  const width = effects.BYTES_PER_ELEMENT;
  const kernels = kernelsFor(effects, slots, registers, rows ?? slots);
  if (kernels !== null) {
    const to = [slots.byteOffset, registers.byteOffset] as const;
    kernels.raiseByRows(width, effects.byteOffset, addressOf(rows), start, count, ...to);
    return;
  }
  for (let i = 0; i < count; i++) {
    const effect = effects[rows === null ? start + i : rows[i]];
    raise(registers, slots[i], width === 4 ? effect : markOf(effect));
  }
}

/** Looks effects up for all rows: `rowEffects[row] = effects[ids[row]]`. Both have the same width. */
export function spreadEffects(
  ids: IdArray,
  effects: HyperUniqueEffects,
  rowEffects: HyperUniqueEffects,
): void {
  const kernels = kernelsFor(ids, effects, rowEffects);
  if (kernels !== null) {
    const [width, from, count] = [ids.BYTES_PER_ELEMENT, ids.byteOffset, ids.length];
    const to = [effects.BYTES_PER_ELEMENT, effects.byteOffset, rowEffects.byteOffset] as const;
    kernels.spreadEffects(width, from, count, ...to);
    return;
  }
  for (let row = 0; row < ids.length; row++) rowEffects[row] = effects[ids[row]];
}

/**
 * Adds whole numbers, each hashed as its decimal text, to the sketches of their slots; rows whose bit
 * in `validity` is 0 are nulls and left out.
 */
export function raiseByLongs(
  column: { readonly values: IntegerArray; readonly validity: Uint8Array | null },
  batch: Batch,
  slots: Uint32Array,
  registers: Uint8Array,
): void {
  const { values, validity } = column;
  const { rows, start, count } = batch;
  const kernels = kernelsFor(values, slots, registers, validity ?? slots, rows ?? slots);
  if (kernels !== null) {
    const [width, from, bits] = [widthOf(values), values.byteOffset, validity?.byteOffset ?? 0];
    const to = [slots.byteOffset, registers.byteOffset] as const;
    kernels.raiseByLongs(width, from, bits, addressOf(rows), start, count, ...to);
    return;
  }
  for (let i = 0; i < count; i++) {
    const row = rows === null ? start + i : rows[i];
    if (validity !== null && ((validity[row >> 3] >> (row & 7)) & 1) === 0) continue;
    raise(registers, slots[i], hyperUniqueTextMark(String(values[row])));
  }
}

/**
 * Folds the images of rows into the sketches of their slots; row r has bytes[offsets[r], offsets[r + 1]),
 * and an empty image changes nothing.
 *
 * @throws CorruptSegmentError if an image is not one of version 1; registers are then undefined
 */
export function foldImages(
  column: { readonly offsets: Int32Array; readonly bytes: Uint8Array },
  batch: Batch,
  slots: Uint32Array,
  registers: Uint8Array,
): void {
  const { offsets, bytes } = column;
  const { rows, start, count } = batch;
  let done = 0;
  const kernels = kernelsFor(offsets, bytes, slots, registers, rows ?? slots);
  if (kernels !== null) {
    const to = [slots.byteOffset, registers.byteOffset] as const;
    const [at, from] = [offsets.byteOffset, bytes.byteOffset];
    done = kernels.foldImages(at, from, addressOf(rows), start, count, ...to);
  }
  // What the kernel left begins with an image that the twin refuses, and says why.
  for (let i = done; i < count; i++) {
    const row = rows === null ? start + i : rows[i];
    const target = slots[i] * hyperUniqueRegisterCount;
    foldHyperUniqueAt(bytes, offsets[row], offsets[row + 1], registers, target);
    if (kernels !== null) throw new InvariantError('A sketch is refused by its kernel alone.');
  }
}

/** Folds sketches, one after the other in `source`, into those of `slots`, shape [sketches]. */
export function mergeSketches(source: Uint8Array, slots: Uint32Array, registers: Uint8Array): void {
  const kernels = kernelsFor(source, slots, registers);
  if (kernels !== null) {
    const to = [slots.byteOffset, registers.byteOffset] as const;
    kernels.mergeSketches(source.byteOffset, slots.length, ...to);
    return;
  }
  for (let i = 0; i < slots.length; i++) {
    const from = i * hyperUniqueRegisterCount;
    const to = slots[i] * hyperUniqueRegisterCount;
    for (let at = 0; at < hyperUniqueRegisterCount; at++) {
      if (registers[to + at] < source[from + at]) registers[to + at] = source[from + at];
    }
  }
}

/** The wide form of an effect of 16 bits. */
function markOf(effect: number): number {
  const code = effect & 31;
  return ((effect >>> 5) << 8) | (code === 31 ? 64 : code);
}

function raise(registers: Uint8Array, slot: number, mark: number): void {
  const at = slot * hyperUniqueRegisterCount + (mark >>> 8);
  const position = mark & 0xff;
  if (registers[at] < position) registers[at] = position;
}
