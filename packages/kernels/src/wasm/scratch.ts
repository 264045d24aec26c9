/**
 * Scratch arrays and accumulators of one run, in kernel memory where it has room. A run is a
 * synchronous call: what it took is freed when it returns or throws, so nothing may keep such an
 * array, or a view of one, in its result.
 */
import type { KernelMemory } from './kernel-memory.ts';
import { kernelMemory } from './module.ts';

/** Allocations of the run that is under way; null between runs. */
let taken: Uint8Array[] | null = null;
let source: KernelMemory | null = null;

/** Calls `run`, then frees the scratch arrays that were made in it. Runs may be nested. */
export function withScratch<T>(run: () => T): T {
  const outer = taken;
  const own: Uint8Array[] = [];
  source ??= kernelMemory();
  taken = own;
  try {
    return run();
  } finally {
    taken = outer;
    for (const bytes of own) source.free(bytes);
  }
}

/** Zeros of 8 bits; an ordinary array outside of a run. */
export function scratchBytes(length: number): Uint8Array {
  return takeZeros(length) ?? new Uint8Array(length);
}

/** Zeros of 32 bits. */
export function scratchIds(length: number): Uint32Array {
  const bytes = takeZeros(length * 4);
  return bytes === null
    ? new Uint32Array(length)
    : new Uint32Array(bytes.buffer, bytes.byteOffset, length);
}

/** Zeros as doubles. */
export function scratchNumbers(length: number): Float64Array {
  const bytes = takeZeros(length * 8);
  return bytes === null
    ? new Float64Array(length)
    : new Float64Array(bytes.buffer, bytes.byteOffset, length);
}

/** Zeros of 64 bits. */
export function scratchLongs(length: number): BigInt64Array {
  const bytes = takeZeros(length * 8);
  return bytes === null
    ? new BigInt64Array(length)
    : new BigInt64Array(bytes.buffer, bytes.byteOffset, length);
}

function takeZeros(byteLength: number): Uint8Array | null {
  const bytes = taken === null ? null : (source?.allocate(byteLength) ?? null);
  if (bytes === null) return null;
  taken?.push(bytes);
  return bytes.fill(0);
}
