/**
 * Merges the runs of one chunk: rows come in the order of their keys, equal ones become one where the
 * spec rolls up, and a part is handed on as soon as it is full. So there is never more in memory than one
 * part and a block of each run.
 */
import type { Accumulator } from '../rows/accumulators.ts';
import { makeAccumulator } from '../rows/accumulators.ts';
import type { Metric } from '../spec/ingestion-spec.ts';
import type { RunCursor } from './run-cursor.ts';
import { compareMetrics } from './compare-metrics.ts';

/** Where a chunk is cut. */
export type Cut =
  /** Nowhere. */
  | { readonly type: 'none' }
  /** Where so many rows are reached: ends of all parts but the last, ascending. */
  | { readonly type: 'rows'; readonly ends: readonly number[] }
  /** From so many rows on, where the first keys change. */
  | { readonly type: 'keys'; readonly leastRows: number; readonly keyCount: number };

/** Merged rows in order. */
export interface MergedRows {
  readonly rowCount: number;
  /** Shape [rowCount × width] and more behind; overwritten by the next part. */
  readonly keys: Uint32Array;
  /** Row r is slot r. */
  readonly accumulators: readonly Accumulator[];
}

/** State with a lifetime: one pass over a chunk. */
export class ChunkMerge {
  readonly #width: number;
  readonly #rollup: boolean;
  readonly #metrics: readonly Metric[];
  readonly #cut: Cut;
  readonly #cursors: RunCursor[];
  /** Cursors as a heap: the least row first. */
  #heap: RunCursor[] = [];
  #keys: Uint32Array;
  #accumulators: readonly Accumulator[] = [];
  /** Slots that the accumulators have room for. */
  #capacity = 1 << 10;
  #rowCount = 0;
  /** Rows of the parts before. */
  #rowsBefore = 0;
  #partCount = 0;

  /** @param metrics  none when rows are only to be counted */
  constructor(
    cursors: RunCursor[],
    options: {
      readonly width: number;
      readonly rollup: boolean;
      readonly metrics: readonly Metric[];
      readonly cut: Cut;
    },
  ) {
    this.#cursors = cursors;
    this.#width = options.width;
    this.#rollup = options.rollup;
    this.#metrics = options.metrics;
    this.#cut = options.cut;
    this.#keys = new Uint32Array(options.width << 10);
  }

  /** Yields one part after the other; at least one. */
  async *parts(): AsyncGenerator<MergedRows> {
    await this.#start();
    for (;;) {
      const empty = this.#fill();
      if (empty === null) {
        if (this.#heap.length === 0) break;
        yield this.#finishPart();
        continue;
      }
      this.#addTaken(empty);
      if (!(await empty.load())) this.#heap.shift();
      this.#restoreHeap();
    }
    yield this.#finishPart();
  }

  /** Number of merged rows, of all parts together. */
  async count(): Promise<number> {
    let count = 0;
    for await (const { rowCount } of this.parts()) count += rowCount;
    return count;
  }

  async #start(): Promise<void> {
    this.#startPart();
    for (const cursor of this.#cursors) if (await cursor.load()) this.#heap.push(cursor);
    this.#heap.sort((a, b) => this.#compare(a, b));
  }

  /** Takes rows until a part is full (then null) or a block is used up (then its cursor, first in the heap). */
  #fill(): RunCursor | null {
    const heap = this.#heap;
    const width = this.#width;
    const hasMetrics = this.#metrics.length > 0;
    while (heap.length > 0) {
      const cursor = heap[0];
      const at = cursor.row * width;
      const last = (this.#rowCount - 1) * width;
      const same = this.#rowCount === 0 ? -1 : sameKeys(this.#keys, last, cursor.keys, at, width);
      if (!this.#rollup || same !== width) {
        if (this.#isFull(same)) return null;
        this.#append(cursor.keys, at);
      }
      if (hasMetrics) cursor.take(this.#rowCount - 1);
      else cursor.row++;
      if (cursor.row === cursor.rowCount) return cursor;
      if (heap.length > 1) this.#sink();
    }
    return null;
  }

  /** @param same  how many keys the next row has in common with the last */
  #isFull(same: number): boolean {
    const cut = this.#cut;
    switch (cut.type) {
      case 'none':
        return false;
      case 'rows':
        return this.#rowsBefore + this.#rowCount === cut.ends[this.#partCount];
      case 'keys':
        return this.#rowCount >= cut.leastRows && same < cut.keyCount;
    }
  }

  #append(keys: Uint32Array, at: number): void {
    const width = this.#width;
    let to = this.#rowCount++ * width;
    if (to + width > this.#keys.length) {
      const longer = new Uint32Array(this.#keys.length * 2);
      longer.set(this.#keys);
      this.#keys = longer;
    }
    const own = this.#keys;
    for (let from = at, end = at + width; from < end; from++, to++) own[to] = keys[from];
  }

  #finishPart(): MergedRows {
    const rowCount = this.#rowCount;
    for (const cursor of this.#heap) this.#addTaken(cursor);
    const part = { rowCount, keys: this.#keys, accumulators: this.#accumulators };
    this.#startPart();
    this.#rowsBefore += rowCount;
    this.#rowCount = 0;
    this.#partCount++;
    return part;
  }

  #startPart(): void {
    this.#accumulators = this.#metrics.map(makeAccumulator);
    for (const accumulator of this.#accumulators) accumulator.grow(this.#capacity);
  }

  #addTaken(cursor: RunCursor): void {
    if (this.#rowCount > this.#capacity) {
      this.#capacity = Math.max(this.#rowCount, this.#capacity * 2);
      for (const accumulator of this.#accumulators) accumulator.grow(this.#capacity);
    }
    cursor.addTaken(this.#accumulators);
  }

  /** After the first cursor has another block, or is gone. */
  #restoreHeap(): void {
    // A sorted list is a heap.
    this.#heap.sort((a, b) => this.#compare(a, b));
  }

  /** Moves the first cursor down to its place. */
  #sink(): void {
    const heap = this.#heap;
    const cursor = heap[0];
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#compare(heap[child + 1], heap[child]) < 0) child++;
      if (this.#compare(cursor, heap[child]) <= 0) break;
      heap[place] = heap[child];
      place = child;
    }
    heap[place] = cursor;
  }

  #compare(a: RunCursor, b: RunCursor): number {
    const width = this.#width;
    const [left, right] = [a.keys, b.keys];
    let leftAt = a.row * width;
    let rightAt = b.row * width;
    for (const end = leftAt + width; leftAt < end; leftAt++, rightAt++) {
      const order = left[leftAt] - right[rightAt];
      if (order !== 0) return order;
    }
    return this.#rollup ? 0 : compareMetrics(a.metrics, a.row, b.metrics, b.row);
  }
}

/** How many keys from the first on are equal. */
function sameKeys(
  left: Uint32Array,
  leftAt: number,
  right: Uint32Array,
  rightAt: number,
  width: number,
): number {
  let same = 0;
  while (same < width && left[leftAt + same] === right[rightAt + same]) same++;
  return same;
}
