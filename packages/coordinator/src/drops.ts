/**
 * Which copies may go, and which of them brokers must be told of first.
 *
 * | copy of | goes |
 * |---|---|
 * | a wanted segment, more than wanted | when the others are served (assignment.ts) |
 * | a visible segment that rules unload | now: brokers hear of it with the same update |
 * | a segment outside the timeline | once all brokers plan by a version without it |
 *
 * A mistaken rule or a wrong metadata store must not empty the cluster: when many segments would lose
 * all copies at once, and nothing newer stands in for them, those are kept.
 */
import type { Plan } from './assignment.ts';
import type { ClusterNode } from './cluster-view.ts';
import type { Targets, VisibleTimeline } from './targets.ts';

/** Losing this many segments at once is never refused: a small cluster may be changed freely. */
const alwaysAllowed = 100;

/** What may go now. */
export interface Drops {
  readonly copies: readonly Copy[];
  /** Visible segments that brokers shall leave out, sorted. */
  readonly unservedKeys: readonly string[];
  /** Why some are kept against the rules; null when none are. */
  readonly refusal: string | null;
}

interface Copy {
  readonly node: ClusterNode;
  readonly key: string;
}

/** Finds the copies that may go. @param input.isAcknowledged  all brokers plan by `shown` */
export function findDrops(input: {
  readonly nodes: readonly ClusterNode[];
  readonly targets: Targets;
  /** What brokers plan by, or will with the next update. */
  readonly shown: VisibleTimeline;
  /** Overshadowed segments of the newest version. */
  readonly hidden: ReadonlyMap<string, unknown>;
  readonly plan: Plan;
  readonly isAcknowledged: boolean;
  readonly maxDropFraction: number;
}): Drops {
  const { targets, shown, hidden, plan, isAcknowledged } = input;
  const copies = servedCopies(input.nodes);
  const served = new Set(copies.map(({ key }) => key));
  const surplus = new Set(plan.surplus.map(({ nodeId, key }) => `${nodeId} ${key}`));
  const unloaded = new Set(targets.unservedKeys);
  const mayGo = copies.filter(({ node, key }) => {
    if (targets.wanted.has(key)) return surplus.has(`${node.node.nodeId} ${key}`);
    return unloaded.has(key) || (isAcknowledged && !shown.segments.has(key));
  });
  const losing = new Set(
    mayGo.map(({ key }) => key).filter((key) => !targets.wanted.has(key) && !hidden.has(key)),
  );
  const unservedKeys = targets.unservedKeys.filter((key) => shown.segments.has(key));
  if (losing.size <= Math.max(alwaysAllowed, served.size * input.maxDropFraction)) {
    return { copies: mayGo, unservedKeys, refusal: null };
  }
  return {
    copies: mayGo.filter(({ key }) => !losing.has(key)),
    unservedKeys: unservedKeys.filter((key) => !served.has(key)),
    refusal: `${losing.size} of ${served.size} served segments would lose all their copies at once, by rules or because the metadata store does not name them. At most ${alwaysAllowed} or ${input.maxDropFraction * 100} % are let go without confirmation. Correct the rules or the store, or raise "maxDropFraction" of the coordinator.`,
  };
}

/** Copies on connected nodes that are not leaving already. */
function servedCopies(nodes: readonly ClusterNode[]): Copy[] {
  return nodes
    .filter(({ lostMs }) => lostMs === null)
    .flatMap((node) =>
      [...node.held].filter((key) => !node.leaving.has(key)).map((key) => ({ node, key })),
    );
}
