/** Computed columns of a batch. An expression sees the input's columns and `__time`, not other transforms. */
import { IsothermError } from '@isotherm/errors';
import { evaluateExpression, type Expression, expressionColumns } from '@isotherm/query';
import { cellOf, type InputColumn, WholeDouble } from '../read/input-batch.ts';
import { expressionValueOf } from './cell-value.ts';
import type { RowStatus } from './row-status.ts';

/**
 * Evaluates an expression over the kept rows; one that has no value for a row makes it bad.
 *
 * @param what    how reasons name it, such as `Transform "ctr"`
 * @param column  gives the columns that the expression may read
 */
export function computeColumn(
  what: string,
  expression: Expression,
  column: (name: string) => InputColumn | null,
  status: RowStatus,
): InputColumn {
  const columns = new Map(expressionColumns(expression).map((name) => [name, column(name)]));
  const values: unknown[] = [];
  for (let row = 0; row < status.states.length; row++) {
    if (!status.isKept(row)) {
      values.push(null);
      continue;
    }
    try {
      const value = evaluateExpression(expression, (name) =>
        expressionValueOf(cellOf(columns.get(name) ?? null, row)),
      );
      const isWholeDouble = typeof value === 'number' && Number.isInteger(value);
      values.push(isWholeDouble ? new WholeDouble(value) : value);
    } catch (error) {
      if (!(error instanceof IsothermError)) throw error;
      // The message may quote a value; the code does not.
      status.fail(row, `${what} has no value (${error.code}).`);
      values.push(null);
    }
  }
  return { type: 'values', values };
}

/** Times as a column, for expressions that read `__time`. */
export function timeColumn(times: Float64Array): InputColumn {
  return { type: 'long', values: BigInt64Array.from(times, BigInt), nulls: null };
}
