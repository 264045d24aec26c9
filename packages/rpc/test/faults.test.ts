import { type Socket, manualClock, memoryNet, seededRandom } from '@isotherm/platform';
import { type Handlers, reconnectDelays, rpcClient, serveRpc } from '@isotherm/rpc';
import { describe, expect, it } from 'vitest';
import { encodeHeader } from '../src/frame.ts';
import { encodeHello } from '../src/hello.ts';

const address = 'node:1';
const never: Handlers = {
  // oxlint-disable-next-line require-yield -- a node that works on its answer for ever
  'historical.run': async function* (_request, { signal }) {
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
  },
  'broker.cancel': async function* () {
    yield { json: { cancelled: true }, bytes: [] };
  },
};
const run = {
  json: {
    queryType: 'timeseries' as const,
    queryId: 'q',
    segments: [],
    isOnlyNode: false,
    timeoutMs: 1,
    priority: 0,
  },
  bytes: [],
};
const cancel = { json: { queryId: 'q' }, bytes: [] };

describe('heartbeats', () => {
  it('keep a stream alive on which nothing else is said', async () => {
    const net = memoryNet();
    const clock = manualClock(0);
    const server = await serveRpc({ net, clock, address, handlers: never });
    const client = rpcClient({ net, clock, address });
    let outcome: unknown = 'open';
    const calling = client.callOnce('historical.run', run).catch((error: unknown) => {
      outcome = error;
    });
    await clock.advance(60_000);
    expect(outcome).toBe('open');
    client.close();
    await calling;
    await server.close();
  });

  it('that stop end the stream within three seconds and fail its calls', async () => {
    const net = memoryNet();
    const clock = manualClock(0);
    let stoppedAtMs = Number.NaN;
    const server = await serveRpc({
      net,
      clock,
      address,
      handlers: {
        // oxlint-disable-next-line require-yield -- as above, and notes when it is stopped
        'historical.run': async function* (_request, { signal }) {
          await new Promise((resolve) => {
            signal.addEventListener('abort', resolve);
          });
          stoppedAtMs = clock.monotonicMs();
        },
      },
    });
    const client = rpcClient({ net, clock, address });
    const outcome = client
      .callOnce('historical.run', run)
      .catch((error: unknown) => ({ error, atMs: clock.monotonicMs() }));
    await clock.advance(10_000);
    net.silence(address);
    await clock.advance(3_500);
    expect(await outcome).toMatchObject({
      error: {
        kind: 'UnavailableError',
        code: 'NODE_SILENT',
        message: `Node "${address}" is unavailable. It has been silent for 3 seconds.`,
      },
      atMs: expect.toSatisfy((atMs: number) => atMs > 12_000 && atMs <= 13_000),
    });
    expect(stoppedAtMs).toBeGreaterThan(12_000);
    expect(stoppedAtMs).toBeLessThanOrEqual(13_000);
    net.restore(address);
    const retry = client.callOnce('historical.run', run).catch((error: unknown) => error);
    await clock.advance(1_000);
    client.close();
    expect(await retry).toMatchObject({ message: expect.stringContaining('was closed') });
    await server.close();
  });
});

describe('a stream that breaks the protocol', () => {
  const frame = (
    kind: Parameters<typeof encodeHeader>[0]['kind'],
    callId: number,
    payload: Uint8Array,
  ): Uint8Array =>
    Buffer.concat([encodeHeader({ kind, callId, isContinued: false }, [payload]), payload]);
  const hello = frame('hello', 0, encodeHello());
  const damaged = Uint8Array.from(frame('item', 1, Uint8Array.of(1)));
  damaged[16] = 2;

  const answers: [what: string, bytes: Uint8Array[], why: string][] = [
    ['a damaged frame', [hello, damaged], 'the checksum of a frame does not match'],
    [
      'another protocol',
      [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
      'a frame of 1347703880 bytes was announced, at most 1048576 are allowed',
    ],
    ['no hello', [frame('heartbeat', 0, new Uint8Array())], 'the peer did not say hello first'],
    [
      'a request from the answering side',
      [hello, frame('request', 1, new Uint8Array())],
      'an answer holds a frame of kind "request"',
    ],
    [
      'an end that promises more items',
      [hello, frame('end', 1, Uint8Array.of(2, 0, 0, 0))],
      'an answer ended after 0 of 2 items',
    ],
  ];
  it.each(answers)('fails the calls of the client: %s', async (_what, bytes, why) => {
    const net = memoryNet();
    const listener = await net.listen(address, (socket) => {
      socket.onData(() => {
        for (const part of bytes) socket.write(part);
      });
    });
    const client = rpcClient({ net, clock: manualClock(0), address });
    await expect(client.callOnce('broker.cancel', cancel)).rejects.toMatchObject({
      code: 'PROTOCOL_FAULT',
      message: `Node "${address}" is unavailable. The stream between nodes is broken: ${why}.`,
      details: { address },
    });
    await listener.close();
  });

  it.each([
    ['a damaged frame', [hello, damaged]],
    ['a request that is no message', [hello, frame('request', 1, Uint8Array.of(1))]],
    [
      'a request that names no call',
      [
        hello,
        frame(
          'request',
          1,
          Uint8Array.from([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d, 0, 0, 0, 0, 0, 0]),
        ),
      ],
    ],
    ['noise', [new Uint8Array(64).fill(0xff)]],
  ])('is dropped by the server, which goes on serving others: %s', async (_what, bytes) => {
    const net = memoryNet();
    const clock = manualClock(0);
    const server = await serveRpc({ net, clock, address, handlers: never });
    const socket = await net.connect(address);
    for (const part of bytes) socket.write(part);
    await closed(socket);
    const client = rpcClient({ net, clock, address });
    expect((await client.callOnce('broker.cancel', cancel)).json).toEqual({ cancelled: true });
    client.close();
    await server.close();
  });

  it('names the versions when there is none in common', async () => {
    const net = memoryNet();
    const clock = manualClock(0);
    const newer = frame('hello', 0, encodeHello({ oldest: 7, newest: 8 }));
    const listener = await net.listen(address, (socket) => {
      socket.onData(() => {});
      socket.write(newer);
    });
    const client = rpcClient({ net, clock, address });
    const outcome = client.callOnce('broker.cancel', cancel).catch((error: unknown) => error);
    await clock.advance(2_000);
    expect(await outcome).toMatchObject({
      code: 'PROTOCOL_MISMATCH',
      message: `Node "${address}" is unavailable. The peer speaks protocol versions 7 to 8, this node 1 to 1. Upgrade the older one.`,
    });
    await listener.close();
  });
});

describe('reconnect delays', () => {
  it('double up to the limit, each jittered by up to a half', () => {
    const delays = reconnectDelays(seededRandom(1), { minMs: 100, maxMs: 1_000 });
    for (const spanMs of [100, 200, 400, 800, 1_000, 1_000]) {
      const { value } = delays.next();
      expect(value).toBeGreaterThanOrEqual(spanMs / 2);
      expect(value).toBeLessThanOrEqual(spanMs);
    }
  });
});

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.onData(() => {});
    socket.onClose(resolve);
  });
}
