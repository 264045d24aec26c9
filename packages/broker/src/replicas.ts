/**
 * Chooses who reads each segment: nodes with the highest priority first, then the one with the least
 * work that this broker has given out, then by chance. Nodes that only linger, or were lost a moment ago,
 * come last.
 */
import type { Random } from '@isotherm/platform';
import type { ServingNode } from '@isotherm/rpc';
import type { Piece } from './plan.ts';
import type { Suspects } from './suspects.ts';
import type { TimelineView } from './timeline-view.ts';

/** Segments that each node was asked for and has not answered yet, by node id; absent = 0. */
export type NodeLoad = Map<string, number>;

/** Changes the load of a node. */
export function addLoad(load: NodeLoad, nodeId: string, segmentCount: number): void {
  const total = (load.get(nodeId) ?? 0) + segmentCount;
  if (total === 0) load.delete(nodeId);
  else load.set(nodeId, total);
}

/** Segments for one node. */
export interface NodePieces {
  readonly node: ServingNode;
  readonly pieces: readonly Piece[];
}

/** What choosing needs to know. */
interface ReplicaChoice {
  readonly view: TimelineView;
  readonly load: NodeLoad;
  readonly random: Random;
  readonly suspects: Pick<Suspects, 'has'>;
  /** Ids of the nodes that have failed to answer for a segment, by its key. */
  readonly tried: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Divides pieces among nodes; `unplaced` are those that no untried node serves. */
export function chooseReplicas(
  pieces: readonly Piece[],
  { view, load, random, suspects, tried }: ReplicaChoice,
): { readonly groups: readonly NodePieces[]; readonly unplaced: readonly Piece[] } {
  const groups = new Map<string, { node: ServingNode; pieces: Piece[] }>();
  const unplaced: Piece[] = [];
  const work = (nodeId: string): number =>
    (load.get(nodeId) ?? 0) + (groups.get(nodeId)?.pieces.length ?? 0);
  const isLast = ({ nodeId }: ServingNode): boolean =>
    view.lingering.has(nodeId) || suspects.has(nodeId);
  for (const piece of pieces) {
    const failed = tried.get(piece.segmentKey);
    const nodes = (view.replicas.get(piece.segmentKey) ?? []).filter(
      ({ nodeId }) => failed?.has(nodeId) !== true,
    );
    const node = pickNode(nodes, { isLast, work, random });
    if (node === null) {
      unplaced.push(piece);
      continue;
    }
    const group = groups.get(node.nodeId);
    if (group === undefined) groups.set(node.nodeId, { node, pieces: [piece] });
    else group.pieces.push(piece);
  }
  return { groups: [...groups.values()], unplaced };
}

function pickNode(
  nodes: readonly ServingNode[],
  by: {
    isLast: (node: ServingNode) => boolean;
    work: (nodeId: string) => number;
    random: Random;
  },
): ServingNode | null {
  let best: ServingNode[] = [];
  const compare = (a: ServingNode, b: ServingNode): number =>
    Number(by.isLast(a)) - Number(by.isLast(b)) ||
    b.priority - a.priority ||
    by.work(a.nodeId) - by.work(b.nodeId);
  for (const node of nodes) {
    const order = best[0] === undefined ? -1 : compare(node, best[0]);
    if (order < 0) best = [node];
    else if (order === 0) best.push(node);
  }
  const index = best.length > 1 ? Math.floor(by.random.next() * best.length) : 0;
  return best[index] ?? null;
}
