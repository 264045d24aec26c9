import { manualClock } from '@isotherm/platform';
import type { ServingNode, TimelineUpdate } from '@isotherm/rpc';
import { parseInterval } from '@isotherm/timeline';
import { describe, expect, it } from 'vitest';
import type { BrokerView } from '../src/broker-feed.ts';
import { BrokerFeed, updateBetween } from '../src/broker-feed.ts';
import { descriptorOf } from './fake-cluster.ts';

const first = descriptorOf({ interval: parseInterval('2026-01-01/P1D'), version: 1 });
const second = descriptorOf({ interval: parseInterval('2026-01-01/P1D'), version: 2 });

function servingNode(nodeId: string, served: string[]): ServingNode {
  return { nodeId, address: `${nodeId}:1`, tier: 'hot', capacityBytes: 1, priority: 0, served };
}

function view(timelineVersion: number, change: Partial<BrokerView> = {}): BrokerView {
  return { timelineVersion, segments: new Map(), unservedKeys: [], nodes: new Map(), ...change };
}

describe('an update', () => {
  const h1 = servingNode('h1', ['one']);
  const old = view(1, {
    segments: new Map([['one', first]]),
    nodes: new Map([
      ['h1', h1],
      ['h2', servingNode('h2', [])],
    ]),
  });
  const next = view(2, {
    segments: new Map([['two', second]]),
    unservedKeys: ['two'],
    nodes: new Map([['h1', h1]]),
  });

  it('from nothing is the whole view', () => {
    expect(updateBetween(null, old)).toEqual({
      full: true,
      timelineVersion: 1,
      added: [first],
      removedKeys: [],
      unservedKeys: [],
      nodesChanged: [...old.nodes.values()],
      nodesGone: [],
    });
  });

  it('from another view is what changed', () => {
    expect(updateBetween(old, next)).toEqual({
      full: false,
      timelineVersion: 2,
      added: [second],
      removedKeys: ['one'],
      unservedKeys: ['two'],
      nodesChanged: [],
      nodesGone: ['h2'],
    });
  });
});

describe('the feed', () => {
  it('skips states for a broker that lags: it gets one update to the newest', async () => {
    const feed = new BrokerFeed(manualClock(0));
    const stop = new AbortController();
    const updates = feed.watch('b1', stop.signal);
    feed.publish(view(1, { segments: new Map([['one', first]]) }));
    const item = async (): Promise<TimelineUpdate | undefined> =>
      (await updates.next()).value ?? undefined;
    expect(await item()).toMatchObject({ full: true, timelineVersion: 1 });
    for (const version of [2, 3, 4]) {
      feed.publish(view(version, { segments: new Map([['two', second]]) }));
    }
    expect(await item()).toMatchObject({
      full: false,
      timelineVersion: 4,
      added: [second],
      removedKeys: ['one'],
    });
    stop.abort();
    expect(await item()).toBeUndefined();
  });

  it('counts a version as acknowledged when every broker plans by it or a later one', async () => {
    const clock = manualClock(0);
    const feed = new BrokerFeed(clock);
    expect(feed.isAcknowledged(1, 3000)).toBe(true);
    const [one, two] = [new AbortController(), new AbortController()];
    const streams = [feed.watch('b1', one.signal), feed.watch('b2', two.signal)];
    feed.publish(view(1));
    for (const stream of streams) await stream.next();
    expect(feed.isAcknowledged(1, 3000)).toBe(false);
    feed.acknowledge('b1', 2);
    expect(feed.isAcknowledged(1, 3000)).toBe(false);
    two.abort();
    await streams[1]?.next();
    await clock.advance(2999);
    expect(feed.isAcknowledged(1, 3000)).toBe(false);
    await clock.advance(1);
    expect(feed.isAcknowledged(1, 3000)).toBe(true);
    expect(feed.isAcknowledged(3, 3000)).toBe(false);
    one.abort();
  });

  it('asks a broker that comes back to acknowledge anew', async () => {
    const feed = new BrokerFeed(manualClock(0));
    feed.publish(view(1));
    for (const expected of [false, false]) {
      const stop = new AbortController();
      const stream = feed.watch('b1', stop.signal);
      await stream.next();
      expect(feed.isAcknowledged(1, 3000)).toBe(expected);
      feed.acknowledge('b1', 1);
      expect(feed.isAcknowledged(1, 3000)).toBe(true);
      stop.abort();
      await stream.next();
    }
  });

  it('refuses an acknowledgement of a broker that does not watch', () => {
    expect(() => new BrokerFeed(manualClock(0)).acknowledge('b9', 1)).toThrow(
      'Broker "b9" does not watch this coordinator. Watch first.',
    );
  });
});
