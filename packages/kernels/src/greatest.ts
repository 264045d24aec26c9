/** The greatest of many 64-bit integers, without sorting them. */
import { kernelsFor } from './wasm/module.ts';
import { scratchIds, scratchLongs } from './wasm/scratch.ts';

/**
 * The k-th greatest number, equal ones counted each; at most O(length · log k), and about O(length)
 * where the greatest do not come last.
 *
 * @param k 1 … length
 */
export function kthGreatest(values: BigInt64Array, k: number): bigint {
  const heap = scratchLongs(k);
  const kernels = kernelsFor(values, heap);
  if (kernels !== null) {
    return kernels.kthGreatest(values.byteOffset, values.length, k, heap.byteOffset);
  }
  return values.toSorted()[values.length - k];
}

/** Places of the numbers of at least `least`, ascending; scratch of the run. */
export function findAtLeast(values: BigInt64Array, least: bigint): Uint32Array {
  // A place is written before it is known whether it counts.
  const places = scratchIds(values.length + 1);
  const kernels = kernelsFor(values, places);
  let found = 0;
  if (kernels !== null) {
    found = kernels.findAtLeast(values.byteOffset, values.length, least, places.byteOffset);
  } else {
    for (const [place, value] of values.entries()) {
      places[found] = place;
      if (value >= least) found += 1;
    }
  }
  return places.subarray(0, found);
}
