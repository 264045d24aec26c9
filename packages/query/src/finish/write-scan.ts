/** Batches of a scan as JSON: what segment, which columns of which types, and the rows. */
import type { PartialColumn, ScanPartial } from '../partial.ts';
import type { FinishedScan, ScanBatch } from './finished-result.ts';
import { finishStates } from './finish-states.ts';
import { type CellColumn, cellColumn, nullCells, writeRow } from './json-cells.ts';
import { type JsonSink, jsonBlock } from './json-sink.ts';
import type { FinishedColumn } from './output-column.ts';

/** How a scan is written. */
interface ScanForm {
  /** Rows as lists of cells, not as objects. */
  readonly isCompacted: boolean;
  /** Columns that the query names; null = those that the segments hold. */
  readonly asked: readonly string[] | null;
}

/** Writes one object a batch; pauses between rows whenever the sink is full. */
export function* writeScan(
  sink: JsonSink,
  { batches }: FinishedScan,
  form: ScanForm,
): Generator<undefined> {
  const cellsOf = cellsOfPartials(form);
  for (const [index, batch] of batches.entries()) {
    if (sink.isFull) yield;
    if (index > 0) sink.text(',');
    yield* writeBatch(sink, batch, form, cellsOf);
  }
}

function* writeBatch(
  sink: JsonSink,
  { segmentId, runs }: ScanBatch,
  { isCompacted, asked }: ScanForm,
  cellsOf: CellsOf,
): Generator<undefined> {
  const columns = batchColumns(runs, asked);
  const names = [...columns.keys()];
  sink.text(
    `{"segmentId":${JSON.stringify(segmentId)},"columns":${JSON.stringify(names)},"events":[`,
  );
  const around = isCompacted ? brackets : braces;
  for (const { partial, rows } of runs) {
    const cells = cellsOf(partial, names);
    for (let place = 0; place < rows.length; place++) {
      if (sink.isFull) yield;
      writeRow(sink, cells, rows[place] ?? 0, around);
    }
  }
  // Every run has rows.
  if (runs.length > 0) sink.dropComma();
  const signature = [...columns].map(([name, type]) => (type === null ? { name } : { name, type }));
  sink.text(`],"rowSignature":${JSON.stringify(signature)}}`);
}

const brackets = { open: jsonBlock('['), close: jsonBlock('],') };
const braces = { open: jsonBlock('{'), close: jsonBlock('},') };

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

/** Cells of a partial under these names, in their order. */
type CellsOf = (partial: ScanPartial, names: readonly string[]) => readonly CellColumn[];

/** Remembers the cells of a partial while the batches of it ask for the same names. */
function cellsOfPartials({ isCompacted }: ScanForm): CellsOf {
  let last: { partial: ScanPartial; names: string; cells: readonly CellColumn[] } | null = null;
  return (partial, names) => {
    const namesText = JSON.stringify(names);
    if (last?.partial === partial && last.names === namesText) return last.cells;
    const byName = new Map(partial.columns.map(({ name, column }) => [name, column]));
    const cells = names.map((name, index) => {
      const comma = index === 0 ? '' : ',';
      const key = isCompacted ? comma : `${comma}${JSON.stringify(name)}:`;
      const column = byName.get(name);
      return column === undefined ? nullCells(key) : cellColumn(plain(column), key);
    });
    last = { partial, names: namesText, cells };
    return cells;
  };
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
