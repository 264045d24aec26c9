/**
 * Which segments of a run can share group keys and accumulators: those whose columns have the same
 * types, so that one way of reading them, decided once, holds for all.
 */
import type { Segment } from '@isotherm/segment';
import type { RunPiece } from './engine.ts';

/** Rows of segments that share accumulators: their number in a group is kept in 32 bits. */
const rowLimit = 2 ** 31;

/** Cuts segments into sets whose loaded columns have the same types, each in the order of the segments. */
export function segmentsAlike(
  segments: readonly RunPiece[],
  names: readonly string[],
): readonly RunPiece[][] {
  const sets = new Map<string, { rowCount: number; pieces: RunPiece[] }[]>();
  for (const piece of segments) {
    const types = names.map((name) => typeOf(piece.segment, name)).join();
    const alike = sets.get(types) ?? [];
    sets.set(types, alike);
    const { rowCount } = piece.segment;
    const last = alike.at(-1);
    if (last === undefined || last.rowCount + rowCount > rowLimit) {
      alike.push({ rowCount, pieces: [piece] });
    } else {
      last.pieces.push(piece);
      last.rowCount += rowCount;
    }
  }
  return [...sets.values()].flatMap((alike) => alike.map(({ pieces }) => pieces));
}

/** Type of a column; 64-bit longs are told from those that doubles can hold. */
function typeOf(segment: Segment, name: string): string {
  const column = segment.column(name);
  if (column === null) return '';
  return column.type === 'long' && column.values instanceof BigInt64Array ? 'long64' : column.type;
}
