/**
 * What a connection is about to send. Frames of one turn leave together: small parts are joined into
 * one write (a system call costs more than copying a few kilobytes), large ones go as they are.
 */
import type { Socket } from '@isotherm/platform';

/** Parts from this size on are written without being copied. */
const largePartBytes = 16 * 1024;
/** Joined writes do not grow beyond this. */
const joinedBytes = 64 * 1024;

/** The sending half of a connection. */
export class Outbox {
  readonly #socket: Socket;
  #parts: Uint8Array[] = [];
  #isFlushing = false;
  #isBlocked = false;
  #isClosed = false;
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.onDrain(() => {
      this.#isBlocked = false;
      this.#wake();
    });
  }

  /** Queues parts in order; they leave at the end of this turn. */
  push(parts: readonly Uint8Array[]): void {
    if (this.#isClosed) return;
    for (const part of parts) this.#parts.push(part);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  /** Resolves once the peer keeps up; at once when it does. Also when the connection is gone. */
  async writable(): Promise<void> {
    while (this.#isBlocked && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  /** Drops what is queued and wakes who waits. */
  close(): void {
    this.#isClosed = true;
    this.#parts = [];
    this.#wake();
  }

  #flush(): void {
    const parts = this.#parts;
    this.#parts = [];
    let small: Uint8Array[] = [];
    let smallBytes = 0;
    const writeSmall = (): void => {
      if (smallBytes > 0) this.#write(join(small, smallBytes));
      small = [];
      smallBytes = 0;
    };
    for (const part of parts) {
      const isLarge = part.length >= largePartBytes;
      if (isLarge || smallBytes + part.length > joinedBytes) writeSmall();
      if (isLarge) {
        this.#write(part);
      } else {
        small.push(part);
        smallBytes += part.length;
      }
    }
    writeSmall();
  }

  #write(bytes: Uint8Array): void {
    if (!this.#isClosed && !this.#socket.write(bytes)) this.#isBlocked = true;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let position = 0;
  for (const part of parts) {
    joined.set(part, position);
    position += part.length;
  }
  return joined;
}
