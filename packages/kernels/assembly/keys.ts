/** From the ids of a column to keys of groups; twins in `src/read-columns.ts`, `src/group-key.ts` and `src/join-ids.ts`. */
import { load1, load4 } from './widths';

/** `out[i] = ids[row i] + plus`, widened. */
export function readIds(
  width: i32,
  ids: usize,
  rows: usize,
  start: u32,
  count: u32,
  plus: u32,
  out: usize,
): void {
  if (width == 1) read<u8>(ids, rows, start, count, plus, out);
  else if (width == 2) read<u16>(ids, rows, start, count, plus, out);
  else read<u32>(ids, rows, start, count, plus, out);
}

function read<T>(ids: usize, rows: usize, start: u32, count: u32, plus: u32, out: usize): void {
  let i: u32 = 0;
  if (rows != 0) {
    for (; i < count; i++) {
      store<u32>(out + (i << 2), load1<T>(ids, load<u32>(rows + (i << 2))) + plus);
    }
    return;
  }
  const base = ids + <usize>start * sizeof<T>();
  const more = i32x4.splat(plus);
  for (; i + 4 <= count; i += 4) {
    v128.store(out + (i << 2), i32x4.add(load4<T>(base + i * <u32>sizeof<T>()), more));
  }
  for (; i < count; i++) store<u32>(out + (i << 2), load1<T>(base, i) + plus);
}

/** `keys[i] += ids[row i] * stride + plus`, in 32 bits. */
export function addIdKeys(
  width: i32,
  ids: usize,
  rows: usize,
  start: u32,
  count: u32,
  stride: u32,
  plus: u32,
  keys: usize,
): void {
  if (width == 1) add<u8>(ids, rows, start, count, stride, plus, keys);
  else if (width == 2) add<u16>(ids, rows, start, count, stride, plus, keys);
  else add<u32>(ids, rows, start, count, stride, plus, keys);
}

function add<T>(
  ids: usize,
  rows: usize,
  start: u32,
  count: u32,
  stride: u32,
  plus: u32,
  keys: usize,
): void {
  let i: u32 = 0;
  if (rows != 0) {
    for (; i < count; i++) {
      const at = keys + (i << 2);
      const id = load1<T>(ids, load<u32>(rows + (i << 2)));
      store<u32>(at, load<u32>(at) + id * stride + plus);
    }
    return;
  }
  const base = ids + <usize>start * sizeof<T>();
  const factor = i32x4.splat(stride);
  const more = i32x4.splat(plus);
  for (; i + 4 <= count; i += 4) {
    const at = keys + (i << 2);
    const product = i32x4.mul(load4<T>(base + i * <u32>sizeof<T>()), factor);
    v128.store(at, i32x4.add(v128.load(at), i32x4.add(product, more)));
  }
  for (; i < count; i++) {
    const at = keys + (i << 2);
    store<u32>(at, load<u32>(at) + load1<T>(base, i) * stride + plus);
  }
}

/** `keys[i] += table[ids[row i]] * stride`, in 32 bits. */
export function addMappedKeys(
  width: i32,
  ids: usize,
  rows: usize,
  start: u32,
  count: u32,
  table: usize,
  stride: u32,
  keys: usize,
): void {
  if (width == 1) addMapped<u8>(ids, rows, start, count, table, stride, keys);
  else if (width == 2) addMapped<u16>(ids, rows, start, count, table, stride, keys);
  else addMapped<u32>(ids, rows, start, count, table, stride, keys);
}

function addMapped<T>(
  ids: usize,
  rows: usize,
  start: u32,
  count: u32,
  table: usize,
  stride: u32,
  keys: usize,
): void {
  if (rows != 0) {
    for (let i: u32 = 0; i < count; i++) {
      const at = keys + (i << 2);
      const id = load1<T>(ids, load<u32>(rows + (i << 2)));
      store<u32>(at, load<u32>(at) + load1<u32>(table, id) * stride);
    }
    return;
  }
  const base = ids + <usize>start * sizeof<T>();
  for (let i: u32 = 0; i < count; i++) {
    const at = keys + (i << 2);
    store<u32>(at, load<u32>(at) + load1<u32>(table, load1<T>(base, i)) * stride);
  }
}

/** `out[i] = table[ids[row i]]`. */
export function mapIds(
  width: i32,
  ids: usize,
  rows: usize,
  start: u32,
  count: u32,
  table: usize,
  out: usize,
): void {
  if (width == 1) map<u8>(ids, rows, start, count, table, out);
  else if (width == 2) map<u16>(ids, rows, start, count, table, out);
  else map<u32>(ids, rows, start, count, table, out);
}

function map<T>(ids: usize, rows: usize, start: u32, count: u32, table: usize, out: usize): void {
  if (rows != 0) {
    for (let i: u32 = 0; i < count; i++) {
      const id = load1<T>(ids, load<u32>(rows + (i << 2)));
      store<u32>(out + (i << 2), load1<u32>(table, id));
    }
    return;
  }
  const base = ids + <usize>start * sizeof<T>();
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(out + (i << 2), load1<u32>(table, load1<T>(base, i)));
  }
}

/** `keys[i] += id * stride` in doubles, where id is `table[ids[row i]]`, or `ids[row i] + plus` without a table. */
export function addWideIdKeys(
  width: i32,
  ids: usize,
  rows: usize,
  start: u32,
  count: u32,
  table: usize,
  plus: u32,
  stride: f64,
  keys: usize,
): void {
  if (width == 1) addWide<u8>(ids, rows, start, count, table, plus, stride, keys);
  else if (width == 2) addWide<u16>(ids, rows, start, count, table, plus, stride, keys);
  else addWide<u32>(ids, rows, start, count, table, plus, stride, keys);
}

function addWide<T>(
  ids: usize,
  rows: usize,
  start: u32,
  count: u32,
  table: usize,
  plus: u32,
  stride: f64,
  keys: usize,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const stored = load1<T>(ids, rows == 0 ? start + i : load<u32>(rows + (i << 2)));
    const id = table == 0 ? stored + plus : load1<u32>(table, stored);
    const at = keys + (i << 3);
    store<f64>(at, load<f64>(at) + <f64>id * stride);
  }
}

/** `keys[i] = a[i] + b[i] * bStride + c[i] * cStride` of bytes; keys are below 2^16. */
export function joinByteIds(
  a: usize,
  b: usize,
  bStride: u32,
  c: usize,
  cStride: u32,
  count: u32,
  keys: usize,
): void {
  const bFactor = i16x8.splat(<i16>bStride);
  const cFactor = i16x8.splat(<i16>cStride);
  let i: u32 = 0;
  for (; i + 8 <= count; i += 8) {
    const bPart = i16x8.mul(v128.load8x8_u(b + i), bFactor);
    const cPart = i16x8.mul(v128.load8x8_u(c + i), cFactor);
    const joined = i16x8.add(v128.load8x8_u(a + i), i16x8.add(bPart, cPart));
    const at = keys + (i << 2);
    v128.store(at, i32x4.extend_low_i16x8_u(joined));
    v128.store(at, i32x4.extend_high_i16x8_u(joined), 16);
  }
  for (; i < count; i++) {
    const key = load1<u8>(a, i) + load1<u8>(b, i) * bStride + load1<u8>(c, i) * cStride;
    store<u32>(keys + (i << 2), key);
  }
}
