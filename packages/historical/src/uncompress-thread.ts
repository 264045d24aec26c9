/**
 * Writes segment files anew without compression on a thread of its own, which ends with the file: a
 * download is rare, and the main thread goes on talking meanwhile.
 */
import { Worker } from 'node:worker_threads';
import { type ErrorJson, StoreError, errorFromJson } from '@isotherm/errors';

/** What the thread posts, once. */
export type Uncompressed = { readonly bytes: Uint8Array } | { readonly error: ErrorJson };

/**
 * Uncompresses a segment file; `bytes` stay as they are.
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
