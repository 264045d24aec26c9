/** Lists of row numbers: of bits that are set, of ranges, of posting lists; twins in `src/row-lists.ts`. */
import { load1 } from './widths';

/** Words with more set bits than this are written eight rows at a time. */
const manyBits: i32 = 12;
/** For each byte the places of its set bits, 8 bytes each; filled at the first call. */
const places = memory.data(2048, 16);
let hasPlaces = false;

function fillPlaces(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let at = places + (byte << 3);
    for (let bit: u32 = 0; bit < 8; bit++) {
      if (((byte >>> bit) & 1) != 0) store<u8>(at++, <u8>bit);
    }
  }
  hasPlaces = true;
}

/** Writes the rows of a byte of bits, all eight places over; returns how many there are. */
function writeEight(byte: u32, row: u32, out: usize): u32 {
  const eight = v128.load8x8_u(places + (byte << 3));
  const rows = i32x4.splat(row);
  v128.store(out, i32x4.add(i32x4.extend_low_i16x8_u(eight), rows));
  v128.store(out, i32x4.add(i32x4.extend_high_i16x8_u(eight), rows), 16);
  return <u32>popcnt(<i32>byte);
}

/** Which of eight ids are in a run, as bits. */
function testEight<T>(at: usize, low: u32, last: u32): u32 {
  if (sizeof<T>() == 1) {
    const ids = i8x16.sub(v128.load64_zero(at), i8x16.splat(<i8>low));
    return <u32>i8x16.bitmask(i8x16.le_u(ids, i8x16.splat(<i8>last))) & 0xff;
  }
  if (sizeof<T>() == 2) {
    const ids = i16x8.sub(v128.load(at), i16x8.splat(<i16>low));
    return <u32>i16x8.bitmask(i16x8.le_u(ids, i16x8.splat(<i16>last)));
  }
  const lows = i32x4.splat(low);
  const lasts = i32x4.splat(last);
  const first = i32x4.bitmask(i32x4.le_u(i32x4.sub(v128.load(at), lows), lasts));
  const second = i32x4.bitmask(i32x4.le_u(i32x4.sub(v128.load(at, 16), lows), lasts));
  return <u32>(first | (second << 4));
}

/** Writes the rows whose bit is set to `out`; returns how many. `out` may be `rows`. */
export function selectRows(bits: usize, rows: usize, start: u32, count: u32, out: usize): u32 {
  if (!hasPlaces) fillPlaces();
  let found: u32 = 0;
  for (let from: u32 = 0; from < count; from += 32) {
    let word = load<u32>(bits + (from >>> 3));
    // Every bit takes a turn of the loop, so that misses cost nothing.
    if (rows != 0 || popcnt(<i32>word) <= manyBits) {
      while (word != 0) {
        const i = from + <u32>ctz(<i32>word);
        store<u32>(out + (found << 2), rows == 0 ? start + i : load<u32>(rows + (i << 2)));
        found += 1;
        word &= word - 1;
      }
      continue;
    }
    for (let row = start + from; word != 0; row += 8) {
      found += writeEight(word & 0xff, row, out + (found << 2));
      word >>>= 8;
    }
  }
  return found;
}

/**
 * Takes the next `room` rows of ranges and writes those whose id is in a run to `out`: `ids[row] - low
 * ≤ last`, unsigned; all of them without a width. `cursor` holds the range and the rows of it that were
 * taken, and gets the rows taken in all at [2]. Returns how many rows were written.
 */
export function takeRanges(
  starts: usize,
  ends: usize,
  rangeCount: u32,
  cursor: usize,
  room: u32,
  width: i32,
  ids: usize,
  low: u32,
  last: u32,
  out: usize,
): u32 {
  if (!hasPlaces) fillPlaces();
  if (width == 1) {
    return take<u8>(starts, ends, rangeCount, cursor, room, width, ids, low, last, out);
  }
  if (width == 2) {
    return take<u16>(starts, ends, rangeCount, cursor, room, width, ids, low, last, out);
  }
  return take<u32>(starts, ends, rangeCount, cursor, room, width, ids, low, last, out);
}

function take<T>(
  starts: usize,
  ends: usize,
  rangeCount: u32,
  cursor: usize,
  room: u32,
  width: i32,
  ids: usize,
  low: u32,
  last: u32,
  out: usize,
): u32 {
  let range = load<u32>(cursor);
  let skipped = load<u32>(cursor, 4);
  let left = room;
  let found: u32 = 0;
  while (range < rangeCount && left > 0) {
    let row = load<u32>(starts + (range << 2)) + skipped;
    const rest = load<u32>(ends + (range << 2)) - row;
    const count = rest < left ? rest : left;
    const end = row + count;
    for (; row + 8 <= end; row += 8) {
      const byte = width == 0 ? 0xff : testEight<T>(ids + <usize>row * sizeof<T>(), low, last);
      found += writeEight(byte, row, out + (found << 2));
    }
    for (; row < end; row++) {
      store<u32>(out + (found << 2), row);
      found += width == 0 ? 1 : <u32>(load1<T>(ids, row) - low <= last);
    }
    left -= count;
    if (count == rest) {
      range += 1;
      skipped = 0;
    } else skipped += count;
  }
  store<u32>(cursor, range);
  store<u32>(cursor, skipped, 4);
  store<u32>(cursor, room - left, 8);
  return found;
}

/** A step that says that its low and its high half follow. */
const longStep: u32 = 0xffff;

/** Sets the bit of each row in the posting lists of runs of ids; lists are steps from row to row. */
export function markPostings(
  offsets: usize,
  steps: usize,
  starts: usize,
  ends: usize,
  runCount: u32,
  bits: usize,
): void {
  for (let run: u32 = 0; run < runCount; run++) {
    const last = load<u32>(ends + (run << 2));
    for (let id = load<u32>(starts + (run << 2)); id < last; id++) {
      let i = load<u32>(offsets + (id << 2));
      const end = load<u32>(offsets + (id << 2), 4);
      let row: u32 = 0;
      while (i < end) {
        const at = steps + ((<usize>i) << 1);
        let step = <u32>load<u16>(at);
        i += 1;
        if (step == longStep) {
          step = load<u32>(at, 2);
          i += 2;
        }
        row += step;
        const word = bits + ((row >>> 5) << 2);
        store<u32>(word, load<u32>(word) | (1 << (row & 31)));
      }
    }
  }
}
