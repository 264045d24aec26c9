/**
 * The last step over merged partial results: post-aggregates, having, order and limit, and the rows
 * that Druid answers where nothing was there. One file a query type does the work.
 */
import { InvariantError } from '@isotherm/errors';
import { mergePartials } from '../merge/merge-partials.ts';
import type { Query } from '../model.ts';
import type { GroupedPartial, PartialResult } from '../partial.ts';
import type { FinishFacts, FinishedResult } from './finished-result.ts';
import { finishGroupBy } from './group-by.ts';
import { finishScan } from './scan.ts';
import { finishSegmentMetadata } from './segment-metadata.ts';
import { finishTimeBoundary } from './time-boundary.ts';
import { finishTimeseries } from './timeseries.ts';
import { finishTopN } from './top-n.ts';

/**
 * Finishes a query.
 *
 * @param partials of all its segments, merged or not; scans in the order of their segments. Taken over.
 * @throws ResourceLimitError as `mergePartials`
 */
export function finishQuery(
  query: Query,
  partials: readonly PartialResult[],
  facts: FinishFacts,
): FinishedResult {
  switch (query.queryType) {
    case 'timeseries':
      return finishTimeseries(query, grouped(query, partials));
    case 'topN':
      return finishTopN(query, grouped(query, partials), facts);
    case 'groupBy':
      return finishGroupBy(query, grouped(query, partials));
    case 'scan':
      return finishScan(query, ofKind(query, partials, 'scan'));
    case 'timeBoundary':
      return finishTimeBoundary(ofKind(query, partials, 'timeBoundary'));
    case 'segmentMetadata':
      return finishSegmentMetadata(query, ofKind(query, partials, 'segmentMetadata'));
  }
}

function grouped(query: Query, partials: readonly PartialResult[]): GroupedPartial | null {
  return ofKind(query, mergePartials(query, partials), 'grouped')[0] ?? null;
}

function ofKind<Kind extends PartialResult['kind']>(
  query: Query,
  partials: readonly PartialResult[],
  kind: Kind,
): Extract<PartialResult, { kind: Kind }>[] {
  return partials.map((partial) => {
    if (partial.kind !== kind) {
      throw new InvariantError(
        `A ${query.queryType} query got a "${partial.kind}" partial result.`,
      );
    }
    // The check above is the reason for the cast; TypeScript does not narrow by a type parameter.
    return partial as Extract<PartialResult, { kind: Kind }>;
  });
}
