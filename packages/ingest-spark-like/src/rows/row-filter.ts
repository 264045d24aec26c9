/** Judges rows by a filter before they are aggregated: three-valued, and only true keeps a row. */
import { InvariantError } from '@isotherm/errors';
import {
  type Filter,
  type LeafFilter,
  leafPredicate,
  type Truth,
  type ValuePredicate,
} from '@isotherm/query';
import { WholeDouble } from '../read/input-batch.ts';

/** Says whether a row is kept. @param cellOf  gives the row's cell of a column */
export type RowFilter = (cellOf: (column: string) => unknown) => boolean;

/** Compiles a filter. */
export function rowFilter(filter: Filter): RowFilter {
  const judge = judgeOf(filter);
  return (cellOf) => judge(cellOf) === true;
}

type Judge = (cellOf: (column: string) => unknown) => Truth;

function judgeOf(filter: Filter): Judge {
  switch (filter.type) {
    case 'true':
      return () => true;
    case 'false':
      return () => false;
    case 'and':
      return combine(filter.fields.map(judgeOf), false);
    case 'or':
      return combine(filter.fields.map(judgeOf), true);
    case 'not': {
      const inner = judgeOf(filter.field);
      return (cellOf) => {
        const truth = inner(cellOf);
        return truth === null ? null : !truth;
      };
    }
    default:
      return leafJudge(filter);
  }
}

/** `settling` is the truth that decides alone: true for or, false for and. */
function combine(judges: readonly Judge[], settling: boolean): Judge {
  return (cellOf) => {
    let result: Truth = !settling;
    for (const judge of judges) {
      const truth = judge(cellOf);
      if (truth === settling) return settling;
      if (truth === null) result = null;
    }
    return result;
  };
}

function leafJudge(filter: LeafFilter): Judge {
  const predicate = leafPredicate(filter);
  const column = 'column' in filter ? filter.column : filter.dimension;
  return (cellOf) => judgeCell(predicate, cellOf(column));
}

/** A list matches when one of its values does; an empty one counts as null. */
function judgeCell(predicate: ValuePredicate, cell: unknown): Truth {
  if (Array.isArray(cell) && cell.length > 0) {
    const truths = cell.map((item) => judgeCell(predicate, item));
    if (truths.includes(true)) return true;
    return truths.includes(false) ? false : null;
  }
  switch (typeof cell) {
    case 'string':
      return predicate.ofText(cell);
    case 'bigint':
      return predicate.ofLong(cell);
    case 'number':
      return Number.isSafeInteger(cell) ? predicate.ofLong(cell) : predicate.ofDouble(cell);
    case 'boolean':
      return predicate.ofText(cell ? 'true' : 'false');
    case 'object':
      return cell instanceof WholeDouble ? predicate.ofDouble(cell.value) : predicate.ofText(null);
    case 'undefined':
      return predicate.ofText(null);
    default:
      throw new InvariantError(`A cell is a ${typeof cell}.`);
  }
}
