/**
 * Reads Parquet through DuckDB, which is used as a reader only: columns come as vectors of 2,048 values.
 *
 * Longer texts cost a call each, so DuckDB is asked for them in pieces of 12 signs beside the whole, as
 * many as the first rows need; parquet-vectors.ts puts the pieces together again.
 */
import { InvalidInputError } from '@isotherm/errors';
import { DuckDBInstance } from '@duckdb/node-api';
import type { InputBatch } from './input-batch.ts';
import type { InputFile } from './input-files.ts';
import { inlineBytes, loadColumn, textSpace, type VectorKind } from './parquet-vectors.ts';

/** Rows whose texts tell how many pieces a column needs. */
const sampledRows = 2048;
/** Texts that need more pieces are fetched one by one. */
const maxPieces = 6;

interface ParquetColumn {
  readonly name: string;
  readonly kind: VectorKind;
  /** SQL that brings the column into its kind. */
  readonly sql: string;
}

/**
 * @param isWanted  tells of a column whether anything reads it
 * @param threads   that DuckDB may use
 * @throws InvalidInputError code FILE_CORRUPT for a file that DuckDB cannot read, NOT_SUPPORTED for a
 *   wanted column of a nested type
 */
export async function* readParquet(
  file: InputFile,
  isWanted: (column: string) => boolean,
  threads: number,
): AsyncGenerator<InputBatch> {
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const connection = await instance.connect();
    try {
      yield* readThrough(connection, file, isWanted, threads);
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
  threads: number,
): AsyncGenerator<InputBatch> {
  // Order kept, few rows in flight; the types below turn times into numbers without a time zone.
  await connection.run(`SET threads = ${threads}; SET TimeZone = 'UTC'`);
  // The path is a pattern to DuckDB; in brackets its signs stand for themselves.
  const source = `read_parquet(${sqlText(file.path.replaceAll(/[*?[]/g, '[$&]'))})`;
  const described = await connection.run(`DESCRIBE SELECT * FROM ${source}`);
  const types = (await described.getRows()).map(([name, type]) => [String(name), String(type)]);
  const names = types.map(([name = '']) => name);
  const columns = types
    .filter(([name = '']) => isWanted(name))
    .map(([name = '', type = '']) => columnOf(file, name, type));
  const pieces = await piecesOf(connection, source, columns);
  const list = columns.flatMap(({ sql }, index) => [sql, ...piecesSql(sql, pieces[index])]).join();
  const firsts = pieces.map((_, index) =>
    pieces.slice(0, index).reduce((sum, count) => sum + 1 + count, 0),
  );
  const spaces = columns.map(() => textSpace());
  const result = await connection.stream(`SELECT ${list === '' ? '1' : list} FROM ${source}`);
  let rowsBefore = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    const { rowCount } = chunk;
    const loaded = new Map(
      columns.map((column, index) => [
        column.name,
        loadColumn(
          Array.from({ length: 1 + pieces[index] }, (_, at) =>
            chunk.getColumnVector(firsts[index] + at),
          ),
          column.kind,
          rowCount,
          spaces[index],
        ),
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

/** Pieces that the texts of each column need, judged by the first rows; 0 where all are short. */
async function piecesOf(
  connection: Connection,
  source: string,
  columns: readonly ParquetColumn[],
): Promise<number[]> {
  const texts = columns.filter(({ kind }) => kind === 'text');
  if (texts.length === 0) return columns.map(() => 0);
  const named = texts.map(({ sql }, index) => `strlen(${sql}) AS l${index}`).join();
  const longest = texts.map((_, index) => `coalesce(max(l${index}), 0)::INTEGER`).join();
  const sample = await connection.run(
    `SELECT ${longest} FROM (SELECT ${named} FROM ${source} LIMIT ${sampledRows})`,
  );
  const [lengths = []] = await sample.getRows();
  const counts = lengths.map((length) => {
    const count = Math.ceil(Number(length) / inlineBytes);
    return count < 2 ? 0 : Math.min(count, maxPieces);
  });
  return columns.map((column) =>
    column.kind === 'text' ? (counts[texts.indexOf(column)] ?? 0) : 0,
  );
}

function piecesSql(sql: string, count: number): string[] {
  return Array.from(
    { length: count },
    (_, piece) => `substr(${sql}, ${1 + piece * inlineBytes}, ${inlineBytes})`,
  );
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
