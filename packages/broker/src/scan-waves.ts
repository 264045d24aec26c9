/**
 * A scan with a limit seldom needs all segments: they are asked in order, a few at first and four times
 * as many each time, until there are rows enough. Every other query asks for all at once.
 */
import type { Query } from '@isotherm/query';
import type { Piece } from './plan.ts';
import type { Gathered, MissingPiece, NodeAnswer } from './scatter.ts';

const firstWave = 4;
const growth = 4;

/**
 * Asks for pieces, all or as many of the first ones as the query needs.
 *
 * @param ask asks for some of them at once
 * @returns the answers so far; ends at a missing piece, unless the query allows for those
 */
export async function askInWaves(
  query: Query,
  pieces: readonly Piece[],
  ask: (pieces: readonly Piece[]) => Promise<Gathered>,
): Promise<Gathered> {
  const neededRows = rowsNeeded(query);
  if (neededRows === null) return ask(pieces);
  const answers: NodeAnswer[] = [];
  const missing: MissingPiece[] = [];
  let waveSize = firstWave;
  for (let start = 0; start < pieces.length; start += waveSize, waveSize *= growth) {
    const found = await ask(pieces.slice(start, start + waveSize));
    answers.push(...found.answers);
    missing.push(...found.missing);
    const isStuck = missing.length > 0 && !query.context.allowPartial;
    if (isStuck || countRows(answers) >= neededRows) break;
  }
  return { answers, missing };
}

/** True when the query may end without having asked for all of its segments. */
export function mayEndEarly(query: Query): boolean {
  return rowsNeeded(query) !== null;
}

/** Rows that the first segments must hold so that no further one matters; null = all segments matter. */
function rowsNeeded(query: Query): number | null {
  const isCut = query.queryType === 'scan' && query.order === 'none' && query.limit !== null;
  return isCut ? query.offset + (query.limit ?? 0) : null;
}

function countRows(answers: readonly NodeAnswer[]): number {
  let rows = 0;
  for (const { partials } of answers) {
    for (const partial of partials) if (partial.kind === 'scan') rows += partial.rowCount;
  }
  return rows;
}
