/** The exports of `assembly/checks.ts`: addresses and counts, see there. */

/** Kernels that check arrays of a file. Truths are 0 or 1. */
export interface CheckExports {
  greatestId: (width: number, ids: number, count: number) => number;
  neverFalls: (numbers: number, count: number) => number;
  postingsFit: (offsets: number, size: number, steps: number, rowCount: number) => number;
}
