/**
 * Turns an incremental index into sorted columns, one chunk after the other. What comes out hangs on the
 * set of rows alone, not on the order in which they came: ids are replaced by ranks, and rows that no key
 * tells apart are ordered by their metrics.
 */
import { InvariantError } from '@isotherm/errors';
import type { ColumnInput } from '@isotherm/segment';
import type { DimensionIds, IncrementalIndex } from '../incremental-index.ts';
import { narrow } from './narrow-dictionary.ts';
import { rankNumbers, rankTexts, replaceByRanks, type TextRanks } from './ranks.ts';
import { breakTies, type SortKey, sortRows } from './sort-rows.ts';
import { isListId } from './text-column.ts';

/** Rows of one chunk in sort order. */
export interface ChunkRows {
  readonly chunkStart: number;
  readonly rowCount: number;
  /** Epoch milliseconds, shape [rowCount]. */
  readonly time: Float64Array;
  readonly columns: ReadonlyMap<string, ColumnInput>;
  /** Low parts of double sums by metric name, shapes [rowCount]. */
  readonly errors: ReadonlyMap<string, Float64Array>;
}

/** A dimension with the ids of all rows replaced by what sorts and finds them. */
interface RankedDimension {
  readonly dimension: DimensionIds;
  readonly key: SortKey;
  /** null for numbers */
  readonly texts: TextRanks | null;
  /** Ids as the index has them; only where `key.ranks` does not say it all: numbers and lists. */
  readonly ids: Uint32Array | null;
}

/** @param timePosition  place of `__time` in the sort order; null = last */
export function* finishIndex(
  index: IncrementalIndex,
  timePosition: number | null,
): Generator<ChunkRows> {
  const dimensions = index.dimensions.map((dimension, place) =>
    rankDimension(dimension, index.idsOf(place + 1)),
  );
  const timeIds = index.idsOf(0);
  const order = sortedRows(index, dimensions, timeIds, timePosition);
  for (let start = 0; start < order.length;) {
    const chunkStart = index.chunkOf(timeIds[order[start]]);
    let end = start + 1;
    while (end < order.length && index.chunkOf(timeIds[order[end]]) === chunkStart) end++;
    const rows = order.subarray(start, end);
    const time = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) time[i] = index.times.doubleOf(timeIds[rows[i]]);
    yield { chunkStart, rowCount: rows.length, time, ...chunkColumns(index, dimensions, rows) };
    start = end;
  }
}

function rankDimension(dimension: DimensionIds, ids: Uint32Array): RankedDimension {
  if (dimension.type === 'number') {
    const ofNumber = rankNumbers(dimension.dictionary);
    const ranks = ids.map((id) => ofNumber[id]);
    return { dimension, key: { size: ofNumber.length, ranks }, texts: null, ids };
  }
  const texts = rankTexts(dimension.column);
  const kept = texts.lists === null ? null : ids.slice();
  replaceByRanks(ids, texts);
  return { dimension, key: { size: texts.size, ranks: ids }, texts, ids: kept };
}

function sortedRows(
  index: IncrementalIndex,
  dimensions: readonly RankedDimension[],
  timeIds: Uint32Array,
  timePosition: number | null,
): Uint32Array {
  const keys = dimensions.map(({ key }) => key);
  const ofTime = rankNumbers(index.times);
  const timeKey = { size: ofTime.length, ranks: timeIds.map((id) => ofTime[id]) };
  keys.splice(timePosition ?? keys.length, 0, timeKey);
  const order = sortRows(index.rowCount, [chunkKey(index, timeIds), ...keys]);
  if (!index.rollup) {
    breakTies(
      order,
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
  return order;
}

function chunkKey(index: IncrementalIndex, timeIds: Uint32Array): SortKey {
  const starts = new Set<number>();
  for (let id = 1; id < index.times.size; id++) starts.add(index.chunkOf(id));
  const rankOfChunk = new Map(
    [...starts].sort((a, b) => a - b).map((start, rank) => [start, rank]),
  );
  const ofTime = Uint32Array.from({ length: index.times.size }, (_, id) =>
    id === 0 ? 0 : (rankOfChunk.get(index.chunkOf(id)) ?? 0),
  );
  return { size: starts.size, ranks: timeIds.map((id) => ofTime[id]) };
}

function chunkColumns(
  index: IncrementalIndex,
  dimensions: readonly RankedDimension[],
  rows: Uint32Array,
): Pick<ChunkRows, 'columns' | 'errors'> {
  const columns = new Map<string, ColumnInput>();
  for (const ranked of dimensions) {
    columns.set(ranked.dimension.schema.name, dimensionColumn(ranked, rows));
  }
  const errors = new Map<string, Float64Array>();
  index.metrics.forEach(({ schema }, place) => {
    const accumulator = index.accumulators[place];
    columns.set(schema.name, accumulator.column(rows));
    const low = accumulator.errors(rows);
    if (low !== null) errors.set(schema.name, low);
  });
  return { columns, errors };
}

function dimensionColumn(
  { dimension, key, texts, ids }: RankedDimension,
  rows: Uint32Array,
): ColumnInput {
  const taken = takeIds(ids ?? key.ranks, rows);
  if (dimension.type === 'number') return numberColumn(dimension, taken);
  if (texts === null) throw new InvariantError(`No ranks of "${dimension.schema.name}".`);
  if (ids === null) return { type: 'string', dictionary: narrow(texts.texts, taken), ids: taken };
  if (taken.some(isListId)) {
    return listColumn((id) => dimension.column.valuesOf(id), texts, taken);
  }
  for (let i = 0; i < taken.length; i++) taken[i] = texts.ofText[taken[i]];
  return { type: 'string', dictionary: narrow(texts.texts, taken), ids: taken };
}

function takeIds(ids: Uint32Array, rows: Uint32Array): Uint32Array {
  const taken = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) taken[i] = ids[rows[i]];
  return taken;
}

/** A row whose value is null has an empty list. */
function listColumn(
  valuesOf: (id: number) => Uint32Array,
  ranks: TextRanks,
  rowIds: Uint32Array,
): ColumnInput {
  const offsets = new Uint32Array(rowIds.length + 1);
  for (let i = 0; i < rowIds.length; i++) offsets[i + 1] = offsets[i] + valuesOf(rowIds[i]).length;
  const ids = new Uint32Array(offsets[rowIds.length]);
  for (let i = 0; i < rowIds.length; i++) {
    valuesOf(rowIds[i]).forEach((id, at) => {
      ids[offsets[i] + at] = ranks.ofText[id];
    });
  }
  const dictionary = narrow(ranks.texts, ids);
  return { type: 'strings', dictionary, offsets, ids };
}

function numberColumn(
  { schema, dictionary }: Extract<DimensionIds, { type: 'number' }>,
  ids: Uint32Array,
): ColumnInput {
  let nulls: Uint8Array | null = null;
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] !== 0) continue;
    nulls ??= new Uint8Array(ids.length);
    nulls[i] = 1;
  }
  if (schema.type === 'long') {
    const values = BigInt64Array.from(ids, (id) => BigInt(dictionary.valueOf(id) ?? 0));
    return { type: 'long', values, nulls };
  }
  const values = Float64Array.from(ids, (id) => (id === 0 ? 0 : dictionary.doubleOf(id)));
  return { type: schema.type === 'float' ? 'float' : 'double', values, nulls };
}
