/** groupBy: one group per time bucket and combination of dimension values. */
import { withScratch } from '@isotherm/kernels';
import type {
  DimensionSpec,
  GroupByQuery,
  GroupedPartial,
  PartialResult,
  TopNQuery,
} from '@isotherm/query';
import { mergePartials } from '@isotherm/query';
import { segmentsAlike } from './columns-alike.ts';
import type { GroupingRun, RunPiece } from './engine.ts';
import { groupRows, groupedPartial, usedSlots } from './group-rows.ts';
import { joinBuckets } from './join-buckets.ts';
import { bucketPart, dimensionColumn, dimensionPart } from './key-part.ts';
import { groupedColumns } from './needed-columns.ts';
import { planBuckets } from './plan-time.ts';

/** Runs a groupBy. Without dimensions and buckets there is one row even if nothing matches. */
export function runGroupBy(run: GroupingRun<GroupByQuery>): PartialResult[] {
  return groupByDimensions(run, run.query.dimensions);
}

/** Groups by buckets and dimensions; topN shares it. */
export function groupByDimensions(
  run: GroupingRun<GroupByQuery | TopNQuery>,
  dimensions: readonly DimensionSpec[],
): PartialResult[] {
  const names = groupedColumns(run.query.aggregations, dimensions);
  const texts = dimensions.filter(({ outputType }) => outputType === 'STRING');
  const canShare = (segments: readonly RunPiece[]): boolean =>
    run.dictionaries.fits(
      segments.map(({ segment }) => segment),
      texts.map(({ dimension }) => dimension),
    );
  const partials = segmentsAlike(run.segments, names)
    .flatMap((segments) => (canShare(segments) ? [segments] : segments.map((piece) => [piece])))
    .map((segments) => withScratch(() => groupAlike({ ...run, segments }, dimensions)));
  return mergePartials(run.query, partials);
}

function groupAlike(
  run: GroupingRun<GroupByQuery | TopNQuery>,
  dimensions: readonly DimensionSpec[],
): GroupedPartial {
  const { query, segments } = run;
  const buckets = joinBuckets(
    segments.map(({ segment, intervals }) => planBuckets(query.granularity, segment, intervals)),
  );
  const hasBuckets = query.granularity.type !== 'all';
  const grouped = groupRows(run, query, (places) => [
    ...(hasBuckets ? [bucketPart(buckets, segments, places)] : []),
    ...dimensions.map((spec) =>
      dimensionPart(
        spec,
        places.map((place) => segments[place].segment),
        run.dictionaries,
      ),
    ),
  ]);
  const isOneGroup = grouped.parts.length === 0 && buckets.starts.length > 0;
  const slots = isOneGroup ? Uint32Array.of(0) : usedSlots(grouped);
  const ids = grouped.keys.idsOf(slots);
  const [bucketIds, dimensionIds] = hasBuckets ? [ids[0], ids.slice(1)] : [null, ids];
  const parts = hasBuckets ? grouped.parts.slice(1) : grouped.parts;
  const times = new Float64Array(slots.length);
  if (bucketIds === null) {
    times.fill(buckets.wholeStart(isOneGroup ? [...segments.keys()] : grouped.matched));
  } else for (let i = 0; i < times.length; i++) times[i] = buckets.starts[bucketIds[i]];
  return groupedPartial(grouped, slots, {
    times,
    dimensions: dimensions.map((spec, i) =>
      dimensionColumn(parts[i], spec.outputType, dimensionIds[i]),
    ),
  });
}
