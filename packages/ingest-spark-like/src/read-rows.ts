/**
 * Step 1. Reads every input, drops the rows that the spec does not want (its filter, its intervals), and
 * gives the rest as ids of the index that is being filled.
 */
import { didYouMean, InvalidInputError } from '@isotherm/errors';
import { expressionColumns, filterColumns } from '@isotherm/query';
import type { DimensionSchema } from '@isotherm/segment';
import type { EncodedRows, IncrementalIndex } from './incremental-index.ts';
import type { Chunks } from './partition-rows.ts';
import {
  type BadRowSink,
  cellOf,
  type InputBatch,
  type InputColumn,
  type ReadProgress,
} from './read/input-batch.ts';
import { type Input, openBatches } from './read/open-batches.ts';
import type { MetricInput } from './rows/accumulators.ts';
import { encodeNumbers, readNumbers } from './rows/number-column.ts';
import { type RowFilter, rowFilter } from './rows/row-filter.ts';
import { RowStatus } from './rows/row-status.ts';
import type { TextColumn } from './rows/text-column.ts';
import { readTimes } from './rows/time-column.ts';
import { computeColumn, timeColumn } from './rows/transforms.ts';
import type { IngestionSpec, Metric } from './spec/ingestion-spec.ts';

/** One batch whose rows have a time, a chunk and a fate. */
export interface PreparedBatch {
  readonly rowCount: number;
  /** Names that the batch may add as dimensions. */
  readonly columnNames: readonly string[];
  /** Encodes the kept rows for an index. */
  encode(index: IncrementalIndex): EncodedRows;
  /** After `encode`, for it may find more bad rows. */
  readonly filteredCount: number;
  /** As above. */
  readonly failedCount: number;
}

/** Reads the rows of a job. State with a lifetime: it remembers which columns were there. */
export class RowReader {
  readonly seenColumns = new Set<string>();
  readonly #spec: IngestionSpec;
  readonly #chunks: Chunks;
  readonly #bad: BadRowSink;
  readonly #readThreads: number;
  readonly #filter: RowFilter | null;
  readonly #wanted: ReadonlySet<string>;

  /** @param readThreads  threads that a reader of Parquet may use itself */
  constructor(spec: IngestionSpec, chunks: Chunks, bad: BadRowSink, readThreads: number) {
    this.#spec = spec;
    this.#chunks = chunks;
    this.#bad = bad;
    this.#readThreads = readThreads;
    this.#filter = spec.filter === null ? null : rowFilter(spec.filter);
    this.#wanted = new Set(wantedColumns(spec));
  }

  /** @throws InvalidInputError code UNKNOWN_COLUMN, or what the file does wrong */
  async *read(input: Input, progress: ReadProgress): AsyncGenerator<PreparedBatch> {
    const { format, dimensions } = this.#spec;
    const isWanted = (name: string): boolean => dimensions.discovers || this.#wanted.has(name);
    let isFirst = true;
    const batches = openBatches(input, format, isWanted, this.#bad, progress, this.#readThreads);
    for await (const batch of batches) {
      const names = batch.columnNames();
      for (const name of names) this.seenColumns.add(name);
      if (isFirst && format.type !== 'json') checkColumns(this.#spec, batch.file, names);
      isFirst = false;
      yield this.#prepare(batch, names);
    }
  }

  #prepare(batch: InputBatch, columnNames: readonly string[]): PreparedBatch {
    const spec = this.#spec;
    const status = new RowStatus(batch, this.#bad);
    const read = readTimes(spec.timestamp, batch.column(spec.timestamp.column), status);
    const column = this.#columns(batch, read, status);
    const times = this.#overriddenTimes(read, column, status);
    if (this.#filter !== null) applyFilter(this.#filter, column, status);
    const assigned = this.#chunks.assign(times, status);
    return {
      rowCount: batch.rowCount,
      columnNames: [...columnNames, ...spec.transforms.map(({ name }) => name)],
      encode: (index) => ({
        // Encoding may fail rows, so the kept ones are listed last.
        ids: encodeDimensions(index, column, status),
        metrics: spec.metrics.map((metric, place) =>
          readMetric(metric, index.metricTexts[place], column, status),
        ),
        ...assigned,
        rows: status.keptRows(),
      }),
      get filteredCount() {
        return status.count(1);
      },
      get failedCount() {
        return status.count(2);
      },
    };
  }

  /** The columns that dimensions, metrics and filter see: transforms, then the input. */
  #columns(
    batch: InputBatch,
    times: Float64Array,
    status: RowStatus,
  ): (name: string) => InputColumn | null {
    const known = new Map<string, InputColumn | null>();
    const input = (name: string): InputColumn | null => {
      let column = known.get(name);
      if (column === undefined) {
        column = name === '__time' ? timeColumn(times) : batch.column(name);
        known.set(name, column);
      }
      return column;
    };
    const computed = new Map(
      this.#spec.transforms.map(({ name, expression }) => [
        name,
        computeColumn(`Transform "${name}"`, expression, input, status),
      ]),
    );
    return (name) => computed.get(name) ?? input(name);
  }

  /** A transform named `__time` replaces the time that was read. */
  #overriddenTimes(
    times: Float64Array,
    column: (name: string) => InputColumn | null,
    status: RowStatus,
  ): Float64Array {
    if (!this.#spec.transforms.some(({ name }) => name === '__time')) return times;
    const millis = {
      column: '__time',
      format: { type: 'millis' },
      missingMs: null,
      json: null,
    } as const;
    return readTimes(millis, column('__time'), status);
  }
}

function applyFilter(
  filter: RowFilter,
  column: (name: string) => InputColumn | null,
  status: RowStatus,
): void {
  for (let row = 0; row < status.states.length; row++) {
    if (status.isKept(row) && !filter((name) => cellOf(column(name), row))) status.filter(row);
  }
}

function encodeDimensions(
  index: IncrementalIndex,
  column: (name: string) => InputColumn | null,
  status: RowStatus,
): Uint32Array[] {
  return index.dimensions.map((dimension) => {
    const { name, type } = dimension.schema;
    const ids = new Uint32Array(status.states.length);
    if (dimension.type === 'text') dimension.column.encode(name, column(name), status, ids);
    else if (type !== 'string') {
      const numbers = readNumbers(name, column(name), type, false, status);
      encodeNumbers(numbers, dimension.dictionary, status.states, ids);
    }
    return ids;
  });
}

function readMetric(
  { schema, input }: Metric,
  texts: TextColumn | null,
  column: (name: string) => InputColumn | null,
  status: RowStatus,
): MetricInput {
  if (input.type === 'none') return { type: 'none' };
  const { name, type } = schema;
  const source =
    input.type === 'field'
      ? column(input.name)
      : computeColumn(`Metric "${name}"`, input.expression, column, status);
  const inputName = input.type === 'field' ? input.name : name;
  if (type === 'hyperUnique') {
    if (texts === null) return { type: 'none' };
    const ids = new Uint32Array(status.states.length);
    texts.encode(inputName, source, status, ids);
    return { type: 'texts', ids, column: texts };
  }
  const numbers = readNumbers(inputName, source, type, true, status);
  return { type: 'numbers', numbers, errors: null };
}

/** Every column that something reads, so that readers may leave the others alone. */
function wantedColumns(spec: IngestionSpec): string[] {
  return [
    spec.timestamp.column,
    ...spec.dimensions.fixed.map(({ name }) => name),
    ...spec.metrics.flatMap(inputColumns),
    ...spec.transforms.flatMap(({ expression }) => expressionColumns(expression)),
    ...(spec.filter === null ? [] : filterColumns(spec.filter)),
  ];
}

function inputColumns({ input }: Metric): string[] {
  if (input.type === 'none') return [];
  return input.type === 'field' ? [input.name] : expressionColumns(input.expression);
}

/** A file that names its columns must have those that the spec computes with. */
function checkColumns(spec: IngestionSpec, file: string, names: readonly string[]): void {
  const transforms = new Set(spec.transforms.map(({ name }) => name));
  const computed = new Set(['__time', ...transforms]);
  const needed = [
    ...(spec.timestamp.missingMs === null && !transforms.has('__time')
      ? [{ name: spec.timestamp.column, user: 'the timestampSpec' }]
      : []),
    ...spec.metrics.flatMap((metric) =>
      inputColumns(metric)
        .filter((name) => !computed.has(name))
        .map((name) => ({ name, user: `metric "${metric.schema.name}"` })),
    ),
    ...spec.transforms.flatMap((transform) =>
      expressionColumns(transform.expression)
        .filter((name) => name !== '__time')
        .map((name) => ({ name, user: `transform "${transform.name}"` })),
    ),
  ];
  for (const { name, user } of needed) {
    if (names.includes(name)) continue;
    throw new InvalidInputError(
      `Column "${name}" of ${user} is not in input file "${file}". Columns: ${names.join(', ')}.${didYouMean(name, names)}${delimiterHint(spec, names)}`,
      { code: 'UNKNOWN_COLUMN' },
    );
  }
}

/** For a header that is one long name, because the file is cut by another character than the spec says. */
function delimiterHint({ format }: IngestionSpec, names: readonly string[]): string {
  const isCut = names.length === 1 && /[,;|\t]/.test(names[0] ?? '');
  if (!isCut || (format.type !== 'csv' && format.type !== 'tsv')) return '';
  return ` The header was read as a single column: check "type" and "delimiter" of "inputFormat".`;
}

/** Dimensions of the spec, then those that were found, by code points. */
export function dimensionsWith(spec: IngestionSpec, found: ReadonlySet<string>): DimensionSchema[] {
  const fixed = spec.dimensions.fixed;
  if (!spec.dimensions.discovers) return [...fixed];
  const known = new Set([
    ...fixed.map(({ name }) => name),
    ...spec.dimensions.exclusions,
    '__time',
    '',
  ]);
  const discovered = [...found].filter((name) => !known.has(name)).sort();
  return [
    ...fixed,
    ...discovered.map(
      (name) => ({ name, type: 'string', multiValueHandling: 'SORTED_ARRAY' }) as const,
    ),
  ];
}
