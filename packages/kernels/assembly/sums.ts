/**
 * Exact sums of integer columns of any width, straight from the columns, into slots of one, two or
 * four 64-bit lanes; twins in `src/integer-sums.ts`.
 *
 *   1 lane   { a }                  2 lanes  { a, b }                4 lanes  { a, b, c, – }
 *
 * A slot of two or four lanes costs one or two vector additions a row. `plus0` and `plus1` are added
 * to the first and the last lane of the slot for every row: that is how rows are counted without a
 * pass of their own, in a lane without a column or in the upper bits of the first lane.
 *
 * A width is the bytes of a value, negative if it is signed, 0 for no column. Unsigned columns of up
 * to 32 bits have a loop for each combination of widths; all others share one that tells widths at
 * run time.
 */
import { signedAt } from './widths';

function isNarrow(width: i32): bool {
  return width == 1 || width == 2 || width == 4 || width == 0;
}

/** `vector` with its first lane's low bytes replaced by the value of type T at an address. */
function low<T>(at: usize, vector: v128): v128 {
  if (sizeof<T>() == 1) return v128.load8_lane(at, vector, 0);
  if (sizeof<T>() == 2) return v128.load16_lane(at, vector, 0);
  return v128.load32_lane(at, vector, 0);
}

/** The same for the second lane. */
function high<T>(at: usize, vector: v128): v128 {
  if (sizeof<T>() == 1) return v128.load8_lane(at, vector, 8);
  if (sizeof<T>() == 2) return v128.load16_lane(at, vector, 4);
  return v128.load32_lane(at, vector, 2);
}

/** Adds one column to slots of one lane. */
export function addSums1(
  slots: usize,
  rows: usize,
  start: u32,
  count: u32,
  sums: usize,
  plus: i64,
  a: usize,
  aWidth: i32,
): void {
  if (aWidth == 1) add1<u8>(slots, rows, start, count, sums, plus, a, 1);
  else if (aWidth == 2) add1<u16>(slots, rows, start, count, sums, plus, a, 2);
  else if (aWidth == 4) add1<u32>(slots, rows, start, count, sums, plus, a, 4);
  else add1<i64>(slots, rows, start, count, sums, plus, a, aWidth);
}

function one<A>(at: usize, row: u32, width: i32): i64 {
  if (isSigned<A>()) return signedAt(at, row, width);
  return <i64>load<A>(at + <usize>row * sizeof<A>());
}

function add1<A>(
  slots: usize,
  rows: usize,
  start: u32,
  count: u32,
  sums: usize,
  plus: i64,
  a: usize,
  aWidth: i32,
): void {
  if (rows != 0) {
    for (let i: u32 = 0; i < count; i++) {
      const at = sums + (load<u32>(slots + (i << 2)) << 3);
      const row = load<u32>(rows + (i << 2));
      store<i64>(at, load<i64>(at) + (one<A>(a, row, aWidth) + plus));
    }
    return;
  }
  let i: u32 = 0;
  if (!isSigned<A>()) {
    for (; i + 8 <= count; i += 8) {
      if (addTwoRuns<A>(slots + (i << 2), sums, plus, a, start + i)) continue;
      for (let next = i; next < i + 8; next++) {
        addOne<A>(slots, sums, plus, a, aWidth, next, start + next);
      }
    }
  }
  for (; i < count; i++) addOne<A>(slots, sums, plus, a, aWidth, i, start + i);
}

function addOne<A>(
  slots: usize,
  sums: usize,
  plus: i64,
  a: usize,
  aWidth: i32,
  i: u32,
  row: u32,
): void {
  const at = sums + (load<u32>(slots + (i << 2)) << 3);
  store<i64>(at, load<i64>(at) + (one<A>(a, row, aWidth) + plus));
}

/**
 * Adds eight consecutive rows to their slots in two additions if none but the first and the last
 * row's slot is among them, as where rows of a slot follow one another: one by one each would wait
 * for the store of the row before. Returns false if it added nothing.
 */
function addTwoRuns<A>(slots: usize, sums: usize, plus: i64, a: usize, row: u32): bool {
  const low = v128.load(slots);
  const high = v128.load(slots, 16);
  const first = v128.load32_splat(slots);
  const last = v128.load32_splat(slots, 28);
  const lowMask = i32x4.eq(low, first);
  const highMask = i32x4.eq(high, first);
  const lowKnown = v128.or(lowMask, i32x4.eq(low, last));
  const highKnown = v128.or(highMask, i32x4.eq(high, last));
  if (!i32x4.all_true(v128.and(lowKnown, highKnown))) return false;
  const at = a + <usize>row * sizeof<A>();
  // Each row's mask beside its value, in lanes of the same width.
  const mask = i16x8.narrow_i32x4_s(lowMask, highMask);
  let ofFirst: v128;
  let ofLast: v128;
  if (sizeof<A>() == 4) {
    const values = v128.load(at);
    const more = v128.load(at, 16);
    ofFirst = i64x2.add(quadSums(v128.and(values, lowMask)), quadSums(v128.and(more, highMask)));
    ofLast = i64x2.add(
      quadSums(v128.andnot(values, lowMask)),
      quadSums(v128.andnot(more, highMask)),
    );
  } else {
    const values = sizeof<A>() == 1 ? v128.load8x8_u(at) : v128.load(at);
    ofFirst = quadSums(i32x4.extadd_pairwise_i16x8_u(v128.and(values, mask)));
    ofLast = quadSums(i32x4.extadd_pairwise_i16x8_u(v128.andnot(values, mask)));
  }
  const firstRows = <i64>popcnt(i16x8.bitmask(mask));
  addTo(sums + (load<u32>(slots) << 3), ofFirst, plus * firstRows);
  addTo(sums + (load<u32>(slots, 28) << 3), ofLast, plus * (8 - firstRows));
  return true;
}

/** Adds both lanes and a number. */
function addTo(at: usize, lanes: v128, more: i64): void {
  const sum = i64x2.extract_lane(lanes, 0) + i64x2.extract_lane(lanes, 1);
  store<i64>(at, load<i64>(at) + (sum + more));
}

/** Four 32-bit lanes added to two of 64 bits. */
function quadSums(lanes: v128): v128 {
  return i64x2.add(i64x2.extend_low_i32x4_u(lanes), i64x2.extend_high_i32x4_u(lanes));
}

/** Adds one or two columns to slots of two lanes. */
export function addSums2(
  slots: usize,
  rows: usize,
  start: u32,
  count: u32,
  sums: usize,
  plus0: i64,
  plus1: i64,
  a: usize,
  aWidth: i32,
  b: usize,
  bWidth: i32,
): void {
  const plus = i64x2.replace_lane(i64x2.splat(plus0), 1, plus1);
  if (!isNarrow(aWidth) || !isNarrow(bWidth)) {
    add2<i64, i64>(slots, rows, start, count, sums, plus, a, aWidth, b, bWidth);
  } else if (aWidth == 1) add2b<u8>(slots, rows, start, count, sums, plus, a, b, bWidth);
  else if (aWidth == 2) add2b<u16>(slots, rows, start, count, sums, plus, a, b, bWidth);
  else add2b<u32>(slots, rows, start, count, sums, plus, a, b, bWidth);
}

function add2b<A>(
  slots: usize,
  rows: usize,
  start: u32,
  count: u32,
  sums: usize,
  plus: v128,
  a: usize,
  b: usize,
  bWidth: i32,
): void {
  if (bWidth == 0) add2<A, bool>(slots, rows, start, count, sums, plus, a, 0, b, 0);
  else if (bWidth == 1) add2<A, u8>(slots, rows, start, count, sums, plus, a, 0, b, 0);
  else if (bWidth == 2) add2<A, u16>(slots, rows, start, count, sums, plus, a, 0, b, 0);
  else add2<A, u32>(slots, rows, start, count, sums, plus, a, 0, b, 0);
}

/** Both lanes of a vector: narrow values replace the low bytes of what `plus` holds. */
function two<A, B>(plus: v128, a: usize, aWidth: i32, b: usize, bWidth: i32, row: u32): v128 {
  if (isSigned<A>()) {
    const first = i64x2.splat(signedAt(a, row, aWidth));
    const both =
      bWidth == 0
        ? i64x2.replace_lane(first, 1, 0)
        : i64x2.replace_lane(first, 1, signedAt(b, row, bWidth));
    return i64x2.add(plus, both);
  }
  const first = low<A>(a + <usize>row * sizeof<A>(), plus);
  if (isBoolean<B>()) return first;
  return high<B>(b + <usize>row * sizeof<B>(), first);
}

function add2<A, B>(
  slots: usize,
  rows: usize,
  start: u32,
  count: u32,
  sums: usize,
  plus: v128,
  a: usize,
  aWidth: i32,
  b: usize,
  bWidth: i32,
): void {
  if (rows != 0) {
    for (let i: u32 = 0; i < count; i++) {
      const at = sums + (load<u32>(slots + (i << 2)) << 4);
      const row = load<u32>(rows + (i << 2));
      v128.store(at, i64x2.add(v128.load(at), two<A, B>(plus, a, aWidth, b, bWidth, row)));
    }
    return;
  }
  for (let i: u32 = 0; i < count; i++) {
    const at = sums + (load<u32>(slots + (i << 2)) << 4);
    v128.store(at, i64x2.add(v128.load(at), two<A, B>(plus, a, aWidth, b, bWidth, start + i)));
  }
}

/** Adds two or three columns to slots of four lanes. */
export function addSums4(
  slots: usize,
  rows: usize,
  start: u32,
  count: u32,
  sums: usize,
  plus0: i64,
  plus3: i64,
  a: usize,
  aWidth: i32,
  b: usize,
  bWidth: i32,
  c: usize,
  cWidth: i32,
): void {
  const ab = i64x2.replace_lane(i64x2.splat(plus0), 1, 0);
  const c1 = i64x2.replace_lane(i64x2.splat(0), 1, plus3);
  if (!isNarrow(aWidth) || !isNarrow(bWidth) || !isNarrow(cWidth)) {
    add4<i64, i64, i64>(slots, rows, start, count, sums, ab, c1, a, aWidth, b, bWidth, c, cWidth);
  } else if (aWidth == 1) {
    add4b<u8>(slots, rows, start, count, sums, ab, c1, a, b, bWidth, c, cWidth);
  } else if (aWidth == 2) {
    add4b<u16>(slots, rows, start, count, sums, ab, c1, a, b, bWidth, c, cWidth);
  } else add4b<u32>(slots, rows, start, count, sums, ab, c1, a, b, bWidth, c, cWidth);
}

function add4b<A>(
  slots: usize,
  rows: usize,
  start: u32,
  count: u32,
  sums: usize,
  ab: v128,
  c1: v128,
  a: usize,
  b: usize,
  bWidth: i32,
  c: usize,
  cWidth: i32,
): void {
  if (bWidth == 1) add4c<A, u8>(slots, rows, start, count, sums, ab, c1, a, b, c, cWidth);
  else if (bWidth == 2) add4c<A, u16>(slots, rows, start, count, sums, ab, c1, a, b, c, cWidth);
  else add4c<A, u32>(slots, rows, start, count, sums, ab, c1, a, b, c, cWidth);
}

function add4c<A, B>(
  slots: usize,
  rows: usize,
  start: u32,
  count: u32,
  sums: usize,
  ab: v128,
  c1: v128,
  a: usize,
  b: usize,
  c: usize,
  cWidth: i32,
): void {
  if (cWidth == 0) add4<A, B, bool>(slots, rows, start, count, sums, ab, c1, a, 0, b, 0, c, 0);
  else if (cWidth == 1) add4<A, B, u8>(slots, rows, start, count, sums, ab, c1, a, 0, b, 0, c, 0);
  else if (cWidth == 2) add4<A, B, u16>(slots, rows, start, count, sums, ab, c1, a, 0, b, 0, c, 0);
  else add4<A, B, u32>(slots, rows, start, count, sums, ab, c1, a, 0, b, 0, c, 0);
}

/** The third lane of a row, and what `plus` holds for the fourth. */
function third<A, C>(plus: v128, c: usize, cWidth: i32, row: u32): v128 {
  if (isSigned<A>()) {
    return cWidth == 0 ? plus : i64x2.replace_lane(plus, 0, signedAt(c, row, cWidth));
  }
  if (isBoolean<C>()) return plus;
  return low<C>(c + <usize>row * sizeof<C>(), plus);
}

function add4<A, B, C>(
  slots: usize,
  rows: usize,
  start: u32,
  count: u32,
  sums: usize,
  ab: v128,
  c1: v128,
  a: usize,
  aWidth: i32,
  b: usize,
  bWidth: i32,
  c: usize,
  cWidth: i32,
): void {
  if (rows != 0) {
    for (let i: u32 = 0; i < count; i++) {
      const at = sums + (load<u32>(slots + (i << 2)) << 5);
      const row = load<u32>(rows + (i << 2));
      const first = two<A, B>(ab, a, aWidth, b, bWidth, row);
      v128.store(at, i64x2.add(v128.load(at), first));
      v128.store(at, i64x2.add(v128.load(at, 16), third<A, C>(c1, c, cWidth, row)), 16);
    }
    return;
  }
  for (let i: u32 = 0; i < count; i++) {
    const at = sums + (load<u32>(slots + (i << 2)) << 5);
    const row = start + i;
    const first = two<A, B>(ab, a, aWidth, b, bWidth, row);
    v128.store(at, i64x2.add(v128.load(at), first));
    v128.store(at, i64x2.add(v128.load(at, 16), third<A, C>(c1, c, cWidth, row)), 16);
  }
}
