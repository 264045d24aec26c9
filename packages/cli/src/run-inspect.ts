/** Prints what a segment file says of itself. */
import { resolve } from 'node:path';
import { type ColumnInspection, type SegmentInspection, inspectSegment } from '@isotherm/segment';
import { formatInstant } from '@isotherm/timeline';
import type { Invocation } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { widthOf } from './host.ts';
import { byteText, countText } from './figures.ts';
import { withSegmentFile } from './segment-file.ts';
import { recordTable, textTable } from './text-table.ts';

/** Sketches and long texts are cut in tables; `--json` shows them whole. */
const shownCellLength = 24;

/** @returns 5 when a checksum does not hold; the report says where */
export async function runInspect({ arguments: words, values, host }: Invocation): Promise<number> {
  const inspection = await withSegmentFile(resolve(host.cwd, words[0] ?? ''), inspectSegment);
  host.stdout.write(
    values.isOn('json') ? jsonText(inspection) : reportText(inspection, widthOf(host.stdout)),
  );
  const isDamaged = inspection.columns.some((column) => column.damagedBlocks.length > 0);
  return isDamaged ? exitCodes.deepStorage.code : exitCodes.ok.code;
}

function jsonText(inspection: SegmentInspection): string {
  const text = JSON.stringify(
    inspection,
    (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
    2,
  );
  return `${text}\n`;
}

function reportText(inspection: SegmentInspection, width: number | null): string {
  const { schema, timeRange, rowCount } = inspection;
  const damaged = inspection.columns.flatMap(({ name, damagedBlocks }) =>
    damagedBlocks.map((role) => `${name}/${role}`),
  );
  const facts: [string, string][] = [
    ['datasource', `${schema.dataSource}, namespace ${schema.namespace}`],
    ['interval', `${formatInstant(schema.interval.start)}/${formatInstant(schema.interval.end)}`],
    [
      'times',
      timeRange === null
        ? 'no rows'
        : `${formatInstant(timeRange.minMs)} to ${formatInstant(timeRange.maxMs)}`,
    ],
    ['rows', `${countText(rowCount)}${schema.rollup ? ', rolled up' : ''}`],
    ['sort order', schema.sortOrder.join(', ')],
    ['format', `Arrow IPC, version ${inspection.formatVersion}, ${inspection.compression}`],
    [
      'size',
      `${byteText(inspection.fileBytes)} in the file, ${byteText(inspection.memoryBytes)} in memory`,
    ],
    ['checksums', damaged.length === 0 ? 'all hold' : `DAMAGED: ${damaged.join(', ')}`],
  ];
  const nameWidth = Math.max(...facts.map(([name]) => name.length));
  const head = facts.map(([name, text]) => `${name.padEnd(nameWidth)}  ${text}\n`).join('');
  return `${head}\n${columnTable(inspection.columns, width)}\n${rowsText(inspection, width)}`;
}

function columnTable(columns: readonly ColumnInspection[], width: number | null): string {
  return textTable(
    [
      { title: 'column', align: 'left' },
      { title: 'type', align: 'left' },
      { title: 'width', align: 'left' },
      { title: 'distinct', align: 'right' },
      { title: 'nulls', align: 'right' },
      { title: 'index', align: 'left' },
      { title: 'file', align: 'right' },
      { title: 'memory', align: 'right' },
    ],
    columns.map((column) => [
      column.name,
      column.type,
      column.width ?? '–',
      column.dictionarySize === null ? '–' : countText(column.dictionarySize),
      countText(column.statistics.nullCount),
      column.index ?? '–',
      byteText(column.storedBytes),
      byteText(column.memoryBytes),
    ]),
    width,
  );
}

function rowsText({ firstRows }: SegmentInspection, width: number | null): string {
  if (firstRows === null) return 'No rows are shown, because the file is damaged.\n';
  const short = firstRows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, shortened(value)])),
  );
  return `First ${short.length} rows\n${short.length === 0 ? '' : recordTable(short, width)}`;
}

function shortened(value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= shownCellLength) return value;
  return `${value.slice(0, shownCellLength - 1)}…`;
}
