/**
 * Calls between roles that share a process: the caller takes the items from the handler itself, so
 * nothing is encoded, checked, copied or put off to a later turn. What callers see is the same as over a
 * connection: errors lose their stacks, a caller that stops early or a node that closes ends the call.
 *
 * Messages are handed over by reference: neither side may change one that it sent or got.
 */
import {
  CancelledError,
  CapacityError,
  UnavailableError,
  errorFromJson,
  errorToJson,
} from '@isotherm/errors';
import type { CallLimits } from './call-limits.ts';
import { type Handlers, handle } from './handlers.ts';
import type { Message } from './routes.ts';

/** Calls of one node beyond this are refused. */
const maxOpenCalls = 10_000;

/** What a node that is reached in process is made of. */
interface LocalNodeOptions {
  readonly handlers: Handlers;
  readonly onUnexpected?: (error: unknown, call: string) => void;
}

/** The nodes of one process, by address. */
export class LocalCalls {
  readonly #nodes = new Map<string, LocalNode>();

  /** Makes a node reachable until it is closed. */
  serve(address: string, options: LocalNodeOptions): LocalNode {
    const node: LocalNode = new LocalNode(address, options, () => {
      if (this.#nodes.get(address) === node) this.#nodes.delete(address);
    });
    this.#nodes.set(address, node);
    return node;
  }

  /** The node at an address; undefined when none in this process has it. */
  at(address: string): LocalNode | undefined {
    return this.#nodes.get(address);
  }
}

/** A node that answers calls of its own process. */
class LocalNode {
  readonly #address: string;
  readonly #options: LocalNodeOptions;
  readonly #onClosed: () => void;
  readonly #calls = new Set<LocalCall>();

  constructor(address: string, options: LocalNodeOptions, onClosed: () => void) {
    this.#address = address;
    this.#options = options;
    this.#onClosed = onClosed;
  }

  /** Starts a call; the limits' signal is the handler's. */
  open(name: string, request: Message<unknown>, limits: CallLimits): LocalCall {
    const { handlers, onUnexpected } = this.#options;
    const call = new LocalCall(limits, {
      onUnexpected: (error) => onUnexpected?.(error, name),
      onClosed: () => this.#calls.delete(call),
    });
    call.start(() => {
      if (this.#calls.size >= maxOpenCalls) {
        throw new CapacityError(
          `More than ${maxOpenCalls} calls are open on one node. Retry later.`,
        );
      }
      return handle(handlers, name, request, limits.signal);
    });
    this.#calls.add(call);
    return call;
  }

  /** Takes no more calls and breaks those that are open. */
  close(): void {
    this.#onClosed();
    const gone = new UnavailableError(
      `Node "${this.#address}" is unavailable. The connection is gone: it broke off.`,
      { code: 'NODE_LOST', details: { address: this.#address } },
    );
    for (const call of this.#calls) call.break(gone);
  }
}

/** One call, as the caller holds it. */
export class LocalCall {
  readonly #limits: CallLimits;
  readonly #on: { onUnexpected: (error: unknown) => void; onClosed: () => void };
  readonly #abort: () => void;
  #items: AsyncIterator<Message<unknown>> | null = null;
  /** Why there are no more items; undefined while there may be. */
  #failure: Error | undefined;
  #isAnswered = false;
  #reject: ((error: Error) => void) | null = null;

  constructor(
    limits: CallLimits,
    on: { onUnexpected: (error: unknown) => void; onClosed: () => void },
  ) {
    this.#limits = limits;
    this.#on = on;
    // watchLimits aborts with an Error.
    this.#abort = () => this.#fail(limits.signal.reason as Error);
    if (limits.signal.aborted) this.#abort();
    else limits.signal.addEventListener('abort', this.#abort);
  }

  /** Asks the handler; when even that fails, the first `next` says so. */
  start(ask: () => AsyncIterable<Message<unknown>>): void {
    if (this.#failure !== undefined) return;
    try {
      this.#items = ask()[Symbol.asyncIterator]();
    } catch (error) {
      this.#failure = this.#answered(error);
    }
  }

  /** The next item, or null after the last. @throws the error that ended the call */
  next(): Promise<Message<unknown> | null> {
    const items = this.#items;
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#isAnswered || items === null) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      void this.#pull(items, resolve, reject);
    });
  }

  /** Never rejects. */
  async #pull(
    items: AsyncIterator<Message<unknown>>,
    resolve: (item: Message<unknown> | null) => void,
    reject: (error: Error) => void,
  ): Promise<void> {
    try {
      const { done, value } = await items.next();
      if (done === true) this.#isAnswered = true;
      resolve(done === true ? null : value);
    } catch (error) {
      // A call that was broken off has told its caller already.
      if (this.#failure === undefined) reject((this.#failure = this.#answered(error)));
    }
  }

  /** Breaks the call off. */
  break(error: UnavailableError): void {
    this.#fail(error);
    this.#limits.abort(error);
  }

  /** Ends the call; the handler is told when it still works on it. */
  close(): void {
    this.#limits.signal.removeEventListener('abort', this.#abort);
    this.#on.onClosed();
    if (this.#isAnswered) return;
    this.#limits.abort(new CancelledError('The caller gave up.'));
    // What a handler says after that interests nobody.
    this.#items?.return?.()?.catch(() => {});
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#reject?.(this.#failure);
  }

  /** The handler's error as another node would see it. */
  #answered(error: unknown): Error {
    this.#isAnswered = true;
    const json = errorToJson(error);
    if (json.kind === 'InvariantError') this.#on.onUnexpected(error);
    return errorFromJson(json);
  }
}
