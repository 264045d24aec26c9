/** Workers in process: the same work on the same thread, one turn of the event loop later. */
import type { DeepStorage } from '@isotherm/deep-storage';
import { kernelMemory } from '@isotherm/kernels';
import type { Clock, Disk } from '@isotherm/platform';
import { openPlaceFrom } from './byte-sources.ts';
import { segmentWorker } from './segment-worker.ts';
import type { WorkerRequest } from './worker-messages.ts';
import type { WorkerPool } from './worker-pool.ts';

/** What in-process workers need. */
export interface InlinePoolOptions {
  readonly workerCount: number;
  readonly disk: Disk;
  readonly storage: DeepStorage;
  readonly clock: Clock;
  /** Over all workers. */
  readonly columnCacheBytes: number;
  readonly batchRows?: number;
}

/** Makes a pool whose workers share the calling thread. */
export function inlinePool(options: InlinePoolOptions): WorkerPool {
  const { workerCount, disk, storage, columnCacheBytes, ...rest } = options;
  return {
    workerCount,
    start({ onReply }) {
      let isClosed = false;
      const loaded = new Set<string>();
      const handle = segmentWorker({
        ...rest,
        openPlace: openPlaceFrom(disk, storage),
        memory: kernelMemory(),
        columnCacheBytes: columnCacheBytes / workerCount,
      });
      // Never rejects, as segmentWorker does not.
      const answer = async (request: WorkerRequest): Promise<void> => {
        if (request.type === 'load') loaded.add(request.segmentKey);
        const reply = await handle(request);
        if (isClosed) await dropAll();
        if (reply !== null && !isClosed) onReply(reply);
      };
      // The thread goes on, so what its memory holds must be given back.
      const dropAll = async (): Promise<void> => {
        for (const segmentKey of loaded) await handle({ type: 'drop', segmentKey });
        loaded.clear();
      };
      return {
        post(request) {
          setImmediate(() => void answer(request));
        },
        async close() {
          isClosed = true;
          await dropAll();
        },
      };
    },
  };
}
