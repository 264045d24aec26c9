/** The exports of `assembly/greatest.ts`: addresses and counts, see there. */

/** Kernels that look for the greatest numbers. */
export interface GreatestExports {
  kthGreatest: (values: number, count: number, k: number, heap: number) => bigint;
  findAtLeast: (values: number, count: number, least: bigint, places: number) => number;
}
