/**
 * Numbers of a batch as doubles, and what is kept of them per slot: sums, pairs of a double sum,
 * least and greatest. Twins in `src/read-columns.ts`, `src/rows.ts` and `src/accumulate.ts`; both
 * do the same operations on doubles in the same order, so that their results are equal bit by bit.
 */
/** Width codes of floats and doubles; those of integers are their bytes, negative if signed. */
const floatWidth: i32 = 32;
const doubleWidth: i32 = 64;

function rowAt(rows: usize, start: u32, i: u32): u32 {
  return rows == 0 ? start + i : load<u32>(rows + (i << 2));
}

/** `out[i] = values[row i]` as doubles. */
export function readNumbers(
  width: i32,
  values: usize,
  rows: usize,
  start: u32,
  count: u32,
  out: usize,
): void {
  if (width == doubleWidth) read<f64>(values, rows, start, count, out);
  else if (width == floatWidth) read<f32>(values, rows, start, count, out);
  else if (width == 1) read<u8>(values, rows, start, count, out);
  else if (width == 2) read<u16>(values, rows, start, count, out);
  else if (width == 4) read<u32>(values, rows, start, count, out);
  else if (width == -1) read<i8>(values, rows, start, count, out);
  else if (width == -2) read<i16>(values, rows, start, count, out);
  else read<i32>(values, rows, start, count, out);
}

function read<T>(values: usize, rows: usize, start: u32, count: u32, out: usize): void {
  if (rows == 0) {
    const from = values + <usize>start * sizeof<T>();
    for (let i: u32 = 0; i < count; i++) {
      store<f64>(out + (i << 3), <f64>load<T>(from + <usize>i * sizeof<T>()));
    }
    return;
  }
  for (let i: u32 = 0; i < count; i++) {
    const row = <usize>load<u32>(rows + (i << 2));
    store<f64>(out + (i << 3), <f64>load<T>(values + row * sizeof<T>()));
  }
}

/** `high[i] * 2^32 + low[i] = values[row i]`, high signed, low unsigned. */
export function readLanes(
  values: usize,
  rows: usize,
  start: u32,
  count: u32,
  high: usize,
  low: usize,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const at = values + (rowAt(rows, start, i) << 3);
    store<f64>(low + (i << 3), <f64>load<u32>(at));
    store<f64>(high + (i << 3), <f64>load<i32>(at, 4));
  }
}

/** `out[i] = table[ids[i]]` in doubles. */
export function lookUpNumbers(ids: usize, count: u32, table: usize, out: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    store<f64>(out + (i << 3), load<f64>(table + (load<u32>(ids + (i << 2)) << 3)));
  }
}

/** Keeps the rows that have a value, with their slots; returns how many. */
export function dropNulls(
  validity: usize,
  rows: usize,
  start: u32,
  count: u32,
  slots: usize,
  outRows: usize,
  outSlots: usize,
): u32 {
  let found: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const row = rowAt(rows, start, i);
    store<u32>(outRows + (found << 2), row);
    store<u32>(outSlots + (found << 2), load<u32>(slots + (i << 2)));
    found += (load<u8>(validity + (row >> 3)) >> (row & 7)) & 1;
  }
  return found;
}

/** Keeps the ids whose byte in `known` is 1, with their slots; returns how many. */
export function dropUnknownIds(
  ids: usize,
  slots: usize,
  count: u32,
  known: usize,
  outIds: usize,
  outSlots: usize,
): u32 {
  let found: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const id = load<u32>(ids + (i << 2));
    store<u32>(outIds + (found << 2), id);
    store<u32>(outSlots + (found << 2), load<u32>(slots + (i << 2)));
    found += load<u8>(known + id);
  }
  return found;
}

/** `sums[slots[i]] += values[i]`. */
export function addNumbers(values: usize, count: u32, slots: usize, sums: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const at = sums + (load<u32>(slots + (i << 2)) << 3);
    store<f64>(at, load<f64>(at) + load<f64>(values + (i << 3)));
  }
}

/** Adds values to the pairs `sums[slot] + errors[slot]` by Knuth's two-sum. */
export function addDoubles(
  values: usize,
  count: u32,
  slots: usize,
  sums: usize,
  errors: usize,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const slot = load<u32>(slots + (i << 2)) << 3;
    const value = load<f64>(values + (i << 3));
    const before = load<f64>(sums + slot);
    const sum = before + value;
    const part = sum - before;
    const error = before - (sum - part) + (value - part);
    store<f64>(errors + slot, load<f64>(errors + slot) + error);
    store<f64>(sums + slot, sum);
  }
}

/** Keeps the least value of each slot; not-a-number wins, -0 is less than 0. */
export function keepLeast(values: usize, count: u32, slots: usize, least: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const at = least + (load<u32>(slots + (i << 2)) << 3);
    store<f64>(at, min<f64>(load<f64>(at), load<f64>(values + (i << 3))));
  }
}

/** Keeps the greatest value of each slot; not-a-number wins, 0 is greater than -0. */
export function keepGreatest(values: usize, count: u32, slots: usize, greatest: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const at = greatest + (load<u32>(slots + (i << 2)) << 3);
    store<f64>(at, max<f64>(load<f64>(at), load<f64>(values + (i << 3))));
  }
}

/** Keeps the least (`sign` 1) or greatest (-1) pair of lanes of each slot. */
export function keepExtremeLanes(
  sign: f64,
  high: usize,
  low: usize,
  count: u32,
  slots: usize,
  keptHigh: usize,
  keptLow: usize,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const slot = load<u32>(slots + (i << 2)) << 3;
    const upper = load<f64>(high + (i << 3));
    const lower = load<f64>(low + (i << 3));
    const far = (load<f64>(keptHigh + slot) - upper) * sign;
    if (far > 0 || (far == 0 && (load<f64>(keptLow + slot) - lower) * sign > 0)) {
      store<f64>(keptHigh + slot, upper);
      store<f64>(keptLow + slot, lower);
    }
  }
}
