/**
 * The order of a merge: sorted runs go through a binary heap of their next rows. Rows are compared by
 * ranks, one float64 a key column and row, so that comparing never looks at text.
 */
import { InvariantError } from '@isotherm/errors';

/** Ranks of one run: ranks[key][row]; equal ranks in all keys are equal rows. */
type RunRanks = readonly Float64Array[];

/** The rows of all runs in order. Rows of one group lie next to each other. */
export interface MergedOrder {
  /** Run of each place, shape [all rows]. */
  readonly runs: Uint32Array;
  /** Row within that run, shape [all rows]. */
  readonly rows: Uint32Array;
  /** Output row g comes from places [starts[g], starts[g + 1]), shape [groupCount + 1]. */
  readonly starts: Uint32Array;
}

/**
 * Merges sorted runs. Equal rows keep the order of their runs.
 *
 * @param rowCounts  rows of each run
 * @param rollup     whether equal rows become one group; else every row is its own
 * @throws InvariantError if a run is not sorted
 */
export function mergeOrder(
  ranks: readonly RunRanks[],
  rowCounts: readonly number[],
  rollup: boolean,
): MergedOrder {
  const total = rowCounts.reduce((sum, count) => sum + count, 0);
  const runs = new Uint32Array(total);
  const rows = new Uint32Array(total);
  const starts = new Uint32Array(total + 1);
  const next = new Uint32Array(rowCounts.length);
  const heap = new RunHeap(ranks, next);
  for (const [run, count] of rowCounts.entries()) if (count > 0) heap.push(run);
  let groupCount = 0;
  for (let place = 0; place < total; place++) {
    const run = heap.top;
    const row = next[run];
    runs[place] = run;
    rows[place] = row;
    const last = place - 1;
    const same =
      rollup && place > 0 && compareRows(ranks[runs[last]], rows[last], ranks[run], row) === 0;
    if (!same) starts[groupCount++] = place;
    if (row + 1 === rowCounts[run]) {
      heap.dropTop();
      continue;
    }
    if (compareRows(ranks[run], row, ranks[run], row + 1) > 0) {
      throw new InvariantError(`Run ${run} of a merge is not sorted at row ${row + 1}.`);
    }
    next[run] = row + 1;
    heap.lowerTop();
  }
  starts[groupCount] = total;
  return { runs, rows, starts: starts.slice(0, groupCount + 1) };
}

/** Compares two rows key by key. */
function compareRows(a: RunRanks, aRow: number, b: RunRanks, bRow: number): number {
  for (let key = 0; key < a.length; key++) {
    const left = a[key][aRow];
    const right = b[key][bRow];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** Runs by their next row, the least on top; equal rows by the number of the run. */
class RunHeap {
  private readonly runs: number[] = [];
  private readonly ranks: readonly RunRanks[];
  private readonly next: Uint32Array;

  constructor(ranks: readonly RunRanks[], next: Uint32Array) {
    this.ranks = ranks;
    this.next = next;
  }

  get top(): number {
    return this.runs[0];
  }

  push(run: number): void {
    let place = this.runs.length;
    this.runs.push(run);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.isBefore(run, this.runs[parent])) break;
      this.runs[place] = this.runs[parent];
      place = parent;
    }
    this.runs[place] = run;
  }

  dropTop(): void {
    const last = this.runs.pop();
    if (last === undefined || this.runs.length === 0) return;
    this.runs[0] = last;
    this.lowerTop();
  }

  /** Restores the order after the next row of the top run has changed. */
  lowerTop(): void {
    const { runs } = this;
    const moved = runs[0];
    let place = 0;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= runs.length) break;
      if (child + 1 < runs.length && this.isBefore(runs[child + 1], runs[child])) child++;
      if (!this.isBefore(runs[child], moved)) break;
      runs[place] = runs[child];
      place = child;
    }
    runs[place] = moved;
  }

  private isBefore(a: number, b: number): boolean {
    const order = compareRows(this.ranks[a], this.next[a], this.ranks[b], this.next[b]);
    return order < 0 || (order === 0 && a < b);
  }
}
