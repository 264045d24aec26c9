/**
 * Credit keeps a slow consumer from filling its node's memory: the side that answers a call may send
 * `windowBytes` of item payload, and more only as the other side hands bytes to its consumer.
 */

/** Bytes of items that one call may have on their way or waiting for their consumer. */
const windowBytes = 1 << 20;
/** Credit is given back in portions, so that small items do not cost a frame each. */
const portionBytes = windowBytes / 4;

/** Encodes the payload of a credit frame: bytes that may be sent on top, u32. */
export function encodeCredit(bytes: number): Uint8Array {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, bytes, true);
  return payload;
}

/** The sender's side: waits while its credit is used up. */
export class CreditBalance {
  #bytes = windowBytes;
  #wake: (() => void) | null = null;

  /** Takes a frame's bytes. The last frame may overdraw, else a frame larger than the rest would wait for ever. */
  async spend(bytes: number, signal: AbortSignal): Promise<void> {
    while (this.#bytes <= 0) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    signal.throwIfAborted();
    this.#bytes -= bytes;
  }

  /** Adds credit that the peer gave, or wakes a waiter to look at its signal. */
  add(bytes: number): void {
    this.#bytes += bytes;
    this.#wake?.();
    this.#wake = null;
  }
}

/** The receiver's side: says when enough was consumed to be worth a credit frame. */
export class CreditReturns {
  #bytes = 0;
  readonly #send: (bytes: number) => void;

  constructor(send: (bytes: number) => void) {
    this.#send = send;
  }

  /** Notes bytes that no longer wait for the consumer. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < portionBytes) return;
    this.#send(this.#bytes);
    this.#bytes = 0;
  }
}
