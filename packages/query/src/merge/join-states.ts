/** States of partials that share no group: one behind the other, none of them looked at. */
import { InvariantError } from '@isotherm/errors';
import type { PartialColumn } from '../partial.ts';
import { ofType } from './key-column.ts';
import { type Openers, pickLongs, pickNulls, pickNumbers } from './pick-rows.ts';

/** Joins the states of one aggregation. @throws InvariantError if their types differ, or are none of states */
export function joinStates(columns: readonly PartialColumn[]): PartialColumn {
  const type = columns[0]?.type;
  switch (type) {
    case 'long': {
      const all = columns.map((column) => ofType(column, type));
      const values = all.map((column) => column.values);
      return { type, values: pickLongs(values, everyRow), nulls: pickNulls(all, everyRow) };
    }
    case 'double':
    case 'float': {
      const all = columns.map((column) => ofType(column, type));
      const values = all.map((column) => column.values);
      return { type, values: pickNumbers(values, everyRow), nulls: pickNulls(all, everyRow) };
    }
    case 'doubleSum':
    case 'floatSum': {
      const all = columns.map((column) => ofType(column, type));
      const values = all.map((column) => column.values);
      const errors = all.map((column) => column.errors);
      return {
        type,
        values: pickNumbers(values, everyRow),
        errors: pickNumbers(errors, everyRow),
        nulls: pickNulls(all, everyRow),
      };
    }
    case 'hyperUnique': {
      const all = columns.map((column) => ofType(column, type).registers);
      return { type, registers: new Uint8Array(Buffer.concat(all)) };
    }
    default:
      throw new InvariantError(`A state column is "${type}", which no aggregation has.`);
  }
}

const everyRow: Openers = [];
