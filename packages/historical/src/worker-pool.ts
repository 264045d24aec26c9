/** Where workers live: threads in a real node, in process for tests, simulation and small machines. */
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

/** One running worker. */
export interface WorkerPort {
  post(request: WorkerRequest): void;
  /** Ends the worker; `onExit` is not called. */
  close(): Promise<void>;
}

/** What the owner of a worker hears. */
export interface WorkerListener {
  readonly onReply: (reply: WorkerReply) => void;
  /** The worker died of itself; nothing it was asked will be answered. */
  readonly onExit: (reason: string) => void;
}

/** Starts workers. */
export interface WorkerPool {
  readonly workerCount: number;
  /** Runs that a worker takes beyond the one it works on, while runs are short; absent = 0. */
  readonly runsAhead?: number;
  start(listener: WorkerListener): WorkerPort;
  /** Writes a segment file anew without compression, aside from the calling thread; absent = on it. */
  readonly uncompress?: (bytes: Uint8Array) => Promise<Uint8Array>;
}
