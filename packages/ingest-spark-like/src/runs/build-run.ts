/** Turns an incremental index into a run: ids become ranks, rows are sorted, blocks are laid out. */
import type { DimensionIds, IncrementalIndex } from '../incremental-index.ts';
import { type NumberRanks, rankNumbers, rankTexts, type TextRanks } from '../rows/ranks.ts';
import { sortKeys } from '../rows/sort-keys.ts';
import { breakTies } from '../rows/sort-rows.ts';
import { isListId, listNumber } from '../rows/text-column.ts';
import { type BlockPlace, maxBlockRows, type Run, type RunChunk, type RunValues } from './run.ts';
import { padded, placeMetric } from './run-metrics.ts';

/** Rows whose ranks are written at once. */
const rankedRows = 1 << 10;

type Ranks =
  | { readonly type: 'text'; readonly ranks: TextRanks }
  | { readonly type: 'number'; readonly ranks: NumberRanks };

/**
 * @param index         read, not changed
 * @param timePosition  place of `__time` in the sort order; null = last
 */
export function buildRun(index: IncrementalIndex, timePosition: number | null): Run {
  const { rowCount, width } = index;
  const ranked = index.dimensions.map(rankDimension);
  const times = rankNumbers(index.times);
  const timePlace = timePosition ?? width - 1;
  const keys = new Uint32Array(rowCount * width);
  const sizes = Array.from({ length: width }, () => 0);
  sizes[timePlace] = times.size;
  const columns = [{ place: timePlace, rankOf: null, table: times.ofId }, ...ranked.map(placed)];
  ranked.forEach(({ ranks }, dimension) => {
    sizes[columns[dimension + 1].place] = ranks.size;
  });
  function placed({ type, ranks }: Ranks, dimension: number): RankColumn {
    const place = dimension < timePlace ? dimension : dimension + 1;
    if (type === 'number') return { place, rankOf: null, table: ranks.ofId };
    const { ofText, ofList, values } = ranks;
    const rankOf = (id: number): number => (isListId(id) ? ofList[listNumber(id)] : ofText[id]);
    return { place, rankOf: values === null ? null : rankOf, table: ofText };
  }
  // Some rows at a time, so that they are still in the cache for the next column.
  const step = rankedRows * width;
  for (let start = 0; start < keys.length; start += step) {
    const end = Math.min(start + step, keys.length);
    columns.forEach((column, from) =>
      fillColumn(index.keys, from, keys, column, start, end, width),
    );
  }
  const stretches = chunkStretches(index, keys, sizes);
  return layOut(index, { keys, width, stretches, ranked, times });
}

function rankDimension(dimension: DimensionIds): Ranks {
  return dimension.type === 'text'
    ? { type: 'text', ranks: rankTexts(dimension.column) }
    : { type: 'number', ranks: rankNumbers(dimension.dictionary) };
}

/** How ids become ranks, and where those go. */
interface RankColumn {
  readonly place: number;
  /** Instead of the table, where ids may be lists. */
  readonly rankOf: ((id: number) => number) | null;
  readonly table: Uint32Array;
}

/** Writes the ranks of one column of some rows. */
function fillColumn(
  ids: Uint32Array,
  from: number,
  keys: Uint32Array,
  { place, rankOf, table }: RankColumn,
  start: number,
  end: number,
  width: number,
): void {
  if (rankOf !== null) {
    for (let at = start; at < end; at += width) keys[at + place] = rankOf(ids[at + from]);
    return;
  }
  for (let at = start; at < end; at += width) keys[at + place] = table[ids[at + from]];
}

/** Sorted row numbers of each chunk of time, ascending. */
interface Stretch {
  readonly chunkStart: number;
  readonly rows: Uint32Array;
}

function chunkStretches(
  index: IncrementalIndex,
  keys: Uint32Array,
  sizes: readonly number[],
): Stretch[] {
  const { starts, placeOfTime } = chunkPlaces(index);
  const rows = rowsByChunk(index, placeOfTime, starts.length);
  for (const stretch of rows) sortKeys(stretch, keys, sizes);
  if (!index.rollup) for (const stretch of rows) orderByMetrics(index, stretch);
  return starts.map((chunkStart, place) => ({ chunkStart, rows: rows[place] }));
}

/** Rows of each chunk, ascending. */
function rowsByChunk(
  { keys, width, rowCount }: IncrementalIndex,
  placeOfTime: Uint32Array,
  chunkCount: number,
): Uint32Array[] {
  const counts = new Uint32Array(chunkCount);
  const end = rowCount * width;
  for (let at = 0; at < end; at += width) counts[placeOfTime[keys[at]]]++;
  const rows = Array.from(counts, (count) => new Uint32Array(count));
  const filled = new Uint32Array(chunkCount);
  for (let row = 0, at = 0; row < rowCount; row++, at += width) {
    const place = placeOfTime[keys[at]];
    rows[place][filled[place]++] = row;
  }
  return rows;
}

/** Starts of the chunks, ascending, and which of them each time id is in. */
function chunkPlaces(index: IncrementalIndex): { starts: number[]; placeOfTime: Uint32Array } {
  const all = new Set<number>();
  for (let id = 1; id < index.times.size; id++) all.add(index.chunkOf(id));
  const starts = [...all].sort((a, b) => a - b);
  const places = new Map(starts.map((start, place) => [start, place]));
  const placeOfTime = new Uint32Array(index.times.size);
  for (let id = 1; id < placeOfTime.length; id++) {
    placeOfTime[id] = places.get(index.chunkOf(id)) ?? 0;
  }
  return { starts, placeOfTime };
}

/** Rows that no key tells apart are ordered by their metrics, so that their order hangs on them alone. */
function orderByMetrics(index: IncrementalIndex, rows: Uint32Array): void {
  breakTies(
    rows,
    (a, b) => index.haveEqualKeys(a, b),
    (a, b) => {
      for (const accumulator of index.accumulators) {
        const compared = accumulator.compare(a, b);
        if (compared !== 0) return compared;
      }
      return 0;
    },
  );
}

/** Rows that are to be written. */
interface SortedRows {
  readonly keys: Uint32Array;
  readonly width: number;
  readonly stretches: readonly Stretch[];
  readonly ranked: readonly Ranks[];
  readonly times: NumberRanks;
}

function layOut(index: IncrementalIndex, sorted: SortedRows): Run {
  const parts: Uint8Array[] = [];
  let end = 0;
  const chunks = sorted.stretches.map(({ chunkStart, rows }): RunChunk => {
    const blocks: BlockPlace[] = [];
    for (let first = 0; first < rows.length; first += maxBlockRows) {
      const slots = rows.subarray(first, first + maxBlockRows);
      const metrics = index.accumulators.map((accumulator) => placeMetric(accumulator.take(slots)));
      const start = end;
      for (const part of [takeKeys(sorted, slots), ...metrics.flatMap((metric) => metric.parts)]) {
        parts.push(part);
        end += padded(part.length);
      }
      const places = metrics.map(({ place }) => place);
      blocks.push({ start, end, rowCount: slots.length, metrics: places });
    }
    return { chunkStart, rowCount: rows.length, blocks };
  });
  const bytes = new Uint8Array(end);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += padded(part.length);
  }
  const header = {
    dimensions: index.dimensions.map(({ schema }) => schema),
    values: sorted.ranked.map(valuesOf),
    times: sorted.times.values,
    chunks,
    rowCount: index.rowCount,
  };
  return { header, bytes };
}

function takeKeys({ keys, width }: SortedRows, rows: Uint32Array): Uint8Array {
  const taken = new Uint32Array(rows.length * width);
  for (let row = 0, to = 0; row < rows.length; row++) {
    let from = rows[row] * width;
    for (const end = from + width; from < end; from++, to++) taken[to] = keys[from];
  }
  return new Uint8Array(taken.buffer);
}

function valuesOf({ type, ranks }: Ranks): RunValues {
  if (type === 'text') {
    const { size, texts, values } = ranks;
    return { type, size, texts, values };
  }
  const { size, values, wide } = ranks;
  return { type, size, values, wide };
}
