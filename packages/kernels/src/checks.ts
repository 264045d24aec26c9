/** Checks of arrays that came from a file, before anything is found by them. */
import type { IdArray } from './batch.ts';
import { type Postings, longStep } from './row-lists.ts';
import { kernelsFor } from './wasm/module.ts';

/** Loops run in steps of this many, so that short-lived processes run compiled code soon. */
const stepLength = 16_384;

/** The greatest of some ids; 0 without any. */
export function greatestId(ids: IdArray): number {
  const kernels = kernelsFor(ids);
  if (kernels !== null) {
    // A 32-bit result comes back signed.
    return kernels.greatestId(ids.BYTES_PER_ELEMENT, ids.byteOffset, ids.length) >>> 0;
  }
  let greatest = 0;
  for (let start = 0; start < ids.length; start += stepLength) {
    greatest = Math.max(greatest, greatestIn(ids, start, Math.min(ids.length, start + stepLength)));
  }
  return greatest;
}

/** One loop a width: a loop that meets three kinds of array is several times slower. */
function greatestIn(ids: IdArray, start: number, end: number): number {
  let greatest = 0;
  if (ids instanceof Uint8Array) {
    for (let row = start; row < end; row++) if (ids[row] > greatest) greatest = ids[row];
  } else if (ids instanceof Uint16Array) {
    for (let row = start; row < end; row++) if (ids[row] > greatest) greatest = ids[row];
  } else {
    for (let row = start; row < end; row++) if (ids[row] > greatest) greatest = ids[row];
  }
  return greatest;
}

/** Whether no number is below the one before it. */
export function neverFalls(numbers: Int32Array): boolean {
  const kernels = kernelsFor(numbers);
  if (kernels !== null) return kernels.neverFalls(numbers.byteOffset, numbers.length) !== 0;
  let falls = false;
  for (let start = 1; start < numbers.length; start += stepLength) {
    if (fallsIn(numbers, start, Math.min(numbers.length, start + stepLength))) falls = true;
  }
  return !falls;
}

function fallsIn(numbers: Int32Array, start: number, end: number): boolean {
  let falls = false;
  for (let index = start; index < end; index++) {
    if (numbers[index] < numbers[index - 1]) falls = true;
  }
  return falls;
}

/**
 * Whether every posting list has rows below `rowCount` only and ends where a step does. Offsets must
 * rise to the number of steps.
 */
export function postingsFit({ offsets, steps }: Postings, rowCount: number): boolean {
  const size = offsets.length - 1;
  const kernels = kernelsFor(offsets, steps);
  if (kernels !== null) {
    return kernels.postingsFit(offsets.byteOffset, size, steps.byteOffset, rowCount) !== 0;
  }
  let fits = true;
  for (let id = 0; id < size; id++) {
    const end = offsets[id + 1];
    let [at, row] = [offsets[id], 0];
    if (at === end) continue;
    while (at < end) {
      const step = steps[at++];
      row += step;
      if (step !== longStep) continue;
      // Behind the last step of all there is no number, which is not below the row count either.
      row += steps[at] + steps[at + 1] * 65_536 - longStep;
      at += 2;
    }
    if (at !== end || !(row < rowCount)) fits = false;
  }
  return fits;
}
