/** Filters over rows against what Druid's own filter tests assert. */
import { InvalidQueryError } from '@isotherm/errors';
import { parseInstant } from '@isotherm/timeline';
import { describe, expect, it } from 'vitest';
import type { Filter } from '../../src/index.ts';
import { filterColumns } from '../../src/index.ts';
import { readFilter } from '../../src/parse/parse-filter.ts';
import { sharedCases } from '../shared-cases.ts';
import type { Cell, Row } from './row-filter.ts';
import { judgeRow } from './row-filter.ts';

type JsonRow = Readonly<Record<string, unknown>>;
interface FilterCases {
  readonly virtualColumns: readonly { readonly name: string }[];
  readonly rowSets: Readonly<
    Record<string, { readonly schema: readonly string[]; readonly rows: readonly JsonRow[] }>
  >;
  readonly cases: readonly {
    readonly source: string;
    readonly rows: string;
    readonly filter: unknown;
    readonly expectedDim0: readonly (string | null)[];
  }[];
}

// The file's form is fixed by its README.
const cases = sharedCases('filter_cases.json') as FilterCases | null;
/** Columns of types that are not there yet. */
const laterColumns = /^(array|variant|nested|hyperion|expr)/;

describe.skipIf(cases === null)('filters over rows', () => {
  it('agree with Druid in every case whose types exist', () => {
    const [wrong, tally] = [new Array<unknown>(), { agreed: 0, later: 0 }];
    for (const { source, rows, filter: json, expectedDim0 } of cases?.cases ?? []) {
      const filter = supported(json);
      const rowSet = cases?.rowSets[rows];
      if (filter === null || rowSet === undefined) {
        tally.later++;
        continue;
      }
      const typed = rowSet.rows.map((row) => typedRow(row, rowSet.schema));
      const found = typed.filter((row) => judgeRow(filter, row) === true).map(dim0);
      if (JSON.stringify(found) === JSON.stringify(expectedDim0)) tally.agreed++;
      else wrong.push({ source, json, found, expectedDim0 });
    }
    console.log(`${tally.agreed} cases agree, ${tally.later} use what is not supported yet`);
    expect(wrong).toEqual([]);
    expect(tally.agreed).toBeGreaterThan(0);
  });
});

/** The filter, or null when it is one that we refuse by name, or reads a virtual or nested column. */
function supported(json: unknown): Filter | null {
  const virtual = new Set(cases?.virtualColumns.map(({ name }) => name));
  try {
    const filter = readFilter(json, 'filter');
    const columns = filterColumns(filter);
    return columns.some((name) => virtual.has(name) || laterColumns.test(name)) ? null : filter;
  } catch (error) {
    if (error instanceof InvalidQueryError && error.code === 'UNSUPPORTED') return null;
    throw error;
  }
}

function typedRow(row: JsonRow, schema: readonly string[]): Row {
  const cells = Object.entries(row).map(([name, value]): [string, Cell] => [
    name,
    typedCell(name, value, schema),
  ]);
  return new Map(cells);
}

function typedCell(name: string, value: unknown, schema: readonly string[]): Cell {
  if (name === '__time') return { type: 'long', value: parseInstant(String(value)) };
  const declared = schema.find((text) => text.split(' ').at(-1)?.startsWith(`${name}:`)) ?? '';
  const type = /:(long|double|float)/.exec(declared)?.[1];
  if (type === 'long' || type === 'double' || type === 'float') {
    return { type, value: value === null || value === undefined ? null : Number(value) };
  }
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const values = list.map((item) => (item === null ? null : `${item as string | number}`));
  return { type: 'text', values };
}

function dim0(row: Row): string | null {
  const cell = row.get('dim0');
  return cell?.type === 'text' ? (cell.values[0] ?? null) : null;
}
