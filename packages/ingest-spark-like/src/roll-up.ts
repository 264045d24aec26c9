/** Takes rows through steps 1 to 4: every input, in this thread or in several, into runs that are merged. */
import type { DimensionSchema } from '@isotherm/segment';
import { RowIndexer } from './index-rows.ts';
import type { JobAccount } from './job-account.ts';
import { Runs, type SegmentRows } from './merge-runs.ts';
import type { Chunks } from './partition-rows.ts';
import { indexApart, readerThreadsFor } from './read-apart.ts';
import { dimensionsWith } from './read-rows.ts';
import type { Input } from './read/open-batches.ts';
import type { IngestionJob } from './run-ingestion.ts';
import type { Run } from './runs/run.ts';

/** The rows of a job, rolled up. */
export interface RolledUp {
  readonly dimensions: readonly DimensionSchema[];
  /** Sorted rows, segment by segment; to be read once. */
  segments(): AsyncIterable<SegmentRows>;
}

/** Names of columns that inputs had. */
export interface FoundColumns {
  readonly seen: Set<string>;
  /** Those that may become dimensions. */
  readonly found: Set<string>;
}

/** Threads that a reader of Parquet uses when it is the only one. */
const loneReadThreads = 2;

/**
 * Reads every input.
 *
 * @param folder  of the scratch disk, for this job alone
 * @param check   throws when the job must not go on; called for every batch
 * @throws InvalidInputError code TOO_MANY_BAD_ROWS, and what is wrong with the input
 */
export async function rollUp(
  job: Pick<IngestionJob, 'spec' | 'scratch' | 'threads'>,
  inputs: readonly Input[],
  chunks: Chunks,
  account: JobAccount,
  folder: string,
  check: () => void,
): Promise<RolledUp> {
  const runs = new Runs(job.spec, job.scratch, folder);
  const noteChunks = (run: Run): void => {
    for (const { chunkStart } of run.header.chunks) chunks.add(chunkStart);
  };
  const onRun = async (run: Run): Promise<void> => {
    noteChunks(run);
    account.begin('spill');
    await runs.add(run);
    account.begin('read');
  };
  account.begin('read');
  const threadCount = readerThreadsFor(job.threads, inputs);
  const columns: FoundColumns = { seen: new Set(), found: new Set() };
  const rests =
    threadCount === 0
      ? [await indexHere(job, inputs, chunks, account, columns, check, onRun)]
      : await indexApart(job.spec, inputs, threadCount, account, columns, check, onRun);
  account.bad.check(account.rowsSeen);
  const dimensions = dimensionsWith(job.spec, columns.found);
  account.noteColumns(dimensions, columns.seen);
  for (const run of rests) {
    if (run === null) continue;
    noteChunks(run);
    runs.keep(run);
  }
  return { dimensions, segments: () => runs.segments(dimensions) };
}

/** Reads all inputs in this thread. @returns the rows that did not fill the index */
async function indexHere(
  { spec }: Pick<IngestionJob, 'spec'>,
  inputs: readonly Input[],
  chunks: Chunks,
  account: JobAccount,
  columns: FoundColumns,
  check: () => void,
  onRun: (run: Run) => Promise<void>,
): Promise<Run | null> {
  const sink = {
    bad: account.bad,
    onBytes: (bytes: number) => account.onBytes(bytes),
    onBatch(counts: Parameters<JobAccount['addRead']>[0]) {
      check();
      account.addRead(counts);
    },
    onRun,
  };
  const indexer = new RowIndexer(spec, spec.limits, chunks, sink, loneReadThreads);
  for (const input of inputs) {
    await indexer.add(input);
    account.bad.nextInput();
  }
  for (const name of indexer.seenColumns) columns.seen.add(name);
  for (const name of indexer.foundColumns) columns.found.add(name);
  return indexer.rest();
}
