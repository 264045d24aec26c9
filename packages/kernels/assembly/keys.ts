/** From the ids of a column to keys of groups; twins in `src/read-columns.ts` and `src/group-key.ts`. */
import { load1, load4 } from './widths';

/** `out[i] = ids[row i]`, widened. */
export function readIds(
  width: i32,
  ids: usize,
  rows: usize,
  start: u32,
  count: u32,
  out: usize,
): void {
  if (width == 1) read<u8>(ids, rows, start, count, out);
  else if (width == 2) read<u16>(ids, rows, start, count, out);
  else read<u32>(ids, rows, start, count, out);
}

function read<T>(ids: usize, rows: usize, start: u32, count: u32, out: usize): void {
  let i: u32 = 0;
  if (rows != 0) {
    for (; i < count; i++) store<u32>(out + (i << 2), load1<T>(ids, load<u32>(rows + (i << 2))));
    return;
  }
  const base = ids + <usize>start * sizeof<T>();
  for (; i + 4 <= count; i += 4) {
    v128.store(out + (i << 2), load4<T>(base + i * <u32>sizeof<T>()));
  }
  for (; i < count; i++) store<u32>(out + (i << 2), load1<T>(base, i));
}

/** `keys[i] += ids[row i] * stride`, in 32 bits. */
export function addIdKeys(
  width: i32,
  ids: usize,
  rows: usize,
  start: u32,
  count: u32,
  stride: u32,
  keys: usize,
): void {
  if (width == 1) add<u8>(ids, rows, start, count, stride, keys);
  else if (width == 2) add<u16>(ids, rows, start, count, stride, keys);
  else add<u32>(ids, rows, start, count, stride, keys);
}

function add<T>(ids: usize, rows: usize, start: u32, count: u32, stride: u32, keys: usize): void {
  let i: u32 = 0;
  if (rows != 0) {
    for (; i < count; i++) {
      const at = keys + (i << 2);
      store<u32>(at, load<u32>(at) + load1<T>(ids, load<u32>(rows + (i << 2))) * stride);
    }
    return;
  }
  const base = ids + <usize>start * sizeof<T>();
  const factor = i32x4.splat(stride);
  for (; i + 4 <= count; i += 4) {
    const at = keys + (i << 2);
    const product = i32x4.mul(load4<T>(base + i * <u32>sizeof<T>()), factor);
    v128.store(at, i32x4.add(v128.load(at), product));
  }
  for (; i < count; i++) {
    const at = keys + (i << 2);
    store<u32>(at, load<u32>(at) + load1<T>(base, i) * stride);
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
