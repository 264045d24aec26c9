/**
 * A `Segment` over plain rows, for tests: columns in the narrowest width, statistics, and indexes
 * where they are asked for, without a file.
 */
import { InvariantError } from '@isotherm/errors';
import { compareCodePoints } from '@isotherm/kernels';
import type {
  Column,
  ColumnInput,
  ColumnStatistics,
  NarrowInteger,
  NarrowUnsigned,
  Segment,
  SegmentInput,
  StringDictionary,
  StringIndex,
} from '@isotherm/segment';

/** Types of a test table. A `strings` value is a list. */
export type MemoryType = 'string' | 'strings' | 'long' | 'double' | 'float' | 'hyperUnique';

/** A value of a row: bigint for long, bytes for a sketch. */
export type MemoryValue = Scalar | readonly Scalar[] | Uint8Array;

type Scalar = string | bigint | number | null;

/** A row of a test table. */
export type MemoryRow = { readonly __time: number } & Readonly<Record<string, MemoryValue>>;

/** Shape of a memory segment. */
export interface MemoryOptions {
  readonly types: Readonly<Record<string, MemoryType>>;
  /** In segment order: sorted already if `clusteredBy` or `timeFirst` say so. */
  readonly rows: readonly MemoryRow[];
  /** A text column that rows are sorted by: gets an offset range per value. */
  readonly clusteredBy?: string;
  /** Text columns that get posting lists. */
  readonly postings?: readonly string[];
  readonly timeFirst?: boolean;
  readonly metrics?: Segment['schema']['metrics'];
}

/** Builds the segment. Only loaded columns can be read, as in a real one. */
export function memorySegment(options: MemoryOptions): Segment {
  const { types, rows } = options;
  const names = ['__time', ...Object.keys(types)];
  const columns = new Map(names.map((name) => [name, buildColumn(name, options)]));
  const loaded = new Set<string>();
  const times = rows.map((row) => row.__time);
  const range = { minMs: Math.min(...times), maxMs: Math.max(...times) };
  const dimensions = Object.entries(types).flatMap(([name, type]) =>
    type === 'hyperUnique' || options.metrics?.some((metric) => metric.name === name)
      ? []
      : [
          {
            name,
            type: type === 'strings' ? 'string' : type,
            multiValueHandling: 'ARRAY',
          } as const,
        ],
  );
  const column = (name: string): Column | null => {
    const found = columns.get(name);
    if (found !== undefined && !loaded.has(name)) {
      throw new InvariantError(`Column "${name}" was not loaded`);
    }
    return found ?? null;
  };
  return {
    schema: {
      dataSource: 'memory',
      namespace: 'default',
      interval: { start: range.minMs, end: range.maxMs + 1 },
      dimensions,
      metrics: options.metrics ?? [],
      sortOrder: options.timeFirst === true ? ['__time'] : [options.clusteredBy ?? '', '__time'],
      rollup: false,
      queryGranularity: 'none',
      timestampSpec: { column: 'ts', format: 'iso' },
    },
    rowCount: rows.length,
    fileBytes: 0,
    timeRange: rows.length === 0 ? null : range,
    columnNames: names,
    loadedBytes: 0,
    statistics: (name) => (columns.has(name) ? statisticsOf(name, options) : null),
    columnBytes: () => 0,
    load: (wanted = names) => {
      for (const name of wanted) loaded.add(name);
      return Promise.resolve();
    },
    column,
    time() {
      const time = column('__time');
      if (time?.type !== 'time') throw new InvariantError('"__time" is no time column');
      return time;
    },
    zones: () => null,
    // Sums by time are the segment package's to make: tests of them write files.
    timeSummed: new Set(),
    hasTimeSums: false,
    timeSums: () => null,
    derived(_name, { byteLength }, fill) {
      const bytes = new Uint8Array(byteLength);
      fill(bytes);
      return bytes;
    },
    unload: () => loaded.clear(),
  };
}

function buildColumn(name: string, options: MemoryOptions): Column {
  const values: MemoryValue[] = options.rows.map((row) => row[name] ?? null);
  if (name === '__time') {
    const distinct = Float64Array.from(new Set(options.rows.map((row) => row.__time))).sort();
    const place = new Map(Array.from(distinct, (ms, id) => [ms, id]));
    const ids = values.map((ms) => place.get(Number(ms)) ?? 0);
    return { type: 'time', distinct, ids: narrowIds(ids, distinct.length) };
  }
  const type = options.types[name] ?? 'string';
  switch (type) {
    case 'string': {
      const texts = values.map((value) => (typeof value === 'string' ? value : null));
      const dictionary = buildDictionary(texts);
      const ids = texts.map((text) => dictionary.idOf(text));
      const index = buildIndex(
        name,
        options,
        ids.map((id) => [id]),
        dictionary.size,
      );
      return { type, dictionary, ids: narrowIds(ids, dictionary.size), index };
    }
    case 'strings': {
      const lists = values.map(listOf);
      const dictionary = buildDictionary(lists.flat());
      const ids = lists.map((list) => list.map((text) => dictionary.idOf(text)));
      const offsets = new Int32Array(lists.length + 1);
      for (const [row, list] of lists.entries()) offsets[row + 1] = offsets[row] + list.length;
      const index = buildIndex(name, options, ids, dictionary.size);
      return { type, dictionary, offsets, ids: narrowIds(ids.flat(), dictionary.size), index };
    }
    case 'long': {
      const longs = values.map((value) => (typeof value === 'bigint' ? value : 0n));
      return { type, values: narrowLongs(longs), validity: validityOf(values) };
    }
    case 'float':
    case 'double': {
      const numbers = values.map((value) => (typeof value === 'number' ? value : 0));
      const array = type === 'float' ? Float32Array.from(numbers) : Float64Array.from(numbers);
      return { type, values: array, validity: validityOf(values) };
    }
    case 'hyperUnique': {
      const images = values.map((value) =>
        value instanceof Uint8Array ? value : new Uint8Array(),
      );
      const offsets = new Int32Array(images.length + 1);
      for (const [row, image] of images.entries()) offsets[row + 1] = offsets[row] + image.length;
      return { type, offsets, bytes: Uint8Array.from(images.flatMap((image) => [...image])) };
    }
  }
}

/** The texts of a list. */
function listOf(value: MemoryValue): (string | null)[] {
  if (!Array.isArray(value)) return [];
  return value.map((each: Scalar) => (each === null ? null : String(each)));
}

function buildDictionary(texts: readonly (string | null)[]): StringDictionary {
  const distinct = [...new Set(texts)].sort((a, b) => {
    if (a === null || b === null) return Number(b === null) - Number(a === null);
    return compareCodePoints(a, b);
  });
  const idOf = new Map(distinct.map((text, id) => [text, id]));
  const start = distinct[0] === null ? 1 : 0;
  const offsets = new Int32Array(distinct.length + 1);
  for (const [id, text] of distinct.entries()) {
    offsets[id + 1] = offsets[id] + Buffer.byteLength(text ?? '');
  }
  return {
    size: distinct.length,
    hasNull: start === 1,
    offsets,
    bytes: new Uint8Array(Buffer.from(distinct.join(''))),
    valueAt: (id) => distinct[id],
    idOf: (value) => idOf.get(value) ?? -1,
    lowerBound(value) {
      const found = distinct.findIndex(
        (text) => text !== null && compareCodePoints(text, value) >= 0,
      );
      return found < 0 ? distinct.length : found;
    },
  };
}

function buildIndex(
  name: string,
  options: MemoryOptions,
  idsOfRows: readonly (readonly number[])[],
  size: number,
): StringIndex | null {
  const rowsOf = Array.from({ length: size }, (_none, id) =>
    idsOfRows.flatMap((ids, row) => (ids.includes(id) ? [row] : [])),
  );
  const offsets = new Uint32Array(size + 1);
  for (const [id, rows] of rowsOf.entries()) offsets[id + 1] = offsets[id] + rows.length;
  if (options.clusteredBy === name) return { type: 'ranges', starts: offsets };
  if (options.postings?.includes(name) !== true) return null;
  // Test tables are too small for long steps.
  const steps = rowsOf.flatMap((rows) => rows.map((row, i) => row - (rows[i - 1] ?? 0)));
  return { type: 'postings', offsets, steps: Uint16Array.from(steps) };
}

function narrowIds(ids: readonly number[], size: number): NarrowUnsigned {
  if (size <= 256) return Uint8Array.from(ids);
  return size <= 65_536 ? Uint16Array.from(ids) : Uint32Array.from(ids);
}

function narrowLongs(longs: readonly bigint[]): NarrowInteger {
  const least = longs.reduce((a, b) => (a < b ? a : b), 0n);
  const most = longs.reduce((a, b) => (a > b ? a : b), 0n);
  const fits = (low: bigint, high: bigint): boolean => low <= least && most <= high;
  const numbers = longs.map(Number);
  if (fits(0n, 255n)) return Uint8Array.from(numbers);
  if (fits(-128n, 127n)) return Int8Array.from(numbers);
  if (fits(0n, 65_535n)) return Uint16Array.from(numbers);
  if (fits(-32_768n, 32_767n)) return Int16Array.from(numbers);
  if (fits(0n, 4_294_967_295n)) return Uint32Array.from(numbers);
  if (fits(-2_147_483_648n, 2_147_483_647n)) return Int32Array.from(numbers);
  return BigInt64Array.from(longs);
}

function validityOf(values: readonly MemoryValue[]): Uint8Array | null {
  if (!values.includes(null)) return null;
  const bits = new Uint8Array((values.length + 7) >> 3);
  for (const [row, value] of values.entries()) {
    if (value !== null) bits[row >> 3] |= 1 << (row & 7);
  }
  return bits;
}

function statisticsOf(name: string, { types, rows }: MemoryOptions): ColumnStatistics {
  const values = rows.map((row) => row[name] ?? null);
  const nullCount = values.filter((value) => value === null).length;
  const blank = { nullCount, distinctCount: null, min: null, max: null, sum: null, sumError: null };
  const longs = values.filter((value) => typeof value === 'bigint');
  if (types[name] === 'long' && longs.length > 0) {
    const sum = longs.reduce((a, b) => a + b, 0n);
    return {
      ...blank,
      min: longs.reduce((a, b) => (a < b ? a : b)),
      max: longs.reduce((a, b) => (a > b ? a : b)),
      sum: BigInt.asIntN(64, sum) === sum ? sum : null,
    };
  }
  const numbers = values.filter((value) => typeof value === 'number');
  if ((types[name] !== 'double' && types[name] !== 'float') || numbers.length === 0) return blank;
  let [sum, sumError] = [0, 0];
  for (const value of numbers) {
    const next = sum + value;
    const part = next - sum;
    sumError += sum - (next - part) + (value - part);
    sum = next;
  }
  return { ...blank, min: Math.min(...numbers), max: Math.max(...numbers), sum, sumError };
}

/** The same table as input of the segment writer. Rows must be sorted as the options say. */
export function segmentInput(options: MemoryOptions): SegmentInput {
  const segment = memorySegment(options);
  const { types, rows } = options;
  const columns = new Map(
    Object.entries(types).map(([name, type]) => [name, columnInput(name, type, options)] as const),
  );
  const sortOrder = options.timeFirst === true ? ['__time'] : [options.clusteredBy ?? '', '__time'];
  const { interval } = segment.schema;
  return {
    schema: { ...segment.schema, interval, sortOrder },
    rowCount: rows.length,
    time: Float64Array.from(rows, (row) => row.__time),
    columns,
  };
}

function columnInput(name: string, type: MemoryType, options: MemoryOptions): ColumnInput {
  const values = options.rows.map((row) => row[name] ?? null);
  const column = buildColumn(name, options);
  const nulls = values.includes(null) ? Uint8Array.from(values, (v) => Number(v === null)) : null;
  switch (column.type) {
    case 'string':
    case 'strings': {
      const { size } = column.dictionary;
      const dictionary = Array.from({ length: size }, (_none, id) => column.dictionary.valueAt(id));
      const ids = Uint32Array.from(column.ids);
      if (column.type === 'string') return { type: 'string', dictionary, ids };
      return { type: 'strings', dictionary, offsets: Uint32Array.from(column.offsets), ids };
    }
    case 'long': {
      const longs = values.map((value) => (typeof value === 'bigint' ? value : 0n));
      return { type: 'long', values: BigInt64Array.from(longs), nulls };
    }
    case 'float':
    case 'double':
      return { type: column.type, values: Float64Array.from(column.values), nulls };
    case 'hyperUnique': {
      const images = values.map((value) =>
        value instanceof Uint8Array ? value : new Uint8Array(),
      );
      return { type: 'hyperUnique', images };
    }
    case 'time':
      throw new InvariantError(`"${name}" of type "${type}" is time`);
  }
}
