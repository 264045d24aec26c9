/** The entry of a worker thread: messages in, bytes out. The work is in segment-worker.ts. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
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

/** Longest sleep, after which the event loop has a turn. */
const sleepMs = 1000;
/** Requests that are not answered yet. */
let openCount = 0;
/** Messages that had been posted when the inbox was last emptied. */
let seenCount = 0;
/** Runs come one at a time: each waits for the one before it. */
let lastRun: Promise<void> = Promise.resolve();

/** Never rejects, as segmentWorker does not. */
async function answer(request: WorkerRequest): Promise<void> {
  const reply = await handle(request);
  openCount--;
  if (openCount === 0) setImmediate(sleep);
  if (reply === null) return;
  // encodePartials gives a fresh buffer, which moves to the main thread instead of being copied.
  const moved = reply.type === 'ran' ? [reply.bytes.buffer as ArrayBuffer] : [];
  port?.postMessage(reply, moved);
}

function take(request: WorkerRequest): void {
  openCount++;
  if (request.type === 'run') lastRun = lastRun.then(() => answer(request));
  else void answer(request);
}

/**
 * Sleeps until the node posts something. Only with nothing to do, since neither files nor messages
 * come in meanwhile: the messages that are there are taken from the port afterwards.
 */
function sleep(): void {
  if (openCount > 0) return;
  Atomics.wait(setup.posted, 0, seenCount, sleepMs);
  // Counted after it was posted: what is counted is there.
  seenCount = Atomics.load(setup.posted, 0);
  for (let next = nextMessage(); next !== undefined; next = nextMessage()) take(next.message);
  if (openCount === 0) setImmediate(sleep);
}

/** The node posts nothing but requests. */
function nextMessage(): { message: WorkerRequest } | undefined {
  return port === null ? undefined : receiveMessageOnPort(port);
}

port.on('message', take);
sleep();
