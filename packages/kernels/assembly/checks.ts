/** Checks of arrays that came from a file, before anything is found by them; twins in `src/checks.ts`. */

/** The greatest of `count` ids of `width` bytes, 0 without any. */
export function greatestId(width: i32, ids: usize, count: u32): u32 {
  if (width == 1) return greatest<u8>(ids, count);
  if (width == 2) return greatest<u16>(ids, count);
  return greatest<u32>(ids, count);
}

function greatest<T>(ids: usize, count: u32): u32 {
  const lanes: u32 = 16 / <u32>sizeof<T>();
  let all = i32x4.splat(0);
  let at = ids;
  let i: u32 = 0;
  for (; i + lanes <= count; i += lanes, at += 16) all = v128.max<T>(all, v128.load(at));
  let most: u32 = 0;
  for (let lane: u32 = 0; lane < lanes; lane++) {
    store<v128>(scratch, all);
    const value = <u32>load<T>(scratch + lane * sizeof<T>());
    if (value > most) most = value;
  }
  for (; i < count; i++, at += sizeof<T>()) {
    const value = <u32>load<T>(at);
    if (value > most) most = value;
  }
  return most;
}

const scratch = memory.data(16, 16);

/** Whether no number is below the one before it, as signed numbers. */
export function neverFalls(numbers: usize, count: u32): bool {
  let falls = i32x4.splat(0);
  let i: u32 = 1;
  for (; i + 4 <= count; i += 4) {
    const at = numbers + (i << 2);
    falls = v128.or(falls, i32x4.lt_s(v128.load(at), v128.load(at - 4)));
  }
  let some = v128.any_true(falls);
  for (; i < count; i++) {
    const at = numbers + (i << 2);
    if (load<i32>(at) < load<i32>(at - 4)) some = true;
  }
  return !some;
}

/** Whether the last row of every posting list is below `rowCount`, and no list ends inside a step. */
export function postingsFit(offsets: usize, size: u32, steps: usize, rowCount: u32): bool {
  let fits = true;
  for (let id: u32 = 0; id < size; id++) {
    let i = load<u32>(offsets + (id << 2));
    const end = load<u32>(offsets + (id << 2), 4);
    if (i == end) continue;
    let row: u64 = 0;
    while (i < end) {
      const at = steps + ((<usize>i) << 1);
      const step = <u32>load<u16>(at);
      i += 1;
      if (step == 0xffff) {
        // Behind the last list lies readable slack.
        row += load<u32>(at, 2);
        i += 2;
      } else row += step;
    }
    if (i != end || row >= <u64>rowCount) fits = false;
  }
  return fits;
}
