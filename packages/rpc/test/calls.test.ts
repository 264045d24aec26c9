import { CancelledError, InvalidQueryError } from '@isotherm/errors';
import { type Net, manualClock, memoryNet, nodeClock, tcpNet } from '@isotherm/platform';
import {
  type Handlers,
  LocalCalls,
  type Message,
  type Routes,
  type RpcClient,
  type RpcServer,
  type SegmentsAnswer,
  type SegmentsRequest,
  type ServeOptions,
  rpcClient,
  serveRpc,
} from '@isotherm/rpc';
import type { Query } from '@isotherm/query';
import { afterEach, describe, expect, it } from 'vitest';

const request: Message<SegmentsRequest> = {
  json: {
    queryType: 'timeseries',
    queryId: 'q',
    segments: [],
    isOnlyNode: false,
    timeoutMs: 1_000,
    priority: 0,
  },
  bytes: [],
};
const answer = (scannedRows: number, ...bytes: Uint8Array[]): Message<SegmentsAnswer> => ({
  json: { missingKeys: [], scannedRows },
  bytes,
});

const closing: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Pair {
  readonly client: RpcClient;
  readonly server: RpcServer;
}

async function pair(
  handlers: Handlers,
  { net, clock = nodeClock(), ...rest }: Partial<ServeOptions> & { net: Net },
): Promise<Pair> {
  const server = await serveRpc({ net, clock, address: '127.0.0.1:0', handlers, ...rest });
  const { local } = rest;
  const client = rpcClient({ net, clock, address: server.address, ...(local && { local }) });
  closing.push(
    () => server.close(),
    () => client.close(),
  );
  return { client, server };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const runs = (
  run: (
    request: Message<SegmentsRequest>,
    signal: AbortSignal,
  ) => AsyncIterable<Message<SegmentsAnswer>>,
): Handlers => ({
  'historical.run': (given, { signal }) => run(given, signal),
});

describe.each<[name: string, place: () => { net: Net; local?: LocalCalls }]>([
  ['TCP', () => ({ net: tcpNet() })],
  ['a memory network', () => ({ net: memoryNet() })],
  ['no network, in one process', () => ({ net: memoryNet(), local: new LocalCalls() })],
])('calls over %s', (_name, place) => {
  it('give the items in order, with their attachments', async () => {
    const { client } = await pair(
      runs(async function* (given) {
        yield answer(1, ...given.bytes);
        yield answer(2);
        yield answer(3, new Uint8Array(), Uint8Array.of(9));
      }),
      place(),
    );
    const sent = { ...request, bytes: [Uint8Array.of(1, 2, 3)] };
    expect(await collect(client.call('historical.run', sent))).toEqual([
      answer(1, Uint8Array.of(1, 2, 3)),
      answer(2),
      answer(3, new Uint8Array(), Uint8Array.of(9)),
    ]);
  });

  it('carry attachments of many frames both ways', async () => {
    const { client } = await pair(
      runs(async function* (given) {
        yield answer(0, ...given.bytes);
        yield answer(1, ...given.bytes);
      }),
      place(),
    );
    const big = Uint8Array.from({ length: 3_000_001 }, (_, index) => index % 251);
    const found = await collect(client.call('historical.run', { ...request, bytes: [big, big] }));
    const same = found.flatMap(({ bytes }) => bytes.map((part) => Buffer.compare(part, big)));
    expect(same).toEqual([0, 0, 0, 0]);
  });

  it('give an empty answer as no items', async () => {
    const { client } = await pair(
      runs(async function* () {}),
      place(),
    );
    expect(await collect(client.call('historical.run', request))).toEqual([]);
    await expect(client.callOnce('historical.run', request)).rejects.toThrow(
      'Call "historical.run" answered 0 items where one was expected.',
    );
  });

  it('end in the error that the node threw, with code and details', async () => {
    const { client } = await pair(
      runs(async function* () {
        yield answer(1);
        throw new InvalidQueryError('Column "pags" is unknown.', {
          code: 'UNKNOWN_COLUMN',
          details: { column: 'pags' },
        });
      }),
      place(),
    );
    await expect(collect(client.call('historical.run', request))).rejects.toMatchObject({
      name: 'InvalidQueryError',
      message: 'Column "pags" is unknown.',
      code: 'UNKNOWN_COLUMN',
      details: { column: 'pags' },
      status: 400,
    });
  });

  it('hide the text of an unexpected error from the caller and show it to the node', async () => {
    const logged: unknown[] = [];
    const { client } = await pair(
      // oxlint-disable-next-line require-yield -- a handler that fails before its first item
      runs(async function* () {
        throw new TypeError('secret');
      }),
      {
        ...place(),
        onUnexpected: (error: unknown, call: string) => logged.push(String(error), call),
      },
    );
    await expect(collect(client.call('historical.run', request))).rejects.toThrow(
      'An unexpected error stopped the request. The log of the node has it.',
    );
    expect(logged).toEqual(['TypeError: secret', 'historical.run']);
  });

  it('name a call that the node does not answer', async () => {
    const { client } = await pair(
      runs(async function* () {}),
      place(),
    );
    await expect(
      collect(client.call('broker.status', { json: {}, bytes: [] })),
    ).rejects.toMatchObject({
      code: 'UNKNOWN_CALL',
      message: 'Call "broker.status" is not answered by this node. It answers: historical.run.',
    });
  });

  it('run 1,000 at a time over one connection', async () => {
    const { client } = await pair(
      runs(async function* (given) {
        await new Promise((resolve) => setImmediate(resolve));
        yield answer(given.json.timeoutMs, new Uint8Array(2_000).fill(given.json.timeoutMs % 256));
      }),
      place(),
    );
    const numbers = Array.from({ length: 1_000 }, (_, index) => index);
    const found = await Promise.all(
      numbers.map((timeoutMs) =>
        client.callOnce('historical.run', { ...request, json: { ...request.json, timeoutMs } }),
      ),
    );
    expect(found.map(({ json }) => json.scannedRows)).toEqual(numbers);
    expect(found.every(({ json, bytes }) => bytes[0]?.[1_999] === json.scannedRows % 256)).toBe(
      true,
    );
  });

  it('stop the node when the consumer stops', async () => {
    const stopped = Promise.withResolvers<unknown>();
    const { client } = await pair(
      runs(async function* (_given, signal) {
        signal.addEventListener('abort', () => stopped.resolve(signal.reason));
        for (let item = 0; ; item++) yield answer(item);
      }),
      place(),
    );
    for await (const item of client.call('historical.run', request)) {
      if (item.json.scannedRows === 3) break;
    }
    expect(await stopped.promise).toMatchObject({ kind: 'CancelledError' });
  });

  it('stop on both sides when the signal aborts', async () => {
    const stopped = Promise.withResolvers<void>();
    const { client } = await pair(
      runs(async function* (_given, signal) {
        try {
          yield answer(1);
          await new Promise<void>((resolve) => {
            signal.addEventListener('abort', () => resolve());
          });
        } finally {
          stopped.resolve();
        }
      }),
      place(),
    );
    const controller = new AbortController();
    const { signal } = controller;
    const reading = (async () => {
      for await (const item of client.call('historical.run', request, { signal })) {
        expect(item.json.scannedRows).toBe(1);
        controller.abort();
      }
    })();
    await expect(reading).rejects.toMatchObject({ kind: 'CancelledError' });
    await stopped.promise;
    const reason = new CancelledError('The browser went away.');
    await expect(
      client.callOnce('historical.run', request, { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });

  it('fail with the address when the node is lost in the middle of an answer', async () => {
    const { client, server } = await pair(
      runs(async function* (_given, signal) {
        yield answer(1);
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        });
      }),
      place(),
    );
    const reading = async (): Promise<void> => {
      for await (const _item of client.call('historical.run', request)) void server.close();
    };
    await expect(reading()).rejects.toMatchObject({
      kind: 'UnavailableError',
      code: 'NODE_LOST',
      message: `Node "${server.address}" is unavailable. The connection is gone: it broke off.`,
      details: { address: server.address },
    });
    await expect(client.callOnce('historical.run', request)).rejects.toMatchObject({
      kind: 'UnavailableError',
      message: `Node "${server.address}" cannot be reached. Nothing listens there; is the node running?`,
    });
  });

  it('connect again after a fault', async () => {
    const parts = { ...place(), clock: nodeClock() };
    const handlers = runs(async function* () {
      yield answer(1);
    });
    const first = await serveRpc({ ...parts, address: '127.0.0.1:0', handlers });
    const client = rpcClient({ ...parts, address: first.address });
    expect((await client.callOnce('historical.run', request)).json.scannedRows).toBe(1);
    await first.close();
    const second = await serveRpc({ ...parts, address: first.address, handlers });
    closing.push(
      () => second.close(),
      () => client.close(),
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await client.callOnce('historical.run', request)).json.scannedRows).toBe(1);
  });

  it('a slow consumer stops the node after about a megabyte', async () => {
    let produced = 0;
    const parts = place();
    const { client } = await pair(
      runs(async function* () {
        for (; produced < 200; produced++) yield answer(produced, new Uint8Array(100_000));
      }),
      parts,
    );
    let taken = 0;
    let mostAhead = 0;
    for await (const _item of client.call('historical.run', request)) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      taken++;
      mostAhead = Math.max(mostAhead, produced - taken);
    }
    expect(taken).toBe(200);
    // 1 MiB is 10.5 items; one more may overdraw, and credit comes back by quarters. In one process
    // nothing is on its way.
    const range = parts.local === undefined ? { least: 6, most: 13 } : { least: 0, most: 1 };
    expect(mostAhead).toBeLessThanOrEqual(range.most);
    expect(mostAhead).toBeGreaterThanOrEqual(range.least);
  });

  it('a call whose consumer waits does not hold up the others', async () => {
    const { client } = await pair(
      runs(async function* (given) {
        for (let item = 0; item < given.json.timeoutMs; item++) {
          yield answer(item, new Uint8Array(300_000));
        }
      }),
      place(),
    );
    const call = (items: number): AsyncIterable<Message<Routes['historical.run'][1]>> =>
      client.call('historical.run', { ...request, json: { ...request.json, timeoutMs: items } });
    const stuck = call(100)[Symbol.asyncIterator]();
    await stuck.next();
    for (let round = 0; round < 20; round++) expect(await collect(call(3))).toHaveLength(3);
    await stuck.return?.();
  });
});

describe('calls in one process', () => {
  const asked = { query: { queryType: 'timeBoundary' } as unknown as Query };

  it('hand over the parsed query, which does not travel between processes', async () => {
    const seen: unknown[] = [];
    const handlers = runs(async function* (given) {
      seen.push(given.query);
      yield answer(1);
    });
    for (const parts of [{ local: new LocalCalls() }, {}]) {
      const { client } = await pair(handlers, { net: memoryNet(), ...parts });
      await client.callOnce('historical.run', { ...request, ...asked });
    }
    expect(seen).toEqual([asked.query, undefined]);
  });

  it('end when their client is closed', async () => {
    const stopped = Promise.withResolvers<void>();
    const { client } = await pair(
      runs(async function* (_given, signal) {
        signal.addEventListener('abort', () => stopped.resolve());
        yield answer(1);
        await new Promise(() => {});
      }),
      { net: memoryNet(), local: new LocalCalls() },
    );
    const reading = async (): Promise<void> => {
      for await (const _item of client.call('historical.run', request)) client.close();
    };
    await expect(reading()).rejects.toMatchObject({
      kind: 'UnavailableError',
      message: `The client of node "${client.address}" was closed.`,
    });
    await stopped.promise;
  });
});

describe('time limits', () => {
  it('end a call whose node never answers, and tell the node', async () => {
    const clock = manualClock(0);
    const stopped = Promise.withResolvers<void>();
    const { client } = await pair(
      // oxlint-disable-next-line require-yield -- a node that never answers
      runs(async function* (_given, signal) {
        signal.addEventListener('abort', () => stopped.resolve());
        await stopped.promise;
      }),
      { net: memoryNet(), clock },
    );
    const outcome = client
      .callOnce('historical.run', request, { timeoutMs: 1_500 })
      .catch((error) => error);
    await clock.advance(1_499);
    await clock.advance(1);
    expect(await outcome).toMatchObject({
      kind: 'TimeoutError',
      message: `Call "historical.run" to node "${client.address}" took longer than 1500 ms.`,
    });
    await stopped.promise;
  });
});
