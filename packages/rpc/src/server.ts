/** The answering side: accepts streams, runs one handler a request, and sends what it yields. */
import { CancelledError, CapacityError, UnavailableError, errorToJson } from '@isotherm/errors';
import type { Clock, Net, Socket } from '@isotherm/platform';
import { Connection } from './connection.ts';
import { CreditBalance } from './credit.ts';
import { type Frame, protocolFault } from './frame.ts';
import { type Handlers, handle } from './handlers.ts';
import type { LocalCalls } from './local-calls.ts';
import { decodeMessage, joinPayloads, maxMessageBytes } from './message.ts';
import type { Message } from './routes.ts';

/** What `serveRpc` needs. */
export interface ServeOptions {
  readonly net: Net;
  /** `host:port` to listen on. */
  readonly address: string;
  readonly clock: Clock;
  readonly handlers: Handlers;
  /** Hears of errors that callers only see as "unexpected", for the log of the node. */
  readonly onUnexpected?: (error: unknown, call: string) => void;
  /** Callers of the same process that were given this reach the node without a connection. */
  readonly local?: LocalCalls;
}

/** A node that answers calls. */
export interface RpcServer {
  /** As others reach it; the port is the real one. */
  readonly address: string;
  /** Stops accepting, aborts running calls and breaks all streams. */
  close(): Promise<void>;
}

/** Calls of one connection beyond this are refused. */
const maxOpenCalls = 10_000;

/** Starts to answer calls. @throws UnavailableError if the address is taken */
export async function serveRpc(options: ServeOptions): Promise<RpcServer> {
  const peers = new Set<ServedPeer>();
  const listener = await options.net.listen(options.address, (socket) => {
    const peer: ServedPeer = new ServedPeer(socket, options, () => peers.delete(peer));
    peers.add(peer);
  });
  const local = options.local?.serve(listener.address, options);
  return {
    address: listener.address,
    async close() {
      local?.close();
      for (const peer of peers) peer.close();
      await listener.close();
    },
  };
}

interface RunningCall {
  /** Payloads of the request until it is whole; then null. */
  request: Uint8Array[] | null;
  requestBytes: number;
  readonly credit: CreditBalance;
  readonly stop: AbortController;
}

/** One accepted connection and its calls. */
class ServedPeer {
  readonly #connection: Connection;
  readonly #options: ServeOptions;
  readonly #calls = new Map<number, RunningCall>();

  constructor(socket: Socket, options: ServeOptions, onGone: () => void) {
    this.#options = options;
    this.#connection = new Connection(
      { socket, clock: options.clock, peer: `a caller of ${options.address}` },
      {
        onFrame: (frame) => this.#receive(frame),
        onClose: (error) => {
          onGone();
          for (const call of this.#calls.values()) stop(call, error);
        },
      },
    );
  }

  close(): void {
    this.#connection.destroy(new UnavailableError('The node is shutting down.'));
  }

  #receive(frame: Frame): void {
    const call = this.#calls.get(frame.callId);
    switch (frame.kind) {
      case 'request':
        this.#takeRequest(frame, call);
        break;
      case 'cancel':
        if (call !== undefined) {
          this.#calls.delete(frame.callId);
          stop(call, new CancelledError('The caller gave up.'));
        }
        break;
      case 'credit':
        if (frame.payload.length !== 4) throw protocolFault('a credit frame has a wrong length');
        call?.credit.add(new DataView(frame.payload.buffer).getUint32(0, true));
        break;
      case 'hello':
      case 'heartbeat':
      case 'item':
      case 'end':
      case 'error':
        throw protocolFault(`a caller sent a frame of kind "${frame.kind}"`);
    }
  }

  #takeRequest(frame: Frame, found: RunningCall | undefined): void {
    if (found?.request === null) throw protocolFault('a call was requested twice');
    const call = found ?? newCall();
    this.#calls.set(frame.callId, call);
    call.request?.push(frame.payload);
    call.requestBytes += frame.payload.length;
    if (call.requestBytes > maxMessageBytes) throw protocolFault('a request is too large');
    if (frame.isContinued) return;
    const request = decodeMessage(joinPayloads(call.request ?? []));
    call.request = null;
    const { name, json } = openEnvelope(request.json);
    if (this.#calls.size > maxOpenCalls) {
      this.#calls.delete(frame.callId);
      this.#sendError(
        frame.callId,
        new CapacityError(
          `More than ${maxOpenCalls} calls are open on one connection. Retry later.`,
        ),
      );
      return;
    }
    void this.#answer(frame.callId, call, name, { json, bytes: request.bytes });
  }

  /** Never rejects: errors of the handler are the answer. */
  async #answer(
    callId: number,
    call: RunningCall,
    name: string,
    request: Message<unknown>,
  ): Promise<void> {
    const { signal } = call.stop;
    try {
      let itemCount = 0;
      for await (const item of handle(this.#options.handlers, name, request, signal)) {
        await this.#connection.sendMessage('item', callId, item, (bytes) =>
          call.credit.spend(bytes, signal),
        );
        itemCount++;
      }
      if (!signal.aborted) this.#connection.send('end', callId, [encodeCount(itemCount)]);
    } catch (error) {
      if (!signal.aborted) {
        if (errorToJson(error).kind === 'InvariantError') this.#options.onUnexpected?.(error, name);
        this.#sendError(callId, error);
      }
    } finally {
      if (this.#calls.get(callId) === call) this.#calls.delete(callId);
    }
  }

  #sendError(callId: number, error: unknown): void {
    const payload = new TextEncoder().encode(JSON.stringify(errorToJson(error)));
    this.#connection.send('error', callId, [payload]);
  }
}

function newCall(): RunningCall {
  return {
    request: [],
    requestBytes: 0,
    credit: new CreditBalance(),
    stop: new AbortController(),
  };
}

function stop(call: RunningCall, reason: Error): void {
  call.stop.abort(reason);
  call.credit.add(0);
}

function openEnvelope(json: unknown): { name: string; json: unknown } {
  if (
    typeof json === 'object' &&
    json !== null &&
    'call' in json &&
    typeof json.call === 'string'
  ) {
    return { name: json.call, json: 'json' in json ? json.json : undefined };
  }
  throw protocolFault('a request names no call');
}

function encodeCount(count: number): Uint8Array {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, count, true);
  return payload;
}
