/**
 * What the broker knows of the cluster at one moment: visible segments by datasource, and who serves
 * each. A view never changes; an update makes a new one and shares all parts that it does not touch, so
 * a query keeps the view that it was planned by while newer ones arrive.
 */
import { InvariantError } from '@isotherm/errors';
import type { ServingNode, TimelineUpdate } from '@isotherm/rpc';
import { NamespacedTimeline, type SegmentDescriptor, formatSegmentId } from '@isotherm/timeline';

/** One state of the cluster. Immutable. */
export interface TimelineView {
  readonly timelineVersion: number;
  /** Visible segments by key. */
  readonly descriptors: ReadonlyMap<string, SegmentDescriptor>;
  /** By datasource; none is without segments. */
  readonly timelines: ReadonlyMap<string, NamespacedTimeline>;
  /** Keys of visible segments that no rule loads anywhere: they hide older ones, but answer nothing. */
  readonly unservedKeys: ReadonlySet<string>;
  /** By node id. */
  readonly nodes: ReadonlyMap<string, ServingNode>;
  /** Ids of nodes that a new coordinator has not named yet: asked only where nobody else serves. */
  readonly lingering: ReadonlySet<string>;
  /** Nodes that serve a segment, by its key; never an empty list. */
  readonly replicas: ReadonlyMap<string, readonly ServingNode[]>;
}

const emptyView: TimelineView = {
  timelineVersion: 0,
  descriptors: new Map(),
  timelines: new Map(),
  unservedKeys: new Set(),
  nodes: new Map(),
  lingering: new Set(),
  replicas: new Map(),
};

const keys = new WeakMap<SegmentDescriptor, string>();

/** The key of a segment, as `formatSegmentId` writes it; kept per descriptor, since planning asks often. */
export function segmentKeyOf(descriptor: SegmentDescriptor): string {
  let key = keys.get(descriptor);
  if (key === undefined) keys.set(descriptor, (key = formatSegmentId(descriptor.id)));
  return key;
}

/**
 * Applies what the coordinator sent. A full update replaces the segments; nodes that it does not name
 * linger, because a coordinator that has just started may not have heard of them yet.
 *
 * @throws InvariantError if a change comes without a view that it could change
 */
export function applyUpdate(view: TimelineView | null, update: TimelineUpdate): TimelineView {
  if (view === null && !update.full) {
    throw new InvariantError('The coordinator sent a change before the whole timeline.');
  }
  const base = view ?? emptyView;
  const unnamed = update.full ? unnamedNodes(base, update) : new Set<string>();
  const lingering = new Set([...base.lingering, ...unnamed]);
  for (const { nodeId } of update.nodesChanged) lingering.delete(nodeId);
  for (const nodeId of update.nodesGone) lingering.delete(nodeId);
  return {
    timelineVersion: update.timelineVersion,
    ...(update.full ? wholeSegments(update) : changedSegments(base, update)),
    unservedKeys: new Set(update.unservedKeys),
    ...changedNodes(base, update),
    lingering,
  };
}

/** Forgets the nodes that linger. */
export function dropLingering(view: TimelineView): TimelineView {
  if (view.lingering.size === 0) return view;
  const nodes = changedNodes(view, { nodesChanged: [], nodesGone: [...view.lingering] });
  return { ...view, ...nodes, lingering: new Set() };
}

/** The whole of a view as the update that makes it from nothing. */
export function wholeUpdate(view: TimelineView): TimelineUpdate {
  return {
    full: true,
    timelineVersion: view.timelineVersion,
    added: [...view.descriptors.values()],
    removedKeys: [],
    unservedKeys: [...view.unservedKeys],
    nodesChanged: [...view.nodes.values()],
    nodesGone: [],
  };
}

/** Visible segments that should be served and are not. */
export function countUnavailable(view: TimelineView): number {
  let count = 0;
  for (const key of view.descriptors.keys()) {
    if (!view.replicas.has(key) && !view.unservedKeys.has(key)) count++;
  }
  return count;
}

type Segments = Pick<TimelineView, 'descriptors' | 'timelines'>;
type Nodes = Pick<TimelineView, 'nodes' | 'replicas'>;

function unnamedNodes(view: TimelineView, update: TimelineUpdate): Set<string> {
  const named = new Set(update.nodesChanged.map(({ nodeId }) => nodeId));
  return new Set([...view.nodes.keys()].filter((nodeId) => !named.has(nodeId)));
}

function wholeSegments({ added }: TimelineUpdate): Segments {
  return {
    descriptors: new Map(added.map((descriptor) => [segmentKeyOf(descriptor), descriptor])),
    timelines: new Map(
      [...Map.groupBy(added, ({ id }) => id.dataSource)].map(([name, segments]) => [
        name,
        NamespacedTimeline.of(segments),
      ]),
    ),
  };
}

function changedSegments(view: TimelineView, { added, removedKeys }: TimelineUpdate): Segments {
  if (added.length === 0 && removedKeys.length === 0) {
    return { descriptors: view.descriptors, timelines: view.timelines };
  }
  const descriptors = new Map(view.descriptors);
  const touched = new Set<string>();
  for (const key of removedKeys) {
    const name = descriptors.get(key)?.id.dataSource;
    if (name !== undefined) touched.add(name);
    descriptors.delete(key);
  }
  for (const descriptor of added) {
    descriptors.set(segmentKeyOf(descriptor), descriptor);
    touched.add(descriptor.id.dataSource);
  }
  const timelines = new Map(view.timelines);
  const members = Map.groupBy(descriptors.values(), ({ id }) => id.dataSource);
  for (const name of touched) {
    const segments = members.get(name);
    if (segments === undefined) timelines.delete(name);
    else timelines.set(name, NamespacedTimeline.of(segments));
  }
  return { descriptors, timelines };
}

/** Takes in what changed of the nodes; only lists of replicas that differ are made anew. */
function changedNodes(
  view: TimelineView,
  { nodesChanged, nodesGone }: Pick<TimelineUpdate, 'nodesChanged' | 'nodesGone'>,
): Nodes {
  if (nodesChanged.length === 0 && nodesGone.length === 0) {
    return { nodes: view.nodes, replicas: view.replicas };
  }
  const nodes = new Map(view.nodes);
  const replicas = new Map(view.replicas);
  const leave = (nodeId: string): void => {
    for (const key of nodes.get(nodeId)?.served ?? []) {
      const rest = (replicas.get(key) ?? []).filter((node) => node.nodeId !== nodeId);
      if (rest.length === 0) replicas.delete(key);
      else replicas.set(key, rest);
    }
    nodes.delete(nodeId);
  };
  for (const nodeId of nodesGone) leave(nodeId);
  for (const node of nodesChanged) {
    leave(node.nodeId);
    nodes.set(node.nodeId, node);
    for (const key of node.served) replicas.set(key, [...(replicas.get(key) ?? []), node]);
  }
  return { nodes, replicas };
}
