/**
 * Which parts of an address space are free: blocks in ascending order, none touching the next.
 * Taking is first fit, so that long-lived columns gather at low addresses; giving back joins
 * neighbours. There are as many blocks as gaps, a few hundred in a busy worker.
 */
import { InvariantError } from '@isotherm/errors';

/** Free parts of an address space, all in bytes. */
export class FreeSpace {
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];

  /** Start of `bytes` free bytes, now taken; null if no block is long enough. */
  take(bytes: number): number | null {
    const at = this.#lengths.findIndex((length) => length >= bytes);
    if (at < 0) return null;
    const start = this.#starts[at];
    const left = this.#lengths[at] - bytes;
    if (left === 0) {
      this.#starts.splice(at, 1);
      this.#lengths.splice(at, 1);
    } else {
      this.#starts[at] = start + bytes;
      this.#lengths[at] = left;
    }
    return start;
  }

  /** Makes bytes free that are not. @throws InvariantError if some of them are free already */
  give(start: number, bytes: number): void {
    let at = this.#placeOf(start);
    const before = at - 1;
    const overlapsBefore = before >= 0 && this.#starts[before] + this.#lengths[before] > start;
    if (overlapsBefore || this.#starts[at] < start + bytes) {
      throw new InvariantError(`${bytes} bytes at ${start} were given back twice.`);
    }
    const joinsBefore = before >= 0 && this.#starts[before] + this.#lengths[before] === start;
    const joinsAfter = this.#starts[at] === start + bytes;
    if (joinsBefore) {
      this.#lengths[before] += bytes;
      at = before;
    } else {
      this.#starts.splice(at, 0, start);
      this.#lengths.splice(at, 0, bytes);
    }
    if (!joinsAfter) return;
    this.#lengths[at] += this.#lengths[at + 1];
    this.#starts.splice(at + 1, 1);
    this.#lengths.splice(at + 1, 1);
  }

  /** Sum of the free bytes. */
  get bytes(): number {
    return this.#lengths.reduce((sum, length) => sum + length, 0);
  }

  /** First block that starts at `start` or behind it. */
  #placeOf(start: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle] < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
