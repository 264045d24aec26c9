/** Prints what a segment file says of itself. */
import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidInputError } from '@isotherm/errors';
import {
  type ByteSource,
  type ColumnInspection,
  type SegmentInspection,
  inspectSegment,
} from '@isotherm/segment';
import { formatInstant } from '@isotherm/timeline';
import type { Invocation } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { widthOf } from './host.ts';
import { byteText, countText } from './figures.ts';
import { recordTable, textTable } from './text-table.ts';

/** Sketches and long texts are cut in tables; `--json` shows them whole. */
const shownCellLength = 24;

/** @returns 5 when a checksum does not hold; the report says where */
export async function runInspect({ arguments: words, values, host }: Invocation): Promise<number> {
  const path = resolve(host.cwd, words[0] ?? '');
  const file = await openFile(path);
  try {
    const inspection = await inspectSegment(await fileSource(file));
    host.stdout.write(
      values.isOn('json') ? jsonText(inspection) : reportText(inspection, widthOf(host.stdout)),
    );
    const isDamaged = inspection.columns.some((column) => column.damagedBlocks.length > 0);
    return isDamaged ? exitCodes.deepStorage.code : exitCodes.ok.code;
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'r');
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw new InvalidInputError(
      `File "${path}" cannot be opened (${code}). Expected a segment file; they are below deep-storage/ of a data directory.`,
      { code: 'NO_FILE', cause },
    );
  }
  throw new InvalidInputError(`"${path}" is not a file. Expected a segment file.`, {
    code: 'NO_FILE',
  });
}

async function fileSource(file: FileHandle): Promise<ByteSource> {
  const { size } = await file.stat();
  return {
    byteLength: size,
    async read(start, end) {
      const bytes = new Uint8Array(end - start);
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    },
  };
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
