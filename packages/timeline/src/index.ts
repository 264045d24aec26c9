export { formatInstant, parseInstant } from './instant.ts';
export {
  condenseIntervals,
  containsInterval,
  eternity,
  intersectIntervals,
  overlaps,
  subtractIntervals,
} from './interval.ts';
export type { Interval } from './interval.ts';
export { formatInterval, parseInterval } from './interval-text.ts';
export { addPeriod, formatPeriod, parsePeriod } from './period.ts';
export type { Period } from './period.ts';
export { granularityTimeZone, granularityToJson, parseGranularity } from './granularity.ts';
export type { Granularity } from './granularity.ts';
export { bucketStart, bucketStarts, bucketStartsOf, nextBucket } from './buckets.ts';
export { checkDataSource, checkNamespace, formatSegmentId, parseSegmentId } from './segment-key.ts';
export type { ColumnSummary, SegmentDescriptor, SegmentId } from './segment-id.ts';
export { NamespacedTimeline } from './namespaced-timeline.ts';
export type { TimelineEntry } from './namespaced-timeline.ts';
