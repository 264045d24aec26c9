/**
 * Which segments of a datasource answer for which times. Every namespace has a timeline of its own:
 *
 *   version 3        ┌───────┐                 complete: wins
 *   version 2   ┌────────────────┐             shows left and right of it, clipped
 *   version 4             ┌────────┐           a partition is missing: shows nowhere, hides nothing
 *
 * and a query reads the union over the namespaces. All partitions of one interval and version form a
 * *set*, which is complete when partitions 0 … partitionCount - 1 are there.
 */
import type { Interval } from './interval.ts';
import { condenseIntervals, intersectIntervals } from './interval.ts';
import type { SegmentDescriptor } from './segment-id.ts';

/** A segment and the parts of the asked intervals that it answers for: condensed, never empty. */
export interface TimelineEntry {
  readonly descriptor: SegmentDescriptor;
  readonly intervals: readonly Interval[];
}

/** All segments of one datasource. Immutable; built in O(n log n), asked in O(log n + answer). */
export class NamespacedTimeline {
  /** All segments as given, overshadowed and incomplete ones included. */
  readonly segments: readonly SegmentDescriptor[];
  /** From the first to the last instant that `lookup` can answer for; null when there is none. */
  readonly span: Interval | null;
  readonly #namespaces: readonly NamespaceTimeline[];

  private constructor(segments: readonly SegmentDescriptor[]) {
    this.segments = segments;
    const byNamespace = Map.groupBy(segments, ({ id }) => id.namespace);
    this.#namespaces = [...byNamespace]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, list]) => buildTimeline(list));
    const pieces = this.#namespaces.flatMap(({ pieces }) => [pieces[0], pieces.at(-1)]);
    const ends = pieces.filter((piece) => piece !== undefined);
    this.span =
      ends.length === 0
        ? null
        : {
            start: Math.min(...ends.map(({ start }) => start)),
            end: Math.max(...ends.map(({ end }) => end)),
          };
  }

  /** @param segments  of one datasource; kept, never changed */
  static of(segments: Iterable<SegmentDescriptor>): NamespacedTimeline {
    return new NamespacedTimeline([...segments]);
  }

  /** True when `lookup` answers for no time at all. */
  get isEmpty(): boolean {
    return this.span === null;
  }

  /**
   * Finds the segments that answer for the intervals, each with its parts of them.
   *
   * @returns in order of the first part's start, namespace, version, partition
   */
  lookup(intervals: Iterable<Interval>): TimelineEntry[] {
    const asked = condenseIntervals(intervals);
    const entries = this.#namespaces.flatMap((timeline) => lookupNamespace(timeline, asked));
    // The sort is stable: namespaces are in order already.
    return entries.sort(
      (a, b) =>
        startOf(a) - startOf(b) ||
        compareTexts(a.descriptor.id.namespace, b.descriptor.id.namespace) ||
        a.descriptor.id.version - b.descriptor.id.version ||
        a.descriptor.id.partition - b.descriptor.id.partition,
    );
  }

  /** Segments hidden over their whole interval by newer complete sets of their namespace. */
  overshadowed(): SegmentDescriptor[] {
    return this.#namespaces.flatMap(({ hidden }) => hidden);
  }
}

/** A stretch of time for which one set answers. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly set: SegmentSet;
}

interface SegmentSet {
  readonly interval: Interval;
  readonly version: number;
  /** By partition. */
  readonly members: readonly SegmentDescriptor[];
  readonly isComplete: boolean;
}

interface NamespaceTimeline {
  /** Disjoint, ascending. */
  readonly pieces: readonly Piece[];
  readonly hidden: readonly SegmentDescriptor[];
}

/**
 * Paints the sets, newest first, on the line of cells between all interval bounds; a painted cell is
 * never painted again. `nextFree` jumps over painted cells, so painting costs almost nothing per cell.
 */
function buildTimeline(segments: readonly SegmentDescriptor[]): NamespaceTimeline {
  const sets = gatherSets(segments);
  const bounds = [...new Set(sets.flatMap(({ interval }) => [interval.start, interval.end]))].sort(
    (a, b) => a - b,
  );
  const cellOf = new Map(bounds.map((bound, cell) => [bound, cell]));
  const owners = Array.from<SegmentSet | null>({ length: bounds.length }).fill(null);
  const nextFree = Uint32Array.from(bounds.keys());
  const hidden: SegmentSet[] = [];
  for (const set of sets) {
    const end = cellOf.get(set.interval.end) ?? 0;
    let cell = findFree(nextFree, cellOf.get(set.interval.start) ?? 0);
    // Newer sets were painted before: no free cell left means that they hide all of this one.
    if (cell >= end && set.interval.start < set.interval.end) hidden.push(set);
    while (set.isComplete && cell < end) {
      owners[cell] = set;
      nextFree[cell] = cell + 1;
      cell = findFree(nextFree, cell);
    }
  }
  return { pieces: joinCells(owners, bounds), hidden: hidden.flatMap(({ members }) => members) };
}

/** Sets in the order in which they win: highest version first; of one version, the later interval. */
function gatherSets(segments: readonly SegmentDescriptor[]): SegmentSet[] {
  const groups = Map.groupBy(
    segments,
    ({ id }) => `${id.interval.start}/${id.interval.end}/${id.version}`,
  );
  const sets: SegmentSet[] = [];
  for (const members of groups.values()) {
    const [first] = members;
    if (first === undefined) continue;
    members.sort((a, b) => a.id.partition - b.id.partition);
    const expected = members.reduce((most, member) => Math.max(most, member.partitionCount), 1);
    const partitions = new Set(members.map(({ id }) => id.partition).filter((p) => p < expected));
    const { interval, version } = first.id;
    sets.push({ interval, version, members, isComplete: partitions.size === expected });
  }
  return sets.sort(
    (a, b) =>
      b.version - a.version ||
      b.interval.start - a.interval.start ||
      b.interval.end - a.interval.end,
  );
}

/** The first unpainted cell from `cell` on; shortens the path that it walked. */
function findFree(nextFree: Uint32Array, cell: number): number {
  let free = cell;
  while ((nextFree[free] ?? free) !== free) free = nextFree[free] ?? free;
  for (let at = cell; at < free;) {
    const next = nextFree[at] ?? free;
    nextFree[at] = free;
    at = next;
  }
  return free;
}

/** Joins neighbouring cells of one owner. @param bounds  shape [cells + 1]; the last owner is always null */
function joinCells(owners: readonly (SegmentSet | null)[], bounds: readonly number[]): Piece[] {
  const pieces: Piece[] = [];
  let first = 0;
  for (let cell = 1; cell <= owners.length; cell++) {
    if (owners[cell] === owners[first] && cell < owners.length) continue;
    const set = owners[first];
    const [start, end] = [bounds[first] ?? 0, bounds[cell] ?? 0];
    if (set !== null && set !== undefined) pieces.push({ start, end, set });
    first = cell;
  }
  return pieces;
}

function lookupNamespace(
  { pieces }: NamespaceTimeline,
  asked: readonly Interval[],
): TimelineEntry[] {
  const partsBySet = new Map<SegmentSet, Interval[]>();
  for (const interval of asked) {
    for (let index = firstEndingAfter(pieces, interval.start); index < pieces.length; index++) {
      const piece = pieces[index];
      const part = piece === undefined ? null : intersectIntervals(piece, interval);
      if (piece === undefined || part === null) break;
      const parts = partsBySet.get(piece.set);
      if (parts === undefined) partsBySet.set(piece.set, [part]);
      else parts.push(part);
    }
  }
  return [...partsBySet].flatMap(([{ members }, parts]) =>
    members.map((descriptor) => ({ descriptor, intervals: parts })),
  );
}

function firstEndingAfter(pieces: readonly Piece[], ms: number): number {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pieces[middle]?.end ?? Infinity) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

function startOf(entry: TimelineEntry): number {
  return entry.intervals[0]?.start ?? 0;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
