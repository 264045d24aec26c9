/** What the writer demands of its input before it takes a byte of it. */
import { InvariantError } from '@isotherm/errors';
import { timeName } from './column/time.ts';
import type { ColumnInput, SegmentInput } from './input.ts';
import type { DimensionSchema, MetricSchema } from './schema.ts';

/** The input of a column that the schema has. @throws InvariantError if there is none */
export function requireColumn(input: SegmentInput, name: string): ColumnInput {
  const column = input.columns.get(name);
  if (column === undefined) {
    throw new InvariantError(`The segment writer got no column "${name}", which its schema has.`);
  }
  return column;
}

/** Types that a schema's type may be written as. */
const inputTypes: Readonly<
  Record<DimensionSchema['type'] | MetricSchema['type'], readonly ColumnInput['type'][]>
> = {
  string: ['string', 'strings'],
  long: ['long'],
  double: ['double'],
  float: ['float'],
  hyperUnique: ['hyperUnique'],
};

/** Checks that columns fit the schema and have the same rows. @throws InvariantError otherwise */
export function checkInput(input: SegmentInput): void {
  const names = new Set<string>([timeName]);
  checkRows(timeName, input.time.length, input.rowCount);
  for (const { name, type } of [...input.schema.dimensions, ...input.schema.metrics]) {
    if (names.has(name)) throw new InvariantError(`The schema has two columns "${name}".`);
    names.add(name);
    const column = requireColumn(input, name);
    if (!inputTypes[type].includes(column.type)) {
      throw new InvariantError(`Column "${name}" is ${column.type}, but the schema says ${type}.`);
    }
    checkRows(name, rowsOf(column), input.rowCount);
    const nulls = 'nulls' in column ? column.nulls : null;
    if (nulls !== null) checkRows(name, nulls.length, input.rowCount);
  }
  for (const name of input.columns.keys()) {
    if (!names.has(name)) {
      throw new InvariantError(`The segment writer got a column "${name}" that no schema names.`);
    }
  }
}

function rowsOf(column: ColumnInput): number {
  switch (column.type) {
    case 'string':
      return column.ids.length;
    case 'strings':
      return column.offsets.length - 1;
    case 'hyperUnique':
      return column.images.length;
    case 'long':
    case 'double':
    case 'float':
      return column.values.length;
  }
}

function checkRows(name: string, rows: number, rowCount: number): void {
  if (rows !== rowCount) {
    throw new InvariantError(`Column "${name}" has ${rows} rows, the segment ${rowCount}.`);
  }
}
