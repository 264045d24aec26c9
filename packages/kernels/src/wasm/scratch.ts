/**
 * Scratch arrays and accumulators of one run, in kernel memory where it has room. A run is a
 * synchronous call: what it took is freed when it returns or throws, so nothing may keep such an
 * array, or a view of one, in its result.
 */
import { ResourceLimitError } from '@isotherm/errors';
import type { KernelMemory } from './kernel-memory.ts';
import { kernelMemory } from './module.ts';

/** What a run took: allocations in kernel memory by address, and bytes in all. */
interface Ledger {
  readonly taken: Map<number, Uint8Array>;
  limitBytes: number;
  usedBytes: number;
}

/** Of the run that is under way; null between runs. */
let ledger: Ledger | null = null;
let source: KernelMemory | null = null;

/** Calls `run`, then frees the scratch arrays that were made in it. Runs may be nested. */
export function withScratch<T>(run: () => T): T {
  const outer = ledger;
  const own: Ledger = { taken: new Map(), limitBytes: Infinity, usedBytes: 0 };
  source ??= kernelMemory();
  ledger = own;
  try {
    return run();
  } finally {
    ledger = outer;
    for (const bytes of own.taken.values()) source.free(bytes);
  }
}

/**
 * Limits the bytes of all scratch arrays of the run that is under way. From then on what would pass
 * them throws a ResourceLimitError with code RUN_MEMORY_EXCEEDED.
 */
export function limitScratch(bytes: number): void {
  if (ledger !== null) ledger.limitBytes = bytes;
}

/** Frees one scratch array before the run ends, such as the shorter one after growing; nothing may use it any more. */
export function releaseScratch(array: ArrayBufferView): void {
  const bytes = ledger?.taken.get(array.byteOffset);
  if (ledger === null || array.byteLength === 0) return;
  ledger.usedBytes -= array.byteLength;
  if (bytes === undefined || bytes.buffer !== array.buffer) return;
  ledger.taken.delete(array.byteOffset);
  source?.free(bytes);
}

/** Zeros of 8 bits; an ordinary array outside of a run. */
export function scratchBytes(length: number): Uint8Array {
  return take(length)?.fill(0) ?? new Uint8Array(length);
}

/** Zeros of 32 bits. */
export function scratchIds(length: number): Uint32Array {
  return roomOfIds(length).fill(0);
}

/** Zeros as doubles. */
export function scratchNumbers(length: number): Float64Array {
  return roomOfNumbers(length).fill(0);
}

/** Zeros of 64 bits. */
export function scratchLongs(length: number): BigInt64Array {
  return roomOfLongs(length).fill(0n);
}

/** The same as `scratchIds` with undefined contents, for those that write every place. */
export function roomOfIds(length: number): Uint32Array {
  const bytes = take(length * 4);
  return bytes === null
    ? new Uint32Array(length)
    : new Uint32Array(bytes.buffer, bytes.byteOffset, length);
}

/** The same as `scratchNumbers` with undefined contents. */
export function roomOfNumbers(length: number): Float64Array {
  const bytes = take(length * 8);
  return bytes === null
    ? new Float64Array(length)
    : new Float64Array(bytes.buffer, bytes.byteOffset, length);
}

/** The same as `scratchLongs` with undefined contents. */
export function roomOfLongs(length: number): BigInt64Array {
  const bytes = take(length * 8);
  return bytes === null
    ? new BigInt64Array(length)
    : new BigInt64Array(bytes.buffer, bytes.byteOffset, length);
}

/** Bytes of undefined content; null where an ordinary array must do. */
function take(byteLength: number): Uint8Array | null {
  if (ledger === null) return null;
  const usedBytes = ledger.usedBytes + byteLength;
  if (usedBytes > ledger.limitBytes) throw memoryExceeded(ledger.limitBytes, usedBytes);
  ledger.usedBytes = usedBytes;
  const bytes = source?.allocate(byteLength) ?? null;
  if (bytes !== null) ledger.taken.set(bytes.byteOffset, bytes);
  return bytes;
}

function memoryExceeded(limitBytes: number, neededBytes: number): ResourceLimitError {
  const [limit, needed] = [limitBytes, neededBytes].map((bytes) => Math.ceil(bytes / 2 ** 20));
  return new ResourceLimitError(
    `The groups of this query need at least ${needed} MiB of memory on a node, and a run may take ` +
      `${limit} MiB. Group by fewer dimensions, filter to fewer rows, or ask for a shorter interval.`,
    { code: 'RUN_MEMORY_EXCEEDED', details: { limitBytes, neededBytes } },
  );
}
