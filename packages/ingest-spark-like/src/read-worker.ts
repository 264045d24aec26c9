/** A thread that reads inputs into an index of its own and hands on runs. It writes to no disk. */
import { parentPort, workerData } from 'node:worker_threads';
import { errorToJson, InvariantError, IsothermError } from '@isotherm/errors';
import { type BatchCounts, type IndexSink, RowIndexer } from './index-rows.ts';
import { Chunks } from './partition-rows.ts';
import { ReadAccount } from './read-account.ts';
import type { ReadNews, ReadRequest, ReadTask } from './read-messages.ts';
import type { Run } from './runs/run.ts';
import type { ThreadData } from './start-thread.ts';

// The job starts this file with nothing else.
const { spec, limits } = (workerData as ThreadData<ReadTask>).task;
const account = new ReadAccount(tell);
let onTaken: () => void = () => {};

const sink: IndexSink = {
  bad: account,
  onBytes: (bytes) => account.onBytes(bytes),
  onBatch: (counts: BatchCounts) => account.onBatch(counts),
  onRun(run: Run) {
    account.flush();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    onTaken = () => resolve(undefined);
    tell({ type: 'run', run }, [run.bytes.buffer]);
    return promise;
  },
};
const indexer = new RowIndexer(spec, limits, new Chunks(spec.granularity), sink, 1);

// The job posts nothing but requests.
parentPort?.on('message', (request: ReadRequest) => {
  answer(request).catch((error: unknown) => {
    const known =
      error instanceof IsothermError
        ? error
        : new InvariantError(error instanceof Error ? error.message : String(error));
    tell({ type: 'failed', error: errorToJson(known) });
  });
});
tell({ type: 'ready' });

async function answer(request: ReadRequest): Promise<void> {
  switch (request.type) {
    case 'taken':
      onTaken();
      return;
    case 'read':
      account.begin(request.place);
      await indexer.add(request.input);
      account.flush();
      tell({ type: 'ready' });
      return;
    case 'finish': {
      const rest = indexer.rest();
      const [seen, found] = [[...indexer.seenColumns], [...indexer.foundColumns]];
      tell({ type: 'done', rest, seen, found }, rest === null ? [] : [rest.bytes.buffer]);
    }
  }
}

function tell(news: ReadNews, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(news, transfer);
}
