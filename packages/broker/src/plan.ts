/**
 * Decides which segments answer a query: pure, from the query and one view of the cluster.
 *
 *   intervals ─▶ timeline lookup ─▶ drop what rules serve nowhere ─▶ drop what holds no time asked for
 *
 * A segment is dropped only when Druid would find neither rows nor empty buckets in it: whether a
 * segment lies in the interval decides between an answer of zeros and no answer at all.
 */
import { NotFoundError, didYouMean } from '@isotherm/errors';
import type { PartialResult, Query } from '@isotherm/query';
import {
  type Interval,
  type NamespacedTimeline,
  type SegmentDescriptor,
  type TimelineEntry,
  bucketStart,
  condenseIntervals,
  intersectIntervals,
  nextBucket,
  subtractIntervals,
} from '@isotherm/timeline';
import { type TimelineView, segmentKeyOf } from './timeline-view.ts';

/** A segment that has to be read. */
export interface Piece {
  readonly segmentKey: string;
  readonly descriptor: SegmentDescriptor;
  /** Parts of the query's intervals that it answers for: sorted, disjoint, not empty. */
  readonly intervals: readonly Interval[];
}

/** What answers a query, by one version of the timeline. */
export interface QueryPlan {
  readonly timelineVersion: number;
  /** Segments to ask historicals for, in order of time, namespace, version, partition. */
  readonly pieces: readonly Piece[];
  /** What descriptors alone could answer, exactly. */
  readonly known: readonly PartialResult[];
  /** Segments that the answer covers: `pieces` and those that need no reading. */
  readonly segmentCount: number;
  /** Where segments of the plan have buckets; decides on zero rows. Condensed. */
  readonly visibleIntervals: readonly Interval[];
  /** Parts of the query's intervals where the timeline holds nothing, or nothing that is served. */
  readonly uncoveredIntervals: readonly Interval[];
}

/** What segmentMetadata looks at when the query names no interval: Druid's `defaultHistory`, P1W. */
const defaultHistoryMs = 7 * 86_400_000;

/**
 * Plans a query.
 *
 * @param allowed datasources that the caller may know of; null = all
 * @throws NotFoundError code UNKNOWN_DATASOURCE; a forbidden name and an unknown one read alike
 */
export function planQuery(
  query: Query,
  view: TimelineView,
  allowed: readonly string[] | null,
): QueryPlan {
  const timeline = findTimeline(query.dataSource.name, view, allowed);
  const key = planKey(query);
  if (key === null) return planOver(timeline, query, view);
  const plans = plansOf.get(view) ?? new Map<string, QueryPlan>();
  plansOf.set(view, plans);
  const known = plans.get(key);
  if (known !== undefined) return known;
  const plan = planOver(timeline, query, view);
  if (plans.size === maxKeptPlans) plans.clear();
  if (plan.segmentCount <= maxKeptSegments) plans.set(key, plan);
  return plan;
}

/** Plans by what they hang on beside the view: small queries come by thousands and ask for the same days. */
const plansOf = new WeakMap<TimelineView, Map<string, QueryPlan>>();
const maxKeptPlans = 100;
const maxKeptSegments = 1000;
const maxKeptIntervals = 4;

/** All of a query that its plan hangs on, or null when the plan is not worth keeping. */
function planKey(query: Query): string | null {
  const { queryType, dataSource, intervals } = query;
  // Their plans hang on more than this: the filter, and whether intervals were given.
  if (queryType === 'timeBoundary' || queryType === 'segmentMetadata') return null;
  if (intervals.length > maxKeptIntervals) return null;
  const granularity = 'granularity' in query ? query.granularity : null;
  return JSON.stringify([dataSource.name, queryType, granularity, intervals]);
}

function planOver(timeline: NamespacedTimeline, query: Query, view: TimelineView): QueryPlan {
  const intervals = askedIntervals(query, timeline);
  const found = timeline
    .lookup(intervals)
    .filter(({ descriptor }) => !view.unservedKeys.has(segmentKeyOf(descriptor)));
  const known = found.map((entry) => knownAnswer(query, entry));
  return {
    timelineVersion: view.timelineVersion,
    pieces: found.flatMap((entry, index) => (known[index] === null ? pieceOf(query, entry) : [])),
    known: known.filter((partial) => partial !== null),
    segmentCount: found.length,
    visibleIntervals: condenseIntervals(found.flatMap((entry) => bucketSpans(query, entry))),
    uncoveredIntervals: subtractIntervals(
      intervals,
      found.flatMap((entry) => entry.intervals),
    ),
  };
}

function findTimeline(
  name: string,
  view: TimelineView,
  allowed: readonly string[] | null,
): NamespacedTimeline {
  const timeline = view.timelines.get(name);
  if (timeline !== undefined && (allowed === null || allowed.includes(name))) return timeline;
  const names = [...view.timelines.keys()].filter((each) => allowed?.includes(each) ?? true).sort();
  const listed = names.slice(0, 20).join(', ');
  const more = names.length > 20 ? ` and ${names.length - 20} more` : '';
  const known = names.length === 0 ? 'There is none yet.' : `Datasources: ${listed}${more}.`;
  throw new NotFoundError(
    `Datasource "${name}" does not exist. ${known}${didYouMean(name, names)}`,
    { code: 'UNKNOWN_DATASOURCE', details: { dataSource: name, dataSources: names.slice(0, 100) } },
  );
}

function askedIntervals(query: Query, timeline: NamespacedTimeline): readonly Interval[] {
  if (query.queryType !== 'segmentMetadata' || query.intervalsGiven) return query.intervals;
  const end = timeline.span?.end;
  return end === undefined ? [] : [{ start: end - defaultHistoryMs, end }];
}

/** timeBoundary of a segment whose first and last time are both asked for needs no look into it. */
function knownAnswer(query: Query, { descriptor, intervals }: TimelineEntry): PartialResult | null {
  const { timeRange } = descriptor;
  if (query.queryType !== 'timeBoundary' || query.filter !== null || timeRange === null)
    return null;
  const { minMs, maxMs } = timeRange;
  const holds = (ms: number): boolean =>
    intervals.some(({ start, end }) => start <= ms && ms < end);
  return holds(minMs) && holds(maxMs)
    ? { kind: 'timeBoundary', minMs, maxMs, scannedRows: 0 }
    : null;
}

/** The piece to read, or nothing when the segment has neither rows nor buckets in the intervals. */
function pieceOf(query: Query, entry: TimelineEntry): Piece[] {
  const { descriptor, intervals } = entry;
  const isNeeded = query.queryType === 'segmentMetadata' || bucketSpans(query, entry).length > 0;
  return isNeeded ? [{ segmentKey: segmentKeyOf(descriptor), descriptor, intervals }] : [];
}

/**
 * Where Druid walks buckets of a segment: from its first time to the end of the bucket of its last,
 * inside the intervals. Empty buckets there are part of the answer, so the segment must be asked even
 * if none of its rows lies in the intervals.
 */
function bucketSpans(query: Query, { descriptor, intervals }: TimelineEntry): Interval[] {
  const { timeRange } = descriptor;
  if (timeRange === null) return [];
  const granularity = 'granularity' in query ? query.granularity : null;
  const end =
    granularity === null
      ? timeRange.maxMs + 1
      : nextBucket(granularity, bucketStart(granularity, timeRange.maxMs));
  const span = { start: timeRange.minMs, end };
  return intervals
    .map((interval) => intersectIntervals(interval, span))
    .filter((part) => part !== null);
}
