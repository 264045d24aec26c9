/**
 * Cells as JSON text. A column's writer is chosen once; texts of a dictionary are escaped once an entry
 * and longs never become doubles, so that those beyond 2^53 keep all digits.
 */
import { encodeHyperUnique, hyperUniqueRegisterCount } from '@isotherm/kernels';
import { doubleText, floatText } from '../java-number-text.ts';
import type { PartialColumn } from '../partial.ts';
import type { TextDictionary } from '../text-dictionary.ts';
import type { FinishedColumn } from './output-column.ts';

/** Writes the cell of a row. */
type CellText = (row: number) => string;

/** Makes the writer of a column. */
export function cellWriter(column: FinishedColumn): CellText {
  switch (column.type) {
    case 'long': {
      const { values, nulls } = column;
      return (row) => (nulls?.[row] === 1 ? 'null' : String(values[row] ?? 0n));
    }
    case 'double':
    case 'float': {
      const { values, nulls } = column;
      const format = column.type === 'float' ? floatText : doubleText;
      return (row) => (nulls?.[row] === 1 ? 'null' : numberJson(values[row] ?? 0, format));
    }
    case 'string': {
      const { ids } = column;
      const entryText = entryWriter(column.dictionary);
      return (row) => entryText(ids[row] ?? 0);
    }
    case 'strings':
      return listWriter(column);
    case 'hyperUnique': {
      const { registers } = column;
      return (row) => {
        const image = encodeHyperUnique(registers, row * hyperUniqueRegisterCount);
        return `"${Buffer.from(image).toString('base64')}"`;
      };
    }
  }
}

/** Numbers that JSON does not have are texts, as Druid writes them. */
function numberJson(value: number, format: (value: number) => string): string {
  return Number.isFinite(value) ? format(value) : `"${value}"`;
}

function entryWriter(dictionary: TextDictionary): (id: number) => string {
  const escaped = new Map<number, string>();
  return (id) => {
    const known = escaped.get(id);
    if (known !== undefined) return known;
    const text = JSON.stringify(dictionary.textAt(id));
    escaped.set(id, text);
    return text;
  };
}

/** Several values are a list, one is a plain value, none is null. */
function listWriter(column: Extract<PartialColumn, { type: 'strings' }>): CellText {
  const { ids, offsets } = column;
  const entryText = entryWriter(column.dictionary);
  return (row) => {
    const [start, end] = [offsets[row] ?? 0, offsets[row + 1] ?? 0];
    if (start === end) return 'null';
    if (end === start + 1) return entryText(ids[start] ?? 0);
    return `[${Array.from(ids.subarray(start, end), entryText).join(',')}]`;
  };
}
