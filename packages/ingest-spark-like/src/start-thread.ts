/** Starts a thread of this package. */
import { getCompileCacheDir } from 'node:module';
import { Worker } from 'node:worker_threads';

/** What a thread finds as its `workerData`. */
export interface ThreadData<Task> {
  readonly cacheFolder: string | undefined;
  readonly file: string;
  readonly task: Task;
}

/** @param name  file of this folder @param task  cloned for the thread */
export function startThread(name: string, task: unknown): Worker {
  const file = new URL(name, import.meta.url).href;
  const data: ThreadData<unknown> = { cacheFolder: getCompileCacheDir(), file, task };
  return new Worker(new URL('start-thread.mjs', import.meta.url), { workerData: data });
}
