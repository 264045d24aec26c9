/**
 * Sorts rows whose keys lie row by row, the most important key first: a counting sort by one key, then
 * each stretch of equal keys by the next, until a stretch is so short that comparing is faster.
 */

/** Rows that are compared rather than counted. */
const mostForInsertion = 32;
/** Counters that a counting sort may have for each row. */
const countersPerRow = 16;

/**
 * @param order  row numbers; sorted in place, rows with equal keys in no order
 * @param keys   shape [rows × width]
 * @param sizes  keys in column p are below sizes[p]
 */
export function sortKeys(order: Uint32Array, keys: Uint32Array, sizes: readonly number[]): void {
  const width = sizes.length;
  const spare = new Uint32Array(order.length);
  const counts = sizes.map(() => new Uint32Array());
  const compare = (a: number, b: number): number => compareFrom(keys, a * width, b * width, width);

  const sortStretch = (start: number, end: number, firstColumn: number): void => {
    let column = firstColumn;
    while (column < width && isConstant(keys, order, start, end, width, column)) column++;
    if (column === width) return;
    const rows = end - start;
    const size = sizes[column];
    if (size > rows * countersPerRow) {
      order.subarray(start, end).sort(compare);
      return;
    }
    if (counts[column].length === 0) counts[column] = new Uint32Array(size + 1);
    countingSort(keys, order, spare, counts[column], start, end, width, column);
    const next = column + 1;
    if (next === width) return;
    // Now they are the ends of the keys' stretches; further columns have counters of their own.
    const ends = counts[column];
    for (let key = 0, from = start; from < end; key++) {
      const to = ends[key];
      if (to - from > mostForInsertion) sortStretch(from, to, next);
      else if (to - from > 1) insertionSort(keys, order, from, to, width, next);
      from = to;
    }
  };

  if (order.length > 1) sortStretch(0, order.length, 0);
}

function isConstant(
  keys: Uint32Array,
  order: Uint32Array,
  start: number,
  end: number,
  width: number,
  column: number,
): boolean {
  const key = keys[order[start] * width + column];
  for (let place = start + 1; place < end; place++) {
    if (keys[order[place] * width + column] !== key) return false;
  }
  return true;
}

function countingSort(
  keys: Uint32Array,
  order: Uint32Array,
  spare: Uint32Array,
  counts: Uint32Array,
  start: number,
  end: number,
  width: number,
  column: number,
): void {
  counts.fill(0);
  for (let place = start; place < end; place++) counts[keys[order[place] * width + column] + 1]++;
  counts[0] = start;
  for (let key = 1; key < counts.length; key++) counts[key] += counts[key - 1];
  for (let place = start; place < end; place++) {
    const row = order[place];
    spare[counts[keys[row * width + column]]++] = row;
  }
  order.set(spare.subarray(start, end), start);
}

function insertionSort(
  keys: Uint32Array,
  order: Uint32Array,
  start: number,
  end: number,
  width: number,
  column: number,
): void {
  const rest = width - column;
  for (let place = start + 1; place < end; place++) {
    const row = order[place];
    const at = row * width + column;
    let to = place;
    while (to > start && compareFrom(keys, order[to - 1] * width + column, at, rest) > 0) {
      order[to] = order[to - 1];
      to--;
    }
    order[to] = row;
  }
}

/** Orders `count` keys from two places. */
function compareFrom(keys: Uint32Array, a: number, b: number, count: number): number {
  for (let column = 0; column < count; column++) {
    const left = keys[a + column];
    const right = keys[b + column];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
