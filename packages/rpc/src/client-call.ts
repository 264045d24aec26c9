/** The caller's side of one call: items wait here until the consumer takes them. */
import { type ErrorJson, errorFromJson } from '@isotherm/errors';
import { CreditReturns, encodeCredit } from './credit.ts';
import { type Frame, protocolFault } from './frame.ts';
import { decodeMessage, joinPayloads, maxMessageBytes, parseJson } from './message.ts';
import type { Message } from './routes.ts';

interface WaitingItem {
  readonly message: Message<unknown>;
  /** Bytes of credit that taking the item gives back. */
  readonly creditBytes: number;
}

type Ending = { readonly type: 'end' } | { readonly type: 'error'; readonly error: Error };

/** An open call. */
export class ClientCall {
  readonly #credit: CreditReturns;
  readonly #items: WaitingItem[] = [];
  /** Payloads of an item whose last frame has not come. */
  #payloads: Uint8Array[] = [];
  #payloadBytes = 0;
  /** Of those, bytes whose credit was not given back yet. */
  #owedBytes = 0;
  #itemCount = 0;
  #ending: Ending | null = null;
  #isAnswered = false;
  #wake: (() => void) | null = null;

  constructor(send: (kind: 'credit', payload: Uint8Array) => void) {
    this.#credit = new CreditReturns((bytes) => {
      if (this.#ending === null) send('credit', encodeCredit(bytes));
    });
  }

  /** True once the node has sent its last frame of this call: nothing is left to cancel. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** Takes a frame of this call. @throws UnavailableError code PROTOCOL_FAULT */
  receive(frame: Frame): void {
    switch (frame.kind) {
      case 'item':
        this.#takeItemFrame(frame);
        break;
      case 'end':
        this.#takeEnd(frame.payload);
        break;
      case 'error':
        this.#isAnswered = true;
        // The peer wrote it with errorToJson; errorFromJson copes with unknown kinds.
        this.fail(errorFromJson(parseJson(frame.payload) as ErrorJson));
        break;
      case 'hello':
      case 'heartbeat':
      case 'request':
      case 'cancel':
      case 'credit':
        throw protocolFault(`an answer holds a frame of kind "${frame.kind}"`);
    }
  }

  /** Ends the call; items that wait are dropped, since the answer they belong to is incomplete. */
  fail(error: Error): void {
    if (this.#ending !== null) return;
    this.#ending = { type: 'error', error };
    this.#items.length = 0;
    this.#wakeConsumer();
  }

  /** The next item, or null after the last. @throws the error that ended the call */
  async next(): Promise<Message<unknown> | null> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) {
        this.#credit.add(item.creditBytes);
        if (this.#items.length === 0) this.#repayOwed();
        return item.message;
      }
      if (this.#ending?.type === 'error') throw this.#ending.error;
      if (this.#ending?.type === 'end') return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #takeItemFrame(frame: Frame): void {
    this.#payloads.push(frame.payload);
    this.#payloadBytes += frame.payload.length;
    this.#owedBytes += frame.payload.length;
    if (this.#payloadBytes > maxMessageBytes) throw protocolFault('an item is too large');
    if (frame.isContinued) {
      // The consumer waits for just this item: it must become whole, whatever its size.
      if (this.#items.length === 0) this.#repayOwed();
      return;
    }
    const message = decodeMessage(joinPayloads(this.#payloads));
    this.#items.push({ message, creditBytes: this.#owedBytes });
    this.#itemCount++;
    this.#payloads = [];
    this.#payloadBytes = 0;
    this.#owedBytes = 0;
    this.#wakeConsumer();
  }

  #takeEnd(payload: Uint8Array): void {
    const promised = payload.length === 4 ? new DataView(payload.buffer).getUint32(0, true) : -1;
    if (promised !== this.#itemCount || this.#payloads.length > 0) {
      throw protocolFault(`an answer ended after ${this.#itemCount} of ${promised} items`);
    }
    this.#isAnswered = true;
    this.#ending ??= { type: 'end' };
    this.#wakeConsumer();
  }

  #repayOwed(): void {
    this.#credit.add(this.#owedBytes);
    this.#owedBytes = 0;
  }

  #wakeConsumer(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
