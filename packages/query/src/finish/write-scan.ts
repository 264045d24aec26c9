/** Batches of a scan as JSON: what segment, which columns of which types, and the rows. */
import { cellWriter } from './cell-text.ts';
import type { PartialColumn, ScanPartial } from '../partial.ts';
import type { FinishedScan, ScanBatch } from './finished-result.ts';
import { finishStates } from './finish-states.ts';
import type { FinishedColumn } from './output-column.ts';

/** How a scan is written. */
interface ScanForm {
  /** Rows as lists of cells, not as objects. */
  readonly isCompacted: boolean;
  /** Columns that the query names; null = those that the segments hold. */
  readonly asked: readonly string[] | null;
}

/** One object a batch. A batch holds at most `batchSize` rows, so it is written in one piece. */
export function* scanItems(finished: FinishedScan, form: ScanForm): Generator<string> {
  for (const batch of finished.batches) yield batchText(batch, form);
}

function batchText({ segmentId, runs }: ScanBatch, form: ScanForm): string {
  const columns = batchColumns(runs, form.asked);
  const names = [...columns.keys()];
  const events = runs.flatMap(({ partial, rows }) => {
    const rowText = rowWriter(partial, names, form.isCompacted);
    return Array.from(rows, rowText);
  });
  const signature = [...columns].map(([name, type]) => (type === null ? { name } : { name, type }));
  return `{"segmentId":${JSON.stringify(segmentId)},"columns":${JSON.stringify(names)},"events":[${events.join(',')}],"rowSignature":${JSON.stringify(signature)}}`;
}

/** Columns of all partials in the batch with their types; one that no segment holds has no type. */
function batchColumns(
  runs: ScanBatch['runs'],
  asked: ScanForm['asked'],
): Map<string, string | null> {
  const types = new Map<string, string | null>(asked?.map((name) => [name, null]));
  for (const { partial } of runs) {
    for (const { name, column, typeName = nameOfType(column) } of partial.columns) {
      types.set(name, types.get(name) ?? typeName);
    }
  }
  return types;
}

function rowWriter(
  partial: ScanPartial,
  names: readonly string[],
  isCompacted: boolean,
): (row: number) => string {
  const byName = new Map(partial.columns.map(({ name, column }) => [name, column]));
  const cells = names.map((name) => {
    const column = byName.get(name);
    return {
      key: `${JSON.stringify(name)}:`,
      cell: column === undefined ? () => 'null' : cellWriter(plain(column)),
    };
  });
  return isCompacted
    ? (row) => `[${cells.map(({ cell }) => cell(row)).join(',')}]`
    : (row) => `{${cells.map(({ key, cell }) => key + cell(row)).join(',')}}`;
}

/** Scans have no sums; should one come, it is shown as it would be finished. */
function plain(column: PartialColumn): FinishedColumn {
  return finishStates({ type: 'count', name: '' }, column, { finalize: false });
}

/** Druid's name of a column's type. */
function nameOfType(column: PartialColumn): string {
  switch (column.type) {
    case 'long':
      return 'LONG';
    case 'double':
    case 'doubleSum':
      return 'DOUBLE';
    case 'float':
    case 'floatSum':
      return 'FLOAT';
    case 'string':
    case 'strings':
      return 'STRING';
    case 'hyperUnique':
      return 'COMPLEX<hyperUnique>';
  }
}
