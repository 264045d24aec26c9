/** Druid's test tables as typed rows, read as `conformance/README.md` tells. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseInstant } from '@isotherm/timeline';
import type { Cell, Row } from '../filter/row-filter.ts';
import { sharedFile } from '../shared-cases.ts';

/** One segment's rows in order of time. */
export interface RowTable {
  readonly segmentId: string;
  readonly interval: { readonly start: number; readonly end: number };
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

const testingColumns: readonly (readonly [name: string, type: Cell['type'], field: number])[] = [
  ['market', 'text', 1],
  ['quality', 'text', 2],
  ['qualityLong', 'long', 3],
  ['qualityFloat', 'float', 4],
  ['qualityDouble', 'double', 5],
  ['qualityNumericString', 'text', 6],
  ['longNumericNull', 'long', 7],
  ['floatNumericNull', 'float', 8],
  ['doubleNumericNull', 'double', 9],
  ['placement', 'text', 10],
  ['placementish', 'text', 11],
  ['null_column', 'text', -1],
  ['partial_null_column', 'text', 13],
  ['index', 'double', 12],
  ['indexFloat', 'float', 12],
  ['indexMaxFloat', 'float', 12],
  ['indexMaxPlusTen', 'double', 12],
  ['indexMin', 'double', 12],
  ['indexMinFloat', 'float', 12],
  ['quality_uniques', 'text', 2],
];

/** The table `testing`: 1,209 rows. */
export function testingTable(): RowTable {
  const lines = readFileSync(sharedFile('conformance/tables/druid.sample.numeric.tsv'), 'utf8');
  const rows = lines
    .trimEnd()
    .split('\n')
    .map((line): Row => {
      const fields = line.split('\t');
      const cells = testingColumns.map(([name, type, field]): [string, Cell] => [
        name,
        cellOf(type, fields[field] ?? ''),
      ]);
      const indexPlusTen: Cell = { type: 'double', value: Number(fields[12]) + 10 };
      const time: Cell = { type: 'long', value: parseInstant(fields[0] ?? '') };
      return new Map([['__time', time], ...cells, ['indexMaxPlusTen', indexPlusTen]]);
    });
  return {
    segmentId: 'testing_2011-01-12T00:00:00.000Z_2011-05-01T00:00:00.000Z_1',
    interval: { start: Date.UTC(2011, 0, 12), end: Date.UTC(2011, 4, 1) },
    columns: ['__time', ...testingColumns.map(([name]) => name)],
    rows: sorted(rows),
  };
}

/** The table `wikipedia`: 39,244 rows. */
export function wikipediaTable(): RowTable {
  const file = sharedFile('data/wikiticker-2015-09-12-sampled.json.gz');
  const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n');
  const longs = new Set(['delta', 'added', 'deleted']);
  const rows = lines.map((line): Row => {
    // The file's form is known: one flat object a line.
    const { time, ...fields } = JSON.parse(line) as Record<string, string | number | null>;
    const cells = Object.entries(fields).map(([name, value]): [string, Cell] =>
      longs.has(name)
        ? [name, { type: 'long', value: value === null ? null : Number(value) }]
        : [name, { type: 'text', values: value === null ? [] : [String(value)] }],
    );
    return new Map([['__time', { type: 'long', value: parseInstant(String(time)) }], ...cells]);
  });
  return {
    segmentId: 'wikipedia_2015-09-12T00:00:00.000Z_2015-09-13T00:00:00.000Z_1',
    interval: { start: Date.UTC(2015, 8, 12), end: Date.UTC(2015, 8, 13) },
    columns: [...(rows[0]?.keys() ?? [])],
    rows: sorted(rows),
  };
}

/** `__time` of a row. */
export function timeOf(row: Row): number {
  const cell = row.get('__time');
  return cell?.type === 'long' ? (cell.value ?? 0) : 0;
}

function cellOf(type: Cell['type'], text: string): Cell {
  if (type === 'text') return { type, values: text === '' ? [] : text.split('\u0001') };
  const value = text === '' ? null : Number(text);
  return { type, value: value !== null && type === 'float' ? Math.fround(value) : value };
}

function sorted(rows: Row[]): Row[] {
  return rows.sort((a, b) => timeOf(a) - timeOf(b));
}
