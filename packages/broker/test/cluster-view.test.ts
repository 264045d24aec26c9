import { type Disk, memoryDisk, memoryNet, nodeClock, seededRandom } from '@isotherm/platform';
import { rpcClient } from '@isotherm/rpc';
import { afterEach, describe, expect, it } from 'vitest';
import { ClusterView } from '../src/cluster-view.ts';
import { fakeCoordinator, until } from './fake-cluster.ts';
import { daySegment, keysOf, servingNode, timelineUpdate } from './fixtures.ts';

const [day1, day2] = [daySegment(1), daySegment(2)];
const [key1 = '', key2 = ''] = keysOf([day1, day2]);
const whole = timelineUpdate({
  timelineVersion: 5,
  added: [day1],
  nodesChanged: [servingNode('a', [day1])],
});
const change = timelineUpdate({ full: false, timelineVersion: 6, added: [day2] });

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function follow(
  net: ReturnType<typeof memoryNet>,
  { disk = memoryDisk(), lingerMs = 60_000 }: { disk?: Disk; lingerMs?: number } = {},
) {
  const clock = nodeClock();
  const events: string[] = [];
  const coordinator = rpcClient({ net, clock, address: 'coordinator:8081' });
  const cluster = await ClusterView.open({
    coordinator,
    brokerId: 'broker-1',
    clock,
    random: seededRandom(1),
    disk,
    snapshotDelayMs: 5,
    lingerMs,
    log: (event) => events.push(event),
  });
  closing.push(() => coordinator.close());
  return { cluster, disk, events, clock };
}

describe('following a coordinator', () => {
  it('takes the whole view, then changes, and acknowledges each version', async () => {
    const net = memoryNet();
    const coordinator = await fakeCoordinator(net, whole);
    const { cluster } = await follow(net);
    closing.push(() => cluster.close());
    await until(() => cluster.viewOrNull !== null);
    expect([...cluster.view.descriptors.keys()]).toEqual([key1]);
    coordinator.send(change);
    coordinator.send(timelineUpdate({ ...change, added: [], nodesGone: ['a'] }));
    await until(() => cluster.view.nodes.size === 0);
    expect([...cluster.view.descriptors.keys()]).toEqual([key1, key2]);
    await until(() => coordinator.acknowledged.length === 2);
    expect(coordinator.acknowledged).toEqual([5, 6]);
    expect(cluster.ageMs).toBe(0);
  });

  it('keeps the last view when the stream breaks, and starts anew with the whole one', async () => {
    const net = memoryNet();
    const coordinator = await fakeCoordinator(net, whole);
    const { cluster } = await follow(net);
    closing.push(() => cluster.close());
    await until(() => cluster.viewOrNull !== null);
    coordinator.whole = timelineUpdate({ timelineVersion: 7, added: [day2] });
    net.cut('coordinator:8081');
    await until(() => cluster.ageMs > 0);
    expect(cluster.view.timelineVersion).toBe(5);
    await until(() => cluster.view.timelineVersion === 7);
    expect([...cluster.view.descriptors.keys()]).toEqual([key2]);
    expect([...cluster.view.lingering]).toEqual(['a']);
    expect(cluster.ageMs).toBe(0);
    await until(() => coordinator.acknowledged.includes(7));
    expect(coordinator.watchers).toEqual(['broker-1', 'broker-1']);
  });

  it('forgets nodes that lingered for too long', async () => {
    const net = memoryNet();
    const coordinator = await fakeCoordinator(net, whole);
    const { cluster } = await follow(net, { lingerMs: 20 });
    closing.push(() => cluster.close());
    await until(() => cluster.viewOrNull !== null);
    coordinator.whole = timelineUpdate({ timelineVersion: 7, added: [day1] });
    net.cut('coordinator:8081');
    await until(() => cluster.view.timelineVersion === 7);
    expect(cluster.view.replicas.get(key1)?.length).toBe(1);
    await until(() => cluster.view.nodes.size === 0);
    expect(cluster.view.replicas.size).toBe(0);
  });

  it('starts anew when a stream does not begin with the whole view', async () => {
    const net = memoryNet();
    const coordinator = await fakeCoordinator(net, change);
    const { cluster, events } = await follow(net);
    closing.push(() => cluster.close());
    await until(() => events.includes('coordinator-lost'));
    expect(cluster.viewOrNull).toBeNull();
    coordinator.whole = whole;
    await until(() => cluster.viewOrNull !== null);
    expect(cluster.view.timelineVersion).toBe(5);
  });

  it('starts anew when a version cannot be acknowledged, for the coordinator waits for that', async () => {
    const net = memoryNet();
    const coordinator = await fakeCoordinator(net, whole);
    coordinator.refuseAcknowledgements = true;
    const { cluster } = await follow(net);
    closing.push(() => cluster.close());
    await until(() => coordinator.watchers.length >= 2);
    coordinator.refuseAcknowledgements = false;
    await until(() => coordinator.acknowledged.length > 0);
    expect(coordinator.acknowledged).toEqual([5]);
  });
});

describe('without a coordinator', () => {
  it('there is no view, and asking for one says so', async () => {
    const { cluster } = await follow(memoryNet());
    closing.push(() => cluster.close());
    expect(() => cluster.view).toThrow(
      'The timeline is not known yet: the coordinator at "coordinator:8081" has not sent it, and there is no snapshot. Is the coordinator running?',
    );
  });

  it('the snapshot of the last run is used, and its age told', async () => {
    const net = memoryNet();
    const coordinator = await fakeCoordinator(net, whole);
    const first = await follow(net);
    await until(() => first.cluster.viewOrNull !== null);
    await first.cluster.close();
    await coordinator.server.close();
    await first.clock.sleep(20);

    const second = await follow(net, { disk: first.disk });
    closing.push(() => second.cluster.close());
    expect(second.events[0]).toBe('snapshot-used');
    expect([...second.cluster.view.descriptors.keys()]).toEqual([key1]);
    expect(second.cluster.view.replicas.get(key1)?.map(({ nodeId }) => nodeId)).toEqual(['a']);
    expect(second.cluster.ageMs).toBeGreaterThanOrEqual(15);
    expect(second.cluster.ageMs).toBeLessThan(10_000);
  });

  it('the snapshot follows changes without a clean stop', async () => {
    const net = memoryNet();
    const coordinator = await fakeCoordinator(net, whole);
    const { cluster, disk } = await follow(net);
    closing.push(() => cluster.close());
    await until(() => cluster.viewOrNull !== null);
    coordinator.send(change);
    await until(() => cluster.view.timelineVersion === 6);
    await nodeClock().sleep(40);
    const saved = JSON.parse(new TextDecoder().decode(await disk.read('timeline.json'))) as {
      update: { timelineVersion: number };
    };
    expect(saved.update.timelineVersion).toBe(6);
  });

  it.each([
    ['no JSON', 'garbage'],
    ['of another format', '{"format":99,"savedAtMs":0,"update":{}}'],
    ['without what it should hold', '{"format":1,"savedAtMs":0,"update":{"full":true}}'],
  ])('a snapshot that is %s counts as absent', async (_name, text) => {
    const disk = memoryDisk();
    await disk.writeAtomic('timeline.json', new TextEncoder().encode(text));
    const { cluster, events } = await follow(memoryNet(), { disk });
    closing.push(() => cluster.close());
    expect(events[0]).toBe('snapshot-unreadable');
    expect(cluster.viewOrNull).toBeNull();
  });
});
