/**
 * A filter as one segment runs it: names are resolved to loaded columns, text leaves are truth
 * tables over dictionaries, number leaves are tests of doubles, and what is the same for every row
 * (a missing column is all null) is folded away.
 */
import { maskFalse, maskTrue, maskUnknown, notMask } from '@isotherm/kernels';
import { InvalidQueryError } from '@isotherm/errors';
import type { Filter, LeafFilter, ValuePredicate } from '@isotherm/query';
import { leafPredicate } from '@isotherm/query';
import type {
  FloatingColumn,
  LongColumn,
  MultiStringColumn,
  Segment,
  StringColumn,
  TimeColumn,
} from '@isotherm/segment';
import type { NumberTest } from './number-test.ts';
import { planNumberTest } from './number-test.ts';
import { textTruth, timeTruth, truthOf } from './truth-table.ts';

/** A condition on the rows of one segment. Truths are the bytes of kernels' masks. */
export type FilterPlan =
  | { readonly type: 'constant'; readonly truth: number }
  | {
      readonly type: 'table';
      readonly column: StringColumn | TimeColumn;
      /** Truth of each entry, shape [dictionary.size]. */
      readonly table: Uint8Array;
    }
  | {
      readonly type: 'lists';
      readonly column: MultiStringColumn;
      readonly table: Uint8Array;
      /** Truth of a row without values. */
      readonly emptyTruth: number;
    }
  | {
      readonly type: 'numbers';
      readonly column: LongColumn | FloatingColumn;
      readonly test: NumberTest;
      readonly nullTruth: number;
    }
  | { readonly type: 'and' | 'or'; readonly fields: readonly FilterPlan[] }
  | { readonly type: 'not'; readonly field: FilterPlan };

/** The plan that every row passes. */
export const everyRow: FilterPlan = { type: 'constant', truth: maskTrue };

/**
 * Plans a filter over the loaded columns of a segment.
 *
 * @throws InvalidQueryError for a filter on a column of sketches
 */
export function planFilter(filter: Filter | null, segment: Segment): FilterPlan {
  if (filter === null) return everyRow;
  switch (filter.type) {
    case 'true':
      return everyRow;
    case 'false':
      return { type: 'constant', truth: maskFalse };
    case 'and':
    case 'or':
      return joined(
        filter.type,
        filter.fields.map((field) => planFilter(field, segment)),
      );
    case 'not':
      return negated(planFilter(filter.field, segment));
    case 'equals':
    case 'range':
    case 'null':
      return planLeaf(filter, filter.column, segment);
    case 'selector':
    case 'in':
    case 'bound':
    case 'like':
      return planLeaf(filter, filter.dimension, segment);
  }
}

function joined(type: 'and' | 'or', fields: readonly FilterPlan[]): FilterPlan {
  // The truth that decides alone, and the one that changes nothing.
  const [decides, idle] = type === 'and' ? [maskFalse, maskTrue] : [maskTrue, maskFalse];
  const kept: FilterPlan[] = [];
  for (const field of fields) {
    if (field.type === 'constant' && field.truth === decides) return field;
    if (field.type === 'constant' && field.truth === idle) continue;
    if (field.type === type) kept.push(...field.fields);
    else kept.push(field);
  }
  const only = kept[0];
  if (only === undefined) return { type: 'constant', truth: idle };
  return kept.length === 1 ? only : { type, fields: kept };
}

function negated(field: FilterPlan): FilterPlan {
  if (field.type === 'constant') return { type: 'constant', truth: maskTrue - field.truth };
  if (field.type === 'table') {
    // Made for this leaf alone, so it may be turned in place.
    notMask(field.table, field.table.length);
    return field;
  }
  return field.type === 'not' ? field.field : { type: 'not', field };
}

function planLeaf(filter: LeafFilter, name: string, segment: Segment): FilterPlan {
  const column = segment.column(name);
  const predicate = leafPredicate(filter);
  if (column === null) return { type: 'constant', truth: missingTruth(filter, predicate) };
  switch (column.type) {
    case 'string':
      return folded({
        type: 'table',
        column,
        table: textTruth(filter, column.dictionary, predicate),
      });
    case 'time':
      return folded({ type: 'table', column, table: timeTruth(column.distinct, predicate) });
    case 'strings': {
      const table = textTruth(filter, column.dictionary, predicate);
      return { type: 'lists', column, table, emptyTruth: truthOf(predicate.ofText(null)) };
    }
    case 'long': {
      const nullTruth = truthOf(predicate.ofLong(null));
      return planNumbers(column, planNumberTest(filter, 'long'), nullTruth);
    }
    case 'double':
    case 'float': {
      const nullTruth = truthOf(predicate.ofDouble(null));
      return planNumbers(column, planNumberTest(filter, column.type), nullTruth);
    }
    case 'hyperUnique':
      throw new InvalidQueryError(
        `Column "${name}" holds sketches, which a filter cannot look at. ` +
          'Filter on a dimension or a number.',
        { details: { column: name } },
      );
  }
}

/** A bound is never unknown of a column that is not there, as in Druid; all others are as of a null. */
function missingTruth(filter: LeafFilter, predicate: ValuePredicate): number {
  const truth = truthOf(predicate.ofText(null));
  return filter.type === 'bound' && truth === maskUnknown ? maskFalse : truth;
}

function planNumbers(
  column: LongColumn | FloatingColumn,
  test: NumberTest,
  nullTruth: number,
): FilterPlan {
  if (test.type === 'never' && column.validity === null) {
    return { type: 'constant', truth: maskFalse };
  }
  return { type: 'numbers', column, test, nullTruth };
}

/** A table with one truth throughout is a constant. */
function folded(plan: FilterPlan & { readonly type: 'table' }): FilterPlan {
  const truth = plan.table[0] ?? maskUnknown;
  return plan.table.every((entry) => entry === truth) ? { type: 'constant', truth } : plan;
}
