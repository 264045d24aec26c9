/**
 * Walks the rows of a run in batches: candidates from the row source, then one condition after the
 * other, each on the survivors of the one before.
 */
import type { Batch } from '@isotherm/kernels';
import { scratchBytes, scratchIds, selectTrue } from '@isotherm/kernels';
import type { RunPace } from './engine.ts';
import { evaluateFilter, makeFilterScratch } from './evaluate-filter.ts';
import type { FilterPlan } from './plan-filter.ts';
import type { RowPlan } from './row-source.ts';
import { emptyBatch } from './scratch.ts';

/**
 * Calls `visit` for each batch that has matching rows, in row order. The batch is overwritten
 * after the call.
 *
 * @param visit returns false to stop
 * @returns the number of candidate rows looked at
 */
export function visitBatches(
  run: RunPace,
  plan: RowPlan,
  visit: (batch: Batch) => boolean,
): number {
  const batchRows = Math.max(1, Math.min(run.batchRows, plan.source.rowCount));
  const narrow = makeNarrowing(plan.conditions, batchRows);
  const batch = emptyBatch();
  let scannedRows = 0;
  for (const piece of pieces(plan, batchRows)) {
    run.checkpoint();
    scannedRows += piece.count;
    batch.start = piece.start;
    batch.count = piece.count;
    batch.rows = piece.rows;
    narrow(batch);
    if (batch.count > 0 && !visit(batch)) break;
  }
  return scannedRows;
}

/** Cuts the source into batches; the same object each time. */
function* pieces(plan: RowPlan, batchRows: number): Generator<Batch> {
  const { source } = plan;
  const piece = emptyBatch();
  if (source.type === 'rows') {
    for (let at = 0; at < source.rowCount; at += batchRows) {
      piece.rows = source.rows.subarray(at, at + batchRows);
      piece.count = piece.rows.length;
      yield piece;
    }
    return;
  }
  for (const [i, start] of source.starts.entries()) {
    const end = source.ends[i] ?? start;
    for (piece.start = start; piece.start < end; piece.start += batchRows) {
      piece.count = Math.min(batchRows, end - piece.start);
      yield piece;
    }
  }
}

/** Returns a function that cuts a batch down to the rows that satisfy every condition. */
function makeNarrowing(
  conditions: readonly FilterPlan[],
  batchRows: number,
): (batch: Batch) => void {
  if (conditions.length === 0) return () => undefined;
  const mask = scratchBytes(batchRows);
  const selection = scratchIds(batchRows);
  const scratch = makeFilterScratch(batchRows);
  return (batch) => {
    for (const condition of conditions) {
      if (batch.count === 0) return;
      evaluateFilter(condition, batch, mask, scratch);
      batch.count = selectTrue(mask, batch, selection);
      batch.rows = selection;
    }
  };
}
