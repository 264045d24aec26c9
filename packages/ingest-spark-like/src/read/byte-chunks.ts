/**
 * Bytes of a file, unzipped when they begin with gzip's mark, in chunks of about a mebibyte. A stream
 * that ends too early is an error of the file, never a short input.
 */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { InvalidInputError, IsothermError } from '@isotherm/errors';
import type { InputFile } from './input-files.ts';
import { fileFault } from './input-files.ts';
import type { ReadProgress } from './input-batch.ts';

const chunkBytes = 1 << 20;

/**
 * Each chunk belongs to whoever takes it.
 *
 * @throws InvalidInputError code FILE_CORRUPT for broken or truncated gzip, INPUT_CHANGED for a file that
 *   is shorter or longer than it was
 */
export async function* fileChunks(
  file: InputFile,
  progress: ReadProgress,
): AsyncGenerator<Uint8Array> {
  const source = createReadStream(file.path, { highWaterMark: chunkBytes });
  let seen = 0;
  let isZipped: boolean | null = null;
  const counted = async function* (): AsyncGenerator<Buffer> {
    // Bytes come as buffers, because the stream has no encoding.
    for await (const chunk of source as AsyncIterable<Buffer>) {
      seen += chunk.length;
      progress.onBytes(chunk.length);
      yield chunk;
    }
  };
  try {
    const chunks = counted();
    const first = await chunks.next();
    if (first.done === true) return;
    isZipped = first.value[0] === 0x1f && first.value[1] === 0x8b;
    const all = prepend(first.value, chunks);
    yield* isZipped ? gunzipped(all) : all;
    if (seen !== file.bytes) throw changed(file);
  } catch (cause) {
    throw explain(file, cause, isZipped === true);
  } finally {
    source.destroy();
  }
}

async function* prepend(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

async function* gunzipped(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  const feeding = feed(gunzip, chunks);
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) yield chunk;
    await feeding;
  } finally {
    gunzip.destroy();
    await feeding.catch(() => {});
  }
}

async function feed(
  gunzip: ReturnType<typeof createGunzip>,
  chunks: AsyncGenerator<Buffer>,
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (gunzip.destroyed) return;
      if (!gunzip.write(chunk)) await drained(gunzip);
    }
    gunzip.end();
  } catch (error) {
    gunzip.destroy(error instanceof Error ? error : new Error('The input failed.'));
  }
}

function drained(gunzip: ReturnType<typeof createGunzip>): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      gunzip.off('drain', done);
      gunzip.off('close', done);
      resolve();
    };
    gunzip.on('drain', done);
    gunzip.on('close', done);
  });
}

function changed(file: InputFile): InvalidInputError {
  return new InvalidInputError(
    `Input file "${file.name}" was changed while it was read. Nothing was published. Run the job again.`,
    { code: 'INPUT_CHANGED' },
  );
}

function explain(file: InputFile, cause: unknown, isZipped: boolean): Error {
  if (cause instanceof IsothermError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (isZipped && code.startsWith('Z_')) {
    const what = code === 'Z_BUF_ERROR' ? 'ends too early' : 'is damaged';
    return new InvalidInputError(
      `Input file "${file.name}" ${what}: its gzip stream cannot be read to the end. Copy the file again.`,
      { code: 'FILE_CORRUPT', cause },
    );
  }
  return fileFault(file.name, cause);
}
