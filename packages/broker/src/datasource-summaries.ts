/** What a view tells of its datasources, without asking anyone. */
import type { DataSourceSummary } from '@isotherm/rpc';
import { type NamespacedTimeline, type SegmentDescriptor, eternity } from '@isotherm/timeline';
import { type TimelineView, segmentKeyOf } from './timeline-view.ts';

const summaries = new WeakMap<NamespacedTimeline, DataSourceSummary>();

/** Summaries of all datasources, by name. Those of an unchanged datasource are kept between views. */
export function summarizeDataSources(view: TimelineView): DataSourceSummary[] {
  return [...view.timelines]
    .map(([name, timeline]) => summaryOf(name, timeline))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function summaryOf(name: string, timeline: NamespacedTimeline): DataSourceSummary {
  let summary = summaries.get(timeline);
  if (summary === undefined) summaries.set(timeline, (summary = summarize(name, timeline)));
  return summary;
}

function summarize(name: string, timeline: NamespacedTimeline): DataSourceSummary {
  const segments = new Map(
    timeline.lookup([eternity]).map(({ descriptor }) => [segmentKeyOf(descriptor), descriptor]),
  );
  const newestFirst = [...segments.values()].sort((a, b) => b.id.interval.end - a.id.interval.end);
  const dimensions = columnNames(newestFirst, (descriptor) => descriptor.dimensions);
  const metrics = columnNames(newestFirst, (descriptor) => descriptor.metrics);
  return {
    name,
    dimensions,
    // One namespace may hold as a metric what another one holds as a dimension.
    metrics: metrics.filter((metric) => !dimensions.includes(metric)),
    segmentCount: segments.size,
    rowCount: newestFirst.reduce((sum, { rowCount }) => sum + rowCount, 0),
  };
}

/** Every name once, in the order of the newest segment that has it. */
function columnNames(
  segments: readonly SegmentDescriptor[],
  columns: (descriptor: SegmentDescriptor) => readonly { readonly name: string }[],
): string[] {
  return [...new Set(segments.flatMap((segment) => columns(segment).map(({ name }) => name)))];
}
