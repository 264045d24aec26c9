/**
 * Divides the merged rows of one chunk into segments. Rows stay in sort order inside each; which segment
 * a row is in hangs on its values alone.
 *
 *   dynamic  equal stretches of the sort order, each at most maxRowsPerSegment
 *   hashed   by a hash of the partition dimensions
 *   range    by the values of the partition dimensions; equal values stay together
 */
import { InvalidInputError } from '@isotherm/errors';
import { sortRows } from './rows/sort-rows.ts';
import { rankCount, type SortedTexts, textAt } from './rows/sorted-texts.ts';
import type { ChunkColumn, ChunkRows } from './runs/chunk-columns.ts';
import type { PartitionsSpec } from './spec/ingestion-spec.ts';

/** Row numbers of each segment, ascending. At least one segment, none empty unless the chunk is. */
export function divideChunk(
  chunk: ChunkRows,
  partitions: PartitionsSpec,
  dimensionNames: readonly string[],
): Uint32Array[] {
  switch (partitions.type) {
    case 'dynamic':
      return stretches(chunk.rowCount, partitions.maxRowsPerSegment);
    case 'hashed': {
      const { shardCount, targetRowsPerSegment, dimensions } = partitions;
      const count = shardCount ?? Math.ceil(chunk.rowCount / targetRowsPerSegment);
      const names = dimensions.length === 0 ? dimensionNames : dimensions;
      return byHash(chunk, names, Math.max(1, count));
    }
    case 'range':
      return byRange(chunk, partitions.dimensions, partitions.targetRowsPerSegment);
  }
}

/** Columns of some rows of a chunk; the chunk itself when they are all. */
export function takeRows(chunk: ChunkRows, rows: Uint32Array): ChunkRows {
  if (rows.length === chunk.rowCount) return chunk;
  const columns = new Map<string, ChunkColumn>();
  for (const [name, column] of chunk.columns) columns.set(name, takeColumn(column, rows));
  const time = Float64Array.from(rows, (row) => chunk.time[row]);
  return { ...chunk, rowCount: rows.length, time, columns };
}

function stretches(rowCount: number, maxRows: number): Uint32Array[] {
  const count = Math.max(1, Math.ceil(rowCount / maxRows));
  return Array.from({ length: count }, (_, part) => {
    const start = Math.floor((part * rowCount) / count);
    const end = Math.floor(((part + 1) * rowCount) / count);
    const rows = new Uint32Array(end - start);
    for (let place = 0; place < rows.length; place++) rows[place] = start + place;
    return rows;
  });
}

function byHash(chunk: ChunkRows, names: readonly string[], count: number): Uint32Array[] {
  const hashes = new Uint32Array(chunk.rowCount);
  for (const name of names) {
    const column = chunk.columns.get(name);
    if (column !== undefined) hashColumn(column, hashes);
  }
  const parts: number[][] = Array.from({ length: count }, () => []);
  for (let row = 0; row < hashes.length; row++) parts[hashes[row] % count].push(row);
  const filled = parts.filter((rows) => rows.length > 0);
  return (filled.length === 0 ? [[]] : filled).map((rows) => Uint32Array.from(rows));
}

function hashColumn(column: ChunkColumn, hashes: Uint32Array): void {
  const mix = (row: number, hash: number): void => {
    const mixed = Math.imul(hashes[row] ^ hash, 0x9e3779b1);
    hashes[row] = mixed ^ (mixed >>> 15);
  };
  switch (column.type) {
    case 'ranked': {
      const ofText = textHashes(column.texts, column.ids);
      for (let row = 0; row < hashes.length; row++) mix(row, ofText[column.ids[row]]);
      return;
    }
    case 'rankedLists': {
      const ofText = textHashes(column.texts, column.ids);
      for (let row = 0; row < hashes.length; row++) {
        for (let at = column.offsets[row]; at < column.offsets[row + 1]; at++) {
          mix(row, ofText[column.ids[at]]);
        }
      }
      return;
    }
    case 'string':
    case 'strings':
    case 'hyperUnique':
      return;
    default:
      for (let row = 0; row < hashes.length; row++) {
        const isNull = column.nulls !== null && column.nulls[row] === 1;
        mix(row, hashText(isNull ? null : String(column.values[row])));
      }
  }
}

/** Hashes by rank, of the texts that are used; null has 0. */
function textHashes(texts: SortedTexts, ids: Uint32Array): Uint32Array {
  const hashes = new Uint32Array(rankCount(texts));
  const isKnown = new Uint8Array(hashes.length);
  for (const id of ids) {
    if (isKnown[id] === 1) continue;
    isKnown[id] = 1;
    hashes[id] = hashText(textAt(texts, id));
  }
  return hashes;
}

function hashText(text: string | null): number {
  if (text === null) return 0;
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash;
}

function byRange(chunk: ChunkRows, names: readonly string[], target: number): Uint32Array[] {
  const columns = names.map((name) => {
    const column = chunk.columns.get(name);
    if (column === undefined) return null;
    if (column.type === 'ranked') return column;
    throw new InvalidInputError(
      `Partitioning by range needs text dimensions with one value a row; "${name}" is ${column.type === 'rankedLists' ? 'multi-value' : `a ${column.type}`}. Choose another dimension, or "hashed".`,
      { code: 'NOT_SUPPORTED' },
    );
  });
  const keys = columns
    .filter((column) => column !== null)
    .map(({ texts, ids }) => ({ size: rankCount(texts), ranks: ids }));
  const order = sortRows(chunk.rowCount, keys);
  const parts: Uint32Array[] = [];
  for (let start = 0; start < order.length;) {
    let end = Math.min(start + target, order.length);
    const isSame = (a: number, b: number): boolean =>
      keys.every(({ ranks }) => ranks[order[a]] === ranks[order[b]]);
    while (end < order.length && isSame(end - 1, end)) end++;
    parts.push(order.slice(start, end).sort());
    start = end;
  }
  return parts.length === 0 ? [new Uint32Array()] : parts;
}

function takeColumn(column: ChunkColumn, rows: Uint32Array): ChunkColumn {
  switch (column.type) {
    case 'string':
    case 'ranked':
      return { ...column, ids: Uint32Array.from(rows, (row) => column.ids[row]) };
    case 'strings':
    case 'rankedLists': {
      const offsets = new Uint32Array(rows.length + 1);
      rows.forEach((row, place) => {
        offsets[place + 1] = offsets[place] + column.offsets[row + 1] - column.offsets[row];
      });
      const ids = new Uint32Array(offsets[rows.length]);
      rows.forEach((row, place) => {
        ids.set(column.ids.subarray(column.offsets[row], column.offsets[row + 1]), offsets[place]);
      });
      return { ...column, offsets, ids };
    }
    case 'hyperUnique':
      return { type: 'hyperUnique', images: Array.from(rows, (row) => column.images[row]) };
    case 'long':
      return {
        type: 'long',
        values: BigInt64Array.from(
          { length: rows.length },
          (_, place) => column.values[rows[place]],
        ),
        nulls: takeNulls(column.nulls, rows),
      };
    default:
      return {
        type: column.type,
        values: Float64Array.from(rows, (row) => column.values[row]),
        nulls: takeNulls(column.nulls, rows),
      };
  }
}

function takeNulls(nulls: Uint8Array | null, rows: Uint32Array): Uint8Array | null {
  if (nulls === null) return null;
  const taken = Uint8Array.from(rows, (row) => nulls[row]);
  return taken.includes(1) ? taken : null;
}
