// Starts a thread with the cache of stripped and compiled TypeScript that its process uses: that takes a
// third of the time. It is plain JavaScript because what is loaded before the cache is not cached.
import { enableCompileCache } from 'node:module';
import { workerData } from 'node:worker_threads';

const { cacheFolder, file } = workerData;
if (cacheFolder !== undefined) enableCompileCache(cacheFolder);
await import(file);
