/**
 * TCP by `node:net`. Small frames leave at once (TCP_NODELAY), and `destroy` sends a reset, so that
 * the other side can never take a broken stream for a finished one.
 */
import { type Socket as NodeSocket, connect, createServer } from 'node:net';
import { UnavailableError } from '@isotherm/errors';
import { formatAddress, parseAddress } from './address.ts';
import type { Listener, Net, Socket } from './platform.ts';

/** How long a connection attempt may take before the peer counts as unavailable. */
const connectTimeoutMs = 3_000;

/** Makes the network of this machine. */
export function tcpNet(): Net {
  return { listen: listenTcp, connect: connectTcp };
}

function listenTcp(address: string, onSocket: (socket: Socket) => void): Promise<Listener> {
  const { host, port } = parseAddress(address);
  const open = new Set<NodeSocket>();
  const server = createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    onSocket(wrap(socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(unavailable(address, 'cannot be listened on', error));
    });
    server.listen({ host, port }, () => {
      const bound = server.address();
      const realPort = typeof bound === 'object' && bound !== null ? bound.port : port;
      resolve({
        address: formatAddress({ host, port: realPort }),
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of open) socket.resetAndDestroy();
          }),
      });
    });
  });
}

function connectTcp(address: string): Promise<Socket> {
  const { host, port } = parseAddress(address);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const fail = (error: unknown): void => {
      socket.destroy();
      reject(unavailable(address, 'cannot be reached', error));
    };
    const timeout = (): void => {
      fail(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
    };
    socket.once('error', fail);
    socket.setTimeout(connectTimeoutMs, timeout);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('timeout', timeout);
      socket.off('error', fail);
      resolve(wrap(socket));
    });
  });
}

function wrap(socket: NodeSocket): Socket {
  let isClosed = socket.destroyed;
  // Faults end in 'close', which is where they are told; an 'error' without listener would end the process.
  socket.on('error', () => {});
  socket.once('close', () => {
    isClosed = true;
  });
  // A peer that ends its side cleanly is gone as well: a stream is never half open.
  socket.once('end', () => socket.destroy());
  return {
    write: (bytes) => !isClosed && socket.write(bytes),
    destroy: () => {
      socket.resetAndDestroy();
    },
    onData: (listener) => {
      socket.on('data', listener);
    },
    onDrain: (listener) => {
      socket.on('drain', listener);
    },
    onClose: (listener) => {
      if (isClosed) queueMicrotask(listener);
      else socket.once('close', () => listener());
    },
  };
}

function unavailable(address: string, what: string, error: unknown): UnavailableError {
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
  const advice = advices[code] ?? `The system says ${code}.`;
  return new UnavailableError(`Node "${address}" ${what}. ${advice}`, {
    details: { address },
    cause: error,
  });
}

const advices: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there; is the node running?',
  ETIMEDOUT: 'It did not answer in time; is the host up and the port open?',
  ENOTFOUND: 'The host name is unknown.',
  EADDRINUSE: 'Another process listens there; choose another port.',
  EACCES: 'Permission is denied; ports below 1024 are reserved.',
  EADDRNOTAVAIL: 'The host is not an address of this machine.',
};
