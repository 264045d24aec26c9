import type { BadRowSink, InputBatch } from '../read/input-batch.ts';

/** What becomes of each row of a batch: 0 kept, 1 filtered, 2 bad. */
export class RowStatus {
  readonly states: Uint8Array;
  readonly #counts: [kept: number, filtered: number, bad: number];
  readonly #batch: InputBatch;
  readonly #bad: BadRowSink;

  constructor(batch: InputBatch, bad: BadRowSink) {
    this.states = new Uint8Array(batch.rowCount);
    this.#counts = [batch.rowCount, 0, 0];
    this.#batch = batch;
    this.#bad = bad;
  }

  isKept(row: number): boolean {
    return this.states[row] === 0;
  }

  filter(row: number): void {
    this.#become(row, 1);
  }

  /** @param reason  names column and kind, never the value */
  fail(row: number, reason: string): void {
    this.#become(row, 2);
    this.#bad.add(this.#batch.file, this.#batch.line(row), reason);
  }

  /** Rows of a state: 0 kept, 1 filtered, 2 bad. */
  count(state: 0 | 1 | 2): number {
    return this.#counts[state];
  }

  /** Rows that are kept, ascending, freshly allocated. */
  keptRows(): Uint32Array {
    const rows = new Uint32Array(this.count(0));
    let at = 0;
    for (let row = 0; row < this.states.length; row++) if (this.states[row] === 0) rows[at++] = row;
    return rows;
  }

  #become(row: number, state: 1 | 2): void {
    this.#counts[this.states[row]]--;
    this.#counts[state]++;
    this.states[row] = state;
  }
}
