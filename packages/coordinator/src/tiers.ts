/**
 * Which nodes a tier name of a rule means. A name means the nodes that say they are in that tier, but
 * for `_default_tier`, the name in the built-in rule: where no node carries it, it means the hot nodes,
 * and where there is no hot one, all nodes. So a cluster works before anybody has named a tier.
 */

/** Druid's tier for rules that name none. */
const defaultTier = '_default_tier';

/** Picks the nodes that a rule's tier name means. */
export function nodesOfTier<Node extends { readonly tier: string }>(
  nodes: readonly Node[],
  tier: string,
): readonly Node[] {
  const named = nodes.filter((node) => node.tier === tier);
  if (tier !== defaultTier || named.length > 0) return named;
  const hot = nodes.filter((node) => node.tier === 'hot');
  return hot.length > 0 ? hot : nodes;
}
