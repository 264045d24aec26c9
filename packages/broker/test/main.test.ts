import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeClock, tcpNet } from '@isotherm/platform';
import { rpcClient } from '@isotherm/rpc';
import { expect, it } from 'vitest';
import { main } from '../src/index.ts';

it('starts over TCP without a coordinator, and says that it knows no timeline', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-broker-'));
  const log: string[] = [];
  const config = {
    listen: '127.0.0.1:0',
    coordinator: '127.0.0.1:1',
    snapshotDir: join(folder, 'new', 'place'),
  };
  const broker = await main(config, (line) => log.push(line));
  const client = rpcClient({ net: tcpNet(), clock: nodeClock(), address: broker.address });
  try {
    const { json } = await client.callOnce('broker.status', { json: {}, bytes: [] });
    expect(json).toMatchObject({ timelineVersion: null, visibleSegments: 0 });
    const asked = client.callOnce('broker.dataSources', { json: {}, bytes: [] });
    await expect(asked).rejects.toMatchObject({ status: 503, code: 'TIMELINE_UNKNOWN' });
  } finally {
    client.close();
    await broker.close();
    await rm(folder, { recursive: true });
  }
  expect(log.map((line) => (JSON.parse(line) as { event: string }).event)).toContain(
    'coordinator-lost',
  );
});
