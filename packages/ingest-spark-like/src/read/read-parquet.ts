/**
 * Reads Parquet through DuckDB, which is used as a reader only: columns come as vectors of 2,048 values.
 *
 * A vector of text holds 16 bytes a value: its length (u32), then up to 12 bytes of text, or a prefix and
 * a pointer. Short texts are handed on in these bytes, without making a string of them.
 */
import { InvalidInputError } from '@isotherm/errors';
import { DuckDBInstance } from '@duckdb/node-api';
import type { InputBatch, InputColumn } from './input-batch.ts';
import type { InputFile } from './input-files.ts';

const inlineBytes = 12;
const wordBytes = 16;

interface ParquetColumn {
  readonly name: string;
  readonly kind: 'text' | 'long' | 'double' | 'list';
  /** SQL that brings the column into its kind. */
  readonly sql: string;
}

/**
 * @param isWanted  tells of a column whether anything reads it
 * @throws InvalidInputError code FILE_CORRUPT for a file that DuckDB cannot read, NOT_SUPPORTED for a
 *   wanted column of a nested type
 */
export async function* readParquet(
  file: InputFile,
  isWanted: (column: string) => boolean,
): AsyncGenerator<InputBatch> {
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const connection = await instance.connect();
    try {
      yield* readThrough(connection, file, isWanted);
    } finally {
      connection.closeSync();
    }
  } catch (cause) {
    throw explain(file, cause);
  } finally {
    instance.closeSync();
  }
}

type Connection = Awaited<ReturnType<DuckDBInstance['connect']>>;

async function* readThrough(
  connection: Connection,
  file: InputFile,
  isWanted: (column: string) => boolean,
): AsyncGenerator<InputBatch> {
  // Order kept, few rows in flight; the types below turn times into numbers without a time zone.
  await connection.run(`SET threads = 2; SET TimeZone = 'UTC'`);
  // The path is a pattern to DuckDB; in brackets its signs stand for themselves.
  const source = `read_parquet(${sqlText(file.path.replaceAll(/[*?[]/g, '[$&]'))})`;
  const described = await connection.run(`DESCRIBE SELECT * FROM ${source}`);
  const types = (await described.getRows()).map(([name, type]) => [String(name), String(type)]);
  const names = types.map(([name = '']) => name);
  const columns = types
    .filter(([name = '']) => isWanted(name))
    .map(([name = '', type = '']) => columnOf(file, name, type));
  const list = columns.length === 0 ? '1' : columns.map(({ sql }) => sql).join(', ');
  const result = await connection.stream(`SELECT ${list} FROM ${source}`);
  let rowsBefore = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    const { rowCount } = chunk;
    const loaded = new Map(
      columns.map((column, index) => [
        column.name,
        loadColumn(chunk.getColumnVector(index), column.kind, rowCount),
      ]),
    );
    const before = rowsBefore;
    yield {
      file: file.name,
      rowCount,
      line: (row) => before + row + 1,
      columnNames: () => names,
      column: (name) => loaded.get(name) ?? null,
    };
    rowsBefore += rowCount;
  }
}

function columnOf(file: InputFile, name: string, type: string): ParquetColumn {
  const sql = `"${name.replaceAll('"', '""')}"`;
  if (/^(U?TINYINT|U?SMALLINT|U?INTEGER|BIGINT)$/.test(type)) {
    return { name, kind: 'long', sql: `${sql}::BIGINT` };
  }
  if (/^(UBIGINT|U?HUGEINT)$/.test(type)) return { name, kind: 'text', sql: `${sql}::VARCHAR` };
  if (/^(FLOAT|DOUBLE|DECIMAL.*)$/.test(type)) {
    return { name, kind: 'double', sql: `${sql}::DOUBLE` };
  }
  if (/^(DATE|TIMESTAMP.*)$/.test(type)) {
    return { name, kind: 'long', sql: `epoch_ms(${sql}::TIMESTAMP)` };
  }
  if (/^(VARCHAR|BOOLEAN|UUID|ENUM.*)$/.test(type)) {
    return { name, kind: 'text', sql: `${sql}::VARCHAR` };
  }
  if (type === 'BLOB') return { name, kind: 'text', sql: `decode(${sql})` };
  if (/^[^([]*(\(.*\))?\[\]$/.test(type)) return { name, kind: 'list', sql: `${sql}::VARCHAR[]` };
  throw new InvalidInputError(
    `Column "${name}" of input file "${file.name}" has the type ${type}, which is not supported yet. Expected numbers, text, booleans, times or lists of text.`,
    { code: 'NOT_SUPPORTED' },
  );
}

/** What is needed of a vector; its words and validity are fields that its type does not show. */
interface Vector {
  getItem(index: number): unknown;
  readonly dataView?: DataView;
  readonly validity?: { readonly data: unknown; itemValid(index: number): boolean };
}

function loadColumn(source: unknown, kind: ParquetColumn['kind'], rowCount: number): InputColumn {
  // The vectors hold these fields at run time; without them `getItem` serves.
  const vector = source as Vector;
  switch (kind) {
    case 'text':
      return loadText(vector, rowCount);
    case 'long':
      return {
        type: 'long',
        ...loadNumbers(vector, new BigInt64Array(rowCount), 0n),
      };
    case 'double':
      return { type: 'double', ...loadNumbers(vector, new Float64Array(rowCount), 0) };
    case 'list':
      return {
        type: 'values',
        values: Array.from({ length: rowCount }, (_, row) => {
          const item = vector.getItem(row);
          const isList = typeof item === 'object' && item !== null && 'items' in item;
          return isList ? item.items : null;
        }),
      };
  }
}

function loadNumbers<Values extends BigInt64Array | Float64Array>(
  vector: Vector,
  values: Values,
  zero: Values[number],
): { values: Values; nulls: Uint8Array | null } {
  let nulls: Uint8Array | null = null;
  for (let row = 0; row < values.length; row++) {
    const item = vector.getItem(row);
    if (item === null) {
      nulls ??= new Uint8Array(values.length);
      nulls[row] = 1;
      values[row] = zero;
    } else {
      // The column was cast to the type of these values.
      values[row] = item as Values[number];
    }
  }
  return { values, nulls };
}

const encoder = new TextEncoder();

function loadText(vector: Vector, rowCount: number): InputColumn {
  const starts = new Int32Array(rowCount);
  const ends = new Int32Array(rowCount);
  const view = vector.dataView;
  const words =
    view === undefined ? null : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const isFull = vector.validity?.data === null;
  const longTexts: Uint8Array[] = [];
  let longBytes = 0;
  const wordsEnd = words === null ? 0 : rowCount * wordBytes;
  for (let row = 0; row < rowCount; row++) {
    const length = view?.getUint32(row * wordBytes, true) ?? Infinity;
    if (length <= inlineBytes && (isFull || vector.validity?.itemValid(row) === true)) {
      starts[row] = row * wordBytes + 4;
      ends[row] = starts[row] + length;
      continue;
    }
    const item = vector.getItem(row);
    if (typeof item !== 'string') {
      starts[row] = -1;
      continue;
    }
    const encoded = encoder.encode(item);
    starts[row] = wordsEnd + longBytes;
    ends[row] = starts[row] + encoded.length;
    longTexts.push(encoded);
    longBytes += encoded.length;
  }
  const bytes = new Uint8Array(wordsEnd + longBytes);
  if (words !== null) bytes.set(words.subarray(0, wordsEnd));
  let at = wordsEnd;
  for (const text of longTexts) {
    bytes.set(text, at);
    at += text.length;
  }
  return { type: 'text', bytes, starts, ends, listDelimiter: -1 };
}

function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function explain(file: InputFile, cause: unknown): Error {
  if (cause instanceof InvalidInputError) return cause;
  const message = cause instanceof Error ? cause.message : '';
  const what = /footer|magic bytes|too small|No magic/i.test(message)
    ? 'has no valid Parquet footer; it may be cut short or no Parquet file'
    : /cast|convert|conversion/i.test(message)
      ? 'has a value that its column type cannot hold here'
      : 'cannot be read as Parquet; it may be damaged';
  return new InvalidInputError(`Input file "${file.name}" ${what}. Write the file again.`, {
    code: 'FILE_CORRUPT',
    cause,
  });
}
