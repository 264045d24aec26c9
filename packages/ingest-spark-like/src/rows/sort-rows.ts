/**
 * Sorts row numbers by several keys: one stable counting sort a key, the least important first. Keys are
 * ranks, so a pass costs O(rows + distinct values), whatever the values are.
 */

/** One sort key: the rank of each row, in [0, size). */
export interface SortKey {
  readonly size: number;
  readonly ranks: Uint32Array;
}

/** Neighbouring keys are sorted by as one up to so many combined ranks; each pass costs a random read a row. */
const maxCombinedSize = 1 << 16;

/**
 * @param keys  most important first
 * @returns row numbers in order, shape [rowCount]
 */
export function sortRows(rowCount: number, keys: readonly SortKey[]): Uint32Array {
  let order = Uint32Array.from({ length: rowCount }, (_, row) => row);
  let spare = new Uint32Array(rowCount);
  for (const { size, ranks } of combineKeys(rowCount, keys).toReversed()) {
    const starts = new Uint32Array(size + 1);
    for (let row = 0; row < rowCount; row++) starts[ranks[row] + 1]++;
    for (let rank = 1; rank < starts.length; rank++) starts[rank] += starts[rank - 1];
    for (let place = 0; place < rowCount; place++) {
      const row = order[place];
      spare[starts[ranks[row]]++] = row;
    }
    [order, spare] = [spare, order];
  }
  return order;
}

/** Leaves out keys of one value, and joins neighbours whose combined ranks are few. */
function combineKeys(rowCount: number, keys: readonly SortKey[]): SortKey[] {
  const combined: SortKey[] = [];
  let isOwn = false;
  for (const key of keys) {
    if (key.size < 2) continue;
    const before = combined.at(-1);
    if (before === undefined || before.size * key.size > maxCombinedSize) {
      combined.push(key);
      isOwn = false;
      continue;
    }
    const ranks = isOwn ? before.ranks : new Uint32Array(rowCount);
    for (let row = 0; row < rowCount; row++) {
      ranks[row] = before.ranks[row] * key.size + key.ranks[row];
    }
    combined[combined.length - 1] = { size: before.size * key.size, ranks };
    isOwn = true;
  }
  return combined;
}

/** Sorts runs of rows that no key tells apart by a last comparison, in place. */
export function breakTies(
  order: Uint32Array,
  areEqual: (a: number, b: number) => boolean,
  compare: (a: number, b: number) => number,
): void {
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && areEqual(order[start], order[end])) end++;
    if (end - start > 1) order.subarray(start, end).sort(compare);
    start = end;
  }
}
