/** Ranks and metrics of merged rows as columns of a segment. */
import type { ColumnInput } from '@isotherm/segment';
import type { SortedTexts } from '../rows/sorted-texts.ts';
import type { NumberRanks } from '../rows/ranks.ts';
import type { JobRanks } from './job-values.ts';

/** A column of merged rows: a segment's, or text as ranks of the whole job. Shapes are `[rowCount]`. */
export type ChunkColumn =
  | ColumnInput
  | { readonly type: 'ranked'; readonly texts: SortedTexts; readonly ids: Uint32Array }
  /** Row r has ids[offsets[r], offsets[r + 1]). */
  | {
      readonly type: 'rankedLists';
      readonly texts: SortedTexts;
      readonly offsets: Uint32Array;
      readonly ids: Uint32Array;
    };

/** Rows of one chunk, or a part of one, in sort order. */
export interface ChunkRows {
  readonly chunkStart: number;
  readonly rowCount: number;
  /** Epoch milliseconds, shape [rowCount]. */
  readonly time: Float64Array;
  readonly columns: ReadonlyMap<string, ChunkColumn>;
}

/** Rows that are turned at once, so that they are still in the cache for the next column. */
const turnedRows = 1 << 10;

/** Keys that lie row by row as one array a column; freshly allocated, shape [width][rowCount]. */
export function turnKeys(keys: Uint32Array, width: number, rowCount: number): Uint32Array[] {
  const columns = Array.from({ length: width }, () => new Uint32Array(rowCount));
  for (let start = 0; start < rowCount; start += turnedRows) {
    const end = Math.min(start + turnedRows, rowCount);
    for (let place = 0; place < width; place++) {
      const column = columns[place];
      for (let row = start, at = start * width + place; row < end; row++, at += width) {
        column[row] = keys[at];
      }
    }
  }
  return columns;
}

/** Times by rank. */
export function timesOf(ranks: Uint32Array, { values }: NumberRanks): Float64Array {
  const times = new Float64Array(ranks.length);
  for (let row = 0; row < times.length; row++) times[row] = values[ranks[row]];
  return times;
}

/** A dimension from ranks of its values. @param ids  handed over */
export function dimensionColumn(dimension: JobRanks, ids: Uint32Array): ChunkColumn {
  if (dimension.type === 'number') return numberColumn(dimension.schema.type, dimension.ranks, ids);
  const { texts, values } = dimension.ranks;
  if (values === null) return { type: 'ranked', texts, ids };
  const hasLists = ids.some((rank) => values[rank].length > 1);
  if (!hasLists) {
    for (let row = 0; row < ids.length; row++) ids[row] = values[ids[row]][0] ?? 0;
    return { type: 'ranked', texts, ids };
  }
  // A row whose value is null has an empty list.
  const offsets = new Uint32Array(ids.length + 1);
  for (let row = 0; row < ids.length; row++) {
    offsets[row + 1] = offsets[row] + values[ids[row]].length;
  }
  const items = new Uint32Array(offsets[ids.length]);
  for (let row = 0; row < ids.length; row++) items.set(values[ids[row]], offsets[row]);
  return { type: 'rankedLists', texts, offsets, ids: items };
}

function numberColumn(type: string, { values, wide }: NumberRanks, ids: Uint32Array): ColumnInput {
  let nulls: Uint8Array | null = null;
  for (let row = 0; row < ids.length; row++) {
    if (ids[row] !== 0) continue;
    nulls ??= new Uint8Array(ids.length);
    nulls[row] = 1;
  }
  if (type === 'long') {
    const longs = BigInt64Array.from(values, (value, rank) => wide.get(rank) ?? BigInt(value));
    return { type: 'long', values: BigInt64Array.from(ids, (rank) => longs[rank]), nulls };
  }
  const taken = new Float64Array(ids.length);
  for (let row = 0; row < taken.length; row++) taken[row] = values[ids[row]];
  return { type: type === 'float' ? 'float' : 'double', values: taken, nulls };
}
