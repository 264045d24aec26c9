/**
 * Exact sums of integer columns of any width, straight from the columns, into 64-bit accumulators
 * side by side, so that a group costs one cache line; twins in `src/integer-sums.ts`.
 *
 * A width is the bytes of a value, negative if it is signed; 8 needs no sign.
 */
import { maskOf, signOf, valueAt } from './widths';

function bytesOf(width: i32): usize {
  return <usize>(width < 0 ? -width : width);
}

function isSmall(width: i32): bool {
  return width > 0 && width <= 4;
}

/** Adds one column to `sums[slot]`. */
export function addSums1(
  slots: usize,
  rows: usize,
  start: u32,
  count: u32,
  sums: usize,
  a: usize,
  aWidth: i32,
): void {
  if (isSmall(aWidth)) {
    add1<u8>(slots, rows, start, count, sums, a, aWidth);
  } else add1<u64>(slots, rows, start, count, sums, a, aWidth);
}

function add1<W>(
  slots: usize,
  rows: usize,
  start: u32,
  count: u32,
  sums: usize,
  a: usize,
  aWidth: i32,
): void {
  const aMask = maskOf(aWidth);
  const aSign = signOf(aWidth);
  const aStep = bytesOf(aWidth);
  if (rows != 0) {
    for (let i: u32 = 0; i < count; i++) {
      const row = <usize>load<u32>(rows + (i << 2));
      const at = sums + ((<usize>load<u32>(slots + (i << 2))) << 3);
      store<i64>(at, load<i64>(at) + valueAt<W>(a + row * aStep, aMask, aSign));
    }
    return;
  }
  let aAt = a + <usize>start * aStep;
  for (let i: u32 = 0; i < count; i++) {
    const at = sums + ((<usize>load<u32>(slots + (i << 2))) << 3);
    store<i64>(at, load<i64>(at) + valueAt<W>(aAt, aMask, aSign));
    aAt += aStep;
  }
}

/** Adds two columns to `sums[slot * 2 …]`. */
export function addSums2(
  slots: usize,
  rows: usize,
  start: u32,
  count: u32,
  sums: usize,
  a: usize,
  aWidth: i32,
  b: usize,
  bWidth: i32,
): void {
  if (isSmall(aWidth) && isSmall(bWidth)) {
    add2<u8>(slots, rows, start, count, sums, a, aWidth, b, bWidth);
  } else add2<u64>(slots, rows, start, count, sums, a, aWidth, b, bWidth);
}

function add2<W>(
  slots: usize,
  rows: usize,
  start: u32,
  count: u32,
  sums: usize,
  a: usize,
  aWidth: i32,
  b: usize,
  bWidth: i32,
): void {
  const aMask = maskOf(aWidth);
  const aSign = signOf(aWidth);
  const aStep = bytesOf(aWidth);
  const bMask = maskOf(bWidth);
  const bSign = signOf(bWidth);
  const bStep = bytesOf(bWidth);
  if (rows != 0) {
    for (let i: u32 = 0; i < count; i++) {
      const row = <usize>load<u32>(rows + (i << 2));
      const at = sums + ((<usize>load<u32>(slots + (i << 2))) << 4);
      store<i64>(at, load<i64>(at) + valueAt<W>(a + row * aStep, aMask, aSign));
      store<i64>(at, load<i64>(at, 8) + valueAt<W>(b + row * bStep, bMask, bSign), 8);
    }
    return;
  }
  let aAt = a + <usize>start * aStep;
  let bAt = b + <usize>start * bStep;
  for (let i: u32 = 0; i < count; i++) {
    const at = sums + ((<usize>load<u32>(slots + (i << 2))) << 4);
    store<i64>(at, load<i64>(at) + valueAt<W>(aAt, aMask, aSign));
    aAt += aStep;
    store<i64>(at, load<i64>(at, 8) + valueAt<W>(bAt, bMask, bSign), 8);
    bAt += bStep;
  }
}

/** Adds three columns to `sums[slot * 4 …]`; the fourth place stays free. */
export function addSums3(
  slots: usize,
  rows: usize,
  start: u32,
  count: u32,
  sums: usize,
  a: usize,
  aWidth: i32,
  b: usize,
  bWidth: i32,
  c: usize,
  cWidth: i32,
): void {
  if (isSmall(aWidth) && isSmall(bWidth) && isSmall(cWidth)) {
    add3<u8>(slots, rows, start, count, sums, a, aWidth, b, bWidth, c, cWidth);
  } else add3<u64>(slots, rows, start, count, sums, a, aWidth, b, bWidth, c, cWidth);
}

function add3<W>(
  slots: usize,
  rows: usize,
  start: u32,
  count: u32,
  sums: usize,
  a: usize,
  aWidth: i32,
  b: usize,
  bWidth: i32,
  c: usize,
  cWidth: i32,
): void {
  const aMask = maskOf(aWidth);
  const aSign = signOf(aWidth);
  const aStep = bytesOf(aWidth);
  const bMask = maskOf(bWidth);
  const bSign = signOf(bWidth);
  const bStep = bytesOf(bWidth);
  const cMask = maskOf(cWidth);
  const cSign = signOf(cWidth);
  const cStep = bytesOf(cWidth);
  if (rows != 0) {
    for (let i: u32 = 0; i < count; i++) {
      const row = <usize>load<u32>(rows + (i << 2));
      const at = sums + ((<usize>load<u32>(slots + (i << 2))) << 5);
      store<i64>(at, load<i64>(at) + valueAt<W>(a + row * aStep, aMask, aSign));
      store<i64>(at, load<i64>(at, 8) + valueAt<W>(b + row * bStep, bMask, bSign), 8);
      store<i64>(at, load<i64>(at, 16) + valueAt<W>(c + row * cStep, cMask, cSign), 16);
    }
    return;
  }
  let aAt = a + <usize>start * aStep;
  let bAt = b + <usize>start * bStep;
  let cAt = c + <usize>start * cStep;
  for (let i: u32 = 0; i < count; i++) {
    const at = sums + ((<usize>load<u32>(slots + (i << 2))) << 5);
    store<i64>(at, load<i64>(at) + valueAt<W>(aAt, aMask, aSign));
    aAt += aStep;
    store<i64>(at, load<i64>(at, 8) + valueAt<W>(bAt, bMask, bSign), 8);
    bAt += bStep;
    store<i64>(at, load<i64>(at, 16) + valueAt<W>(cAt, cMask, cSign), 16);
    cAt += cStep;
  }
}

/** Adds four columns to `sums[slot * 4 …]`. */
export function addSums4(
  slots: usize,
  rows: usize,
  start: u32,
  count: u32,
  sums: usize,
  a: usize,
  aWidth: i32,
  b: usize,
  bWidth: i32,
  c: usize,
  cWidth: i32,
  d: usize,
  dWidth: i32,
): void {
  if (isSmall(aWidth) && isSmall(bWidth) && isSmall(cWidth) && isSmall(dWidth)) {
    add4<u8>(slots, rows, start, count, sums, a, aWidth, b, bWidth, c, cWidth, d, dWidth);
  } else add4<u64>(slots, rows, start, count, sums, a, aWidth, b, bWidth, c, cWidth, d, dWidth);
}

function add4<W>(
  slots: usize,
  rows: usize,
  start: u32,
  count: u32,
  sums: usize,
  a: usize,
  aWidth: i32,
  b: usize,
  bWidth: i32,
  c: usize,
  cWidth: i32,
  d: usize,
  dWidth: i32,
): void {
  const aMask = maskOf(aWidth);
  const aSign = signOf(aWidth);
  const aStep = bytesOf(aWidth);
  const bMask = maskOf(bWidth);
  const bSign = signOf(bWidth);
  const bStep = bytesOf(bWidth);
  const cMask = maskOf(cWidth);
  const cSign = signOf(cWidth);
  const cStep = bytesOf(cWidth);
  const dMask = maskOf(dWidth);
  const dSign = signOf(dWidth);
  const dStep = bytesOf(dWidth);
  if (rows != 0) {
    for (let i: u32 = 0; i < count; i++) {
      const row = <usize>load<u32>(rows + (i << 2));
      const at = sums + ((<usize>load<u32>(slots + (i << 2))) << 5);
      store<i64>(at, load<i64>(at) + valueAt<W>(a + row * aStep, aMask, aSign));
      store<i64>(at, load<i64>(at, 8) + valueAt<W>(b + row * bStep, bMask, bSign), 8);
      store<i64>(at, load<i64>(at, 16) + valueAt<W>(c + row * cStep, cMask, cSign), 16);
      store<i64>(at, load<i64>(at, 24) + valueAt<W>(d + row * dStep, dMask, dSign), 24);
    }
    return;
  }
  let aAt = a + <usize>start * aStep;
  let bAt = b + <usize>start * bStep;
  let cAt = c + <usize>start * cStep;
  let dAt = d + <usize>start * dStep;
  for (let i: u32 = 0; i < count; i++) {
    const at = sums + ((<usize>load<u32>(slots + (i << 2))) << 5);
    store<i64>(at, load<i64>(at) + valueAt<W>(aAt, aMask, aSign));
    aAt += aStep;
    store<i64>(at, load<i64>(at, 8) + valueAt<W>(bAt, bMask, bSign), 8);
    bAt += bStep;
    store<i64>(at, load<i64>(at, 16) + valueAt<W>(cAt, cMask, cSign), 16);
    cAt += cStep;
    store<i64>(at, load<i64>(at, 24) + valueAt<W>(dAt, dMask, dSign), 24);
    dAt += dStep;
  }
}
