export { parseHistoricalConfig } from './config.ts';
export type { DeepStorageConfig, HistoricalConfig, Residency } from './config.ts';
export type { SegmentExplanation } from './explain-query.ts';
export { explainQuery } from './explain-query.ts';
export { startHistorical } from './historical.ts';
export type { Historical, HistoricalOptions, HistoricalStatus } from './historical.ts';
export { inlinePool } from './inline-pool.ts';
export type { InlinePoolOptions } from './inline-pool.ts';
export { threadPool } from './thread-pool.ts';
export type { ThreadPoolOptions, WorkerSetup } from './thread-pool.ts';
export type { WorkerListener, WorkerPool, WorkerPort } from './worker-pool.ts';
export type {
  RunReply,
  RunRequest,
  SegmentPlace,
  WorkerFailure,
  WorkerReply,
  WorkerRequest,
} from './worker-messages.ts';
export { main } from './main.ts';
