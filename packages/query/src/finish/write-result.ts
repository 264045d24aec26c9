/**
 * Finished answers as Druid's JSON, in chunks of about 64 KB. Rows are written straight from columns
 * into bytes: no row is ever an object, and no cell of text or longs a string.
 */
import { formatInstant, formatInterval, granularityTimeZone } from '@isotherm/timeline';
import type { GroupByQuery, Query, TimeBoundaryQuery } from '../model.ts';
import type {
  FinishedGroupBy,
  FinishedResult,
  FinishedTimeBoundary,
  FinishedTimeseries,
  FinishedTopN,
} from './finished-result.ts';
import { type CellColumn, cellColumn, writeRow } from './json-cells.ts';
import { type JsonBlock, JsonSink, jsonBlock } from './json-sink.ts';
import type { OutputColumn } from './output-column.ts';
import type { SegmentAnalysis } from './segment-metadata.ts';
import { writeScan } from './write-scan.ts';

/** A writer stops wherever the sink may be emptied: whenever it is full, between two rows. */
type Pauses = Generator<undefined>;

/**
 * Writes an answer.
 *
 * @returns parts of one JSON array, each about 65,536 bytes of whole UTF-8 characters; none is empty.
 *   Every part is a buffer of its own.
 */
export function* writeResult(query: Query, finished: FinishedResult): Generator<Buffer> {
  const sink = new JsonSink();
  sink.text('[');
  for (const _pause of writeItems(sink, query, finished)) yield sink.take();
  sink.text(']');
  yield sink.take();
}

/** Writes what stands between the brackets of the answer. */
function writeItems(sink: JsonSink, query: Query, finished: FinishedResult): Iterable<undefined> {
  const zone = 'granularity' in query ? granularityTimeZone(query.granularity) : 'UTC';
  switch (finished.queryType) {
    case 'timeseries':
      return writeTimeseries(sink, finished, zone);
    case 'topN':
      return writeTopN(sink, finished, zone);
    case 'groupBy':
      return isGroupBy(query) && query.context.resultAsArray
        ? writeGroupByArrays(sink, finished)
        : writeGroupBy(sink, finished, zone);
    case 'scan':
      return writeScan(sink, finished, {
        isCompacted: query.queryType === 'scan' && query.resultFormat === 'compactedList',
        asked: query.queryType === 'scan' ? query.columns : null,
      });
    case 'timeBoundary':
      writeTimeBoundary(sink, finished, query.queryType === 'timeBoundary' ? query.bound : null);
      return [];
    case 'segmentMetadata':
      return writeAnalyses(sink, finished.analyses);
  }
}

function isGroupBy(query: Query): query is GroupByQuery {
  return query.queryType === 'groupBy';
}

function* writeTimeseries(sink: JsonSink, finished: FinishedTimeseries, zone: string): Pauses {
  const open = remembered(
    keptOpenings(`timeseries ${zone}`),
    (time) => `{"timestamp":"${formatInstant(time, zone)}","result":{`,
  );
  yield* writeRows(sink, finished, objectCells(finished.columns), { open, close: twoClosed });
  if (finished.grandTotal === null) return;
  if (finished.rows.length > 0) sink.text(',');
  const total = jsonBlock('{"timestamp":null,"result":{');
  writeRow(sink, objectCells(finished.grandTotal), 0, { open: total, close: twoClosed });
  sink.dropComma();
}

function* writeTopN(sink: JsonSink, finished: FinishedTopN, zone: string): Pauses {
  const cells = objectCells(finished.columns);
  const around = { open: () => jsonBlock('{'), close: jsonBlock('},') };
  for (const [index, { time, rows }] of finished.buckets.entries()) {
    if (sink.isFull) yield;
    const comma = index === 0 ? '' : ',';
    sink.text(`${comma}{"timestamp":"${formatInstant(time, zone)}","result":[`);
    yield* writeRows(sink, { times: noTimes, rows }, cells, around);
    sink.text(']}');
  }
}

function writeGroupBy(sink: JsonSink, finished: FinishedGroupBy, zone: string): Pauses {
  const open = remembered(
    keptOpenings(`groupBy ${zone}`),
    (time) => `{"version":"v1","timestamp":"${formatInstant(time, zone)}","event":{`,
  );
  return writeRows(sink, finished, objectCells(finished.columns), { open, close: twoClosed });
}

/** Time in milliseconds unless there is only one bucket, then dimensions, aggregates, post-aggregates. */
function writeGroupByArrays(sink: JsonSink, finished: FinishedGroupBy): Pauses {
  const { columns, isAll } = finished;
  const cells = columns.map(({ column }, index) =>
    cellColumn(column, index === 0 && isAll ? '' : ','),
  );
  const open = remembered(new Map(), (time) => (isAll ? '[' : `[${time}`));
  return writeRows(sink, finished, cells, { open, close: jsonBlock('],') });
}

const noTimes = new Float64Array(0);
const twoClosed = jsonBlock('}},');

/**
 * Writes rows with commas between them.
 *
 * @param around what a row of a bucket begins with, and what every row ends with: its comma
 */
function* writeRows(
  sink: JsonSink,
  { times, rows }: { readonly times: Float64Array; readonly rows: Uint32Array },
  cells: readonly CellColumn[],
  { open, close }: { readonly open: (time: number) => JsonBlock; readonly close: JsonBlock },
): Pauses {
  let [lastTime, around] = [Number.NaN, { open: close, close }];
  for (let place = 0; place < rows.length; place++) {
    if (sink.isFull) yield;
    const row = rows[place] ?? 0;
    const time = times[row] ?? 0;
    // Neighbours mostly share one bucket.
    if (time !== lastTime) [lastTime, around] = [time, { open: open(time), close }];
    writeRow(sink, cells, row, around);
  }
  if (rows.length > 0) sink.dropComma();
}

/** What rows of a bucket begin with, by the bucket's start. */
type Openings = Map<number, JsonBlock>;

/** Kept between answers, by what they depend on: reports ask for the same days again and again. */
const openingsOf = new Map<string, Openings>();
const maxKept = 8;
/** Beyond as many distinct times they are encoded anew. */
const maxKnownTimes = 10_000;

function keptOpenings(name: string): Openings {
  const kept = openingsOf.get(name);
  if (kept !== undefined) return kept;
  if (openingsOf.size === maxKept) openingsOf.clear();
  const openings: Openings = new Map();
  openingsOf.set(name, openings);
  return openings;
}

function remembered(
  known: Openings,
  textOf: (time: number) => string,
): (time: number) => JsonBlock {
  return (time) => {
    const found = known.get(time);
    if (found !== undefined) return found;
    const block = jsonBlock(textOf(time));
    if (known.size === maxKnownTimes) known.clear();
    known.set(time, block);
    return block;
  };
}

/** Columns as the cells of an object under their names. */
function objectCells(columns: readonly OutputColumn[]): CellColumn[] {
  return columns.map(({ name, column }, index) =>
    cellColumn(column, `${index === 0 ? '' : ','}${JSON.stringify(name)}:`),
  );
}

function writeTimeBoundary(
  sink: JsonSink,
  { minMs, maxMs }: FinishedTimeBoundary,
  bound: TimeBoundaryQuery['bound'],
): void {
  const min = minMs === null || bound === 'maxTime' ? null : `"${formatInstant(minMs)}"`;
  const max = maxMs === null || bound === 'minTime' ? null : `"${formatInstant(maxMs)}"`;
  const timestamp = min ?? max;
  if (timestamp === null) return;
  const parts = [
    ...(max === null ? [] : [`"maxTime":${max}`]),
    ...(min === null ? [] : [`"minTime":${min}`]),
  ];
  sink.text(`{"timestamp":${timestamp},"result":{${parts.join(',')}}}`);
}

function* writeAnalyses(sink: JsonSink, analyses: readonly SegmentAnalysis[]): Pauses {
  for (const [index, analysis] of analyses.entries()) {
    if (sink.isFull) yield;
    const intervals = analysis.intervals?.map(formatInterval) ?? null;
    sink.text(`${index === 0 ? '' : ','}${JSON.stringify({ ...analysis, intervals })}`);
  }
}
