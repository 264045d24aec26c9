/**
 * Takes rows through steps 1 to 4: every input, through one index, spilled where it grows too large or
 * where a batch brings new dimensions.
 */
import type { DimensionSchema } from '@isotherm/segment';
import { IncrementalIndex } from './incremental-index.ts';
import type { JobAccount } from './job-account.ts';
import { Runs, type SegmentRows } from './merge-runs.ts';
import type { Chunks } from './partition-rows.ts';
import { dimensionsWith, RowReader } from './read-rows.ts';
import type { Input } from './read/open-batches.ts';
import { buildRun } from './runs/build-run.ts';
import type { IngestionJob } from './run-ingestion.ts';

/** The rows of a job, rolled up. */
export interface RolledUp {
  readonly dimensions: readonly DimensionSchema[];
  /** Sorted rows, segment by segment; to be read once. */
  segments(): AsyncIterable<SegmentRows>;
}

/**
 * Reads every input into the index.
 *
 * @param folder  of the scratch disk, for this job alone
 * @param check   throws when the job must not go on; called for every batch
 * @throws InvalidInputError code TOO_MANY_BAD_ROWS, and what is wrong with the input
 */
export async function rollUp(
  job: Pick<IngestionJob, 'spec' | 'scratch'>,
  inputs: readonly Input[],
  chunks: Chunks,
  account: JobAccount,
  folder: string,
  check: () => void,
): Promise<RolledUp> {
  const { spec } = job;
  const { metrics, granularity, limits } = spec;
  const reader = new RowReader(spec, chunks, account.bad);
  const runs = new Runs(spec, job.scratch, folder);
  const found = new Set<string>();
  let dimensions = dimensionsWith(spec, found);
  let index = new IncrementalIndex(dimensions, metrics, granularity.rollup);
  const spill = async (): Promise<void> => {
    if (index.rowCount > 0) {
      account.begin('spill');
      await runs.add(buildRun(index, spec.dimensions.timePosition));
      account.begin('read');
    }
    index = new IncrementalIndex(dimensions, metrics, granularity.rollup);
  };
  account.begin('read');
  for (const input of inputs) {
    for await (const batch of reader.read(input, account)) {
      check();
      for (const name of batch.columnNames) found.add(name);
      const wider = dimensionsWith(spec, found);
      if (wider.length > dimensions.length) {
        dimensions = wider;
        await spill();
      }
      const rows = batch.encode(index);
      index.add(rows);
      account.addRead(batch);
      const isFull =
        index.rowCount >= limits.maxRowsInMemory || index.memoryBytes >= limits.maxBytesInMemory;
      if (isFull) await spill();
    }
  }
  account.bad.check(account.rowsSeen);
  account.noteColumns(dimensions, reader.seenColumns);
  if (runs.isEmpty) {
    if (index.rowCount > 0) runs.keep(buildRun(index, spec.dimensions.timePosition));
  } else await spill();
  return { dimensions, segments: () => runs.segments(dimensions) };
}
