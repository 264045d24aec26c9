/** A query over rows, one at a time: the partial results that any engine must agree with. */
import { addHyperUniqueText, hyperUniqueMark, hyperUniqueRegisterCount } from '@isotherm/kernels';
import { bucketStart, intersectIntervals, nextBucket } from '@isotherm/timeline';
import type {
  Aggregation,
  DimensionSpec,
  GroupByQuery,
  GroupedPartial,
  PartialColumn,
  PartialResult,
  Query,
  TimeseriesQuery,
  TopNQuery,
} from '../../src/index.ts';
import { TextDictionary, doubleText, floatText } from '../../src/index.ts';
import { emptyStates } from '../../src/finish/finish-states.ts';
import type { Cell, Row } from '../filter/row-filter.ts';
import { judgeRow } from '../filter/row-filter.ts';
import type { RowTable } from './row-table.ts';
import { timeOf } from './row-table.ts';

type GroupedQuery = TimeseriesQuery | TopNQuery | GroupByQuery;
type Key = readonly (string | number | null)[];

/** Answers a query over some rows of a table; a scan or timeBoundary too. */
export function partialOf(query: Query, table: RowTable, rows: readonly Row[]): PartialResult {
  const found = rows.filter(
    (row) =>
      query.intervals.some(({ start, end }) => timeOf(row) >= start && timeOf(row) < end) &&
      (!('filter' in query) || query.filter === null || judgeRow(query.filter, row) === true),
  );
  switch (query.queryType) {
    case 'timeseries':
    case 'topN':
    case 'groupBy':
      return groupedPartial(query, table, found);
    case 'scan': {
      const names = query.columns ?? table.columns;
      const inOrder = query.order === 'descending' ? found.toReversed() : found;
      return {
        kind: 'scan',
        rowCount: found.length,
        segmentId: table.segmentId,
        columns: names.map((name) => ({
          name,
          column: scanColumn(name, inOrder),
          ...(table.columns.includes(name) ? {} : { typeName: null }),
        })),
        times: Float64Array.from(inOrder, timeOf),
        scannedRows: rows.length,
      };
    }
    case 'timeBoundary': {
      const times = found.map(timeOf);
      const [minMs = null, maxMs = null] = [times[0], times.at(-1)];
      return { kind: 'timeBoundary', minMs, maxMs, scannedRows: rows.length };
    }
    case 'segmentMetadata':
      throw new Error('segmentMetadata needs a segment');
  }
}

function groupedPartial(
  query: GroupedQuery,
  table: RowTable,
  rows: readonly Row[],
): GroupedPartial {
  const specs = dimensionsOf(query);
  const groups = new Map<string, { time: number; key: Key; rows: Row[] }>();
  const add = (time: number, key: Key, row: Row | null) => {
    const id = JSON.stringify([time, ...key]);
    const group = groups.get(id) ?? { time, key, rows: [] };
    if (row !== null) group.rows.push(row);
    groups.set(id, group);
  };
  const firstTime = Math.max(query.intervals[0]?.start ?? 0, timeOf(table.rows[0] ?? new Map()));
  const { granularity } = query;
  for (const row of rows) {
    const time = granularity.type === 'all' ? firstTime : bucketStart(granularity, timeOf(row));
    for (const key of keysOf(specs, row)) add(time, key, row);
  }
  if (query.queryType === 'timeseries' && !query.context.skipEmptyBuckets) {
    for (const time of emptyBuckets(query, table)) add(time, [], null);
  }
  const list = [...groups.values()];
  return {
    kind: 'grouped',
    rowCount: list.length,
    times: Float64Array.from(list, ({ time }) => time),
    dimensions: specs.map((spec, index) =>
      dimensionColumn(
        spec,
        list.map(({ key }) => key[index] ?? null),
      ),
    ),
    states: query.aggregations.map((aggregation) =>
      statesOf(
        aggregation,
        list.map((group) => group.rows),
      ),
    ),
    scannedRows: rows.length,
  };
}

function dimensionsOf(query: GroupedQuery): readonly DimensionSpec[] {
  if (query.queryType === 'timeseries') return [];
  return query.queryType === 'topN' ? [query.dimension] : query.dimensions;
}

/** Multi-value dimensions explode. */
function keysOf(specs: readonly DimensionSpec[], row: Row): Key[] {
  return specs.reduce<Key[]>(
    (keys, spec) => keys.flatMap((key) => valuesOf(spec, row).map((value) => [...key, value])),
    [[]],
  );
}

function valuesOf({ dimension, outputType }: DimensionSpec, row: Row): (string | number | null)[] {
  const cell = row.get(dimension);
  if (outputType === 'STRING') return textsOf(cell);
  const cast = { LONG: Math.trunc, FLOAT: Math.fround, DOUBLE: Number }[outputType];
  return textsOf(cell).map((text) => {
    const number = text === null || text === '' ? Number.NaN : Number(text);
    return Number.isNaN(number) ? null : cast(number);
  });
}

function textsOf(cell: Cell | undefined): (string | null)[] {
  if (cell === undefined) return [null];
  if (cell.type === 'text') return cell.values.length === 0 ? [null] : [...cell.values];
  if (cell.value === null) return [null];
  const format = { long: String, double: doubleText, float: floatText }[cell.type];
  return [format(cell.value)];
}

/** A text that is no number counts as 0 in an aggregator. */
function numberOf(cell: Cell | undefined): number | null {
  if (cell !== undefined && cell.type !== 'text') return cell.value;
  const [text = null] = textsOf(cell);
  return text === null ? null : Number(text) || 0;
}

function* emptyBuckets(query: TimeseriesQuery, table: RowTable): Generator<number> {
  if (query.granularity.type === 'all') return;
  const times = table.rows.map(timeOf);
  const data = { start: times[0] ?? 0, end: (times.at(-1) ?? 0) + 1 };
  for (const interval of query.intervals) {
    const span = intersectIntervals(interval, data);
    if (span === null) continue;
    let time = bucketStart(query.granularity, span.start);
    for (; time < span.end; time = nextBucket(query.granularity, time)) yield time;
  }
}

function dimensionColumn(spec: DimensionSpec, values: Key): PartialColumn {
  if (spec.outputType === 'STRING') {
    const texts = values.map((value) => (value === null ? null : `${value}`));
    return { type: 'string', ...encoded(texts) };
  }
  const nulls = Uint8Array.from(values, (value) => Number(value === null));
  const numbers = values.map(Number);
  return spec.outputType === 'LONG'
    ? { type: 'long', values: BigInt64Array.from(numbers.map(BigInt)), nulls }
    : {
        type: spec.outputType === 'FLOAT' ? 'float' : 'double',
        values: Float64Array.from(numbers),
        nulls,
      };
}

function statesOf(aggregation: Aggregation, groups: readonly (readonly Row[])[]): PartialColumn {
  const column = emptyStates(aggregation, groups.length);
  for (const [group, rows] of groups.entries()) {
    for (const row of rows) {
      const { filter } = aggregation;
      if (filter !== undefined && judgeRow(filter, row) !== true) continue;
      addRow(aggregation, column, group, row);
    }
  }
  return column;
}

/** What Druid's cardinality hashes of a row: texts in UTF-16, a row's with a byte 0 between. */
function hashedBytes(
  { fields, byRow }: Extract<Aggregation, { type: 'cardinality' }>,
  row: Row,
): readonly Uint8Array[] {
  const texts = fields.map((field) => textsOf(row.get(field)));
  if (!byRow) return texts.flat().flatMap((text) => (text === null ? [] : utf16(text)));
  const parts = texts.map(([text = null, ...others]) => {
    if (others.length > 0) throw new Error('Cases have no rows of lists.');
    return utf16(text ?? '');
  });
  return [Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [Buffer.of(0), part])))];
}

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

function addRow(aggregation: Aggregation, column: PartialColumn, group: number, row: Row): void {
  if (aggregation.type === 'count') {
    if (column.type === 'long') column.values[group] = (column.values[group] ?? 0n) + 1n;
    return;
  }
  if (aggregation.type === 'cardinality') {
    if (column.type !== 'hyperUnique') return;
    for (const bytes of hashedBytes(aggregation, row)) {
      const mark = hyperUniqueMark(bytes, 0, bytes.length);
      const at = group * hyperUniqueRegisterCount + (mark >>> 8);
      column.registers[at] = Math.max(column.registers[at] ?? 0, mark & 0xff);
    }
    return;
  }
  const cell = row.get(aggregation.fieldName);
  if (column.type === 'hyperUnique') {
    for (const text of textsOf(cell)) {
      if (text !== null)
        addHyperUniqueText(column.registers, group * hyperUniqueRegisterCount, text);
    }
    return;
  }
  const value = numberOf(cell);
  if (value === null || column.type === 'string' || column.type === 'strings') return;
  const isFirst = column.nulls?.[group] === 1;
  if (column.nulls !== null) column.nulls[group] = 0;
  const before = column.values[group] ?? 0;
  const isLong = column.type === 'long';
  const cast = isLong ? BigInt(Math.trunc(value)) : value;
  column.values[group] = isFirst ? cast : combined(aggregation.type, before, cast);
}

function combined(
  type: Aggregation['type'],
  a: number | bigint,
  b: number | bigint,
): number | bigint {
  if (type.endsWith('Min')) return a < b ? a : b;
  if (type.endsWith('Max')) return a > b ? a : b;
  return typeof a === 'bigint' ? a + BigInt(b) : a + Number(b);
}

/** The tables keep a sketch's values; a segment keeps the sketch. */
function sketchColumn(name: string, rows: readonly Row[]): PartialColumn {
  const registers = new Uint8Array(rows.length * hyperUniqueRegisterCount);
  for (const [index, row] of rows.entries()) {
    for (const text of textsOf(row.get(name))) {
      if (text !== null) addHyperUniqueText(registers, index * hyperUniqueRegisterCount, text);
    }
  }
  return { type: 'hyperUnique', registers };
}

function scanColumn(name: string, rows: readonly Row[]): PartialColumn {
  if (name.endsWith('_uniques')) return sketchColumn(name, rows);
  const cells = rows.map((row) => row.get(name));
  const type = cells.find((cell) => cell !== undefined)?.type;
  const nulls = Uint8Array.from(cells, (cell) => Number(textsOf(cell)[0] === null));
  const numbers = cells.map((cell) => numberOf(cell) ?? 0);
  if (type === 'long') return { type, values: BigInt64Array.from(numbers.map(BigInt)), nulls };
  if (type === 'double' || type === 'float') {
    return { type, values: Float64Array.from(numbers), nulls };
  }
  if (type === undefined) return { type: 'string', ...encoded(rows.map(() => null)) };
  const texts = cells.map((cell) => (cell?.type === 'text' ? cell.values : []));
  let end = 0;
  const offsets = Uint32Array.from([0, ...texts.map((list) => (end += list.length))]);
  return { type: 'strings', ...encoded(texts.flat()), offsets };
}

function encoded(values: readonly (string | null)[]) {
  const idOf = new Map([...new Set(values)].map((value, id) => [value, id]));
  const ids = Uint32Array.from(values, (value) => idOf.get(value) ?? 0);
  return { dictionary: TextDictionary.fromTexts([...idOf.keys()]), ids };
}
