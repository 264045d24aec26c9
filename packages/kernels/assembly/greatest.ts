/** The greatest of many numbers; twins in `src/greatest.ts`. */

/**
 * The k-th greatest of `count` 64-bit integers, equal ones counted each.
 *
 * @param k    1 … count
 * @param heap room for k numbers: a heap of the greatest so far whose root is the least of them
 */
export function kthGreatest(values: usize, count: u32, k: u32, heap: usize): i64 {
  for (let i: u32 = 0; i < k; i++) store<i64>(heap + (i << 3), load<i64>(values + (i << 3)));
  for (let place = k >> 1; place > 0; place--) siftDown(heap, k, place - 1);
  let least = load<i64>(heap);
  for (let i = k; i < count; i++) {
    const value = load<i64>(values + (i << 3));
    if (value <= least) continue;
    store<i64>(heap, value);
    siftDown(heap, k, 0);
    least = load<i64>(heap);
  }
  return least;
}

function siftDown(heap: usize, length: u32, start: u32): void {
  const value = load<i64>(heap + (start << 3));
  let place: u32 = start;
  for (;;) {
    let child: u32 = 2 * place + 1;
    if (child >= length) break;
    let lesser = load<i64>(heap + (child << 3));
    if (child + 1 < length && load<i64>(heap + ((child + 1) << 3)) < lesser) {
      child += 1;
      lesser = load<i64>(heap + (child << 3));
    }
    if (lesser >= value) break;
    store<i64>(heap + (place << 3), lesser);
    place = child;
  }
  store<i64>(heap + (place << 3), value);
}

/** Lists the places of numbers of at least `least`. Returns how many; `places` has room for all. */
export function findAtLeast(values: usize, count: u32, least: i64, places: usize): u32 {
  let found: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(places + (found << 2), i);
    found += u32(load<i64>(values + (i << 3)) >= least);
  }
  return found;
}
