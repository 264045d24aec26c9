/**
 * Orders of rows by the columns of an answer. Rows are compared by number, nothing is moved; texts are
 * ranked once a dictionary entry when all rows are sorted, and compared as they stand when only the
 * first few are wanted.
 */
import type { StringOrdering } from '../model.ts';
import { compareTexts } from '../filter/compare-texts.ts';
import type { FinishedColumn } from './output-column.ts';
import { numberReader, textReader } from './output-column.ts';

/** Compares two rows by number: negative, zero or positive. */
export type RowOrder = (a: number, b: number) => number;

/** Orders by a column of times. */
export function byTime(times: Float64Array): RowOrder {
  return (a, b) => (times[a] ?? 0) - (times[b] ?? 0);
}

/** Which rows an order is made for. */
interface OrderUse {
  /** All rows are sorted, so that ranking each dictionary entry first pays. */
  readonly sortsAll: boolean;
}

/** Orders by a column's own type, nulls first: numbers by value, text by code points. */
export function byValue(column: FinishedColumn, use: OrderUse): RowOrder {
  if (column.type === 'string') return byText(column, 'lexicographic', use);
  const numberAt = numberReader(column);
  return (a, b) => compareNumbers(numberAt(a), numberAt(b));
}

/** Orders by a column's texts, nulls first. */
export function byText(
  column: FinishedColumn,
  ordering: StringOrdering,
  { sortsAll }: OrderUse,
): RowOrder {
  const compare = compareTexts(ordering);
  if (sortsAll && column.type === 'string') {
    const ranks = ranksOf(column.dictionary.texts(), compare);
    const { ids } = column;
    return (a, b) => (ranks[ids[a] ?? 0] ?? 0) - (ranks[ids[b] ?? 0] ?? 0);
  }
  const textAt = textReader(column);
  return (a, b) => compare(textAt(a), textAt(b));
}

/** Orders only nulls, behind everything else. */
export function nullsLast(column: FinishedColumn): RowOrder {
  if (column.type !== 'string') {
    const nulls = 'nulls' in column ? column.nulls : null;
    return nulls === null ? () => 0 : (a, b) => (nulls[a] ?? 0) - (nulls[b] ?? 0);
  }
  const { dictionary, ids } = column;
  const isNull = (row: number) => Number(ids[row] === dictionary.nullId);
  return (a, b) => isNull(a) - isNull(b);
}

/** Turns an order round, nulls included. */
export function reversed(order: RowOrder): RowOrder {
  return (a, b) => order(b, a);
}

/** Orders by the first order, ties by the next, and so on; ties of all keep the rows' numbers in order. */
export function inTurn(orders: readonly RowOrder[]): RowOrder {
  return (a, b) => {
    for (const order of orders) {
      const result = order(a, b);
      if (result !== 0) return result;
    }
    return a - b;
  };
}

/**
 * Sorts row numbers.
 *
 * @param rows  sorted in place when all are wanted
 * @param limit how many of the first rows are wanted; null = all. Few of many costs n · log limit.
 * @returns shape [min(limit, rows)]
 */
export function sortedRows(rows: Uint32Array, order: RowOrder, limit: number | null): Uint32Array {
  if (limit === null || sortsAllRows(rows.length, limit)) {
    return rows.sort(order).subarray(0, limit ?? rows.length);
  }
  return firstRows(rows, order, limit).sort(order);
}

/** True when sorting all rows costs no more than keeping the first few. */
export function sortsAllRows(rowCount: number, limit: number | null): boolean {
  return limit === null || limit * 8 >= rowCount;
}

/** Ranks of the entries of a dictionary; equal ones share a rank. */
function ranksOf(
  dictionary: readonly (string | null)[],
  compare: (a: string | null, b: string | null) => number,
): Uint32Array {
  const textOf = (id: number | undefined) => dictionary[id ?? 0] ?? null;
  const sorted = new Uint32Array(dictionary.length)
    .map((_, id) => id)
    .sort((a, b) => compare(textOf(a), textOf(b)));
  const ranks = new Uint32Array(dictionary.length);
  let rank = 0;
  for (const [place, id] of sorted.entries()) {
    if (place > 0 && compare(textOf(sorted[place - 1]), textOf(id)) !== 0) rank = place;
    ranks[id] = rank;
  }
  return ranks;
}

function compareNumbers(a: number | bigint | null, b: number | bigint | null): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  if (a < b) return -1;
  if (a > b) return 1;
  // Not-a-number comes last among numbers, as in Java.
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/** The first `limit` rows, in no order: a heap whose root is the last of those kept. */
function firstRows(rows: Uint32Array, order: RowOrder, limit: number): Uint32Array {
  const heap = rows.slice(0, limit);
  if (limit === 0) return heap;
  for (let place = (limit >> 1) - 1; place >= 0; place--) siftDown(heap, place, order);
  for (let index = limit; index < rows.length; index++) {
    const row = rows[index] ?? 0;
    if (order(row, heap[0] ?? 0) >= 0) continue;
    heap[0] = row;
    siftDown(heap, 0, order);
  }
  return heap;
}

function siftDown(heap: Uint32Array, start: number, order: RowOrder): void {
  let place = start;
  const row = heap[place] ?? 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && order(heap[child + 1] ?? 0, heap[child] ?? 0) > 0) child++;
    if (order(heap[child] ?? 0, row) <= 0) break;
    heap[place] = heap[child] ?? 0;
    place = child;
  }
  heap[place] = row;
}
