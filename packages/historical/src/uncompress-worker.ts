/** The entry of the thread of uncompress-thread.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { InvariantError, errorToJson } from '@isotherm/errors';
import { uncompressSegment } from '@isotherm/segment';
import type { Uncompressed } from './uncompress-thread.ts';

const port = parentPort;
if (port === null) throw new InvariantError('uncompress-worker.ts runs in a worker thread only.');

async function uncompress(): Promise<Uncompressed> {
  try {
    // uncompress-thread.ts starts this file with nothing else.
    return { bytes: await uncompressSegment(workerData as Uint8Array) };
  } catch (error) {
    return { error: errorToJson(error) };
  }
}

const found = await uncompress();
// A fresh buffer, which moves instead of being copied.
port.postMessage(found, 'bytes' in found ? [found.bytes.buffer as ArrayBuffer] : []);
