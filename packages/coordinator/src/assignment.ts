/**
 * Plans loads and drops: what the rules want against what the nodes have. Pure, so that every case is
 * a line in a table of tests.
 *
 * First copies come before second ones, newest time first. A copy goes to the node of its tier that is
 * least full, so replicas spread. A copy is given up only when the rest is served: a move first loads
 * the new copy and then drops the old one.
 */
import type { SegmentDescriptor } from '@isotherm/timeline';
import type { WantedCopies } from './rules.ts';
import { nodesOfTier } from './tiers.ts';

/** What a plan needs to know of a node. */
export interface PlanNode {
  readonly nodeId: string;
  readonly tier: string;
  readonly capacityBytes: number;
  /** Bytes of all copies that it has or is loading. */
  readonly usedBytes: number;
  /** False while a lost node is waited for: its copies still count, but it takes no commands. */
  readonly isConnected: boolean;
  /** Keys that it serves and shall keep. */
  readonly served: ReadonlySet<string>;
  /** Keys that it still has but shall drop; taking one back costs nothing. */
  readonly leaving: ReadonlySet<string>;
  /** Keys that it was told to load. */
  readonly loading: ReadonlySet<string>;
  /** Keys that it failed to load lately, with the reason; not tried again for now. */
  readonly failed: ReadonlyMap<string, string>;
}

/** A segment with the copies that rules want of it: at least one. */
export interface PlanSegment {
  readonly key: string;
  readonly descriptor: SegmentDescriptor;
  readonly copies: WantedCopies;
}

/** One step for one node. */
interface PlanStep {
  readonly nodeId: string;
  readonly key: string;
}

/** What to do now. */
export interface Plan {
  readonly loads: readonly (PlanStep & { readonly descriptor: SegmentDescriptor })[];
  /** Copies that were leaving and shall stay. */
  readonly keeps: readonly PlanStep[];
  /** Copies of wanted segments beyond what rules want. */
  readonly surplus: readonly PlanStep[];
  /** Why a segment has fewer copies than wanted and nothing can be done now, by key. */
  readonly reasons: ReadonlyMap<string, string>;
}

/** Bounds of one plan. */
interface PlanLimits {
  /** Loads that a node may have under way. */
  readonly maxLoadsPerNode: number;
}

interface Draft {
  readonly nodes: readonly DraftNode[];
  /** Nodes by the tier names that rules use; filled on first use. */
  readonly tiers: Map<string, ReadonlySet<DraftNode>>;
  /** Nodes that serve or load a segment, by key; so a segment costs its copies and not all nodes. */
  readonly holders: Map<string, DraftNode[]>;
  readonly limits: PlanLimits;
  readonly loads: (PlanStep & { readonly descriptor: SegmentDescriptor })[];
  readonly keeps: PlanStep[];
  readonly reasons: Map<string, string>;
}

interface DraftNode {
  readonly node: PlanNode;
  readonly tier: string;
  usedBytes: number;
  loadCount: number;
}

/**
 * Plans the next steps. Cost: O(segments × (log segments + copies)), and O(nodes) for each copy that is missing.
 *
 * @param segments  every segment that rules load somewhere; visible ones and those about to be
 */
export function planAssignment(
  nodes: readonly PlanNode[],
  segments: readonly PlanSegment[],
  limits: PlanLimits,
): Plan {
  const draftNodes = nodes.map((node) => ({
    node,
    tier: node.tier,
    usedBytes: node.usedBytes,
    loadCount: node.loading.size,
  }));
  const draft: Draft = {
    nodes: draftNodes,
    tiers: new Map(),
    holders: findHolders(draftNodes),
    limits,
    loads: [],
    keeps: [],
    reasons: new Map(),
  };
  const newestFirst = [...segments].sort(byTimeDescending);
  const mostCopies = newestFirst.reduce(
    (most, { copies }) => Math.max(most, ...Object.values(copies)),
    0,
  );
  for (let copy = 1; copy <= mostCopies; copy++) {
    for (const segment of newestFirst) fillTiers(draft, segment, copy);
  }
  const surplus = newestFirst.flatMap((segment) => findSurplus(draft, segment));
  return { loads: draft.loads, keeps: draft.keeps, surplus, reasons: draft.reasons };
}

/** Brings every tier of a segment to `copy` copies, if it wants that many. */
function fillTiers(draft: Draft, segment: PlanSegment, copy: number): void {
  for (const [tier, wanted] of Object.entries(segment.copies)) {
    if (wanted < copy) continue;
    const nodes = tierNodes(draft, tier);
    const holders = draft.holders.get(segment.key) ?? [];
    const held = holders.reduce((count, holder) => count + (nodes.has(holder) ? 1 : 0), 0);
    if (held < copy) addCopy(draft, segment, tier, [...nodes]);
  }
}

function addCopy(
  draft: Draft,
  segment: PlanSegment,
  tier: string,
  nodes: readonly DraftNode[],
): void {
  const { key, descriptor } = segment;
  const leaving = nodes.find(({ node }) => node.isConnected && node.leaving.has(key));
  if (leaving !== undefined) {
    addHolder(draft.holders, key, leaving);
    draft.keeps.push({ nodeId: leaving.node.nodeId, key });
    return;
  }
  const holders = draft.holders.get(key) ?? [];
  const others = nodes.filter((node) => node.node.isConnected && !holders.includes(node));
  const healthy = others.filter(({ node }) => !node.failed.has(key));
  const roomy = healthy.filter((node) => hasRoom(node, descriptor.bytes));
  const target = roomy
    .filter(({ loadCount }) => loadCount < draft.limits.maxLoadsPerNode)
    .sort(byFullness)[0];
  if (target === undefined) {
    const reason = explain(
      { tier, key, bytes: descriptor.bytes },
      { nodes, others, healthy, roomy },
    );
    // The first tier that is short names the reason.
    if (!draft.reasons.has(key)) draft.reasons.set(key, reason);
    return;
  }
  addHolder(draft.holders, key, target);
  target.usedBytes += descriptor.bytes;
  target.loadCount += 1;
  draft.loads.push({ nodeId: target.node.nodeId, key, descriptor });
}

function explain(
  wanted: { readonly tier: string; readonly key: string; readonly bytes: number },
  found: Record<'nodes' | 'others' | 'healthy' | 'roomy', readonly DraftNode[]>,
): string {
  const tier = `tier "${wanted.tier}"`;
  if (found.nodes.length === 0)
    return `No node of ${tier} is connected. Start one, or change the rule.`;
  if (found.others.length === 0) {
    return `All connected nodes of ${tier} have a copy already. Start another one, or want fewer copies.`;
  }
  if (found.healthy.length === 0) {
    const failures = found.others.map(
      ({ node }) => `"${node.nodeId}": ${node.failed.get(wanted.key)}`,
    );
    return `Every node of ${tier} failed to load it and will be asked again: ${failures.join('; ')}`;
  }
  if (found.roomy.length === 0) {
    return `No node of ${tier} has room for ${wanted.bytes} bytes. Add capacity, or change the rule.`;
  }
  return `Waits for its turn: all nodes of ${tier} with room are loading as much as they may.`;
}

/**
 * Copies that may go: only while every tier serves what it wants, or as much as it has nodes for.
 * The fullest nodes are relieved first.
 */
function findSurplus(draft: Draft, { key, copies }: PlanSegment): PlanStep[] {
  const serving = (draft.holders.get(key) ?? []).filter(({ node }) => node.served.has(key));
  const kept = new Set<DraftNode>();
  for (const [tier, wanted] of Object.entries(copies)) {
    const nodes = tierNodes(draft, tier);
    const inTier = serving
      .filter((node) => nodes.has(node) && node.node.isConnected)
      .sort(byFullness)
      .slice(0, wanted);
    // A tier without any node would never be served: then nothing is given up for it.
    if (inTier.length < Math.max(1, Math.min(wanted, nodes.size))) return [];
    for (const node of inTier) kept.add(node);
  }
  return serving
    .filter((node) => node.node.isConnected && !kept.has(node))
    .map(({ node }) => ({ nodeId: node.nodeId, key }));
}

function tierNodes(draft: Draft, tier: string): ReadonlySet<DraftNode> {
  let nodes = draft.tiers.get(tier);
  if (nodes === undefined) draft.tiers.set(tier, (nodes = new Set(nodesOfTier(draft.nodes, tier))));
  return nodes;
}

function findHolders(nodes: readonly DraftNode[]): Map<string, DraftNode[]> {
  const holders = new Map<string, DraftNode[]>();
  for (const node of nodes) {
    for (const key of node.node.served) addHolder(holders, key, node);
    for (const key of node.node.loading)
      if (!node.node.served.has(key)) addHolder(holders, key, node);
  }
  return holders;
}

function addHolder(holders: Map<string, DraftNode[]>, key: string, node: DraftNode): void {
  const list = holders.get(key);
  if (list === undefined) holders.set(key, [node]);
  else list.push(node);
}

function hasRoom({ node, usedBytes }: DraftNode, bytes: number): boolean {
  return usedBytes + bytes <= node.capacityBytes;
}

function byFullness(a: DraftNode, b: DraftNode): number {
  const fullness = ({ node, usedBytes }: DraftNode): number =>
    usedBytes / Math.max(1, node.capacityBytes);
  return (
    fullness(a) - fullness(b) ||
    a.loadCount - b.loadCount ||
    (a.node.nodeId < b.node.nodeId ? -1 : 1)
  );
}

function byTimeDescending(a: PlanSegment, b: PlanSegment): number {
  const [one, two] = [a.descriptor.id, b.descriptor.id];
  return (
    two.interval.end - one.interval.end ||
    two.interval.start - one.interval.start ||
    two.version - one.version ||
    (a.key < b.key ? -1 : 1)
  );
}
