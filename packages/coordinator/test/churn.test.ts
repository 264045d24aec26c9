/**
 * Random churn on a healthy cluster: jobs, overwrites, rule changes, reverts. After every step and at every
 * update, what a broker is told must be answerable, and every copy it is told of must be there.
 */
import type { Rule } from '@isotherm/metadata';
import { seededRandom } from '@isotherm/platform';
import { expect, it } from 'vitest';
import type { FakeBroker, FakeCluster, FakeNode } from './fake-cluster.ts';
import { fakeCluster, publishJob } from './fake-cluster.ts';

const baseSeed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const audit = { author: 'churn', comment: '' };
const rules: Rule[][] = [
  [],
  [{ type: 'loadForever', tieredReplicants: { hot: 1 } }],
  [{ type: 'loadForever', tieredReplicants: { cold: 1 } }],
  [{ type: 'loadForever', tieredReplicants: { hot: 2, cold: 1 } }],
  [
    { type: 'loadByPeriod', period: 'P29D', includeFuture: true, tieredReplicants: { hot: 1 } },
    { type: 'dropForever' },
  ],
];

it.each([1, 2, 3, 4])(
  'A healthy cluster answers all that it shows, at any moment (seed %#)',
  async (round) => {
    const seed = baseSeed + round;
    const cluster = await fakeCluster({ dropGraceMs: 500, pollMs: 200 });
    const random = seededRandom(seed);
    const whole = (limit: number): number => Math.floor(random.next() * limit);
    const nodes = new Map(
      ['h1', 'h2', 'c1', 'c2'].map((nodeId) => [
        nodeId,
        cluster.node({ nodeId, tier: nodeId.startsWith('h') ? 'hot' : 'cold' }),
      ]),
    );
    for (const node of nodes.values()) node.loadMs = () => whole(800);
    const brokers = [cluster.broker('b1'), cluster.broker('b2')];
    for (let step = 0; step < 60; step++) {
      const event = await disturb(cluster, { step, whole });
      for (let wait = 0; wait <= whole(12); wait++) {
        await cluster.clock.advance(10 + whole(150));
        for (const broker of brokers) {
          expect({ seed, step, event, wrong: findWrong(broker, nodes) }).toEqual({
            seed,
            step,
            event,
            wrong: [],
          });
        }
      }
    }
    await cluster.metadata.setRules('ads', [], audit);
    await cluster.clock.advance(10_000);
    const { timelineVersion, newestVersion, pendingJobs, problems } = cluster.coordinator.status();
    expect({ seed, shown: timelineVersion, pendingJobs, problems }).toEqual({
      seed,
      shown: newestVersion,
      pendingJobs: [],
      problems: [],
    });
    // Nothing is left on the nodes that the timeline does not show.
    const held = [...nodes.values()].flatMap((node) => [...node.held]).sort();
    expect({ seed, held }).toEqual({ seed, held: brokers[0]?.answerable() });
    await cluster.close();
  },
);

async function disturb(
  { metadata }: FakeCluster,
  { step, whole }: { step: number; whole: (limit: number) => number },
): Promise<string> {
  const namespace = whole(3) === 0 ? 'other' : 'default';
  const versions = (await metadata.segments({ dataSource: 'ads', namespace })).map(
    ({ descriptor }) => descriptor.id.version,
  );
  switch (whole(4)) {
    case 0: {
      await metadata.setRules('ads', rules[whole(rules.length)] ?? [], audit);
      return 'rules';
    }
    case 1: {
      const version = versions[whole(versions.length)];
      if (version === undefined) return 'nothing';
      const used = whole(2) === 0;
      const selection = { dataSource: 'ads', namespace, version, interval: null };
      await metadata.setUsed(selection, used, audit);
      return `${used ? 'enable' : 'disable'} ${namespace} ${version}`;
    }
    default: {
      const day = 1 + whole(5);
      const intervals = [`2026-01-0${day}/P1D`, `2026-01-0${day + 1}/P${1 + whole(3)}D`];
      await publishJob(metadata, { jobId: `j${step}`, namespace, intervals });
      return `publish ${namespace} ${intervals.join(' ')}`;
    }
  }
}

/** Visible segments that nobody serves, and copies that a node no longer has. */
function findWrong(broker: FakeBroker, nodes: ReadonlyMap<string, FakeNode>): string[] {
  const answerable = new Set(broker.answerable());
  const unserved = new Set(broker.unservedKeys);
  const unanswered = [...broker.segments.keys()].filter(
    (key) => !answerable.has(key) && !unserved.has(key),
  );
  const ghosts = [...broker.nodes.values()].flatMap(({ nodeId, served }) =>
    served
      .filter((key) => nodes.get(nodeId)?.held.has(key) !== true)
      .map((key) => `${nodeId} ${key}`),
  );
  return [...unanswered, ...ghosts];
}
