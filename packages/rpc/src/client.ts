/**
 * The calling side: one connection to one node, made on the first call and again after a fault, with
 * any number of calls at a time on it.
 */
import { InvariantError, UnavailableError } from '@isotherm/errors';
import type { Clock, Net } from '@isotherm/platform';
import { type CallLimits, type CallOptions, abortable, watchLimits } from './call-limits.ts';
import { ClientCall } from './client-call.ts';
import { Connection } from './connection.ts';
import type { Frame } from './frame.ts';
import type { LocalCall, LocalCalls } from './local-calls.ts';
import type { Message, Routes } from './routes.ts';

/** Calls one node. */
export interface RpcClient {
  readonly address: string;
  /**
   * Calls and gives the items as they come. The request leaves when iteration starts; a consumer that
   * stops early cancels the call, and a slow one slows the answering node down.
   *
   * @throws (while iterating) the error that the node answered; UnavailableError naming the address
   *   when it cannot be reached or is lost; TimeoutError; CancelledError or the signal's own error
   */
  call<Name extends keyof Routes>(
    name: Name,
    message: Message<Routes[Name][0]>,
    options?: CallOptions,
  ): AsyncIterable<Message<Routes[Name][1]>>;
  /** Calls and gives the one item of the answer. @throws as `call` does */
  callOnce<Name extends keyof Routes>(
    name: Name,
    message: Message<Routes[Name][0]>,
    options?: CallOptions,
  ): Promise<Message<Routes[Name][1]>>;
  /** Breaks the connection and fails open calls; later ones fail at once. */
  close(): void;
}

const largestCallId = 0xffff_ffff;

/** What `rpcClient` needs. */
export interface RpcClientOptions {
  readonly net: Net;
  readonly clock: Clock;
  /** `host:port` of the node. */
  readonly address: string;
  /** Nodes of this process, which are called without a connection. */
  readonly local?: LocalCalls;
}

/** Makes a client; nothing is connected before the first call. */
export function rpcClient(options: RpcClientOptions): RpcClient {
  const { clock, address, local } = options;
  /** Open calls to nodes of this process. */
  const inProcess = new Set<LocalCall>();
  let isClosed = false;

  async function open(
    name: string,
    message: Message<unknown>,
    limits: CallLimits,
  ): Promise<OpenCall> {
    const node = isClosed ? undefined : local?.at(address);
    if (node === undefined) {
      const { json, bytes } = message;
      return link.open({ json: { call: name, json }, bytes }, limits.signal);
    }
    limits.signal.throwIfAborted();
    const call = node.open(name, message, limits);
    inProcess.add(call);
    return {
      next: () => call.next(),
      close() {
        inProcess.delete(call);
        call.close();
      },
    };
  }
  const link = new Link(options);

  async function* call<Name extends keyof Routes>(
    name: Name,
    message: Message<Routes[Name][0]>,
    callOptions: CallOptions = {},
  ): AsyncGenerator<Message<Routes[Name][1]>, void, undefined> {
    const limits = watchLimits(clock, {
      ...callOptions,
      what: `Call "${name}" to node "${address}"`,
    });
    try {
      const opened = await open(name, message, limits);
      try {
        for (let item = await opened.next(); item !== null; item = await opened.next()) {
          // The node answers with what routes.ts says; both sides are built from it.
          yield item as Message<Routes[Name][1]>;
        }
      } finally {
        opened.close();
      }
    } finally {
      limits.stop();
    }
  }

  return {
    address,
    call,
    async callOnce(name, message, callOptions) {
      const items = [];
      for await (const item of call(name, message, callOptions)) items.push(item);
      const [only] = items;
      if (only !== undefined && items.length === 1) return only;
      throw new InvariantError(
        `Call "${name}" answered ${items.length} items where one was expected.`,
      );
    },
    close() {
      isClosed = true;
      for (const call of inProcess) call.break(closedClient(address));
      link.close();
    },
  };
}

/** A call as its generator sees it. */
interface OpenCall {
  next(): Promise<Message<unknown> | null>;
  /** Forgets the call; the node is told when it still works on it. */
  close(): void;
}

/** A connection and its calls. */
interface Live {
  readonly connection: Connection;
  readonly calls: Map<number, ClientCall>;
}

function closedClient(address: string): UnavailableError {
  return new UnavailableError(`The client of node "${address}" was closed.`);
}

/** The connection that comes and goes. */
class Link {
  readonly #net: Net;
  readonly #clock: Clock;
  readonly #address: string;
  #live: Promise<Live> | null = null;
  #lastCallId = 0;
  #isClosed = false;

  constructor(options: { net: Net; clock: Clock; address: string }) {
    this.#net = options.net;
    this.#clock = options.clock;
    this.#address = options.address;
  }

  async open(request: Message<unknown>, signal: AbortSignal): Promise<OpenCall> {
    const { connection, calls } = await this.#usable(signal);
    const callId = this.#nextCallId(calls);
    const call = new ClientCall((kind, payload) => connection.send(kind, callId, [payload]));
    calls.set(callId, call);
    const close = (): void => {
      signal.removeEventListener('abort', abort);
      if (calls.delete(callId) && !call.isAnswered) connection.send('cancel', callId);
    };
    // abortable and watchLimits only ever abort with an Error.
    const abort = (): void => call.fail(signal.reason as Error);
    signal.addEventListener('abort', abort);
    try {
      await connection.sendMessage('request', callId, request, () => signal.throwIfAborted());
    } catch (error) {
      close();
      throw error;
    }
    return { next: () => call.next(), close };
  }

  close(): void {
    this.#isClosed = true;
    const closing = closedClient(this.#address);
    // A failed attempt has nothing to close.
    this.#live?.then(({ connection }) => connection.destroy(closing)).catch(() => {});
  }

  /** A live connection: one that broke while it was awaited is made again. */
  async #usable(signal: AbortSignal): Promise<Live> {
    for (;;) {
      const live = await abortable(this.#connected(), signal);
      signal.throwIfAborted();
      if (!live.connection.isClosed) return live;
    }
  }

  #connected(): Promise<Live> {
    if (this.#isClosed) {
      return Promise.reject(closedClient(this.#address));
    }
    if (this.#live !== null) return this.#live;
    const attempt = this.#connect(() => {
      if (this.#live === attempt) this.#live = null;
    });
    this.#live = attempt;
    return attempt;
  }

  async #connect(onGone: () => void): Promise<Live> {
    try {
      const socket = await this.#net.connect(this.#address);
      const calls = new Map<number, ClientCall>();
      const connection = new Connection(
        { socket, clock: this.#clock, peer: this.#address },
        {
          // An unknown id belongs to a call that was cancelled: its last items are still on their way.
          onFrame: (frame: Frame) => calls.get(frame.callId)?.receive(frame),
          onClose: (error) => {
            onGone();
            for (const call of calls.values()) call.fail(error);
            calls.clear();
          },
        },
      );
      return { connection, calls };
    } catch (error) {
      onGone();
      throw error;
    }
  }

  #nextCallId(calls: ReadonlyMap<number, ClientCall>): number {
    do {
      this.#lastCallId = this.#lastCallId === largestCallId ? 1 : this.#lastCallId + 1;
    } while (calls.has(this.#lastCallId));
    return this.#lastCallId;
  }
}
