/**
 * What the outside world gives a role: time, chance, disk and network. Only a role's `main.ts` makes
 * the real ones (`node.ts`); everything below receives them, so that a whole cluster also runs in one
 * process under a seeded simulator.
 */

/** Time. `nowMs` orders nothing between machines: versions come from the metadata store's sequence. */
export interface Clock {
  /** Wall clock, epoch milliseconds UTC. */
  nowMs(): number;
  /** Monotonic milliseconds for durations and deadlines. */
  monotonicMs(): number;
  /** Runs `task` once after `delayMs`; the returned function cancels it. Never keeps the process alive by itself. */
  schedule(delayMs: number, task: () => void): () => void;
  /** Resolves after `delayMs`; rejects with the signal's reason when aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** Chance: jitter, ids, tie-breaks. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A fresh id of 32 hexadecimal digits. */
  id(): string;
}

/** Bytes of a file from `start` on, as many as `target` takes. */
export interface DiskPart {
  readonly start: number;
  /** May lie in shared memory. */
  readonly target: Uint8Array;
}

/** A local folder. Paths are relative to the disk's root, with `/` between parts; none may leave the root. */
export interface Disk {
  /** Absolute path for things that must open the file themselves (SQLite, a worker thread). */
  locate(path: string): string;
  /** Reads a whole file, or `[start, end)` of it. @throws NotFoundError if there is none */
  read(path: string, range?: { start: number; end: number }): Promise<Uint8Array>;
  /**
   * Reads parts of a file straight to where they stay. It may hold the thread until all are there:
   * for worker threads that have nothing else to do. @throws as `read`
   */
  readInto(path: string, parts: readonly DiskPart[]): Promise<void>;
  /** Size in bytes, or null if there is no such file. */
  size(path: string): Promise<number | null>;
  /** Writes to a temporary name, syncs, renames, syncs the folder: after a crash the file is whole or absent. */
  writeAtomic(path: string, bytes: Uint8Array): Promise<void>;
  /** File paths below `prefix` (a folder), in code-unit order; none when the folder is absent. */
  list(prefix: string): Promise<string[]>;
  /** Removes a file or a folder with all that is in it; an absent one is no error. */
  remove(path: string): Promise<void>;
}

/** One side of a byte stream between two nodes. */
export interface Socket {
  /**
   * Queues bytes; false means that the peer is slow (wait for `onDrain` before more) or gone. The
   * bytes are handed over: they may be sent later, so the caller must not change them any more.
   */
  write(bytes: Uint8Array): boolean;
  /** Tears the stream down at once; the other side sees a fault, never a clean end. */
  destroy(): void;
  /** Bytes wait until there is a listener. What it gets is its own to keep, but may be part of a larger buffer. */
  onData(listener: (bytes: Uint8Array) => void): void;
  onDrain(listener: () => void): void;
  /** Called once, for whatever reason the stream ended. */
  onClose(listener: () => void): void;
}

/** A place that accepts streams. */
export interface Listener {
  /** `host:port` as others reach it; the port is the real one where 0 was asked for. */
  readonly address: string;
  close(): Promise<void>;
}

/** The network. Addresses are `host:port`. */
export interface Net {
  listen(address: string, onSocket: (socket: Socket) => void): Promise<Listener>;
  /** @throws UnavailableError if nothing answers there */
  connect(address: string): Promise<Socket>;
}
