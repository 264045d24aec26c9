/**
 * scan over one segment: matching rows as they are stored, in segment order or by time. No more
 * rows are kept than offset and limit let through.
 */
import type { Batch } from '@isotherm/kernels';
import { sortRowsByTime } from '@isotherm/kernels';
import type { ScanPartial, ScanQuery } from '@isotherm/query';
import type { Segment } from '@isotherm/segment';
import type { RunOf } from './engine.ts';
import { planRunRows } from './group-rows.ts';
import { scanColumn } from './scan-column.ts';
import { visitBatches } from './visit-batches.ts';

/** Runs a scan. A column that the segment lacks is null in every row. */
export function runScan(run: RunOf<ScanQuery>): ScanPartial {
  const { query, segment } = run;
  const limit = query.limit === null ? Infinity : query.offset + query.limit;
  const found = matchingRows(run, query.order === 'none' ? limit : Infinity);
  const rows = ordered(found.rows, query.order, segment).subarray(
    0,
    Math.min(limit, segment.rowCount),
  );
  const time = segment.rowCount === 0 ? null : segment.time();
  return {
    kind: 'scan',
    rowCount: rows.length,
    segmentId: run.segmentId,
    columns: scanColumnNames(query, segment).map((name) => {
      const stored = segment.column(name);
      const column = scanColumn(stored, rows);
      if (stored === null) return { name, column, typeName: null };
      if (stored.type !== 'hyperUnique') return { name, column };
      return { name, column, typeName: 'COMPLEX<hyperUnique>' };
    }),
    times: Float64Array.from(rows, (row) => time?.distinct[time.ids[row]] ?? 0),
    scannedRows: found.scannedRows,
  };
}

/** Names of the columns of a scan's answer. */
export function scanColumnNames(query: ScanQuery, segment: Segment): readonly string[] {
  return query.columns ?? segment.columnNames;
}

function matchingRows(
  run: RunOf<ScanQuery>,
  limit: number,
): { readonly rows: Uint32Array; readonly scannedRows: number } {
  const plan = planRunRows(run, run.query.filter);
  let rows: Uint32Array = new Uint32Array(Math.min(1024, plan.source.rowCount));
  let count = 0;
  const keep = (batch: Batch): boolean => {
    const taken = Math.min(batch.count, limit - count);
    if (count + taken > rows.length) {
      const grown = new Uint32Array(Math.min(plan.source.rowCount, (count + taken) * 2));
      grown.set(rows.subarray(0, count));
      rows = grown;
    }
    if (batch.rows !== null) rows.set(batch.rows.subarray(0, taken), count);
    else for (let i = 0; i < taken; i++) rows[count + i] = batch.start + i;
    count += taken;
    return count < limit;
  };
  const scannedRows = visitBatches(run, plan, keep, limit < Infinity);
  return { rows: rows.subarray(0, count), scannedRows };
}

/** Rows of one time keep the order of the segment; descending is the exact reverse of ascending. */
function ordered(rows: Uint32Array, order: ScanQuery['order'], segment: Segment): Uint32Array {
  if (order === 'none' || rows.length === 0) return rows;
  const { ids, distinct } = segment.time();
  const sorted = new Uint32Array(rows.length);
  sortRowsByTime(rows, ids, distinct.length, sorted);
  return order === 'ascending' ? sorted : sorted.reverse();
}
