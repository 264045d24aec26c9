/**
 * Scratch arrays of one run. Batches have a fixed size except after multi-value rows were
 * exploded, so every user asks for what it needs and keeps what it got.
 */
import type { Batch } from '@isotherm/kernels';
import { scratchIds, scratchNumbers } from '@isotherm/kernels';

/** `array` if it holds `length` doubles, else a new one; contents are not kept. */
export function roomForNumbers(array: Float64Array, length: number): Float64Array {
  return array.length >= length ? array : scratchNumbers(length);
}

/** `array` if it holds `length` ids, else a new one; contents are not kept. */
export function roomForIds(array: Uint32Array, length: number): Uint32Array {
  return array.length >= length ? array : scratchIds(length);
}

/** A batch of nothing, to be filled in. */
export function emptyBatch(): Batch {
  return { start: 0, count: 0, rows: null };
}
