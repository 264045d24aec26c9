/**
 * Tables in plain values, the writer's input made of them, and plain values read back: the one
 * harness that every column kind goes through.
 */
import { inspect, isDeepStrictEqual } from 'node:util';
import { compareCodePoints } from '@isotherm/kernels';
import {
  type Column,
  type ColumnInput,
  type DimensionSchema,
  memorySource,
  type MetricSchema,
  openSegment,
  type Segment,
  type SegmentInput,
  type SegmentSchema,
} from '../src/index.ts';

/** A column in plain values; a sketch is the hexadecimal text of its image. */
export type PlainColumn =
  | { readonly type: 'string'; readonly values: readonly (string | null)[] }
  | { readonly type: 'strings'; readonly values: readonly (readonly (string | null)[])[] }
  | { readonly type: 'long'; readonly values: readonly (bigint | null)[] }
  | { readonly type: 'double' | 'float'; readonly values: readonly (number | null)[] }
  | { readonly type: 'hyperUnique'; readonly values: readonly (string | null)[] };

export interface PlainTable {
  readonly time: readonly number[];
  readonly columns: Readonly<Record<string, PlainColumn>>;
}

export type PlainValue = string | number | bigint | null | readonly (string | null)[];

/** Repeats from a seed; the same on every machine. */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Makes the writer's input; text and list columns become dimensions, the others metrics. */
export function inputOf(table: PlainTable, rollup = false): SegmentInput {
  const dimensions: DimensionSchema[] = [];
  const metrics: MetricSchema[] = [];
  const columns = new Map<string, ColumnInput>();
  for (const [name, column] of Object.entries(table.columns)) {
    columns.set(name, columnInput(column));
    if (column.type === 'string' || column.type === 'strings') {
      dimensions.push({ name, type: 'string', multiValueHandling: 'SORTED_ARRAY' });
    } else {
      const type = column.type === 'hyperUnique' ? 'hyperUnique' : `${column.type}Sum`;
      metrics.push({ name, type: column.type, aggregator: { type, name, fieldName: name } });
    }
  }
  const schema: SegmentSchema = {
    dataSource: 'events',
    namespace: 'default',
    interval: { start: 0, end: 86_400_000 },
    dimensions,
    metrics,
    sortOrder: [...dimensions.map(({ name }) => name), '__time'],
    rollup,
    queryGranularity: 'none',
    timestampSpec: { column: 'ts', format: 'millis' },
  };
  return { schema, rowCount: table.time.length, time: Float64Array.from(table.time), columns };
}

function columnInput(column: PlainColumn): ColumnInput {
  switch (column.type) {
    case 'string': {
      const { dictionary, idOf } = dictionaryOf(column.values);
      return { type: 'string', dictionary, ids: Uint32Array.from(column.values, idOf) };
    }
    case 'strings': {
      const flat = column.values.flat();
      const { dictionary, idOf } = dictionaryOf(flat);
      const offsets = new Uint32Array(column.values.length + 1);
      for (const [row, list] of column.values.entries()) {
        offsets[row + 1] = (offsets[row] ?? 0) + list.length;
      }
      return { type: 'strings', dictionary, offsets, ids: Uint32Array.from(flat, idOf) };
    }
    case 'long': {
      const values = BigInt64Array.from(column.values, (value) => value ?? 77n);
      return { type: 'long', values, nulls: nullsOf(column.values) };
    }
    case 'double':
    case 'float': {
      const values = Float64Array.from(column.values, (value) => value ?? 77);
      return { type: column.type, values, nulls: nullsOf(column.values) };
    }
    case 'hyperUnique':
      return {
        type: 'hyperUnique',
        images: column.values.map((hex) => new Uint8Array(Buffer.from(hex ?? '', 'hex'))),
      };
  }
}

function dictionaryOf(values: readonly (string | null)[]) {
  const dictionary = [...new Set(values)].sort((a, b) =>
    a === null ? -1 : b === null ? 1 : compareCodePoints(a, b),
  );
  const ids = new Map(dictionary.map((entry, id) => [entry, id]));
  return { dictionary, idOf: (value: string | null) => ids.get(value) ?? -1 };
}

function nullsOf(values: readonly unknown[]): Uint8Array | null {
  if (!values.includes(null)) return null;
  return Uint8Array.from(values, (value) => (value === null ? 1 : 0));
}

/** What a reader must find: floats are rounded to 32 bits. */
export function expectedValues(table: PlainTable): Record<string, readonly PlainValue[]> {
  const entries = Object.entries(table.columns).map(
    ([name, column]): [string, readonly PlainValue[]] => [
      name,
      column.type === 'float'
        ? column.values.map((value) => (value === null ? null : Math.fround(value)))
        : column.values,
    ],
  );
  return { __time: table.time, ...Object.fromEntries(entries) };
}

/** Opens bytes that lie at an odd offset inside a larger buffer, and loads all columns. */
export async function openAtOddOffset(bytes: Uint8Array): Promise<Segment> {
  const larger = new Uint8Array(bytes.length + 24).fill(0xa5);
  larger.set(bytes, 7);
  const segment = await openSegment(memorySource(larger.subarray(7, 7 + bytes.length)));
  await segment.load(segment.columnNames);
  return segment;
}

/** Plain values of all loaded columns. */
export function readValues(segment: Segment): Record<string, PlainValue[]> {
  return Object.fromEntries(
    segment.columnNames.map((name) => {
      const column = segment.column(name);
      if (column === null) throw new Error(`no column ${name}`);
      return [
        name,
        Array.from({ length: segment.rowCount }, (_unused, row) => valueAt(column, row)),
      ];
    }),
  );
}

function valueAt(column: Column, row: number): PlainValue {
  switch (column.type) {
    case 'time':
      return column.distinct[column.ids[row]];
    case 'string':
      return column.dictionary.valueAt(column.ids[row]);
    case 'strings':
      return Array.from(column.ids.subarray(column.offsets[row], column.offsets[row + 1]), (id) =>
        column.dictionary.valueAt(id),
      );
    case 'long':
      return hasValue(column.validity, row) ? BigInt(column.values[row]) : null;
    case 'double':
    case 'float':
      return hasValue(column.validity, row) ? column.values[row] : null;
    case 'hyperUnique': {
      const image = column.bytes.subarray(column.offsets[row], column.offsets[row + 1]);
      return image.length === 0 ? null : Buffer.from(image).toString('hex');
    }
  }
}

function hasValue(validity: Uint8Array | null, row: number): boolean {
  return validity === null || ((validity[row >> 3] >> (row & 7)) & 1) === 1;
}

/**
 * The first value that differs, as `column[row]: found, expected`, or null: for tables too large for
 * a matcher to walk.
 */
export function firstDifference(
  found: Readonly<Record<string, readonly unknown[]>>,
  expected: Readonly<Record<string, readonly unknown[]>>,
): string | null {
  const [names, expectedNames] = [Object.keys(found).join(), Object.keys(expected).join()];
  if (names !== expectedNames) return `columns: ${names}, expected ${expectedNames}`;
  for (const [name, values] of Object.entries(expected)) {
    const column = found[name] ?? [];
    if (column.length !== values.length)
      return `${name}: ${column.length} of ${values.length} rows`;
    for (const [row, value] of values.entries()) {
      if (Object.is(column[row], value) || isDeepStrictEqual(column[row], value)) continue;
      return `${name}[${row}]: ${inspect(column[row])}, expected ${inspect(value)}`;
    }
  }
  return null;
}
