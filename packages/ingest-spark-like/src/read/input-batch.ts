/**
 * Rows as readers hand them on: columns of a few thousand rows, in the form that the input has them, so
 * that no object is made for a row of text or Parquet.
 */

/** One column of a batch. Shapes are `[rowCount]`. */
export type InputColumn =
  /**
   * UTF-8 text: row r is bytes[starts[r], ends[r]); a start of -1 is null. A value that holds
   * `listDelimiter` (a byte, -1 = none) is a list.
   */
  | {
      readonly type: 'text';
      readonly bytes: Uint8Array;
      readonly starts: Int32Array;
      readonly ends: Int32Array;
      readonly listDelimiter: number;
      /**
       * Texts of up to 12 bytes once more, as `TextDictionary.encodeWords` takes them, shape
       * [rowCount × 4]; null where the reader has none.
       */
      readonly words: Int32Array | null;
    }
  /** 64-bit integers; `nulls` holds 1 for null, or is null when there is none. */
  | { readonly type: 'long'; readonly values: BigInt64Array; readonly nulls: Uint8Array | null }
  | { readonly type: 'double'; readonly values: Float64Array; readonly nulls: Uint8Array | null }
  /** JSON values; a whole number beyond 2^53 is a bigint. Also what expressions give. */
  | { readonly type: 'values'; readonly values: readonly unknown[] };

/** A JSON number such as 1.0: a whole number that was written as a double, and counts as one. */
export class WholeDouble {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** Some rows of one file. Its columns are the reader's: they may change when the next batch is asked for. */
export interface InputBatch {
  /** As messages name it. */
  readonly file: string;
  readonly rowCount: number;
  /** Line of a row in its file, from 1; for Parquet its number. */
  line(row: number): number;
  /** Names of the columns that the file has, as far as this batch tells. */
  columnNames(): readonly string[];
  /** A column by name; null when no row of the batch has it. */
  column(name: string): InputColumn | null;
}

/** Where readers leave the rows that they cannot read. */
export interface BadRowSink {
  /**
   * @param reason    names column and kind, never the value
   * @param rowCount  rows that are lost by it, 1 when absent
   */
  add(file: string, line: number, reason: string, rowCount?: number): void;
}

/** What a reader tells while it reads. */
export interface ReadProgress {
  /** Compressed bytes taken from the file since the last call. */
  onBytes(bytes: number): void;
}

const decoder = new TextDecoder();

/** One cell as text, bigint, number, boolean, list, object or null; for paths where speed does not matter. */
export function cellOf(column: InputColumn | null, row: number): unknown {
  if (column === null) return null;
  switch (column.type) {
    case 'text': {
      const start = column.starts[row];
      if (start < 0) return null;
      const text = decoder.decode(column.bytes.subarray(start, column.ends[row]));
      if (column.listDelimiter < 0) return text;
      const separator = String.fromCharCode(column.listDelimiter);
      return text.includes(separator) ? text.split(separator) : text;
    }
    case 'long':
      return column.nulls !== null && column.nulls[row] === 1 ? null : column.values[row];
    case 'double': {
      if (column.nulls !== null && column.nulls[row] === 1) return null;
      const value = column.values[row];
      return Number.isInteger(value) ? new WholeDouble(value) : value;
    }
    case 'values':
      return column.values[row] ?? null;
  }
}
