import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localStorage } from '@isotherm/deep-storage';
import { main, threadPool } from '@isotherm/historical';
import { nodeClock, nodeDisk, tcpNet } from '@isotherm/platform';
import { decodePartials, rpcClient } from '@isotherm/rpc';
import { uncompressSegment } from '@isotherm/segment';
import { expect, it } from 'vitest';
import { uncompressInThread } from '../src/uncompress-thread.ts';
import { playCoordinator, messageFor, sampleSegment, store, sumOfViews, until } from './fixture.ts';

it('a historical with real threads, files and sockets answers over all its segments', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-historical-'));
  const [net, clock] = [tcpNet(), nodeClock()];
  const segments = [0, 1, 2, 3, 4].map((day) => sampleSegment(day, 400));
  const path = join(folder, 'deep');
  await store(localStorage(nodeDisk(path)), segments);
  const coordinator = await playCoordinator(net, clock, '127.0.0.1:0');
  const log: string[] = [];
  const node = await main(
    {
      listen: '127.0.0.1:0',
      coordinator: coordinator.server.address,
      workerThreads: 2,
      cacheDir: join(folder, 'cache'),
      deepStorage: { type: 'local', path },
    },
    (line) => log.push(line),
  );
  const client = rpcClient({ net, clock, address: node.address });
  try {
    for (const segment of segments) coordinator.load(segment);
    await until(() => coordinator.reports.flatMap(({ loaded }) => loaded).length === 5);
    const message = messageFor(segments);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => client.callOnce('historical.run', message)),
    );
    for (const { json: facts, bytes } of answers) {
      expect(facts).toEqual({ missingKeys: [], scannedRows: 2_000 });
      expect(bytes).toHaveLength(2);
      expect(sumOfViews(bytes.flatMap((block) => decodePartials(block)))).toBe(401_000n);
    }
    expect(log).toEqual([`Registered with the coordinator ${coordinator.server.address}.`]);
  } finally {
    client.close();
    await node.close();
    await coordinator.server.close();
  }
});

it('a thread that dies tells its owner why, once', async () => {
  const reasons: string[] = [];
  const pool = threadPool({
    workerCount: 1,
    cacheDir: '/',
    // A setup that no configuration can give: opening deep storage fails as the thread starts.
    deepStorage: null as never,
    columnCacheBytes: 0,
  });
  const port = pool.start({ onReply: () => {}, onExit: (reason) => reasons.push(reason) });
  await until(() => reasons.length > 0);
  await port.close();
  expect(reasons).toEqual([expect.stringContaining('null')]);
});

it('a segment file is uncompressed on a thread of its own, and damage to it is told as such', async () => {
  const { bytes } = sampleSegment(0, 400);
  const plain = await uncompressInThread(bytes);
  expect(plain).toEqual(new Uint8Array(await uncompressSegment(bytes)));
  await expect(uncompressInThread(bytes.subarray(1))).rejects.toMatchObject({
    kind: 'CorruptSegmentError',
  });
});
