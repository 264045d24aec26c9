/**
 * hyperUnique sketches: 2,048 registers of one byte a slot. Twins in `src/hyper-unique-columns.ts`,
 * `src/hyper-unique.ts`, `src/hyper-unique-image.ts` and `src/murmur3.ts`, which say what bytes are
 * hashed and how images look.
 *
 * An effect is what a value does to a sketch: register << 8 | position in 32 bits, or register << 5 |
 * code in 16, where code 31 is position 64 and positions 31 to 63 have none. 0 is no effect.
 */
import { load1, maskOf, signOf, valueAt } from './widths';

const c1: u64 = 0x87c37b91114253d5;
const c2: u64 = 0x4cf5ad432745937f;
const sketchShift: usize = 11;
const sketchBytes: usize = 2048;
const headerBytes: u32 = 7;
const denseBytes: u32 = 1024;
const sparseBytes: u32 = 384;

/** End of the room for the digits of a number, below the addresses that are allocated. */
const textEnd: usize = memory.data(48, 16) + 32;

/**
 * Effects of `count` texts, text i being bytes[offsets[i], offsets[i + 1]). Returns how many have a
 * position that 16 bits do not hold; in that width these are written wrong.
 */
export function hashTexts(
  offsets: usize,
  bytes: usize,
  count: u32,
  width: i32,
  effects: usize,
): u32 {
  let unheld: u32 = 0;
  let at = load<u32>(offsets);
  for (let i: u32 = 0; i < count; i++) {
    const end = load<u32>(offsets + ((i + 1) << 2));
    const mark = markOf(bytes + at, end - at);
    const position = mark & 0xff;
    unheld += u32(position - 31 < 33);
    const code: u32 = position == 64 ? 31 : position & 31;
    if (width == 2) store<u16>(effects + (i << 1), <u16>(((mark >> 8) << 5) | code));
    else store<u32>(effects + (i << 2), mark);
    at = end;
  }
  return unheld;
}

/** Applies `effects[ids[row i]]`, 16 or 32 bits each, to the sketch of `slots[i]`. */
export function raiseByIds(
  width: i32,
  ids: usize,
  rows: usize,
  start: u32,
  count: u32,
  effectWidth: i32,
  effects: usize,
  slots: usize,
  registers: usize,
): void {
  if (effectWidth == 4) raiseAny<u32>(width, ids, rows, start, count, effects, slots, registers);
  else raiseAny<u16>(width, ids, rows, start, count, effects, slots, registers);
}

function raiseAny<E>(
  width: i32,
  ids: usize,
  rows: usize,
  start: u32,
  count: u32,
  effects: usize,
  slots: usize,
  registers: usize,
): void {
  if (width == 1) raise<u8, E>(ids, rows, start, count, effects, slots, registers);
  else if (width == 2) raise<u16, E>(ids, rows, start, count, effects, slots, registers);
  else raise<u32, E>(ids, rows, start, count, effects, slots, registers);
}

function raise<I, E>(
  ids: usize,
  rows: usize,
  start: u32,
  count: u32,
  effects: usize,
  slots: usize,
  registers: usize,
): void {
  if (rows == 0) {
    const base = ids + <usize>start * sizeof<I>();
    for (let i: u32 = 0; i < count; i++) {
      const effect = load1<E>(effects, load1<I>(base, i));
      apply<E>(sketchOf(registers, slots, i), effect);
    }
    return;
  }
  for (let i: u32 = 0; i < count; i++) {
    const effect = load1<E>(effects, load1<I>(ids, load<u32>(rows + (i << 2))));
    apply<E>(sketchOf(registers, slots, i), effect);
  }
}

/** Applies `effects[row i]`, 16 or 32 bits each, to the sketch of `slots[i]`. */
export function raiseByRows(
  effectWidth: i32,
  effects: usize,
  rows: usize,
  start: u32,
  count: u32,
  slots: usize,
  registers: usize,
): void {
  if (effectWidth == 4) raiseRows<u32>(effects, rows, start, count, slots, registers);
  else raiseRows<u16>(effects, rows, start, count, slots, registers);
}

function raiseRows<E>(
  effects: usize,
  rows: usize,
  start: u32,
  count: u32,
  slots: usize,
  registers: usize,
): void {
  if (rows == 0) {
    const base = effects + <usize>start * sizeof<E>();
    for (let i: u32 = 0; i < count; i++) {
      const effect = load1<E>(base, i);
      apply<E>(sketchOf(registers, slots, i), effect);
    }
    return;
  }
  for (let i: u32 = 0; i < count; i++) {
    const effect = load1<E>(effects, load<u32>(rows + (i << 2)));
    apply<E>(sketchOf(registers, slots, i), effect);
  }
}

/** `rowEffects[row] = effects[ids[row]]` for all rows, 16 or 32 bits each. */
export function spreadEffects(
  width: i32,
  ids: usize,
  count: u32,
  effectWidth: i32,
  effects: usize,
  rowEffects: usize,
): void {
  if (effectWidth == 4) spreadAny<u32>(width, ids, count, effects, rowEffects);
  else spreadAny<u16>(width, ids, count, effects, rowEffects);
}

function spreadAny<E>(width: i32, ids: usize, count: u32, effects: usize, rowEffects: usize): void {
  if (width == 1) spread<u8, E>(ids, count, effects, rowEffects);
  else if (width == 2) spread<u16, E>(ids, count, effects, rowEffects);
  else spread<u32, E>(ids, count, effects, rowEffects);
}

function spread<I, E>(ids: usize, count: u32, effects: usize, rowEffects: usize): void {
  for (let row: u32 = 0; row < count; row++) {
    const effect = load1<E>(effects, load1<I>(ids, row));
    store<E>(rowEffects + <usize>row * sizeof<E>(), <E>effect);
  }
}

/**
 * Adds the decimal text of whole numbers to the sketch of `slots[i]`. Rows whose bit in `validity` is
 * 0 are left out; `validity` 0 means that none is.
 */
export function raiseByLongs(
  width: i32,
  values: usize,
  validity: usize,
  rows: usize,
  start: u32,
  count: u32,
  slots: usize,
  registers: usize,
): void {
  const size: usize = <usize>(width < 0 ? -width : width);
  const mask = maskOf(width);
  const sign = signOf(width);
  for (let i: u32 = 0; i < count; i++) {
    const row = rows == 0 ? start + i : load<u32>(rows + (i << 2));
    if (validity != 0 && ((load<u8>(validity + (row >> 3)) >> <u8>(row & 7)) & 1) == 0) continue;
    const from = writeDecimal(valueAt<u64>(values + <usize>row * size, mask, sign));
    const effect = markOf(from, <u32>(textEnd - from));
    keep(sketchOf(registers, slots, i) + (effect >> 8), effect & 0xff);
  }
}

/** Writes a number so that it ends at `textEnd`; returns where it starts. */
function writeDecimal(value: i64): usize {
  let left: u64 = value < 0 ? 0 - <u64>value : <u64>value;
  let at = textEnd;
  while (left >> 32 != 0) {
    const next = left / 10;
    at -= 1;
    store<u8>(at, <u8>(48 + (left - next * 10)));
    left = next;
  }
  // Division by a constant is a multiplication in 32 bits only.
  let small = <u32>left;
  do {
    const next = small / 10;
    at -= 1;
    store<u8>(at, <u8>(48 + (small - next * 10)));
    small = next;
  } while (small != 0);
  if (value < 0) {
    at -= 1;
    store<u8>(at, 45);
  }
  return at;
}

/**
 * Folds the image of row i into the sketch of `slots[i]`; an empty image changes nothing. Returns
 * `count`, or the place in the batch of the first image that is not one of version 1.
 */
export function foldImages(
  offsets: usize,
  bytes: usize,
  rows: usize,
  start: u32,
  count: u32,
  slots: usize,
  registers: usize,
): u32 {
  for (let i: u32 = 0; i < count; i++) {
    const row = rows == 0 ? start + i : load<u32>(rows + (i << 2));
    const from = load<u32>(offsets + (row << 2));
    const length = load<u32>(offsets + ((row + 1) << 2)) - from;
    if (length == 0) continue;
    if (!foldImage(bytes + from, length, sketchOf(registers, slots, i))) return i;
  }
  return count;
}

function foldImage(image: usize, length: u32, sketch: usize): bool {
  if (length < headerBytes || load<u8>(image) != 1) return false;
  const least = load<u8>(image, 1);
  const overflowValue = load<u8>(image, 4);
  const overflowRegister: u32 = ((<u32>load<u8>(image, 5)) << 8) | load<u8>(image, 6);
  if (least > 64 || overflowValue > 64 || overflowRegister >= <u32>sketchBytes) return false;
  const body = image + headerBytes;
  if (length == headerBytes + denseBytes) foldDense(body, least, sketch);
  else if (!foldSparse(body, length - headerBytes, least, sketch)) return false;
  // A maximum with 0 changes nothing.
  keep(sketch + overflowRegister, overflowValue);
  return true;
}

/** Every register is at least `least` and its nibble above it, so nibbles of 0 need no case of their own. */
function foldDense(body: usize, least: u8, sketch: usize): void {
  const low = i8x16.splat(15);
  const base = i8x16.splat(<i8>least);
  const end = body + <usize>denseBytes;
  for (let at = body; at < end; at += 16) {
    const pairs = v128.load(at);
    const upper = i8x16.add(v128.and(i16x8.shr_u(pairs, 4), low), base);
    const lower = i8x16.add(v128.and(pairs, low), base);
    const first = v128.shuffle<u8>(
      upper,
      lower,
      0,
      16,
      1,
      17,
      2,
      18,
      3,
      19,
      4,
      20,
      5,
      21,
      6,
      22,
      7,
      23,
    );
    const second = v128.shuffle<u8>(
      upper,
      lower,
      8,
      24,
      9,
      25,
      10,
      26,
      11,
      27,
      12,
      28,
      13,
      29,
      14,
      30,
      15,
      31,
    );
    v128.store(sketch, i8x16.max_u(v128.load(sketch), first));
    v128.store(sketch, i8x16.max_u(v128.load(sketch, 16), second), 16);
    sketch += 32;
  }
}

function foldSparse(body: usize, length: u32, least: u8, sketch: usize): bool {
  if (length % 3 != 0 || length > sparseBytes) return false;
  if (least > 0) {
    const base = i8x16.splat(<i8>least);
    for (let at: usize = 0; at < sketchBytes; at += 16) {
      v128.store(sketch + at, i8x16.max_u(v128.load(sketch + at), base));
    }
  }
  for (let at = body; at < body + length; at += 3) {
    const pair: u32 = load<u8>(at, 2);
    if (pair == 0) continue;
    const place = (((<u32>load<u8>(at)) << 8) | <u32>load<u8>(at, 1)) - headerBytes;
    if (place >= denseBytes) return false;
    const registers = sketch + (place << 1);
    keep(registers, least + <u8>(pair >> 4));
    keep(registers + 1, least + <u8>(pair & 15));
  }
  return true;
}

/** Folds `count` sketches, one after the other at `source`, into those of `slots`. */
export function mergeSketches(source: usize, count: u32, slots: usize, registers: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const sketch = sketchOf(registers, slots, i);
    for (let at: usize = 0; at < sketchBytes; at += 16) {
      v128.store(sketch + at, i8x16.max_u(v128.load(sketch + at), v128.load(source + at)));
    }
    source += sketchBytes;
  }
}

/** Raises the register that an effect of type E names. */
function apply<E>(sketch: usize, effect: u32): void {
  if (sizeof<E>() == 2) {
    const code = effect & 31;
    if (code == 31) keep(sketch + (effect >> 5), 64);
    else keep(sketch + (effect >> 5), code);
  } else {
    keep(sketch + (effect >> 8), effect & 0xff);
  }
}

function sketchOf(registers: usize, slots: usize, i: u32): usize {
  return registers + ((<usize>load<u32>(slots + (i << 2))) << sketchShift);
}

/**
 * Written back whether it grew or not: of the first tens of thousands of rows of a sketch every other
 * raises a register, and a branch would guess wrong (5 ns a row against 1.5).
 */
function keep(register: usize, position: u32): void {
  const before = <u32>load<u8>(register);
  store<u8>(register, <u8>(before > position ? before : position));
}

/** Register << 8 | position of bytes[at, at + length) by murmur3_128; reads up to 15 bytes behind the end. */
function markOf(at: usize, length: u32): u32 {
  let h1: u64 = 0;
  let h2: u64 = 0;
  const bodyEnd = at + (length & ~15);
  for (; at < bodyEnd; at += 16) {
    h1 = (rotl<u64>(h1 ^ mix1(load<u64>(at)), 27) + h2) * 5 + 0x52dce729;
    h2 = (rotl<u64>(h2 ^ mix2(load<u64>(at, 8)), 31) + h1) * 5 + 0x38495ab5;
  }
  const tail = length & 15;
  if (tail > 8) {
    h2 ^= mix2(load<u64>(at, 8) & firstBytes(tail - 8));
    h1 ^= mix1(load<u64>(at));
  } else if (tail > 0) {
    h1 ^= mix1(load<u64>(at) & firstBytes(tail));
  }
  h1 ^= length;
  h2 ^= length;
  h1 += h2;
  h2 += h1;
  h1 = avalanche(h1);
  h2 = avalanche(h2);
  h1 += h2;
  h2 += h1;
  const register = <u32>((h2 >> 40) & 0x700) | <u32>(h2 >> 56);
  const position: u32 = h1 == 0 ? 64 : <u32>ctz<u64>(h1) + 1;
  return (register << 8) | position;
}

/** Ones in the first 1 to 8 bytes. */
function firstBytes(count: u32): u64 {
  return ~(<u64>0) >> (64 - ((<u64>count) << 3));
}

function mix1(word: u64): u64 {
  return rotl<u64>(word * c1, 31) * c2;
}

function mix2(word: u64): u64 {
  return rotl<u64>(word * c2, 33) * c1;
}

function avalanche(word: u64): u64 {
  word ^= word >> 33;
  word *= 0xff51afd7ed558ccd;
  word ^= word >> 33;
  word *= 0xc4ceb9fe1a85ec53;
  return word ^ (word >> 33);
}
