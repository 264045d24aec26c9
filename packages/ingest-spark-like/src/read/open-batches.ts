/** Opens one input as batches of rows, by its format. */
import type { InputFormat, InputSource } from '../spec/ingestion-spec.ts';
import { fileChunks } from './byte-chunks.ts';
import type { BadRowSink, InputBatch, ReadProgress } from './input-batch.ts';
import { checkUnchanged, findInputFiles, type InputFile } from './input-files.ts';
import { InvalidInputError } from '@isotherm/errors';
import { readDelimited } from './read-delimited.ts';
import { readJson } from './read-json.ts';
import { readParquet } from './read-parquet.ts';

/** One file, or the text that stands in the spec itself. */
export type Input =
  | { readonly type: 'file'; readonly file: InputFile }
  | { readonly type: 'inline'; readonly bytes: Uint8Array };

/** @param folder  absolute; where relative paths start */
export async function findInputs(source: InputSource, folder: string): Promise<Input[]> {
  if (source.type === 'inline') {
    return [{ type: 'inline', bytes: new TextEncoder().encode(source.data) }];
  }
  const files = await findInputFiles(source, folder);
  return files.map((file) => ({ type: 'file', file }));
}

/** Size as it is stored. */
export function inputBytes(input: Input): number {
  return input.type === 'file' ? input.file.bytes : input.bytes.length;
}

/**
 * Reads one input from end to end.
 *
 * @param threads  that a reader of Parquet may use
 * @throws InvalidInputError code FILE_CORRUPT, FILE_NOT_FOUND or INPUT_CHANGED
 */
export async function* openBatches(
  input: Input,
  format: InputFormat,
  isWanted: (column: string) => boolean,
  bad: BadRowSink,
  progress: ReadProgress,
  threads: number,
): AsyncGenerator<InputBatch> {
  const name = input.type === 'file' ? input.file.name : 'inline';
  if (format.type === 'parquet') {
    if (input.type === 'inline') {
      throw new InvalidInputError(
        'Inline data cannot be Parquet. Expected an input source of type local, or inputFormat json, csv or tsv.',
        { code: 'NOT_SUPPORTED' },
      );
    }
    yield* readParquet(input.file, isWanted, threads);
    progress.onBytes(input.file.bytes);
  } else {
    const chunks =
      input.type === 'file'
        ? fileChunks(input.file, progress)
        : inlineChunks(input.bytes, progress);
    if (format.type === 'json') yield* readJson(chunks, name, format.flatten, bad);
    else yield* readDelimited(chunks, name, format, isWanted, bad);
  }
  if (input.type === 'file') await checkUnchanged(input.file);
}

async function* inlineChunks(
  bytes: Uint8Array,
  progress: ReadProgress,
): AsyncGenerator<Uint8Array> {
  progress.onBytes(bytes.length);
  // A copy, because reading csv changes the bytes.
  yield bytes.slice();
}
