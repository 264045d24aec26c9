/**
 * Writes segment files anew without compression beside the main thread, which goes on talking: large
 * ones on a thread of their own, which ends with the file. To start one costs some 200 ms of CPU, so
 * small files, which take milliseconds, are not worth it.
 */
import { Worker } from 'node:worker_threads';
import { type ErrorJson, StoreError, errorFromJson } from '@isotherm/errors';
import { uncompressSegment } from '@isotherm/segment';

/** What the thread posts, once. */
export type Uncompressed = { readonly bytes: Uint8Array } | { readonly error: ErrorJson };

/** Files up to this size are uncompressed on the calling thread, block by block. */
const smallBytes = 4 * 2 ** 20;

/** Uncompresses a segment file where it costs least. @throws as `uncompressInThread` and `uncompressSegment` do */
export function uncompressAside(bytes: Uint8Array): Promise<Uint8Array> {
  return bytes.length <= smallBytes ? uncompressSegment(bytes) : uncompressInThread(bytes);
}

/**
 * Uncompresses a segment file on a thread of its own; `bytes` stay as they are.
 *
 * @throws IsothermError of kind CorruptSegmentError where `uncompressSegment` throws one; StoreError
 *   code THREAD_DIED
 */
export async function uncompressInThread(bytes: Uint8Array): Promise<Uint8Array> {
  const thread = new Worker(new URL('uncompress-worker.ts', import.meta.url), {
    workerData: bytes,
  });
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const died = (why: string): void =>
    reject(
      new StoreError(`The thread that uncompresses a segment died: ${why}.`, {
        code: 'THREAD_DIED',
      }),
    );
  // uncompress-worker.ts posts nothing else.
  thread.on('message', (found: Uncompressed) => {
    if ('bytes' in found) resolve(found.bytes);
    else reject(errorFromJson(found.error));
  });
  thread.on('error', (error) => died(error instanceof Error ? error.message : String(error)));
  thread.on('exit', (code) => died(`it exited with code ${code}`));
  return promise;
}
