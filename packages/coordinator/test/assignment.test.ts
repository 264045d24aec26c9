import { parseInterval } from '@isotherm/timeline';
import { describe, expect, it } from 'vitest';
import type { Plan, PlanNode, PlanSegment } from '../src/assignment.ts';
import { planAssignment } from '../src/assignment.ts';
import { descriptorOf } from './fake-cluster.ts';

type NodeCase = Partial<Omit<PlanNode, 'served' | 'loading' | 'leaving'>> & {
  nodeId: string;
  served?: string[];
  loading?: string[];
  leaving?: string[];
};

function node({ served, loading, leaving, ...rest }: NodeCase): PlanNode {
  const [servedKeys, loadingKeys] = [new Set(served), new Set(loading)];
  return {
    tier: 'hot',
    capacityBytes: 1000,
    usedBytes: 100 * (servedKeys.size + loadingKeys.size),
    isConnected: true,
    served: servedKeys,
    loading: loadingKeys,
    leaving: new Set(leaving),
    failed: new Map(),
    ...rest,
  };
}

/** Segments are named by their day in January; each has 100 bytes. */
function segment(day: number, copies: Record<string, number>): PlanSegment {
  const interval = parseInterval(`2026-01-${String(day).padStart(2, '0')}/P1D`);
  return { key: `d${day}`, descriptor: descriptorOf({ interval, version: 1 }), copies };
}

function plan(nodes: NodeCase[], segments: PlanSegment[], maxLoadsPerNode = 10): Plan {
  return planAssignment(nodes.map(node), segments, { maxLoadsPerNode });
}

const steps = (list: Plan['surplus']): string[] =>
  list.map(({ nodeId, key }) => `${nodeId} ${key}`);

const loadCases: [string, NodeCase[], PlanSegment[], string[]][] = [
  ['nothing is planned without segments', [{ nodeId: 'a' }], [], []],
  [
    'the newest segment is loaded first',
    [{ nodeId: 'a' }],
    [segment(1, { hot: 1 }), segment(3, { hot: 1 }), segment(2, { hot: 1 })],
    ['a d3', 'a d2', 'a d1'],
  ],
  [
    'first copies of all come before second copies of any',
    [{ nodeId: 'a' }, { nodeId: 'b' }],
    [segment(2, { hot: 2 }), segment(1, { hot: 2 })],
    ['a d2', 'b d1', 'b d2', 'a d1'],
  ],
  [
    'the least full node by its capacity gets the next one',
    [
      { nodeId: 'small', capacityBytes: 300 },
      { nodeId: 'large', capacityBytes: 900 },
    ],
    [1, 2, 3, 4].map((day) => segment(day, { hot: 1 })),
    ['large d4', 'small d3', 'large d2', 'large d1'],
  ],
  [
    'copies of one segment go to different nodes',
    [
      { nodeId: 'a', served: ['d1'] },
      { nodeId: 'b', usedBytes: 800 },
    ],
    [segment(1, { hot: 2 })],
    ['b d1'],
  ],
  [
    'every tier gets its own copies',
    [{ nodeId: 'a' }, { nodeId: 'c', tier: 'cold' }],
    [segment(1, { hot: 1, cold: 1 })],
    ['a d1', 'c d1'],
  ],
  [
    'what is being loaded counts as a copy',
    [{ nodeId: 'a', loading: ['d1'] }, { nodeId: 'b' }],
    [segment(1, { hot: 1 })],
    [],
  ],
  [
    'copies of a lost node that is waited for count',
    [{ nodeId: 'a', served: ['d1'], isConnected: false }, { nodeId: 'b' }],
    [segment(1, { hot: 1 })],
    [],
  ],
  [
    'a node that failed is passed over',
    [
      { nodeId: 'a', failed: new Map([['d1', 'broken']]) },
      { nodeId: 'b', usedBytes: 900 },
    ],
    [segment(1, { hot: 1 })],
    ['b d1'],
  ],
];

const surplusCases: [string, NodeCase[], PlanSegment, string[]][] = [
  [
    'a copy too many goes, from the fullest node',
    [
      { nodeId: 'a', served: ['d1'] },
      { nodeId: 'b', served: ['d1'], usedBytes: 500 },
    ],
    segment(1, { hot: 1 }),
    ['b d1'],
  ],
  [
    'a copy in a tier that is not wanted stays until the wanted one is served',
    [
      { nodeId: 'a', served: ['d1'] },
      { nodeId: 'c', tier: 'cold', loading: ['d1'] },
    ],
    segment(1, { cold: 1 }),
    [],
  ],
  [
    'and goes then',
    [
      { nodeId: 'a', served: ['d1'] },
      { nodeId: 'c', tier: 'cold', served: ['d1'] },
    ],
    segment(1, { cold: 1 }),
    ['a d1'],
  ],
  [
    'nothing goes while the wanted tier has no node',
    [{ nodeId: 'a', served: ['d1'] }],
    segment(1, { cold: 1 }),
    [],
  ],
  [
    'a tier with fewer nodes than copies wanted is satisfied when all of them serve',
    [
      { nodeId: 'a', served: ['d1'] },
      { nodeId: 'c', tier: 'cold', served: ['d1'] },
    ],
    segment(1, { cold: 2 }),
    ['a d1'],
  ],
  [
    'copies of a lost node do not allow others to go',
    [
      { nodeId: 'a', served: ['d1'], isConnected: false },
      { nodeId: 'b', served: ['d1'] },
    ],
    segment(1, { hot: 1 }),
    [],
  ],
];

describe('loads', () => {
  it.each(loadCases)('%s', (_name, nodes, segments, expected) => {
    expect(steps(plan(nodes, segments).loads)).toEqual(expected);
  });

  it('stop at what a node may have under way, and the rest waits for its turn', () => {
    const segments = [1, 2, 3].map((day) => segment(day, { hot: 1 }));
    const { loads, reasons } = plan([{ nodeId: 'a', loading: ['x'] }], segments, 2);
    expect(steps(loads)).toEqual(['a d3']);
    const reason =
      'Waits for its turn: all nodes of tier "hot" with room are loading as much as they may.';
    expect([...reasons]).toEqual([
      ['d2', reason],
      ['d1', reason],
    ]);
  });

  it('take back a copy that was about to go before they load a new one', () => {
    const { loads, keeps } = plan(
      [{ nodeId: 'a', leaving: ['d1'] }, { nodeId: 'b' }],
      [segment(1, { hot: 1 })],
    );
    expect([steps(loads), steps(keeps)]).toEqual([[], ['a d1']]);
  });
});

describe('surplus', () => {
  it.each(surplusCases)('%s', (_name, nodes, wanted, expected) => {
    expect(steps(plan(nodes, [wanted]).surplus)).toEqual(expected);
  });
});

const reasonCases: [string, NodeCase[], Record<string, number>, string][] = [
  [
    'a tier without nodes',
    [{ nodeId: 'a' }],
    { cold: 1 },
    'No node of tier "cold" is connected. Start one, or change the rule.',
  ],
  [
    'more copies than nodes',
    [{ nodeId: 'a', served: ['d1'] }],
    { hot: 2 },
    'All connected nodes of tier "hot" have a copy already. Start another one, or want fewer copies.',
  ],
  [
    'no room',
    [{ nodeId: 'a', usedBytes: 950 }],
    { hot: 1 },
    'No node of tier "hot" has room for 100 bytes. Add capacity, or change the rule.',
  ],
  [
    'failures',
    [{ nodeId: 'a', failed: new Map([['d1', 'checksum']]) }],
    { hot: 1 },
    'Every node of tier "hot" failed to load it and will be asked again: "a": checksum',
  ],
];

describe('the reason for a missing copy', () => {
  it.each(reasonCases)('names %s', (_name, nodes, copies, expected) => {
    expect(plan(nodes, [segment(1, copies)]).reasons.get('d1')).toBe(expected);
  });
});

it('A hundred thousand segments on twenty nodes are planned within a second or so', () => {
  const nodes = Array.from({ length: 20 }, (_, index) => ({
    nodeId: `n${index}`,
    capacityBytes: 1e12,
  }));
  const one = segment(1, { hot: 1 });
  const segments = Array.from({ length: 100_000 }, (_, index) => ({ ...one, key: `k${index}` }));
  const startMs = performance.now();
  expect(plan(nodes, segments).loads).toHaveLength(200);
  expect(performance.now() - startMs).toBeLessThan(5000);
});
