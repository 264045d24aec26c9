/** groupBy over one segment: one group per time bucket and combination of dimension values. */
import type {
  Aggregation,
  DimensionSpec,
  Filter,
  GroupByQuery,
  GroupedPartial,
} from '@isotherm/query';
import type { Granularity } from '@isotherm/timeline';
import type { RunOf, SegmentRun } from './engine.ts';
import { bucketParts, groupRows, groupedPartial, usedSlots } from './group-rows.ts';
import { dimensionColumn, dimensionPart } from './key-part.ts';
import { planBuckets } from './plan-time.ts';

/** Runs a groupBy. Without dimensions and buckets there is one row even if nothing matches. */
export function runGroupBy(run: RunOf<GroupByQuery>): GroupedPartial {
  return groupByDimensions(run, run.query, run.query.dimensions);
}

/** Groups by buckets and dimensions; topN shares it. */
export function groupByDimensions(
  run: SegmentRun,
  query: {
    readonly granularity: Granularity;
    readonly filter: Filter | null;
    readonly aggregations: readonly Aggregation[];
  },
  dimensions: readonly DimensionSpec[],
): GroupedPartial {
  const { segment, intervals } = run;
  const buckets = planBuckets(query.granularity, segment, intervals);
  const byBucket = bucketParts(buckets, segment);
  const parts = dimensions.map((spec) => dimensionPart(spec, segment));
  const grouped = groupRows(run, query, [...byBucket, ...parts]);
  const isOneGroup = byBucket.length + parts.length === 0 && buckets.starts.length > 0;
  const slots = isOneGroup ? Uint32Array.of(0) : usedSlots(grouped);
  const ids = grouped.keys.idsOf(slots);
  const bucketIds = byBucket.length === 0 ? null : (ids.shift() ?? null);
  const times = new Float64Array(slots.length).fill(buckets.starts[0]);
  if (bucketIds !== null) {
    for (let i = 0; i < times.length; i++) times[i] = buckets.starts[bucketIds[i]];
  }
  return groupedPartial(grouped, slots, {
    times,
    dimensions: dimensions.map((spec, i) => dimensionColumn(parts[i], spec.outputType, ids[i])),
  });
}
