/**
 * Finished answers as Druid's JSON, in chunks of about 64 KB. Rows are written straight from columns:
 * each column has one writer, and no row is ever an object.
 */
import { formatInstant, formatInterval, granularityTimeZone } from '@isotherm/timeline';
import type { GroupByQuery, Query, TimeBoundaryQuery } from '../model.ts';
import { cellWriter } from './cell-text.ts';
import type {
  FinishedGroupBy,
  FinishedResult,
  FinishedTimeBoundary,
  FinishedTimeseries,
  FinishedTopN,
} from './finished-result.ts';
import type { OutputColumn } from './output-column.ts';
import type { SegmentAnalysis } from './segment-metadata.ts';
import { scanItems } from './write-scan.ts';

const chunkLength = 1 << 16;

/**
 * Writes an answer.
 *
 * @returns parts of one JSON array, each about 65,536 UTF-16 units long; none is empty
 */
export function* writeResult(query: Query, finished: FinishedResult): Generator<string> {
  let chunk = '[';
  let divider = '';
  for (const item of itemsOf(query, finished)) {
    chunk += divider + item;
    divider = ',';
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = '';
  }
  yield `${chunk}]`;
}

/** Texts that stand between the commas of the answer. */
function itemsOf(query: Query, finished: FinishedResult): Iterable<string> {
  const zone = 'granularity' in query ? granularityTimeZone(query.granularity) : 'UTC';
  switch (finished.queryType) {
    case 'timeseries':
      return timeseriesItems(finished, zone);
    case 'topN':
      return topNItems(finished, zone);
    case 'groupBy':
      return isGroupBy(query) && query.context.resultAsArray
        ? groupByArrays(finished)
        : groupByItems(finished, zone);
    case 'scan':
      return scanItems(finished, {
        isCompacted: query.queryType === 'scan' && query.resultFormat === 'compactedList',
        asked: query.queryType === 'scan' ? query.columns : null,
      });
    case 'timeBoundary':
      return timeBoundaryItems(finished, query.queryType === 'timeBoundary' ? query.bound : null);
    case 'segmentMetadata':
      return finished.analyses.map(analysisText);
  }
}

function isGroupBy(query: Query): query is GroupByQuery {
  return query.queryType === 'groupBy';
}

function* timeseriesItems(finished: FinishedTimeseries, zone: string): Generator<string> {
  const objectText = objectWriter(finished.columns);
  const timeText = timeWriter(finished.times, zone);
  for (const row of finished.rows) {
    yield `{"timestamp":${timeText(row)},"result":${objectText(row)}}`;
  }
  if (finished.grandTotal !== null) {
    yield `{"timestamp":null,"result":${objectWriter(finished.grandTotal)(0)}}`;
  }
}

function* topNItems(finished: FinishedTopN, zone: string): Generator<string> {
  const objectText = objectWriter(finished.columns);
  for (const { time, rows } of finished.buckets) {
    const objects = Array.from(rows, objectText).join(',');
    yield `{"timestamp":"${formatInstant(time, zone)}","result":[${objects}]}`;
  }
}

function* groupByItems(finished: FinishedGroupBy, zone: string): Generator<string> {
  const objectText = objectWriter(finished.columns);
  const timeText = timeWriter(finished.times, zone);
  for (const row of finished.rows) {
    yield `{"version":"v1","timestamp":${timeText(row)},"event":${objectText(row)}}`;
  }
}

/** Time in milliseconds unless there is only one bucket, then dimensions, aggregates, post-aggregates. */
function* groupByArrays(finished: FinishedGroupBy): Generator<string> {
  const cells = finished.columns.map(({ column }) => cellWriter(column));
  for (const row of finished.rows) {
    const time = finished.isAll ? [] : [String(finished.times[row])];
    yield `[${[...time, ...cells.map((cell) => cell(row))].join(',')}]`;
  }
}

function* timeBoundaryItems(
  { minMs, maxMs }: FinishedTimeBoundary,
  bound: TimeBoundaryQuery['bound'],
): Generator<string> {
  const min = minMs === null || bound === 'maxTime' ? null : `"${formatInstant(minMs)}"`;
  const max = maxMs === null || bound === 'minTime' ? null : `"${formatInstant(maxMs)}"`;
  const timestamp = min ?? max;
  if (timestamp === null) return;
  const parts = [
    ...(max === null ? [] : [`"maxTime":${max}`]),
    ...(min === null ? [] : [`"minTime":${min}`]),
  ];
  yield `{"timestamp":${timestamp},"result":{${parts.join(',')}}}`;
}

function analysisText(analysis: SegmentAnalysis): string {
  return JSON.stringify({
    ...analysis,
    intervals: analysis.intervals?.map(formatInterval) ?? null,
  });
}

/** Writes the cells of a row under their names. */
function objectWriter(columns: readonly OutputColumn[]): (row: number) => string {
  const cells = columns.map(({ name, column }, index) => ({
    key: `${index === 0 ? '' : ','}${JSON.stringify(name)}:`,
    cell: cellWriter(column),
  }));
  return (row) => {
    let text = '{';
    for (const { key, cell } of cells) text += key + cell(row);
    return `${text}}`;
  };
}

/** Writes bucket starts; neighbours mostly share one. */
function timeWriter(times: Float64Array, zone: string): (row: number) => string {
  let [lastMs, lastText] = [Number.NaN, ''];
  return (row) => {
    const ms = times[row] ?? 0;
    if (ms !== lastMs) [lastMs, lastText] = [ms, `"${formatInstant(ms, zone)}"`];
    return lastText;
  };
}
