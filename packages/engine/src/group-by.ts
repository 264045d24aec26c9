/** groupBy and topN: one group per time bucket and combination of dimension values. */
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
import type { GroupedRows } from './group-rows.ts';
import { groupRows, groupedPartial, usedSlots } from './group-rows.ts';
import { type JoinedBuckets, joinBuckets } from './join-buckets.ts';
import { dimensionColumn, dimensionPart } from './key-part.ts';
import { narrowPart } from './narrow-part.ts';
import { groupedColumns } from './needed-columns.ts';
import { planBuckets } from './plan-time.ts';
import { usedBuckets } from './used-buckets.ts';

/** A run of a query that groups by dimensions. */
export type DimensionsRun = GroupingRun<GroupByQuery | TopNQuery>;

/** What a query groups by. */
export function dimensionsOf(query: GroupByQuery | TopNQuery): readonly DimensionSpec[] {
  return query.queryType === 'topN' ? [query.dimension] : query.dimensions;
}

/** Runs a groupBy or topN. Without dimensions and buckets there is one row even if nothing matches. */
export function runGroupBy(run: DimensionsRun): PartialResult[] {
  const partials = setsAlike(run).map((segments) =>
    withScratch(() => groupAlike({ ...run, segments })),
  );
  return mergePartials(run.query, partials);
}

/** Cuts the segments of a run into sets that share keys and accumulators. */
export function setsAlike({ query, segments, dictionaries }: DimensionsRun): readonly RunPiece[][] {
  const dimensions = dimensionsOf(query);
  const texts = dimensions.filter(({ outputType }) => outputType === 'STRING');
  const canShare = (pieces: readonly RunPiece[]): boolean =>
    dictionaries.fits(
      pieces.map(({ segment }) => segment),
      texts.map(({ dimension }) => dimension),
    );
  return segmentsAlike(segments, groupedColumns(query.aggregations, dimensions)).flatMap((pieces) =>
    canShare(pieces) ? [pieces] : pieces.map((piece) => [piece]),
  );
}

/**
 * Groups the rows of a set; within `withScratch`.
 *
 * @param choose picks the slots to answer from those that have rows
 */
export function groupAlike(
  run: DimensionsRun,
  choose: (slots: Uint32Array, grouped: GroupedRows) => Uint32Array = (slots) => slots,
): GroupedPartial {
  const { query, segments } = run;
  const dimensions = dimensionsOf(query);
  const hasBuckets = query.granularity.type !== 'all';
  let buckets = hasBuckets ? noBuckets : wholeBuckets(run);
  const grouped = groupRows(run, query, (places, passing) => {
    const used = places.map((place) => segments[place].segment);
    const parts = dimensions.map((spec) =>
      narrowPart(dimensionPart(spec, used, run.dictionaries), passing(spec.dimension)),
    );
    if (!hasBuckets) return parts;
    const time = usedBuckets(query.granularity, segments, places);
    buckets = time.buckets;
    return [time.part, ...parts];
  });
  const isOneGroup = grouped.parts.length === 0 && buckets.starts.length > 0;
  const slots = isOneGroup ? Uint32Array.of(0) : choose(usedSlots(grouped), grouped);
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

const noBuckets = joinBuckets([]);

/** The one bucket of granularity `all`. */
function wholeBuckets({ query, segments }: DimensionsRun): JoinedBuckets {
  return joinBuckets(
    segments.map(({ segment, intervals }) => planBuckets(query.granularity, segment, intervals)),
  );
}
