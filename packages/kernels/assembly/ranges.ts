/**
 * Sums over runs of consecutive rows that belong to one group each, as the rows of an entity do in
 * a segment that is sorted by it: sixteen bytes at a time in registers, one addition to the slot a
 * run. Twins in `src/range-sums.ts`.
 */

/**
 * `sums[slot * lanes + lane] += sum of values[bounds[i] … bounds[i + 1])` for each run i, cut to rows
 * from … to - 1.
 *
 * @param slots 0 where run i has slot firstSlot + i
 */
export function addRunSums(
  values: usize,
  width: i32,
  bounds: usize,
  runCount: u32,
  from: u32,
  to: u32,
  slots: usize,
  firstSlot: u32,
  sums: usize,
  lanes: u32,
): void {
  if (width == 1) runs<u8>(values, bounds, runCount, from, to, slots, firstSlot, sums, lanes);
  else if (width == 2) runs<u16>(values, bounds, runCount, from, to, slots, firstSlot, sums, lanes);
  else if (width == 4) runs<u32>(values, bounds, runCount, from, to, slots, firstSlot, sums, lanes);
  else if (width == -1) runs<i8>(values, bounds, runCount, from, to, slots, firstSlot, sums, lanes);
  else if (width == -2) {
    runs<i16>(values, bounds, runCount, from, to, slots, firstSlot, sums, lanes);
  } else if (width == -4) {
    runs<i32>(values, bounds, runCount, from, to, slots, firstSlot, sums, lanes);
  } else runs<i64>(values, bounds, runCount, from, to, slots, firstSlot, sums, lanes);
}

function runs<T>(
  values: usize,
  bounds: usize,
  runCount: u32,
  from: u32,
  to: u32,
  slots: usize,
  firstSlot: u32,
  sums: usize,
  lanes: u32,
): void {
  for (let i: u32 = 0; i < runCount; i++) {
    const start = max<u32>(load<u32>(bounds + (i << 2)), from);
    const end = min<u32>(load<u32>(bounds + (i << 2), 4), to);
    const slot = slots == 0 ? firstSlot + i : load<u32>(slots + (i << 2));
    if (start >= end) continue;
    const at = sums + ((<usize>slot * lanes) << 3);
    const first = values + <usize>start * sizeof<T>();
    store<i64>(at, load<i64>(at) + sumOf<T>(first, end - start));
  }
}

/** Adds `(length of run i) << shift` to a lane of its slot. */
export function addRunLengths(
  bounds: usize,
  runCount: u32,
  from: u32,
  to: u32,
  slots: usize,
  firstSlot: u32,
  sums: usize,
  lanes: u32,
  shift: i32,
): void {
  for (let i: u32 = 0; i < runCount; i++) {
    const start = max<u32>(load<u32>(bounds + (i << 2)), from);
    const end = min<u32>(load<u32>(bounds + (i << 2), 4), to);
    const slot = slots == 0 ? firstSlot + i : load<u32>(slots + (i << 2));
    if (start >= end) continue;
    const at = sums + ((<usize>slot * lanes) << 3);
    store<i64>(at, load<i64>(at) + ((<i64>(end - start)) << (<i64>shift)));
  }
}

/**
 * Adds slot i of `local` to slot `table[i]` of `sums` and empties it, for i below `count`. A slot of
 * zeros is left out, whatever the table says of it.
 */
export function foldSums(local: usize, count: u32, table: usize, lanes: u32, sums: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const from = local + ((<usize>i * lanes) << 3);
    let some: i64 = 0;
    for (let lane: u32 = 0; lane < lanes; lane++) some |= load<i64>(from + (lane << 3));
    if (some == 0) continue;
    const to = sums + ((<usize>load<u32>(table + (i << 2)) * lanes) << 3);
    for (let lane: u32 = 0; lane < lanes; lane++) {
      const at = to + (lane << 3);
      store<i64>(at, load<i64>(at) + load<i64>(from + (lane << 3)));
      store<i64>(from + (lane << 3), 0);
    }
  }
}

/** Exact as long as the sum fits 64 bits. Reads whole vectors: up to 15 bytes behind the end. */
function sumOf<T>(at: usize, count: u32): i64 {
  if (sizeof<T>() == 8) {
    let sum: i64 = 0;
    for (let i: u32 = 0; i < count; i++) sum += load<i64>(at + (i << 3));
    return sum;
  }
  let sum = i64x2.splat(0);
  const perVector: u32 = 16 / <u32>sizeof<T>();
  // 32-bit lanes hold the sums of 2^13 vectors of 16 bytes or of 8 times 16 bits.
  const block: u32 = 8192 * perVector;
  for (let done: u32 = 0; done < count; done += block) {
    const part = min<u32>(block, count - done);
    const whole = part / perVector;
    let narrow = i32x4.splat(0);
    for (let k: u32 = 0; k < whole; k++) {
      const vector = v128.load(at);
      if (sizeof<T>() == 4) sum = i64x2.add(sum, halves<T>(vector));
      else narrow = i32x4.add(narrow, quarters<T>(vector));
      at += 16;
    }
    const left = part - whole * perVector;
    if (left != 0) {
      const vector = v128.and(v128.load(at), firstBytes(left * <u32>sizeof<T>()));
      if (sizeof<T>() == 4) sum = i64x2.add(sum, halves<T>(vector));
      else narrow = i32x4.add(narrow, quarters<T>(vector));
    }
    if (sizeof<T>() < 4)
      sum = i64x2.add(sum, isSigned<T>() ? halves<i32>(narrow) : halves<u32>(narrow));
  }
  return i64x2.extract_lane(sum, 0) + i64x2.extract_lane(sum, 1);
}

/** Ones in the first `bytes` bytes, 0 < bytes < 16. */
function firstBytes(bytes: u32): v128 {
  const place = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return i8x16.lt_u(place, i8x16.splat(<i8>bytes));
}

/** 32-bit lanes added pairwise into 64-bit lanes, in another order. */
function halves<T>(vector: v128): v128 {
  if (isSigned<T>()) {
    return i64x2.add(i64x2.extend_low_i32x4_s(vector), i64x2.extend_high_i32x4_s(vector));
  }
  return i64x2.add(i64x2.extend_low_i32x4_u(vector), i64x2.extend_high_i32x4_u(vector));
}

/** Values of 8 or 16 bits added into 32-bit lanes. */
function quarters<T>(vector: v128): v128 {
  if (sizeof<T>() == 1) {
    if (isSigned<T>()) {
      return i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_s(vector));
    }
    return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(vector));
  }
  if (isSigned<T>()) return i32x4.extadd_pairwise_i16x8_s(vector);
  return i32x4.extadd_pairwise_i16x8_u(vector);
}
