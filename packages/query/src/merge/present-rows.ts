/** Walks the rows of state columns that have a value, a batch at a time. */
import type { Batch } from '@isotherm/kernels';
import type { PartialColumn } from '../partial.ts';
import type { Targets } from './merge-states.ts';

/** Rows of a batch; scratch of this size stays in the nearest caches. */
const batchRows = 1 << 16;

/** Gets the rows of one batch that have a value, and their groups. */
type VisitBatch = (column: PartialColumn, batch: Batch, slots: Uint32Array) => void;

/**
 * Visits all rows that are not null.
 *
 * @returns 1 for groups none of whose rows has a value, shape [rowCount]; null when every group has one
 */
export function presentRows(
  columns: readonly PartialColumn[],
  { slots, rowCount }: Targets,
  visit: VisitBatch,
): Uint8Array | null {
  const mayBeNull = columns.some((column) => nullsOf(column) !== null);
  const isNull = mayBeNull ? new Uint8Array(rowCount).fill(1) : null;
  for (const [index, column] of columns.entries()) {
    const columnSlots = slots[index] ?? new Uint32Array(0);
    for (let start = 0; start < columnSlots.length; start += batchRows) {
      const end = Math.min(start + batchRows, columnSlots.length);
      const { batch, batchSlots } = batchOf(columnSlots, nullsOf(column), { start, end });
      if (isNull !== null) for (const slot of batchSlots) isNull[slot] = 0;
      visit(column, batch, batchSlots);
    }
  }
  return isNull?.includes(1) === true ? isNull : null;
}

function nullsOf(column: PartialColumn): Uint8Array | null {
  return 'nulls' in column ? column.nulls : null;
}

function batchOf(
  slots: Uint32Array,
  nulls: Uint8Array | null,
  { start, end }: { readonly start: number; readonly end: number },
): { batch: Batch; batchSlots: Uint32Array } {
  const all = slots.subarray(start, end);
  if (nulls === null) {
    return { batch: { start, count: end - start, rows: null }, batchSlots: all };
  }
  const rows = new Uint32Array(end - start);
  let count = 0;
  for (let row = start; row < end; row++) {
    rows[count] = row;
    if (nulls[row] !== 1) count++;
  }
  const present = rows.subarray(0, count);
  return {
    batch: { start: 0, count, rows: present },
    batchSlots: present.map((row) => slots[row] ?? 0),
  };
}
