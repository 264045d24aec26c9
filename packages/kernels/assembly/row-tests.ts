/**
 * Conditions on the rows of a batch as bits: bit i, least significant first, is row i of the batch.
 * Bits behind the last row are 0. `how` says what becomes of the bits that are there; twins in
 * `src/row-tests.ts`.
 *
 * A width is the bytes of a value, negative if it is signed; floats are 104 and 108.
 */
import { load1 } from './widths';

/** Stores 32 rows (0), or joins them by `and` (1) or `or` (2). */
function put(bits: usize, from: u32, word: u32, how: u32): void {
  const at = bits + (from >>> 3);
  if (how == 0) store<u32>(at, word);
  else if (how == 1) store<u32>(at, load<u32>(at) & word);
  else store<u32>(at, load<u32>(at) | word);
}

function endOf(from: u32, count: u32): u32 {
  return from + 32 < count ? from + 32 : count;
}

function rowAt(rows: usize, start: u32, i: u32): u32 {
  return rows == 0 ? start + i : load<u32>(rows + (i << 2));
}

/** Holds where bit `ids[row]` of `set` is 1; a set of bytes has 256 bits. */
export function testIdSet(
  width: i32,
  ids: usize,
  rows: usize,
  start: u32,
  count: u32,
  set: usize,
  bits: usize,
  how: u32,
): void {
  if (width == 1) {
    const done = rows == 0 ? testBytesInSet(ids + start, count, set, bits, how) : 0;
    testInSet<u8>(ids, rows, start, done, count, set, bits, how);
  } else if (width == 2) testInSet<u16>(ids, rows, start, 0, count, set, bits, how);
  else testInSet<u32>(ids, rows, start, 0, count, set, bits, how);
}

function testInSet<T>(
  ids: usize,
  rows: usize,
  start: u32,
  first: u32,
  count: u32,
  set: usize,
  bits: usize,
  how: u32,
): void {
  const base = ids + <usize>start * sizeof<T>();
  for (let from = first; from < count; from += 32) {
    const end = endOf(from, count);
    let word: u32 = 0;
    let i = from;
    if (rows == 0) {
      // Eight lookups that do not wait for each other.
      for (; i + 8 <= end; i += 8) {
        const low = has<T>(base, i, set) | (has<T>(base, i + 1, set) << 1);
        const next = (has<T>(base, i + 2, set) << 2) | (has<T>(base, i + 3, set) << 3);
        const third = (has<T>(base, i + 4, set) << 4) | (has<T>(base, i + 5, set) << 5);
        const high = (has<T>(base, i + 6, set) << 6) | (has<T>(base, i + 7, set) << 7);
        word |= (low | next | (third | high)) << (i - from);
      }
      for (; i < end; i++) word |= has<T>(base, i, set) << (i - from);
    } else {
      for (; i < end; i++) word |= has<T>(ids, load<u32>(rows + (i << 2)), set) << (i - from);
    }
    put(bits, from, word, how);
  }
}

/** Bit of a set as 0 or 1; sets are read by words, whose shift takes the lower five bits of the id. */
function has<T>(ids: usize, index: u32, set: usize): u32 {
  const id = load1<T>(ids, index);
  return (load<u32>(set + ((id >>> 5) << 2)) >>> id) & 1;
}

/**
 * The set as two vectors of 128 bits: id / 8 picks a byte of them, id % 8 a bit of it. A swizzle gives
 * 0 for lanes outside of its 16 entries, so those of both halves can be joined.
 */
function testBytesInSet(ids: usize, count: u32, set: usize, bits: usize, how: u32): u32 {
  const low = v128.load(set);
  const high = v128.load(set, 16);
  let i: u32 = 0;
  for (; i + 32 <= count; i += 32) {
    const first = bytesInSet(v128.load(ids + i), low, high);
    const second = bytesInSet(v128.load(ids + i, 16), low, high);
    put(bits, i, first | (second << 16), how);
  }
  return i;
}

function bytesInSet(ids: v128, low: v128, high: v128): u32 {
  const place = i8x16.shr_u(ids, 3);
  const bit = i8x16.swizzle(
    i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128),
    v128.and(ids, i8x16.splat(7)),
  );
  const held = v128.or(
    i8x16.swizzle(low, place),
    i8x16.swizzle(high, i8x16.sub(place, i8x16.splat(16))),
  );
  return <u32>i8x16.bitmask(i8x16.eq(v128.and(held, bit), bit));
}

/**
 * Holds where `value - low ≤ last`, both unsigned in the width of the value: so one test serves ids,
 * signed values, and values outside of a run, which is a run that wraps around.
 */
export function testRun(
  width: i32,
  values: usize,
  rows: usize,
  start: u32,
  count: u32,
  low: u32,
  last: u32,
  bits: usize,
  how: u32,
): void {
  const bytes = <u32>(width < 0 ? -width : width);
  const at = values + <usize>start * bytes;
  let done: u32 = 0;
  if (bytes == 1) {
    if (rows == 0) done = testBytes(at, count, low, last, bits, how);
    testIn<u8>(values, rows, start, done, count, low, last, bits, how);
  } else if (bytes == 2) {
    if (rows == 0) done = testPairs(at, count, low, last, bits, how);
    testIn<u16>(values, rows, start, done, count, low, last, bits, how);
  } else {
    if (rows == 0) done = testQuads(at, count, low, last, bits, how);
    testIn<u32>(values, rows, start, done, count, low, last, bits, how);
  }
}

function testIn<T>(
  values: usize,
  rows: usize,
  start: u32,
  first: u32,
  count: u32,
  low: u32,
  last: u32,
  bits: usize,
  how: u32,
): void {
  for (let from = first; from < count; from += 32) {
    const end = endOf(from, count);
    let word: u32 = 0;
    for (let i = from; i < end; i++) {
      const value = <T>load1<T>(values, rowAt(rows, start, i));
      word |= (<u32>(<T>(value - <T>low) <= <T>last)) << (i - from);
    }
    put(bits, from, word, how);
  }
}

function testBytes(at: usize, count: u32, low: u32, last: u32, bits: usize, how: u32): u32 {
  const lows = i8x16.splat(<i8>low);
  const lasts = i8x16.splat(<i8>last);
  let i: u32 = 0;
  for (; i + 32 <= count; i += 32) {
    const a = i8x16.le_u(i8x16.sub(v128.load(at + i), lows), lasts);
    const b = i8x16.le_u(i8x16.sub(v128.load(at + i, 16), lows), lasts);
    put(bits, i, <u32>i8x16.bitmask(a) | ((<u32>i8x16.bitmask(b)) << 16), how);
  }
  return i;
}

function testPairs(at: usize, count: u32, low: u32, last: u32, bits: usize, how: u32): u32 {
  const lows = i16x8.splat(<i16>low);
  const lasts = i16x8.splat(<i16>last);
  let i: u32 = 0;
  for (; i + 32 <= count; i += 32) {
    const from = at + (i << 1);
    const a = i16x8.le_u(i16x8.sub(v128.load(from), lows), lasts);
    const b = i16x8.le_u(i16x8.sub(v128.load(from, 16), lows), lasts);
    const c = i16x8.le_u(i16x8.sub(v128.load(from, 32), lows), lasts);
    const d = i16x8.le_u(i16x8.sub(v128.load(from, 48), lows), lasts);
    const word =
      <u32>i8x16.bitmask(i8x16.narrow_i16x8_s(a, b)) |
      ((<u32>i8x16.bitmask(i8x16.narrow_i16x8_s(c, d))) << 16);
    put(bits, i, word, how);
  }
  return i;
}

function testQuads(at: usize, count: u32, low: u32, last: u32, bits: usize, how: u32): u32 {
  const lows = i32x4.splat(low);
  const lasts = i32x4.splat(last);
  let i: u32 = 0;
  for (; i + 32 <= count; i += 32) {
    const from = at + (i << 2);
    const word = quads(from, lows, lasts) | (quads(from + 64, lows, lasts) << 16);
    put(bits, i, word, how);
  }
  return i;
}

function quads(from: usize, lows: v128, lasts: v128): u32 {
  const a = i32x4.le_u(i32x4.sub(v128.load(from), lows), lasts);
  const b = i32x4.le_u(i32x4.sub(v128.load(from, 16), lows), lasts);
  const c = i32x4.le_u(i32x4.sub(v128.load(from, 32), lows), lasts);
  const d = i32x4.le_u(i32x4.sub(v128.load(from, 48), lows), lasts);
  return <u32>(
    i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)))
  );
}

/**
 * Numbers of any width as doubles: holds where `low ≤ value ≤ high`, or with `outside` where the value
 * is below or above; for not-a-number neither. `flip` 1 turns the answer around.
 */
export function testBetween(
  width: i32,
  values: usize,
  rows: usize,
  start: u32,
  count: u32,
  low: f64,
  high: f64,
  outside: u32,
  flip: u32,
  bits: usize,
  how: u32,
): void {
  if (width == 108) between<f64>(values, rows, start, count, low, high, outside, flip, bits, how);
  else if (width == 104) {
    between<f32>(values, rows, start, count, low, high, outside, flip, bits, how);
  } else between<i64>(values, rows, start, count, low, high, outside, flip, bits, how);
}

function between<T>(
  values: usize,
  rows: usize,
  start: u32,
  count: u32,
  low: f64,
  high: f64,
  outside: u32,
  flip: u32,
  bits: usize,
  how: u32,
): void {
  for (let from: u32 = 0; from < count; from += 32) {
    const end = endOf(from, count);
    let word: u32 = 0;
    for (let i = from; i < end; i++) {
      const value = <f64>load<T>(values + <usize>rowAt(rows, start, i) * sizeof<T>());
      const inside = <u32>(value >= low) & <u32>(value <= high);
      const apart = <u32>(value < low) | <u32>(value > high);
      word |= ((outside == 0 ? inside : apart) ^ flip) << (i - from);
    }
    put(bits, from, word, how);
  }
}

/** Holds where the ascending `sorted` (not empty) has the value as a double; `flip` 1 turns it around. */
export function testSorted(
  width: i32,
  values: usize,
  rows: usize,
  start: u32,
  count: u32,
  sorted: usize,
  length: u32,
  flip: u32,
  bits: usize,
  how: u32,
): void {
  if (width == 108) inSorted<f64>(values, rows, start, count, sorted, length, flip, bits, how);
  else if (width == 104) inSorted<f32>(values, rows, start, count, sorted, length, flip, bits, how);
  else if (width == 8) inSorted<i64>(values, rows, start, count, sorted, length, flip, bits, how);
  else if (width == 4) inSorted<u32>(values, rows, start, count, sorted, length, flip, bits, how);
  else inSorted<i32>(values, rows, start, count, sorted, length, flip, bits, how);
}

function inSorted<T>(
  values: usize,
  rows: usize,
  start: u32,
  count: u32,
  sorted: usize,
  length: u32,
  flip: u32,
  bits: usize,
  how: u32,
): void {
  for (let from: u32 = 0; from < count; from += 32) {
    const end = endOf(from, count);
    let word: u32 = 0;
    for (let i = from; i < end; i++) {
      const value = <f64>load<T>(values + <usize>rowAt(rows, start, i) * sizeof<T>());
      let base = sorted;
      let left = length;
      while (left > 1) {
        const half = left >>> 1;
        const middle = base + ((<usize>half) << 3);
        base = load<f64>(middle) <= value ? middle : base;
        left -= half;
      }
      word |= (<u32>(load<f64>(base) == value) ^ flip) << (i - from);
    }
    put(bits, from, word, how);
  }
}

/** Holds where the row's bit of `validity` is `wanted`. */
export function testValidity(
  validity: usize,
  rows: usize,
  start: u32,
  count: u32,
  wanted: u32,
  bits: usize,
  how: u32,
): void {
  const flip: u32 = wanted == 1 ? 0 : ~(<u32>0);
  for (let from: u32 = 0; from < count; from += 32) {
    let word: u32 = 0;
    if (rows == 0) {
      const row = start + from;
      word = <u32>(load<u64>(validity + (row >>> 3)) >>> (row & 7));
    } else {
      const end = endOf(from, count);
      for (let i = from; i < end; i++) {
        const row = load<u32>(rows + (i << 2));
        word |= ((<u32>load<u8>(validity + (row >>> 3)) >>> (row & 7)) & 1) << (i - from);
      }
    }
    word ^= flip;
    const left = count - from;
    if (left < 32) word &= (1 << left) - 1;
    put(bits, from, word, how);
  }
}
