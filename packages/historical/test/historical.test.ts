import { localStorage } from '@isotherm/deep-storage';
import { StoreError } from '@isotherm/errors';
import {
  type HistoricalConfig,
  parseHistoricalConfig,
  startHistorical,
} from '@isotherm/historical';
import { memoryDisk, memoryNet, nodeClock, seededRandom } from '@isotherm/platform';
import { type RpcClient, decodePartials, rpcClient } from '@isotherm/rpc';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type SampleSegment,
  playCoordinator,
  messageFor,
  sampleSegment,
  store,
  sumOfViews,
  until,
  viewsQuery,
} from './fixture.ts';

const coordinatorAddress = 'coordinator:1';
const nodeAddress = 'historical:1';
const [first, second] = [sampleSegment(0), sampleSegment(1)];
const clock = nodeClock();

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** One node's world; `start` starts the historical, again after `close` if the test wants a restart. */
function world(changes: Partial<HistoricalConfig> = {}) {
  const net = memoryNet();
  const disk = memoryDisk();
  const deep = memoryDisk();
  const storage = localStorage(deep);
  const log: string[] = [];
  const config = {
    ...parseHistoricalConfig({
      listen: nodeAddress,
      coordinator: coordinatorAddress,
      workerThreads: 2,
    }),
    ...changes,
  };
  const client: RpcClient = rpcClient({ net, clock, address: nodeAddress });
  closing.push(() => client.close());
  const start = async () => {
    const node = await startHistorical({
      config,
      net,
      clock,
      random: seededRandom(1),
      disk,
      storage,
      log: (line) => log.push(line),
    });
    closing.push(() => node.close());
    return node;
  };
  const coordinate = async () => {
    const coordinator = await playCoordinator(net, clock, coordinatorAddress);
    closing.push(() => coordinator.server.close());
    return coordinator;
  };
  const run = async (segments: readonly SampleSegment[], query = viewsQuery()) => {
    const item = await client.callOnce('historical.run', messageFor(segments, query));
    return {
      ...item.json,
      views: sumOfViews(item.bytes.flatMap((bytes) => decodePartials(bytes))),
    };
  };
  return { net, disk, deep, storage, log, start, coordinate, run };
}

/** Flips bytes of the only segment file on a disk. */
async function damage(disk: ReturnType<typeof memoryDisk>): Promise<void> {
  const [path = ''] = (await disk.list('')).filter((name) => name.endsWith('.arrow'));
  const bytes = await disk.read(path);
  for (let index = 64; index < bytes.length / 2; index += 16) {
    bytes[index] = (bytes[index] ?? 0) ^ 0xff;
  }
  await disk.writeAtomic(path, bytes);
}

describe.each(['hot', 'cold', 'icy'] as const)('a %s historical', (residency) => {
  it('registers, loads what it is told, reports it and answers queries over it', async () => {
    const { storage, start, coordinate, run } = world({ residency, tier: 'mine', priority: 3 });
    await store(storage, [first, second]);
    const coordinator = await coordinate();
    const node = await start();
    await until(() => node.status().isRegistered);
    expect(coordinator.registrations).toEqual([
      {
        node: {
          nodeId: nodeAddress,
          address: nodeAddress,
          tier: 'mine',
          capacityBytes: 10_737_418_240,
          priority: 3,
        },
        served: [],
      },
    ]);
    coordinator.load(first);
    coordinator.load(second);
    await until(() => node.status().servedSegments === 2);
    await until(() => coordinator.reports.flatMap(({ loaded }) => loaded).length === 2);
    expect(coordinator.reports.at(-1)?.usedBytes).toBe(first.bytes.length + second.bytes.length);
    for (const query of [viewsQuery(), viewsQuery('groupBy')]) {
      expect(await run([first, second, sampleSegment(5)], query)).toEqual({
        missingKeys: [sampleSegment(5).segmentKey],
        scannedRows: 8,
        views: 20n,
      });
    }
  });

  it('drops a segment: its copy goes, and queries find it missing', async () => {
    const { disk, storage, start, coordinate, run } = world({ residency });
    await store(storage, [first]);
    const coordinator = await coordinate();
    const node = await start();
    coordinator.load(first);
    await until(() => node.status().servedSegments === 1);
    coordinator.command({ type: 'drop', segmentKey: first.segmentKey });
    await until(() => coordinator.reports.some(({ dropped }) => dropped.length === 1));
    await until(() => node.status().usedBytes === 0);
    expect(await run([first])).toEqual({
      missingKeys: [first.segmentKey],
      scannedRows: 0,
      views: 0n,
    });
    await node.close();
    expect(await disk.list('')).toEqual([]);
  });

  it('goes on serving without a coordinator and deep storage for what it holds', async () => {
    const { deep, storage, start, coordinate, run } = world({ residency });
    await store(storage, [first]);
    const coordinator = await coordinate();
    const node = await start();
    coordinator.load(first);
    await until(() => node.status().servedSegments === 1);
    await run([first]);
    await coordinator.server.close();
    await deep.remove('pages');
    await until(() => !node.status().isRegistered);
    expect(await run([first])).toEqual({ missingKeys: [], scannedRows: 4, views: 10n });
    const successor = await coordinate();
    await until(() => node.status().isRegistered);
    expect(successor.registrations).toMatchObject([{ served: [first.segmentKey] }]);
  });
});

describe('a restarted historical', () => {
  it.each(['hot', 'cold'] as const)(
    'serves the copies on its disk before it registers (%s)',
    async (residency) => {
      const { deep, storage, start, coordinate, run } = world({ residency });
      await store(storage, [first, second]);
      const coordinator = await coordinate();
      const node = await start();
      coordinator.load(first);
      coordinator.load(second);
      await until(() => node.status().servedSegments === 2);
      await node.close();
      await deep.remove('pages');
      const again = await start();
      expect(again.status().servedSegments).toBe(2);
      expect((await run([first, second])).views).toBe(20n);
      await until(() => again.status().isRegistered);
      expect(coordinator.registrations.at(-1)?.served.toSorted()).toEqual([
        first.segmentKey,
        second.segmentKey,
      ]);
    },
  );

  it('fetches a copy again that was damaged while it was down', async () => {
    const { disk, storage, start, coordinate, run } = world();
    await store(storage, [first]);
    const coordinator = await coordinate();
    const node = await start();
    coordinator.load(first);
    await until(() => node.status().servedSegments === 1);
    await node.close();
    await damage(disk);
    const again = await start();
    expect(again.status()).toMatchObject({ servedSegments: 1, quarantinedCopies: 1 });
    expect(await run([first])).toEqual({ missingKeys: [], scannedRows: 4, views: 10n });
    expect(await disk.list('quarantine')).toHaveLength(1);
  });
});

describe('a cold node with room', () => {
  it('keeps segments in memory in order of arrival, and reads those beyond from their files', async () => {
    const { disk, storage, start, coordinate, run } = world({
      residency: 'cold',
      columnCacheBytes: 0,
      pinnedBytes: first.descriptor.memoryBytes + second.descriptor.memoryBytes - 1,
    });
    await store(storage, [first, second]);
    const coordinator = await coordinate();
    const node = await start();
    for (const [index, segment] of [first, second].entries()) {
      coordinator.load(segment);
      await until(() => node.status().servedSegments === index + 1);
    }
    for (const path of await disk.list('segments')) await disk.remove(path);
    expect(await run([first])).toMatchObject({ missingKeys: [], views: 10n });
    expect(await run([second])).toMatchObject({ missingKeys: [second.segmentKey] });
  });
});

describe('damage and refusals', () => {
  it('a copy damaged under a cold node answers as missing, is replaced, and answers again', async () => {
    const { disk, storage, start, coordinate, run } = world({
      residency: 'cold',
      columnCacheBytes: 0,
    });
    await store(storage, [first]);
    const coordinator = await coordinate();
    const node = await start();
    coordinator.load(first);
    await until(() => node.status().servedSegments === 1);
    await damage(disk);
    expect(await run([first])).toEqual({
      missingKeys: [first.segmentKey],
      scannedRows: 0,
      views: 0n,
    });
    await until(() => node.status().quarantinedCopies === 1 && node.status().servedSegments === 1);
    expect(await run([first])).toEqual({ missingKeys: [], scannedRows: 4, views: 10n });
    await until(() => coordinator.reports.at(-1)?.loaded[0] === first.segmentKey);
  });

  it('a segment that is damaged in deep storage is reported as failed, with the reason', async () => {
    const { deep, start, coordinate, log } = world();
    await deep.writeAtomic(first.descriptor.key, first.bytes.slice(1));
    const coordinator = await coordinate();
    const node = await start();
    coordinator.load(first);
    await until(() => coordinator.reports.some(({ failed }) => failed.length > 0));
    const reason = `Segment "${first.segmentKey}" is damaged in deep storage: it has ${first.bytes.length - 1} bytes instead of ${first.bytes.length}. Ingest it again.`;
    expect(coordinator.reports.flatMap(({ failed }) => failed)).toEqual([
      { segmentKey: first.segmentKey, reason },
    ]);
    expect(log).toContain(`Segment "${first.segmentKey}" could not be loaded: ${reason}`);
    expect(node.status()).toMatchObject({ servedSegments: 0, usedBytes: 0 });
  });

  it('a full disk refuses new segments by name and keeps serving the others', async () => {
    const { disk, storage, start, coordinate, run } = world();
    await store(storage, [first, second]);
    const coordinator = await coordinate();
    const node = await start();
    coordinator.load(first);
    await until(() => node.status().servedSegments === 1);
    disk.writeAtomic = async (path) => {
      throw new StoreError(`File "${path}" cannot be used: the disk is full.`, {
        code: 'DISK_FULL',
      });
    };
    coordinator.load(second);
    await until(() => coordinator.reports.some(({ failed }) => failed.length > 0));
    expect(coordinator.reports.flatMap(({ failed }) => failed)).toEqual([
      { segmentKey: second.segmentKey, reason: expect.stringContaining('the disk is full') },
    ]);
    expect((await run([first])).views).toBe(10n);
  });

  it('a segment that does not fit is refused, and the others stay', async () => {
    const { storage, start, coordinate } = world({ capacityBytes: first.bytes.length + 10 });
    await store(storage, [first, second]);
    const coordinator = await coordinate();
    const node = await start();
    coordinator.load(first);
    coordinator.load(second);
    await until(() => coordinator.reports.some(({ failed }) => failed.length > 0));
    expect(coordinator.reports.flatMap(({ failed }) => failed)).toEqual([
      {
        segmentKey: second.segmentKey,
        reason: `The segment has ${second.bytes.length} bytes, 10 of ${first.bytes.length + 10} are free on this node.`,
      },
    ]);
    await until(() => node.status().servedSegments === 1);
  });

  it('a second command to load is answered again, and the last of load and drop wins', async () => {
    const { storage, start, coordinate } = world();
    await store(storage, [first]);
    const coordinator = await coordinate();
    const node = await start();
    coordinator.load(first);
    coordinator.load(first);
    coordinator.command({ type: 'drop', segmentKey: first.segmentKey });
    coordinator.load(first);
    await until(() => coordinator.reports.flatMap(({ loaded }) => loaded).length > 0);
    await until(() => node.status().loadingSegments === 0 && node.status().servedSegments === 1);
    expect(node.status().usedBytes).toBe(first.bytes.length);
  });

  it('a query that is wrong ends in its own error', async () => {
    const { storage, start, coordinate, run } = world();
    await store(storage, [first]);
    const coordinator = await coordinate();
    const node = await start();
    coordinator.load(first);
    await until(() => node.status().servedSegments === 1);
    await expect(run([first], '{"queryType":"topM"}')).rejects.toMatchObject({
      kind: 'InvalidQueryError',
      status: 400,
    });
  });
});
