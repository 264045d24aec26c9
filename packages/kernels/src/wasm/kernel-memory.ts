/**
 * The WebAssembly memory that kernels work in: one a thread, since instances are not shared, up to
 * 4 GiB. It is a shared memory, not for threads but because arrays over one stay valid when it grows.
 *
 *   0 … 64 KiB     unused, so that no array lies at address 0
 *   64 KiB …       allocations, each at a multiple of 64 and with 64 readable bytes behind it, for
 *                  loops that read whole vectors
 *
 * When the memory is full, `allocate` gives null; callers then use an ordinary array, which the
 * kernels' TypeScript twins work on: slower, with the same results.
 */
import { InvariantError } from '@isotherm/errors';
import { FreeSpace } from './free-space.ts';

const pageBytes = 65_536;
/** Pages of a 32-bit address space. */
const mostPages = 65_536;
/** Grown by at least this much: growing costs microseconds, and untouched pages cost nothing. */
const growthPages = 256;
const lineBytes = 64;
const slackBytes = 64;

/** A shared `WebAssembly.Memory`. */
interface GrowingMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

/** Typed arrays by hand: what is allocated must be freed. */
export class KernelMemory {
  /** What the kernels' module imports. */
  readonly memory: GrowingMemory;
  readonly #free = new FreeSpace();
  readonly #sizes = new Map<number, number>();
  readonly #mostPages: number;
  #buffer: ArrayBufferLike;
  /** Buffers from before the memory grew; the same bytes. */
  readonly #older = new WeakSet<ArrayBufferLike>();
  #usedBytes = 0;

  /** @param limitPages tests use a small one */
  constructor(limitPages: number = mostPages) {
    this.#mostPages = limitPages;
    this.memory = new WebAssembly.Memory({ initial: 1, maximum: mostPages, shared: true });
    this.#buffer = this.memory.buffer;
  }

  /** Bytes of live allocations, rounding and slack included. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Bytes of undefined content, or null when the memory is full. */
  allocate(byteLength: number): Uint8Array | null {
    const size = Math.ceil((byteLength + slackBytes) / lineBytes) * lineBytes;
    const start = this.#free.take(size) ?? (this.#grow(size) ? this.#free.take(size) : null);
    if (start === null) return null;
    this.#sizes.set(start, size);
    this.#usedBytes += size;
    return new Uint8Array(this.#buffer, start, byteLength);
  }

  /** Frees what `allocate` gave, or a view of it from its start. @throws InvariantError for anything else */
  free(array: ArrayBufferView): void {
    const start = array.byteOffset;
    const size = this.#sizes.get(start);
    if (size === undefined || !this.holds(array)) {
      throw new InvariantError(`No allocation starts at ${start}.`);
    }
    this.#sizes.delete(start);
    this.#usedBytes -= size;
    this.#free.give(start, size);
  }

  /** Whether an array lies in this memory. */
  holds(array: ArrayBufferView): boolean {
    const { buffer } = array;
    return buffer === this.#buffer || this.#older.has(buffer);
  }

  #grow(bytes: number): boolean {
    const pages = this.#buffer.byteLength / pageBytes;
    const needed = Math.ceil(bytes / pageBytes);
    const added = Math.min(Math.max(needed, growthPages), this.#mostPages - pages);
    if (added < needed) return false;
    try {
      this.memory.grow(added);
    } catch (error) {
      // The system has no address space left for it.
      if (error instanceof RangeError) return false;
      throw error;
    }
    this.#older.add(this.#buffer);
    this.#buffer = this.memory.buffer;
    this.#free.give(pages * pageBytes, added * pageBytes);
    return true;
  }
}
