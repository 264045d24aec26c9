/** Which columns a filter reads. */
import type { Filter } from '../model.ts';

/** Names of the columns that a filter reads, each once, in the order of the filter. */
export function filterColumns(filter: Filter): string[] {
  return [...new Set(columnsOf(filter))];
}

function* columnsOf(filter: Filter): Generator<string> {
  switch (filter.type) {
    case 'true':
    case 'false':
      return;
    case 'and':
    case 'or':
      for (const field of filter.fields) yield* columnsOf(field);
      return;
    case 'not':
      yield* columnsOf(filter.field);
      return;
    case 'selector':
    case 'in':
    case 'bound':
    case 'like':
      yield filter.dimension;
      return;
    case 'range':
    case 'equals':
    case 'null':
      yield filter.column;
      return;
  }
}
