/**
 * Which columns stay in memory: the least recently used ones go when a worker's share is full. The
 * columns themselves live in their segments; this only remembers and forgets.
 */
import type { Segment } from '@isotherm/segment';

interface Entry {
  readonly segment: Segment;
  readonly name: string;
  readonly bytes: number;
}

/** Least-recently-used order over the loaded columns of many segments. */
export class ColumnCache {
  readonly #limitBytes: number;
  /** In order of last use, oldest first: a Map keeps the order of insertion. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Bytes of the columns that are remembered. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Notes that columns of a segment, now loaded, were used. */
  touch(segmentKey: string, segment: Segment, names: readonly string[]): void {
    for (const name of names) {
      const key = `${segmentKey}\0${name}`;
      this.#forget(key);
      const entry = { segment, name, bytes: segment.columnBytes(name) };
      this.#entries.set(key, entry);
      this.#bytes += entry.bytes;
    }
  }

  /** Unloads what was used longest ago until the rest fits; call it when no run reads columns. */
  trim(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#bytes <= this.#limitBytes) return;
      this.#forget(key);
      entry.segment.unload([entry.name]);
    }
  }

  /** Forgets all columns of a segment. */
  drop(segmentKey: string): void {
    for (const key of this.#entries.keys()) {
      if (key.startsWith(`${segmentKey}\0`)) this.#forget(key);
    }
  }

  #forget(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}
