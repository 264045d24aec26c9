/** Workers as threads of this process. */
import { Worker } from 'node:worker_threads';
import { requireKernels } from '@isotherm/kernels';
import type { DeepStorageConfig } from './config.ts';
import type { WorkerReply } from './worker-messages.ts';
import type { WorkerListener, WorkerPool, WorkerPort } from './worker-pool.ts';

/** What a worker thread is started with: it opens its own files. */
export interface WorkerSetup {
  /** Folder of the node's local copies. */
  readonly cacheDir: string;
  readonly deepStorage: DeepStorageConfig;
  /** This worker's share. */
  readonly columnCacheBytes: number;
}

/** What `threadPool` needs; `columnCacheBytes` is over all workers. */
export interface ThreadPoolOptions extends WorkerSetup {
  readonly workerCount: number;
}

/** Makes a pool of threads. @throws StoreError code KERNELS_MISSING if the checkout was not built */
export function threadPool(options: ThreadPoolOptions): WorkerPool {
  requireKernels();
  const { workerCount, cacheDir, deepStorage, columnCacheBytes } = options;
  const setup: WorkerSetup = {
    cacheDir,
    deepStorage,
    columnCacheBytes: Math.floor(columnCacheBytes / workerCount),
  };
  return { workerCount, start: (listener) => startThread(setup, listener) };
}

function startThread(setup: WorkerSetup, listener: WorkerListener): WorkerPort {
  const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: setup });
  let isOver = false;
  const exit = (reason: string): void => {
    if (isOver) return;
    isOver = true;
    listener.onExit(reason);
  };
  // worker.ts posts nothing but replies.
  worker.on('message', (reply: WorkerReply) => {
    if (!isOver) listener.onReply(reply);
  });
  worker.on('error', (error) => exit(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => exit(`it exited with code ${code}`));
  return {
    post: (request) => worker.postMessage(request, []),
    async close() {
      isOver = true;
      await worker.terminate();
    },
  };
}
