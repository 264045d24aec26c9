/**
 * A network inside one process. Bytes arrive in later turns of the event loop and in order, a slow
 * reader makes `write` return false, and a destroyed side is a fault for the other one. Faults can
 * be injected by address.
 */
import { UnavailableError } from '@isotherm/errors';
import { formatAddress, parseAddress } from './address.ts';
import type { Listener, Net, Socket } from './platform.ts';

/** The in-process network, with faults. */
export interface MemoryNet extends Net {
  /** Breaks every stream of the listener at `address`, as killing its process would. */
  cut(address: string): void;
  /** Makes bytes to and from `address` vanish without an error, as a partition would; `restore` ends it. */
  silence(address: string): void;
  /** Ends `silence`; bytes that vanished stay lost. */
  restore(address: string): void;
}

/** Bytes on their way in one direction beyond which `write` returns false. */
const highWaterBytes = 64 * 1024;
const firstFreePort = 49_152;

interface Place {
  readonly onSocket: (socket: Socket) => void;
  /** One side of each stream that was made here. */
  readonly streams: Set<End>;
}

/** Makes an empty network. */
export function memoryNet(): MemoryNet {
  const places = new Map<string, Place>();
  const silent = new Set<string>();
  let nextPort = firstFreePort;

  return {
    async listen(address, onSocket) {
      const asked = parseAddress(address);
      const real = formatAddress({ ...asked, port: asked.port === 0 ? nextPort++ : asked.port });
      if (places.has(real)) {
        throw new UnavailableError(
          `Node "${real}" cannot be listened on. Another process listens there; choose another port.`,
          { details: { address: real } },
        );
      }
      const place: Place = { onSocket, streams: new Set() };
      places.set(real, place);
      return memoryListener(real, place, places);
    },
    async connect(address) {
      const place = places.get(formatAddress(parseAddress(address)));
      if (place === undefined) {
        throw new UnavailableError(
          `Node "${address}" cannot be reached. Nothing listens there; is the node running?`,
          { details: { address } },
        );
      }
      const [near, far] = streamPair(() => silent.has(address));
      place.streams.add(far);
      far.onClose(() => place.streams.delete(far));
      place.onSocket(far);
      return near;
    },
    cut(address) {
      for (const stream of places.get(address)?.streams ?? []) stream.destroy();
    },
    silence: (address) => void silent.add(address),
    restore: (address) => void silent.delete(address),
  };
}

function memoryListener(address: string, place: Place, places: Map<string, Place>): Listener {
  return {
    address,
    async close() {
      if (places.get(address) === place) places.delete(address);
      for (const stream of place.streams) stream.destroy();
    },
  };
}

function streamPair(isSilent: () => boolean): [End, End] {
  const near = new End(isSilent);
  const far = new End(isSilent);
  near.peer = far;
  far.peer = near;
  return [near, far];
}

/** One side of a stream; owns the bytes that are on their way to it. */
class End implements Socket {
  peer: End | null = null;
  readonly #isSilent: () => boolean;
  readonly #arriving: Uint8Array[] = [];
  #arrivingBytes = 0;
  #isDelivering = false;
  #isClosed = false;
  #peerWaits = false;
  #onData: ((bytes: Uint8Array) => void) | null = null;
  readonly #onDrain: (() => void)[] = [];
  readonly #onClose: (() => void)[] = [];

  constructor(isSilent: () => boolean) {
    this.#isSilent = isSilent;
  }

  write(bytes: Uint8Array): boolean {
    if (this.#isClosed || this.peer === null) return false;
    if (this.#isSilent()) return true;
    return this.peer.#accept(bytes.slice());
  }

  destroy(): void {
    this.#close();
    // The other side learns of it in a later turn, after what was delivered before.
    const { peer } = this;
    if (peer !== null && !this.#isSilent()) setImmediate(() => peer.#close());
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#onData = listener;
    this.#deliverLater();
  }

  onDrain(listener: () => void): void {
    this.#onDrain.push(listener);
  }

  onClose(listener: () => void): void {
    if (this.#isClosed) queueMicrotask(listener);
    else this.#onClose.push(listener);
  }

  #accept(bytes: Uint8Array): boolean {
    if (this.#isClosed) return false;
    this.#arriving.push(bytes);
    this.#arrivingBytes += bytes.length;
    this.#deliverLater();
    this.#peerWaits ||= this.#arrivingBytes > highWaterBytes;
    return !this.#peerWaits;
  }

  #deliverLater(): void {
    if (this.#isDelivering || this.#onData === null || this.#arriving.length === 0) return;
    this.#isDelivering = true;
    setImmediate(() => {
      this.#isDelivering = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const batch = this.#arriving.splice(0);
    this.#arrivingBytes = 0;
    for (const bytes of batch) {
      if (this.#isClosed) return;
      this.#onData?.(bytes);
    }
    if (!this.#peerWaits) return;
    this.#peerWaits = false;
    if (this.peer === null) return;
    for (const listener of this.peer.#onDrain) listener();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#arriving.length = 0;
    for (const listener of this.#onClose.splice(0)) queueMicrotask(listener);
  }
}
