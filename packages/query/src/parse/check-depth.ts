/** Guards the recursive readers below `parseQuery` against queries nested without end. */
import { InvalidQueryError } from '@isotherm/errors';

/** Objects inside objects; a list inside an object costs nothing, a list inside a list one level. */
const maxLevels = 64;

/** @throws InvalidQueryError code TOO_DEEP beyond 64 levels */
export function checkDepth(json: unknown): void {
  visit(json, 1, false);
}

function visit(value: unknown, level: number, isInObject: boolean): void {
  if (typeof value !== 'object' || value === null) return;
  if (level > maxLevels) {
    throw new InvalidQueryError(
      `The query is nested more than ${maxLevels} levels deep. Flatten its filters or post-aggregators, such as nested "or" into one "in".`,
      { code: 'TOO_DEEP' },
    );
  }
  const isList = Array.isArray(value);
  const below = isList && isInObject ? level : level + 1;
  // Long lists hold texts and numbers, which nothing is inside of.
  const items: readonly unknown[] = isList ? value : Object.values(value);
  for (const item of items) {
    if (typeof item === 'object') visit(item, below, !isList);
  }
}
