import { parseCoordinatorConfig, startCoordinator } from '@isotherm/coordinator';
import { seededRandom } from '@isotherm/platform';
import { rpcClient } from '@isotherm/rpc';
import { afterEach, describe, expect, it } from 'vitest';
import type { FakeCluster } from './fake-cluster.ts';
import { address, fakeCluster, keyOf } from './fake-cluster.ts';

const clusters: FakeCluster[] = [];
async function start(overrides: Record<string, unknown> = {}): Promise<FakeCluster> {
  const cluster = await fakeCluster(overrides);
  clusters.push(cluster);
  return cluster;
}
afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.close();
});

const january = '2026-01-01/2026-02-01';
const audit = { author: 'ann', comment: 'test' };

describe('a job', () => {
  it('becomes visible when all of its segments are served', async () => {
    const cluster = await start();
    const broker = cluster.broker('b1');
    const node = cluster.node({ nodeId: 'h1' });
    await cluster.clock.advance(100);
    expect(broker.updates).toMatchObject([{ full: true, timelineVersion: 0, added: [] }, {}]);
    await cluster.publish({ jobId: 'j1', intervals: ['2026-01-01/P1D', '2026-01-02/P1D'] });
    expect(node.commands.map(({ segmentKey }) => segmentKey)).toEqual([
      keyOf('2026-01-02/P1D', 1),
      keyOf('2026-01-01/P1D', 1),
    ]);
    expect(await cluster.metadata.job('j1')).toMatchObject({
      state: 'visible',
      timelineVersion: 1,
    });
    expect(broker.timelineVersion).toBe(1);
    expect(broker.answerable()).toEqual([keyOf('2026-01-01/P1D', 1), keyOf('2026-01-02/P1D', 1)]);
    expect(cluster.coordinator.status()).toMatchObject({
      isLeader: true,
      epoch: 1,
      timelineVersion: 1,
      newestVersion: 1,
      nodes: [{ nodeId: 'h1', tier: 'hot', isConnected: true, served: 2, loading: 0, leaving: 0 }],
      brokers: [{ brokerId: 'b1', isConnected: true, acknowledged: 1 }],
      pendingJobs: [],
      short: [],
      problems: [],
    });
  });

  it('waits while one segment is missing, and the status says why', async () => {
    const cluster = await start();
    cluster.node({ nodeId: 'h1', capacityBytes: 150 });
    await cluster.publish({ jobId: 'j1', intervals: ['2026-01-01/P1D', '2026-01-02/P1D'] });
    expect(await cluster.metadata.job('j1')).toMatchObject({ state: 'published' });
    expect(cluster.coordinator.status().pendingJobs).toEqual([
      {
        jobId: 'j1',
        dataSource: 'ads',
        namespace: 'default',
        segmentCount: 2,
        missingCount: 1,
        isLoading: false,
        missing: [
          {
            segmentKey: keyOf('2026-01-01/P1D', 1),
            reason:
              'No node of tier "_default_tier" has room for 100 bytes. Add capacity, or change the rule.',
          },
        ],
      },
    ]);
    cluster.node({ nodeId: 'h2' });
    await cluster.clock.advance(1200);
    expect(await cluster.metadata.job('j1')).toMatchObject({ state: 'visible' });
  });

  it('waits for a tier that has no node', async () => {
    const cluster = await start();
    cluster.node({ nodeId: 'h1', tier: 'hot' });
    await cluster.metadata.setRules(
      'ads',
      [{ type: 'loadForever', tieredReplicants: { cold: 1 } }],
      audit,
    );
    await cluster.publish({ jobId: 'j1', intervals: [january] });
    expect(cluster.coordinator.status().pendingJobs?.[0]?.missing).toEqual([
      {
        segmentKey: keyOf(january, 1),
        reason: 'No node of tier "cold" is connected. Start one, or change the rule.',
      },
    ]);
    cluster.node({ nodeId: 'c1', tier: 'cold' });
    await cluster.clock.advance(1200);
    expect(await cluster.metadata.job('j1')).toMatchObject({ state: 'visible' });
  });

  it('is visible at once when no rule loads any of it, and its keys are unserved', async () => {
    const cluster = await start();
    const broker = cluster.broker('b1');
    await cluster.metadata.setRules('ads', [{ type: 'dropForever' }], audit);
    await cluster.publish({ jobId: 'j1', intervals: [january] });
    expect(await cluster.metadata.job('j1')).toMatchObject({ state: 'visible' });
    expect(broker.unservedKeys).toEqual([keyOf(january, 1)]);
  });

  it('is asked of a node again after a failed load, and the reason is shown meanwhile', async () => {
    const cluster = await start();
    const node = cluster.node({ nodeId: 'h1' });
    node.onLoad = 'failed';
    await cluster.publish({ jobId: 'j1', intervals: [january] });
    expect(cluster.coordinator.status().pendingJobs?.[0]?.missing[0]?.reason).toBe(
      'Every node of tier "_default_tier" failed to load it and will be asked again: "h1": no such file',
    );
    node.onLoad = 'loaded';
    await cluster.clock.advance(6000);
    expect(node.commands).toHaveLength(2);
    expect(await cluster.metadata.job('j1')).toMatchObject({ state: 'visible' });
  });

  it('of many becomes visible on its own: one that waits does not hold up another', async () => {
    const cluster = await start();
    cluster.node({ nodeId: 'h1' });
    await cluster.metadata.setRules(
      'stuck',
      [{ type: 'loadForever', tieredReplicants: { icy: 1 } }],
      audit,
    );
    await cluster.publish({ jobId: 'j1', dataSource: 'stuck', intervals: [january] });
    await cluster.publish({ jobId: 'j2', intervals: [january] });
    expect(await cluster.metadata.job('j1')).toMatchObject({ state: 'published' });
    expect(await cluster.metadata.job('j2')).toMatchObject({ state: 'visible' });
  });
});

describe('an overshadowed segment', () => {
  it('is dropped only after every broker plans by a version without it', async () => {
    const cluster = await start();
    const node = cluster.node({ nodeId: 'h1' });
    const quick = cluster.broker('quick');
    const slow = cluster.broker('slow', { acknowledges: false });
    await cluster.publish({ jobId: 'j1', intervals: [january] });
    await cluster.publish({ jobId: 'j2', intervals: [january] });
    expect(quick.answerable()).toEqual([keyOf(january, 2)]);
    await cluster.clock.advance(20_000);
    expect([...node.held]).toEqual([keyOf(january, 1), keyOf(january, 2)]);
    await slow.acknowledge();
    await cluster.clock.advance(5000);
    expect([...node.held]).toEqual([keyOf(january, 2)]);
    expect(node.commands.at(-1)).toEqual({ type: 'drop', segmentKey: keyOf(january, 1) });
  });

  it('does not wait for a broker that has been gone for the grace', async () => {
    const cluster = await start();
    const node = cluster.node({ nodeId: 'h1' });
    const broker = cluster.broker('b1', { acknowledges: false });
    await cluster.publish({ jobId: 'j1', intervals: [january] });
    await cluster.publish({ jobId: 'j2', intervals: [january] });
    await cluster.clock.advance(5000);
    expect(node.held.size).toBe(2);
    broker.disconnect();
    await cluster.clock.advance(8000);
    expect([...node.held]).toEqual([keyOf(january, 2)]);
  });

  it('comes back after a revert, and the newer one answers until it is loaded again', async () => {
    const cluster = await start();
    const node = cluster.node({ nodeId: 'h1' });
    const broker = cluster.broker('b1');
    await cluster.publish({ jobId: 'j1', intervals: [january] });
    await cluster.publish({ jobId: 'j2', intervals: [january] });
    await cluster.clock.advance(8000);
    expect([...node.held]).toEqual([keyOf(january, 2)]);
    node.onLoad = 'silent';
    await cluster.metadata.setUsed(
      { dataSource: 'ads', namespace: 'default', version: 2, interval: null },
      false,
      audit,
    );
    await cluster.clock.advance(10_000);
    expect(broker.answerable()).toEqual([keyOf(january, 2)]);
    expect(cluster.coordinator.status().problems).toEqual([
      `Timeline version 3 waits for 1 segments to be loaded, such as "${keyOf(january, 1)}". Version 2 answers meanwhile.`,
    ]);
    node.disconnect();
    cluster.node({ nodeId: 'h1' }, [keyOf(january, 2)]);
    await cluster.clock.advance(1500);
    expect(broker.timelineVersion).toBe(3);
    expect(broker.answerable()).toEqual([keyOf(january, 1)]);
  });
});

describe('a node that is lost', () => {
  it('is gone for brokers at once, and replaced after the grace', async () => {
    const cluster = await start();
    const [h1, h2] = [cluster.node({ nodeId: 'h1' }), cluster.node({ nodeId: 'h2' })];
    const broker = cluster.broker('b1');
    await cluster.publish({ jobId: 'j1', intervals: [january] });
    expect(h1.commands).toHaveLength(1);
    h1.disconnect();
    await cluster.clock.advance(100);
    expect(broker.updates.at(-1)?.nodesGone).toEqual(['h1']);
    expect(broker.answerable()).toEqual([]);
    await cluster.clock.advance(2500);
    expect(h2.commands).toEqual([]);
    await cluster.clock.advance(1500);
    expect(h2.commands).toMatchObject([{ type: 'load', segmentKey: keyOf(january, 1) }]);
    expect(broker.answerable()).toEqual([keyOf(january, 1)]);
  });

  it('costs nothing when it comes back within the grace', async () => {
    const cluster = await start();
    const h1 = cluster.node({ nodeId: 'h1' });
    const h2 = cluster.node({ nodeId: 'h2' });
    await cluster.publish({ jobId: 'j1', intervals: [january] });
    h1.disconnect();
    await cluster.clock.advance(2000);
    const again = cluster.node({ nodeId: 'h1' }, [keyOf(january, 1)]);
    await cluster.clock.advance(10_000);
    expect([h2.commands, again.commands]).toEqual([[], []]);
  });
});

describe('a change of rules', () => {
  it('moves copies by loading first and dropping later', async () => {
    const cluster = await start();
    const hot = cluster.node({ nodeId: 'h1', tier: 'hot' });
    const cold = cluster.node({ nodeId: 'c1', tier: 'cold' });
    const broker = cluster.broker('b1');
    await cluster.publish({ jobId: 'j1', intervals: [january] });
    expect([hot.held.size, cold.held.size]).toEqual([1, 0]);
    cold.onLoad = 'silent';
    await cluster.metadata.setRules(
      'ads',
      [{ type: 'loadForever', tieredReplicants: { cold: 1 } }],
      audit,
    );
    await cluster.clock.advance(10_000);
    expect(hot.held.size).toBe(1);
    cold.disconnect();
    const again = cluster.node({ nodeId: 'c1', tier: 'cold' });
    await cluster.clock.advance(1500);
    // The old copy is hidden from brokers before it goes.
    expect(again.held.size).toBe(1);
    expect(hot.held.size).toBe(1);
    expect(broker.nodes.get('h1')?.served).toEqual([]);
    await cluster.clock.advance(4000);
    expect(hot.held.size).toBe(0);
    expect(broker.answerable()).toEqual([keyOf(january, 1)]);
  });

  it('that drops a segment takes it out of the timeline first', async () => {
    const cluster = await start();
    const node = cluster.node({ nodeId: 'h1' });
    const broker = cluster.broker('b1');
    await cluster.publish({ jobId: 'j1', intervals: [january] });
    await cluster.clock.advance(3000);
    await cluster.metadata.setRules('ads', [{ type: 'dropForever' }], audit);
    await cluster.clock.advance(1200);
    expect(broker.unservedKeys).toEqual([keyOf(january, 1)]);
    expect(node.held.size).toBe(1);
    await cluster.clock.advance(4000);
    expect(node.held.size).toBe(0);
  });

  it('that loads a segment again leaves it out until the first copy is there', async () => {
    const cluster = await start();
    const node = cluster.node({ nodeId: 'h1' });
    const broker = cluster.broker('b1');
    await cluster.metadata.setRules('ads', [{ type: 'dropForever' }], audit);
    await cluster.publish({ jobId: 'j1', intervals: [january] });
    node.onLoad = 'silent';
    await cluster.metadata.setRules('ads', [], audit);
    await cluster.clock.advance(5000);
    expect(node.commands).toHaveLength(1);
    expect(broker.unservedKeys).toEqual([keyOf(january, 1)]);
    await cluster.clock.advance(60_000);
    expect(broker.unservedKeys).toEqual([]);
  });

  it('that would unload most of a large cluster is refused', async () => {
    const cluster = await start();
    const node = cluster.node({ nodeId: 'h1' });
    const broker = cluster.broker('b1');
    const days = Array.from({ length: 150 }, (_, day) => {
      const start = Date.UTC(2025, 0, 1) + day * 86_400_000;
      return `${new Date(start).toISOString()}/P1D`;
    });
    await cluster.publish({ jobId: 'j1', intervals: days });
    await cluster.clock.advance(3000);
    await cluster.metadata.setRules('ads', [{ type: 'dropForever' }], audit);
    await cluster.clock.advance(10_000);
    expect(node.held.size).toBe(150);
    expect(broker.unservedKeys).toEqual([]);
    expect(cluster.coordinator.status().problems).toEqual([
      '150 of 150 served segments would lose all their copies at once, by rules or because the metadata store does not name them. At most 100 or 10 % are let go without confirmation. Correct the rules or the store, or raise "maxDropFraction" of the coordinator.',
    ]);
  });
});

describe('leadership', () => {
  it('passes to a standby that is told nothing, and the old leader ends its streams', async () => {
    const cluster = await start();
    const node = cluster.node({ nodeId: 'h1' });
    await cluster.publish({ jobId: 'j1', intervals: [january] });
    const standby = await startCoordinator({
      config: parseCoordinatorConfig({
        listen: '127.0.0.1:9081',
        metadata: { type: 'sqlite', path: ':memory:' },
      }),
      metadata: cluster.metadata,
      net: cluster.net,
      clock: cluster.clock,
      random: seededRandom(2),
    });
    expect(standby.status()).toMatchObject({
      isLeader: false,
      epoch: null,
      problems: ['Another coordinator leads.'],
    });
    await cluster.metadata.resign({ epoch: 1, holder: address });
    await cluster.clock.advance(1200);
    expect(standby.status()).toMatchObject({ isLeader: true, epoch: 2 });
    await cluster.clock.advance(10_000);
    expect(cluster.coordinator.status()).toMatchObject({ isLeader: false, nodes: [] });
    expect(node.error).toMatchObject({ code: 'NOT_LEADER' });
    await standby.close();
  });

  it('cannot flip a job once another epoch has begun', async () => {
    const cluster = await start();
    const node = cluster.node({ nodeId: 'h1' });
    node.onLoad = 'silent';
    await cluster.publish({ jobId: 'j1', intervals: [january] });
    expect(cluster.coordinator.status().pendingJobs).toMatchObject([{ isLoading: true }]);
    await cluster.metadata.resign({ epoch: 1, holder: address });
    await cluster.metadata.lead('other', 60_000);
    cluster.node({ nodeId: 'h2' }, [keyOf(january, 1)]);
    await cluster.clock.advance(50);
    expect(await cluster.metadata.job('j1')).toMatchObject({ state: 'published' });
    // Whether a job waits is not known any more; "none" would pass for a cluster that is ready.
    expect(cluster.coordinator.status()).toMatchObject({
      isLeader: false,
      nodes: [],
      pendingJobs: null,
    });
    expect(cluster.log).toContain(
      `Coordinator "${address}" of epoch 1 does not lead any more. The epoch is 2. Nothing was written.`,
    );
  });

  it('after a restart shows the timeline once the nodes are back, and loads nothing twice', async () => {
    const cluster = await start();
    cluster.node({ nodeId: 'h1' });
    await cluster.publish({ jobId: 'j1', intervals: [january] });
    await cluster.restart();
    const broker = cluster.broker('b1');
    const spare = cluster.node({ nodeId: 'h0' });
    await cluster.clock.advance(1000);
    expect(broker.updates).toEqual([]);
    const back = cluster.node({ nodeId: 'h1' }, [keyOf(january, 1)]);
    await cluster.clock.advance(100);
    expect(broker.answerable()).toEqual([keyOf(january, 1)]);
    await cluster.clock.advance(10_000);
    expect([spare.commands, back.commands]).toEqual([[], []]);
  });
});

it('A failing metadata store leaves brokers and nodes what they have', async () => {
  const cluster = await start();
  cluster.node({ nodeId: 'h1' });
  const broker = cluster.broker('b1');
  await cluster.publish({ jobId: 'j1', intervals: [january] });
  await cluster.metadata.close();
  const count = broker.updates.length;
  await cluster.clock.advance(30_000);
  expect(broker.updates).toHaveLength(count);
  expect(broker.error).toBeNull();
  expect(cluster.coordinator.status().problems).toEqual([
    'Metadata store ":memory:" failed: database is not open. Check the disk that it is on.',
    'The lease could not be renewed. Nothing is loaded or dropped until it is.',
  ]);
  const late = cluster.broker('b2');
  await cluster.clock.advance(100);
  expect(late.answerable()).toEqual([keyOf(january, 1)]);
});

it('A report of a node that is not registered is refused, so that it registers', async () => {
  const cluster = await start();
  const client = rpcClient({ net: cluster.net, clock: cluster.clock, address });
  const json = { nodeId: 'h9', loaded: [], dropped: [], failed: [], usedBytes: 0 };
  await expect(client.callOnce('coordinator.report', { json, bytes: [] })).rejects.toMatchObject({
    code: 'NODE_NOT_REGISTERED',
    message: 'Node "h9" is not registered with this coordinator. Register first.',
  });
  client.close();
});

it('A node that registers twice is known by its last connection', async () => {
  const cluster = await start();
  const first = cluster.node({ nodeId: 'h1' });
  await cluster.clock.advance(100);
  const second = cluster.node({ nodeId: 'h1', address: '10.0.0.2:8083' });
  await cluster.clock.advance(100);
  expect(first.error).toMatchObject({ code: 'REGISTERED_AGAIN' });
  await cluster.publish({ jobId: 'j1', intervals: [january] });
  expect([first.commands.length, second.commands.length]).toEqual([0, 1]);
});
