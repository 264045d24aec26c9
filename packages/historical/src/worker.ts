/** The entry of a worker thread: messages in, bytes out. The work is in segment-worker.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { localStorage } from '@isotherm/deep-storage';
import { InvariantError } from '@isotherm/errors';
import { kernelMemory } from '@isotherm/kernels';
import { nodeClock, nodeDisk } from '@isotherm/platform';
import { openPlaceFrom } from './byte-sources.ts';
import { segmentWorker } from './segment-worker.ts';
import type { WorkerSetup } from './thread-pool.ts';
import type { WorkerRequest } from './worker-messages.ts';

const port = parentPort;
if (port === null) throw new InvariantError('worker.ts runs in a worker thread only.');
// thread-pool.ts starts this file with nothing else.
const setup = workerData as WorkerSetup;
const storage = localStorage(nodeDisk(setup.deepStorage.path));
const handle = segmentWorker({
  openPlace: openPlaceFrom(nodeDisk(setup.cacheDir), storage),
  clock: nodeClock(),
  memory: kernelMemory(),
  columnCacheBytes: setup.columnCacheBytes,
});

/** Never rejects, as segmentWorker does not. */
async function answer(request: WorkerRequest): Promise<void> {
  const reply = await handle(request);
  if (reply === null) return;
  // encodePartials gives a fresh buffer, which moves to the main thread instead of being copied.
  const moved = reply.type === 'ran' ? [reply.bytes.buffer as ArrayBuffer] : [];
  port?.postMessage(reply, moved);
}

port.on('message', (request: WorkerRequest) => void answer(request));
