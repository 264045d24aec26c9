/**
 * The items of one streaming answer: pushed by the role, pulled by the connection.
 */

/** A queue that is read once. The role bounds what it pushes. */
export class StreamQueue<Item> {
  readonly #items: Item[] = [];
  #wake: (() => void) | null = null;
  #isEnded = false;
  #fault: unknown = null;

  /** Adds an item; ignored after the end. */
  push(item: Item): void {
    if (this.#isEnded) return;
    this.#items.push(item);
    this.#wake?.();
  }

  /** Ends the stream after what was pushed; with a fault, the reader sees that instead. */
  end(fault: unknown = null): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#fault = fault;
    this.#wake?.();
  }

  /** Yields the items until the end or until the signal. @throws the fault given to `end` */
  async *read(signal: AbortSignal): AsyncGenerator<Item> {
    const wake = (): void => this.#wake?.();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        const item = this.#items.shift();
        if (item !== undefined) {
          yield item;
          continue;
        }
        if (this.#isEnded) break;
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = null;
      }
      if (this.#fault !== null && !signal.aborted) throw this.#fault;
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }
}
