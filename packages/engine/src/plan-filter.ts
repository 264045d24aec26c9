/**
 * A filter as one segment runs it: names are resolved to loaded columns, text leaves are runs of ids
 * in sorted dictionaries, number leaves are tests of doubles, and what is the same for every row (a
 * missing column is all null) is folded away.
 *
 * Plans know two truths: a row satisfies them or not. Nulls need a third one only under a `not`, so a
 * `not` is not planned; its field is, as "is false", down to the leaves, by De Morgan's laws, which
 * hold for three truths as well.
 */
import type { Runs } from '@isotherm/kernels';
import { InvalidQueryError } from '@isotherm/errors';
import type { Filter, LeafFilter, ValuePredicate } from '@isotherm/query';
import type {
  FloatingColumn,
  LongColumn,
  MultiStringColumn,
  Segment,
  StringColumn,
  TimeColumn,
} from '@isotherm/segment';
import { idCount, otherIds, textRuns, timeRuns, withZero } from './id-runs.ts';
import type { NumberTest } from './number-test.ts';
import { planNumberTest, predicateOf } from './number-test.ts';

/** A condition on the rows of one segment. */
export type FilterPlan =
  | { readonly type: 'constant'; readonly holds: boolean }
  /** Holds where the row's id is in the runs. */
  | {
      readonly type: 'ids';
      readonly name: string;
      readonly column: StringColumn | TimeColumn;
      readonly runs: Runs;
      /** Share of the column's ids that are in the runs. */
      readonly share: number;
    }
  /** Holds where any of the row's ids is in the runs (`any`), or none is. */
  | {
      readonly type: 'lists';
      readonly name: string;
      readonly column: MultiStringColumn;
      readonly runs: Runs;
      readonly any: boolean;
      /** Whether a row without values satisfies it. */
      readonly emptyHolds: boolean;
    }
  /** Holds where the test of the row's value gives `wanted`. */
  | {
      readonly type: 'numbers';
      readonly name: string;
      readonly column: LongColumn | FloatingColumn;
      readonly test: NumberTest;
      readonly wanted: boolean;
      readonly nullHolds: boolean;
    }
  | { readonly type: 'and' | 'or'; readonly fields: readonly FilterPlan[] };

/** The plan that every row satisfies. */
export const everyRow = { type: 'constant', holds: true } as const;
/** The plan that no row satisfies. */
const noRow = { type: 'constant', holds: false } as const;

/**
 * Plans a filter over the loaded columns of a segment.
 *
 * @param wanted the truth that rows are to have: with false, rows that the filter is false of
 * @throws InvalidQueryError for a filter on a column of sketches
 */
export function planFilter(filter: Filter | null, segment: Segment, wanted = true): FilterPlan {
  if (filter === null) return everyRow;
  switch (filter.type) {
    case 'true':
      return wanted ? everyRow : noRow;
    case 'false':
      return wanted ? noRow : everyRow;
    case 'and':
    case 'or':
      return joined(
        (filter.type === 'and') === wanted ? 'and' : 'or',
        filter.fields.map((field) => planFilter(field, segment, wanted)),
      );
    case 'not':
      return planFilter(filter.field, segment, !wanted);
    case 'equals':
    case 'range':
    case 'null':
      return planLeaf(filter, filter.column, segment, wanted);
    case 'selector':
    case 'in':
    case 'bound':
    case 'like':
      return planLeaf(filter, filter.dimension, segment, wanted);
  }
}

function joined(type: 'and' | 'or', fields: readonly FilterPlan[]): FilterPlan {
  // What decides alone, and what changes nothing.
  const [decides, idle] = type === 'and' ? [noRow, everyRow] : [everyRow, noRow];
  const kept: FilterPlan[] = [];
  for (const field of fields) {
    if (field.type === 'constant') {
      if (field.holds === decides.holds) return decides;
    } else if (field.type === type) kept.push(...field.fields);
    else kept.push(field);
  }
  const only = kept[0];
  if (only === undefined) return idle;
  return kept.length === 1 ? only : { type, fields: kept };
}

function planLeaf(filter: LeafFilter, name: string, segment: Segment, wanted: boolean): FilterPlan {
  const column = segment.column(name);
  const predicate = predicateOf(filter);
  if (column === null) {
    return missingTruth(filter, predicate) === wanted ? everyRow : noRow;
  }
  switch (column.type) {
    case 'string': {
      const { dictionary } = column;
      const runs = wantedIds(
        textRuns(filter, { segment, name, dictionary }, predicate),
        dictionary.size,
        {
          wanted,
          nullTruth: dictionary.hasNull ? predicate.ofText(null) : undefined,
        },
      );
      return planIds({ name, column, runs });
    }
    case 'time': {
      const runs = timeRuns(column.distinct, planNumberTest(filter, 'long'));
      return planIds({ name, column, runs: wanted ? runs : otherIds(runs, 0, sizeOf(column)) });
    }
    case 'strings':
      return planLists(filter, { segment, name }, column, wanted);
    case 'long':
      return planNumbers(name, column, planNumberTest(filter, 'long'), {
        wanted,
        nullHolds: predicate.ofLong(null) === wanted,
      });
    case 'double':
    case 'float':
      return planNumbers(name, column, planNumberTest(filter, column.type), {
        wanted,
        nullHolds: predicate.ofDouble(null) === wanted,
      });
    case 'hyperUnique':
      throw new InvalidQueryError(
        `Column "${name}" holds sketches, which a filter cannot look at. ` +
          'Filter on a dimension or a number.',
        { details: { column: name } },
      );
  }
}

/** A bound is never unknown of a column that is not there, as in Druid; all others are as of a null. */
function missingTruth(filter: LeafFilter, predicate: ValuePredicate): boolean | null {
  const truth = predicate.ofText(null);
  return filter.type === 'bound' && truth === null ? false : truth;
}

/** Ids that have the wanted truth, from those of values that are true; `nullTruth` undefined: id 0 is a value. */
function wantedIds(
  trueIds: Runs,
  size: number,
  leaf: { readonly wanted: boolean; readonly nullTruth: boolean | null | undefined },
): Runs {
  const first = leaf.nullTruth === undefined ? 0 : 1;
  const runs = leaf.wanted ? trueIds : otherIds(trueIds, first, size);
  return leaf.nullTruth === leaf.wanted ? withZero(runs) : runs;
}

/** How many ids a column can have. */
export function sizeOf(column: StringColumn | TimeColumn): number {
  return column.type === 'time' ? column.distinct.length : column.dictionary.size;
}

/** A condition on ids; a constant if it holds for none or for all. */
export function planIds(plan: {
  readonly name: string;
  readonly column: StringColumn | TimeColumn;
  readonly runs: Runs;
}): FilterPlan {
  const ids = idCount(plan.runs);
  if (ids === 0) return noRow;
  const size = sizeOf(plan.column);
  return ids === size ? everyRow : { type: 'ids', ...plan, share: ids / size };
}

/** A list is true of a leaf if any of its values is, and false only if all of them are. */
function planLists(
  filter: LeafFilter,
  { segment, name }: { readonly segment: Segment; readonly name: string },
  column: MultiStringColumn,
  wanted: boolean,
): FilterPlan {
  const { dictionary } = column;
  const predicate = predicateOf(filter);
  const nullTruth = predicate.ofText(null);
  const trueIds = textRuns(filter, { segment, name, dictionary }, predicate);
  // Those that let a row be true, or keep it from being false.
  const nullCounts = dictionary.hasNull && (wanted ? nullTruth === true : nullTruth !== false);
  const runs = nullCounts ? withZero(trueIds) : trueIds;
  return { type: 'lists', name, column, runs, any: wanted, emptyHolds: nullTruth === wanted };
}

function planNumbers(
  name: string,
  column: LongColumn | FloatingColumn,
  test: NumberTest,
  leaf: { readonly wanted: boolean; readonly nullHolds: boolean },
): FilterPlan {
  if (test.type === 'never' && column.validity === null) return leaf.wanted ? noRow : everyRow;
  return { type: 'numbers', name, column, test, ...leaf };
}
