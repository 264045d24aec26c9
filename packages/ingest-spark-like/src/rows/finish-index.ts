/**
 * Turns an incremental index into sorted columns, one chunk after the other. What comes out hangs on the
 * set of rows alone, not on the order in which they came: ids are replaced by ranks, and rows that no key
 * tells apart are ordered by their metrics.
 */
import type { ColumnInput } from '@isotherm/segment';
import type { DimensionIds, IncrementalIndex } from '../incremental-index.ts';
import { narrow } from './narrow-dictionary.ts';
import type { TextRanks } from './ranks.ts';
import { rankNumbers, rankTexts } from './ranks.ts';
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

/** @param timePosition  place of `__time` in the sort order; null = last */
export function* finishIndex(
  index: IncrementalIndex,
  timePosition: number | null,
): Generator<ChunkRows> {
  const ranks = index.dimensions.map((dimension) =>
    dimension.type === 'text' ? rankTexts(dimension.column) : null,
  );
  const order = sortedRows(index, ranks, timePosition);
  for (let start = 0; start < order.length;) {
    const chunkStart = index.chunkOf(index.idOf(order[start], 0));
    let end = start + 1;
    while (end < order.length && index.chunkOf(index.idOf(order[end], 0)) === chunkStart) end++;
    yield chunkRows(index, ranks, order.subarray(start, end), chunkStart);
    start = end;
  }
}

function sortedRows(
  index: IncrementalIndex,
  ranks: readonly (TextRanks | null)[],
  timePosition: number | null,
): Uint32Array {
  const keys = index.dimensions.map((dimension, place) =>
    dimensionKey(index, dimension, ranks[place], place + 1),
  );
  const timeRanks = rankNumbers(index.times);
  const timeKey = {
    size: timeRanks.length,
    rankOf: (row: number) => timeRanks[index.idOf(row, 0)],
  };
  keys.splice(timePosition ?? keys.length, 0, timeKey);
  const order = sortRows(index.rowCount, [chunkKey(index), ...keys]);
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

function dimensionKey(
  index: IncrementalIndex,
  dimension: DimensionIds,
  ranks: TextRanks | null,
  place: number,
): SortKey {
  if (ranks !== null) {
    return { size: ranks.size, rankOf: (row) => ranks.ofRow(index.idOf(row, place)) };
  }
  const ofNumber =
    dimension.type === 'number' ? rankNumbers(dimension.dictionary) : new Uint32Array();
  return { size: ofNumber.length, rankOf: (row) => ofNumber[index.idOf(row, place)] };
}

function chunkKey(index: IncrementalIndex): SortKey {
  const starts = new Set<number>();
  for (let id = 1; id < index.times.size; id++) starts.add(index.chunkOf(id));
  const rankOfChunk = new Map(
    [...starts].sort((a, b) => a - b).map((start, rank) => [start, rank]),
  );
  const ranks = Uint32Array.from({ length: index.times.size }, (_, id) =>
    id === 0 ? 0 : (rankOfChunk.get(index.chunkOf(id)) ?? 0),
  );
  return { size: starts.size, rankOf: (row) => ranks[index.idOf(row, 0)] };
}

function chunkRows(
  index: IncrementalIndex,
  ranks: readonly (TextRanks | null)[],
  rows: Uint32Array,
  chunkStart: number,
): ChunkRows {
  const time = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) time[i] = index.times.doubleOf(index.idOf(rows[i], 0));
  const columns = new Map<string, ColumnInput>();
  index.dimensions.forEach((dimension, place) => {
    columns.set(
      dimension.schema.name,
      dimensionColumn(index, dimension, ranks[place], rows, place + 1),
    );
  });
  const errors = new Map<string, Float64Array>();
  index.metrics.forEach(({ schema }, place) => {
    const accumulator = index.accumulators[place];
    columns.set(schema.name, accumulator.column(rows));
    const low = accumulator.errors(rows);
    if (low !== null) errors.set(schema.name, low);
  });
  return { chunkStart, rowCount: rows.length, time, columns, errors };
}

function dimensionColumn(
  index: IncrementalIndex,
  dimension: DimensionIds,
  ranks: TextRanks | null,
  rows: Uint32Array,
  place: number,
): ColumnInput {
  const ids = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) ids[i] = index.idOf(rows[i], place);
  if (dimension.type === 'number') return numberColumn(dimension, ids);
  if (ranks === null) return { type: 'string', dictionary: [], ids };
  return ids.some(isListId)
    ? listColumn(dimension.column.valuesOf.bind(dimension.column), ranks, ids)
    : textColumn(ranks, ids);
}

function textColumn(ranks: TextRanks, ids: Uint32Array): ColumnInput {
  for (let i = 0; i < ids.length; i++) ids[i] = ranks.ofText[ids[i]];
  const dictionary = narrow(ranks.texts, ids);
  return { type: 'string', dictionary, ids };
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
