import { seededRandom } from '@isotherm/platform';
import type { ServingNode } from '@isotherm/rpc';
import { describe, expect, it } from 'vitest';
import { chooseReplicas } from '../src/replicas.ts';
import { type TimelineView, applyUpdate, segmentKeyOf } from '../src/timeline-view.ts';
import { daySegment, keysOf, servingNode, timelineUpdate } from './fixtures.ts';

const days = [1, 2, 3, 4].map((day) => daySegment(day));
const pieces = days.map((descriptor) => ({
  segmentKey: segmentKeyOf(descriptor),
  descriptor,
  intervals: [descriptor.id.interval],
}));
const viewOf = (...nodes: ServingNode[]): TimelineView =>
  applyUpdate(null, timelineUpdate({ added: days, nodesChanged: nodes }));

function choose(
  view: TimelineView,
  over: {
    load?: [string, number][];
    tried?: [string, string[]][];
    seed?: number;
    suspects?: string[];
  } = {},
): Record<string, number> {
  const { groups, unplaced } = chooseReplicas(pieces, {
    view,
    load: new Map(over.load ?? []),
    random: seededRandom(over.seed ?? 1),
    suspects: new Set(over.suspects ?? []),
    tried: new Map((over.tried ?? []).map(([key, nodes]) => [key, new Set(nodes)])),
  });
  const counts = groups.map(({ node, pieces }) => [node.nodeId, pieces.length] as const);
  return Object.fromEntries([...counts, ['unplaced', unplaced.length]]);
}

describe('a segment goes', () => {
  it('to the nodes of highest priority', () => {
    const view = viewOf(servingNode('a', days), servingNode('b', days, { priority: 5 }));
    expect(choose(view)).toEqual({ b: 4, unplaced: 0 });
  });

  it('to the node with the least work, this query counted', () => {
    const view = viewOf(servingNode('a', days), servingNode('b', days));
    expect(choose(view)).toEqual({ a: 2, b: 2, unplaced: 0 });
    expect(choose(view, { load: [['a', 2]] })).toEqual({ a: 1, b: 3, unplaced: 0 });
    expect(choose(view, { load: [['a', 9]] })).toEqual({ b: 4, unplaced: 0 });
  });

  it('by chance among equals', () => {
    const view = viewOf(servingNode('a', days.slice(0, 1)), servingNode('b', days.slice(0, 1)));
    const firsts = Array.from({ length: 200 }, (_, seed) => choose(view, { seed: seed + 1 }));
    const toA = firsts.filter((counts) => counts['a'] === 1).length;
    expect(toA).toBeGreaterThan(60);
    expect(toA).toBeLessThan(140);
  });

  it('not to a node that failed to answer for it', () => {
    const view = viewOf(servingNode('a', days), servingNode('b', days));
    const tried = keysOf(days).map((key): [string, string[]] => [key, ['a']]);
    expect(choose(view, { tried })).toEqual({ b: 4, unplaced: 0 });
    const [first] = keysOf(days);
    expect(choose(view, { tried: [[first ?? '', ['a', 'b']]] })['unplaced']).toBe(1);
  });

  it('to a node that lingers only when no other one serves it', () => {
    const before = viewOf(servingNode('a', days, { priority: 9 }));
    const named = timelineUpdate({
      added: days,
      nodesChanged: [servingNode('b', days.slice(0, 3))],
    });
    expect(choose(applyUpdate(before, named))).toEqual({ b: 3, a: 1, unplaced: 0 });
  });

  it('to a node that was lost a moment ago only when no other one serves it', () => {
    const [first] = days;
    const view = viewOf(
      servingNode('a', days, { priority: 9 }),
      servingNode('b', first === undefined ? [] : [first]),
    );
    expect(choose(view, { suspects: ['a'] })).toEqual({ b: 1, a: 3, unplaced: 0 });
  });

  it('nowhere when nobody serves it', () => {
    expect(choose(viewOf(servingNode('a', days.slice(0, 1))))).toEqual({ a: 1, unplaced: 3 });
  });
});
