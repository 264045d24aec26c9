import { UnavailableError } from '@isotherm/errors';
import { nodeClock, tcpNet } from '@isotherm/platform';
import { type RpcServer, serveRpc } from '@isotherm/rpc';
import { afterEach, describe, expect, it } from 'vitest';
import { main, parseQueryServiceConfig } from '../src/index.ts';
import { answer, send } from './edge.ts';

const query = {
  queryType: 'timeseries',
  dataSource: 'ads',
  granularity: 'all',
  intervals: '2026-01-01/2026-01-05',
  aggregations: [{ type: 'count', name: 'rows' }],
};

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function broker(): Promise<RpcServer> {
  const server = await serveRpc({
    net: tcpNet(),
    clock: nodeClock(),
    address: '127.0.0.1:0',
    handlers: { 'broker.query': () => answer('[{"a":1}]') },
  });
  closing.push(() => server.close());
  return server;
}

async function start(config: Record<string, unknown>): Promise<number> {
  const service = await main({ listen: '127.0.0.1:0', drainMs: 100, ...config }, () => {});
  closing.push(() => service.close());
  expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  return Number(new URL(service.url).port);
}

describe('a running service', () => {
  it('answers through a broker over TCP', async () => {
    const port = await start({ broker: (await broker()).address });
    const reply = await send(port, { body: query });
    expect([reply.status, reply.body]).toEqual([200, '[{"a":1}]']);
  });

  it('is 503 and not ready without its broker, and healthy all the same', async () => {
    const port = await start({ broker: '127.0.0.1:1' });
    const asked = await send(port, { body: query });
    expect([asked.status, asked.headers['retry-after']]).toEqual([503, '1']);
    expect((await send(port, { method: 'GET', path: '/status/ready' })).status).toBe(503);
    expect((await send(port, { method: 'GET', path: '/status/health' })).status).toBe(200);
  });

  it('shows figures of its process', async () => {
    const port = await start({ broker: '127.0.0.1:1' });
    const { body } = await send(port, { method: 'GET', path: '/metrics' });
    expect(body).toContain('process_cpu_seconds_total');
  });

  it('refuses headers of more than 16 KiB', async () => {
    const port = await start({ broker: '127.0.0.1:1' });
    const headers = { 'X-Long': 'x'.repeat(20_000) };
    expect((await send(port, { method: 'GET', path: '/status', headers })).status).toBe(431);
  });

  it('says when its address is taken', async () => {
    const port = await start({ broker: '127.0.0.1:1' });
    const second = main({ listen: `127.0.0.1:${port}` }, () => {});
    await expect(second).rejects.toThrow(UnavailableError);
  });
});

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(parseQueryServiceConfig({})).toEqual({
      listen: '127.0.0.1:8888',
      broker: '127.0.0.1:8082',
      allowUnauthenticated: false,
      allowedHosts: [],
      maxBodyBytes: 16_777_216,
      slowQueryMs: 1000,
      drainMs: 5000,
    });
  });

  it.each(['0.0.0.0:8888', '10.0.0.1:8888', '[::]:8888', 'example.org:80'])(
    'refuses to listen on %s, where others could ask without saying who they are',
    (listen) => {
      expect(() => parseQueryServiceConfig({ listen })).toThrow(
        `"listen" is "${listen}", which other machines can reach, and requests are not authenticated. Listen on 127.0.0.1, or set "allowUnauthenticated" to true where a proxy in front lets only the right ones through.`,
      );
      expect(parseQueryServiceConfig({ listen, allowUnauthenticated: true }).listen).toBe(listen);
    },
  );

  it('refuses what it does not know', () => {
    expect(() => parseQueryServiceConfig({ brokr: 'x' })).toThrow('Did you mean "broker"?');
  });
});
