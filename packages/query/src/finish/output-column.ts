/** Columns of an answer, and the plain ways to look into them. */
import { estimateHyperUnique, hyperUniqueRegisterCount } from '@isotherm/kernels';
import { readDouble, readLong } from '../filter/read-number.ts';
import { doubleText, floatText } from '../java-number-text.ts';
import type { PartialColumn } from '../partial.ts';

/** A column whose sums are rounded; a sketch stays one only when the query asks for it unfinalised. */
export type FinishedColumn = Exclude<PartialColumn, { readonly type: 'doubleSum' | 'floatSum' }>;

/** A column under its name in the answer. */
export interface OutputColumn {
  readonly name: string;
  readonly column: FinishedColumn;
}

/** Reads cells as numbers: a text that is one counts as one, a sketch as its estimate. */
export type NumberAt = (row: number) => number | bigint | null;

/** Reads cells as text, numbers as Java prints them. */
type TextAt = (row: number) => string | null;

/** Makes the reader of a column's numbers. */
export function numberReader(column: FinishedColumn): NumberAt {
  switch (column.type) {
    case 'long': {
      const { values, nulls } = column;
      const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
      return (row) => {
        if (nulls?.[row] === 1) return null;
        const value = (words[2 * row + 1] ?? 0) * 2 ** 32 + ((words[2 * row] ?? 0) >>> 0);
        // Only beyond 2^53 does it take a bigint to tell longs apart.
        return Number.isSafeInteger(value) ? value : (values[row] ?? null);
      };
    }
    case 'double':
    case 'float': {
      const { values, nulls } = column;
      return (row) => (nulls?.[row] === 1 ? null : (values[row] ?? null));
    }
    case 'string': {
      const textAt = textReader(column);
      return (row) => {
        const text = textAt(row);
        return text === null ? null : (readLong(text) ?? readDouble(text));
      };
    }
    case 'hyperUnique': {
      const { registers } = column;
      return (row) => estimateHyperUnique(registers, row * hyperUniqueRegisterCount);
    }
    case 'strings':
      return () => null;
  }
}

/** Makes the reader of a column's texts. */
export function textReader(column: FinishedColumn): TextAt {
  switch (column.type) {
    case 'string': {
      const { dictionary, ids } = column;
      return (row) => dictionary.textAt(ids[row] ?? 0);
    }
    case 'long': {
      const { values, nulls } = column;
      return (row) => (nulls?.[row] === 1 ? null : String(values[row] ?? 0n));
    }
    case 'double':
    case 'float': {
      const { values, nulls } = column;
      const format = column.type === 'float' ? floatText : doubleText;
      return (row) => (nulls?.[row] === 1 ? null : format(values[row] ?? 0));
    }
    case 'strings':
    case 'hyperUnique':
      return () => null;
  }
}
