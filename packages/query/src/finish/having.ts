/** Conditions on finished groups. */
import { filterColumns } from '../filter/filter-columns.ts';
import { leafPredicate } from '../filter/leaf-predicate.ts';
import type { LeafFilter, Truth } from '../filter/predicate.ts';
import type { Filter, Having } from '../model.ts';
import type { FinishedColumn, OutputColumn } from './output-column.ts';
import { numberReader, textReader } from './output-column.ts';

/** Says of a row whether it stays. */
type RowTest = (row: number) => boolean;

/** Names of the columns that a having reads. */
export function havingColumns(having: Having): string[] {
  switch (having.type) {
    case 'always':
    case 'never':
      return [];
    case 'and':
    case 'or':
      return having.havingSpecs.flatMap(havingColumns);
    case 'not':
      return havingColumns(having.havingSpec);
    case 'greaterThan':
    case 'lessThan':
    case 'equalTo':
      return [having.aggregation];
    case 'dimSelector':
      return [having.dimension];
    case 'filter':
      return filterColumns(having.filter);
  }
}

/** Compiles a having over the columns of an answer. A column that is not there is null. */
export function havingTest(having: Having, columns: readonly OutputColumn[]): RowTest {
  switch (having.type) {
    case 'always':
      return () => true;
    case 'never':
      return () => false;
    case 'and': {
      const tests = having.havingSpecs.map((spec) => havingTest(spec, columns));
      return (row) => tests.every((test) => test(row));
    }
    case 'or': {
      const tests = having.havingSpecs.map((spec) => havingTest(spec, columns));
      return (row) => tests.some((test) => test(row));
    }
    case 'not': {
      const test = havingTest(having.havingSpec, columns);
      return (row) => !test(row);
    }
    case 'greaterThan':
    case 'lessThan':
    case 'equalTo':
      return compareTest(having, columns);
    case 'dimSelector': {
      const column = columnOf(having.dimension, columns);
      const textAt = column === null ? () => null : textReader(column);
      // Here Druid does not tell a null from an empty text.
      const value = having.value ?? '';
      return (row) => (textAt(row) ?? '') === value;
    }
    case 'filter': {
      const judge = filterTest(having.filter, columns);
      return (row) => judge(row) === true;
    }
  }
}

function compareTest(
  having: Extract<Having, { aggregation: string }>,
  columns: readonly OutputColumn[],
): RowTest {
  const column = columnOf(having.aggregation, columns);
  if (column === null) return () => false;
  const numberAt = numberReader(column);
  const { value } = having;
  // JavaScript compares bigint with number exactly.
  const holds = {
    greaterThan: (cell: number | bigint) => cell > value,
    lessThan: (cell: number | bigint) => cell < value,
    equalTo: (cell: number | bigint) => !(cell < value) && !(cell > value),
  }[having.type];
  return (row) => {
    const cell = numberAt(row);
    return cell !== null && holds(cell);
  };
}

function filterTest(filter: Filter, columns: readonly OutputColumn[]): (row: number) => Truth {
  switch (filter.type) {
    case 'true':
      return () => true;
    case 'false':
      return () => false;
    case 'not': {
      const judge = filterTest(filter.field, columns);
      return (row) => not(judge(row));
    }
    case 'and': {
      const judges = filter.fields.map((field) => filterTest(field, columns));
      return (row) => judges.reduce<Truth>((truth, judge) => both(truth, judge(row)), true);
    }
    case 'or': {
      const judges = filter.fields.map((field) => filterTest(field, columns));
      return (row) =>
        not(judges.reduce<Truth>((truth, judge) => both(truth, not(judge(row))), true));
    }
    default:
      return leafTest(filter, columns);
  }
}

function leafTest(filter: LeafFilter, columns: readonly OutputColumn[]): (row: number) => Truth {
  const predicate = leafPredicate(filter);
  const column = columnOf('dimension' in filter ? filter.dimension : filter.column, columns);
  switch (column?.type) {
    case 'long': {
      const { values, nulls } = column;
      return (row) => predicate.ofLong(nulls?.[row] === 1 ? null : (values[row] ?? null));
    }
    case 'double':
    case 'float': {
      const { values, nulls } = column;
      const judge = column.type === 'float' ? predicate.ofFloat : predicate.ofDouble;
      return (row) => judge(nulls?.[row] === 1 ? null : (values[row] ?? null));
    }
    case 'string': {
      const textAt = textReader(column);
      return (row) => predicate.ofText(textAt(row));
    }
    case 'strings':
    case 'hyperUnique':
    case undefined:
      return () => predicate.ofText(null);
  }
}

function columnOf(name: string, columns: readonly OutputColumn[]): FinishedColumn | null {
  return columns.find((output) => output.name === name)?.column ?? null;
}

function not(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

function both(a: Truth, b: Truth): Truth {
  if (a === false || b === false) return false;
  return a === null || b === null ? null : true;
}
