/**
 * One stream between two nodes, the same on both sides: it says hello, sends a heartbeat each second,
 * turns bytes into frames, and ends with one error that says why. A stream that is silent for three
 * seconds is dead, because TCP itself would not tell for minutes.
 */
import { IsothermError, UnavailableError } from '@isotherm/errors';
import type { Clock, Socket } from '@isotherm/platform';
import {
  type Frame,
  type FrameKind,
  FrameDecoder,
  encodeHeader,
  pieceBytes,
  protocolFault,
} from './frame.ts';
import { agreeOnVersion, encodeHello } from './hello.ts';
import { cutParts, encodeMessage } from './message.ts';
import { Outbox } from './outbox.ts';
import type { Message } from './routes.ts';

/** Silence is judged, and every second time a heartbeat sent, this often. */
const tickMs = 500;
const ticksPerHeartbeat = 2;
/**
 * A stream ends after so many ticks without a byte, 2.5 to 3 s after the last one. Ticks are counted,
 * not time, so that a node whose own event loop stood still does not blame its peers.
 */
const silentTicksAllowed = 5;
/** How long a side with no common version stays, so that its hello can be read. */
const mismatchGraceMs = 1_000;

/** What the owner of a connection hears. */
interface ConnectionListener {
  /** A frame of a call; hello and heartbeat stay inside. May throw to end the connection. */
  readonly onFrame: (frame: Frame) => void;
  /** Called once, with an UnavailableError that names the peer. */
  readonly onClose: (error: UnavailableError) => void;
}

/** One live stream. */
export class Connection {
  /** Names the peer in errors. */
  readonly peer: string;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #listener: ConnectionListener;
  readonly #outbox: Outbox;
  readonly #decoder = new FrameDecoder();
  #cancelTick: () => void;
  #ticks = 0;
  #silentTicks = 0;
  #hasHeard = false;
  #isGreeted = false;
  #fault: UnavailableError | null = null;
  #isClosed = false;

  constructor(
    options: { socket: Socket; clock: Clock; peer: string },
    listener: ConnectionListener,
  ) {
    this.peer = options.peer;
    this.#socket = options.socket;
    this.#clock = options.clock;
    this.#listener = listener;
    this.#outbox = new Outbox(options.socket);
    this.#socket.onClose(() => this.#close('it broke off'));
    this.#socket.onData((bytes) => this.#receive(bytes));
    this.send('hello', 0, [encodeHello()]);
    this.#cancelTick = this.#clock.schedule(tickMs, () => this.#tick());
  }

  /** True once the stream is dead: nothing sent on it arrives, and `onClose` was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Sends one frame; parts are handed over. */
  send(
    kind: FrameKind,
    callId: number,
    parts: readonly Uint8Array[] = [],
    isContinued = false,
  ): void {
    this.#outbox.push([encodeHeader({ kind, callId, isContinued }, parts), ...parts]);
  }

  /**
   * Sends a message in as many frames as it needs and waits for the peer in between.
   *
   * @param beforeFrame awaited before each frame with the bytes of its payload; throws to stop
   */
  async sendMessage(
    kind: 'request' | 'item',
    callId: number,
    message: Message<unknown>,
    beforeFrame: (payloadBytes: number) => void | Promise<void> = () => {},
  ): Promise<void> {
    const runs = cutParts(encodeMessage(message), pieceBytes);
    for (const [index, parts] of runs.entries()) {
      await this.#outbox.writable();
      await beforeFrame(parts.reduce((sum, part) => sum + part.length, 0));
      this.send(kind, callId, parts, index < runs.length - 1);
    }
  }

  /** Tears the stream down; the listener hears why. */
  destroy(reason: UnavailableError): void {
    this.#fault ??= reason;
    this.#socket.destroy();
    this.#close('it was closed');
  }

  #receive(bytes: Uint8Array): void {
    this.#hasHeard = true;
    if (this.#fault !== null) return;
    try {
      this.#decoder.push(bytes, (frame) => {
        if (this.#fault === null) this.#dispatch(frame);
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  #dispatch(frame: Frame): void {
    if (frame.kind === 'hello') {
      agreeOnVersion(frame.payload);
      this.#isGreeted = true;
    } else if (!this.#isGreeted) {
      throw protocolFault('the peer did not say hello first');
    } else if (frame.kind !== 'heartbeat') {
      this.#listener.onFrame(frame);
    }
  }

  #fail(error: unknown): void {
    const fault =
      error instanceof UnavailableError ? error : protocolFault('a frame could not be handled');
    this.#fault = this.#named(fault.message, fault.code, error);
    if (fault.code === 'PROTOCOL_MISMATCH') {
      this.#clock.schedule(mismatchGraceMs, () => this.destroy(fault));
    } else {
      this.destroy(this.#fault);
    }
  }

  #tick(): void {
    this.#ticks++;
    this.#silentTicks = this.#hasHeard ? 0 : this.#silentTicks + 1;
    this.#hasHeard = false;
    if (this.#silentTicks >= silentTicksAllowed) {
      this.destroy(this.#named('It has been silent for 3 seconds.', 'NODE_SILENT', undefined));
      return;
    }
    if (this.#ticks % ticksPerHeartbeat === 0) this.send('heartbeat', 0);
    this.#cancelTick = this.#clock.schedule(tickMs, () => this.#tick());
  }

  #close(what: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTick();
    this.#outbox.close();
    this.#fault ??= this.#named(`The connection is gone: ${what}.`, 'NODE_LOST', undefined);
    this.#listener.onClose(this.#fault);
  }

  #named(why: string, code: string, cause: unknown): UnavailableError {
    return new UnavailableError(`Node "${this.peer}" is unavailable. ${why}`, {
      code,
      details: { ...(cause instanceof IsothermError ? cause.details : {}), address: this.peer },
      cause,
    });
  }
}
