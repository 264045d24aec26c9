/** Three-valued masks and the rows they select; twins in `src/mask.ts` and `src/filter.ts`. */
import { load1 } from './widths';

/** Tables up to this size are looked up 16 rows at a time, in registers. */
const registerTable: u32 = 64;

/** `mask[i] = table[ids[row i]]`. */
export function testIds(
  width: i32,
  ids: usize,
  rows: usize,
  start: u32,
  count: u32,
  table: usize,
  size: u32,
  mask: usize,
): void {
  if (width == 1 && rows == 0 && size <= registerTable) {
    const done = testInRegisters(ids + start, count, table, size, mask);
    test<u8>(ids, rows, start + done, count - done, table, mask + done);
  } else if (width == 1) test<u8>(ids, rows, start, count, table, mask);
  else if (width == 2) test<u16>(ids, rows, start, count, table, mask);
  else test<u32>(ids, rows, start, count, table, mask);
}

function test<T>(ids: usize, rows: usize, start: u32, count: u32, table: usize, mask: usize): void {
  if (rows == 0) {
    const base = ids + <usize>start * sizeof<T>();
    for (let i: u32 = 0; i < count; i++) {
      store<u8>(mask + i, load<u8>(table + load1<T>(base, i)));
    }
    return;
  }
  for (let i: u32 = 0; i < count; i++) {
    store<u8>(mask + i, load<u8>(table + load1<T>(ids, load<u32>(rows + (i << 2)))));
  }
}

/** A swizzle gives 0 for lanes outside its 16 entries, so those of several parts can be joined. */
function testInRegisters(ids: usize, count: u32, table: usize, size: u32, mask: usize): u32 {
  const t0 = v128.load(table);
  const t1 = v128.load(table + 16);
  const t2 = v128.load(table + 32);
  const t3 = v128.load(table + 48);
  const step = i8x16.splat(16);
  let i: u32 = 0;
  if (size <= 16) {
    for (; i + 16 <= count; i += 16) v128.store(mask + i, i8x16.swizzle(t0, v128.load(ids + i)));
    return i;
  }
  for (; i + 16 <= count; i += 16) {
    const a = v128.load(ids + i);
    const b = i8x16.sub(a, step);
    const c = i8x16.sub(b, step);
    const d = i8x16.sub(c, step);
    const low = v128.or(i8x16.swizzle(t0, a), i8x16.swizzle(t1, b));
    const high = v128.or(i8x16.swizzle(t2, c), i8x16.swizzle(t3, d));
    v128.store(mask + i, v128.or(low, high));
  }
  return i;
}

/** `mask[i] = min(mask[i], other[i])`. Whole vectors: bytes behind `count` change, inside the slack. */
export function andMask(mask: usize, other: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i += 16) {
    v128.store(mask + i, i8x16.min_u(v128.load(mask + i), v128.load(other + i)));
  }
}

/** `mask[i] = max(mask[i], other[i])`. */
export function orMask(mask: usize, other: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i += 16) {
    v128.store(mask + i, i8x16.max_u(v128.load(mask + i), v128.load(other + i)));
  }
}

/** `mask[i] = 2 - mask[i]`. */
export function notMask(mask: usize, count: u32): void {
  const two = i8x16.splat(2);
  for (let i: u32 = 0; i < count; i += 16) {
    v128.store(mask + i, i8x16.sub(two, v128.load(mask + i)));
  }
}

/** Writes the rows whose mask is true to `out`; returns how many. `out` may be `rows`. */
export function selectTrue(mask: usize, rows: usize, start: u32, count: u32, out: usize): u32 {
  let found: u32 = 0;
  let i: u32 = 0;
  const one = i8x16.splat(1);
  for (; i + 16 <= count; i += 16) {
    // One bit a row; loops over the bits that are set, so that misses cost nothing.
    let bits = i8x16.bitmask(i8x16.gt_u(v128.load(mask + i), one));
    if (bits == 0) continue;
    const many = popcnt(bits) > 6;
    if (many) {
      for (let k: u32 = 0; k < 16; k++) {
        const row = rows == 0 ? start + i + k : load<u32>(rows + ((i + k) << 2));
        store<u32>(out + (found << 2), row);
        found += load<u8>(mask + i + k) >> 1;
      }
      continue;
    }
    while (bits != 0) {
      const at = i + ctz(bits);
      store<u32>(out + (found << 2), rows == 0 ? start + at : load<u32>(rows + (at << 2)));
      found += 1;
      bits &= bits - 1;
    }
  }
  for (; i < count; i++) {
    store<u32>(out + (found << 2), rows == 0 ? start + i : load<u32>(rows + (i << 2)));
    found += load<u8>(mask + i) >> 1;
  }
  return found;
}

/** First place from `from` on that is true (`wanted` 1) or not true (0); `count` if there is none. */
export function findTruth(mask: usize, from: u32, count: u32, wanted: u32): u32 {
  const two = i8x16.splat(2);
  const flip: i32 = wanted == 1 ? 0 : 0xffff;
  for (let i = from; i < count; i += 16) {
    const bits = i8x16.bitmask(i8x16.eq(v128.load(mask + i), two)) ^ flip;
    if (bits != 0) {
      const at = i + ctz(bits);
      return at < count ? at : count;
    }
  }
  return count;
}
