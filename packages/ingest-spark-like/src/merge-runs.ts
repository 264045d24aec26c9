/**
 * Step 4. Runs: what the index held when it was spilled, one segment file a chunk in the scratch folder,
 * uncompressed. Merging reads the runs of a chunk into a fresh index, which rolls up across them, so that
 * a job that spilled writes the same bytes as one that did not.
 *
 * A run keeps float metrics as doubles, and beside each double sum its low part in a column of its own,
 * named by the metric and `\0low`: a sum is the same wherever it was cut.
 */
import { InvariantError } from '@isotherm/errors';
import type { Disk } from '@isotherm/platform';
import type {
  Column,
  ColumnInput,
  DimensionSchema,
  MetricSchema,
  Segment,
  SegmentInput,
  SegmentSchema,
} from '@isotherm/segment';
import { memorySource, openSegment } from '@isotherm/segment';
import { type EncodedRows, IncrementalIndex } from './incremental-index.ts';
import type { MetricInput } from './rows/accumulators.ts';
import type { ChunkRows } from './rows/finish-index.ts';
import { finishIndex } from './rows/finish-index.ts';
import type { NumberRows } from './rows/number-column.ts';
import { encodeNumbers } from './rows/number-column.ts';
import type { TextColumn } from './rows/text-column.ts';
import type { IngestionSpec } from './spec/ingestion-spec.ts';
import type { WriteQueue } from './write-queue.ts';

/** The runs of one job, by chunk. */
export class Runs {
  readonly #spec: IngestionSpec;
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #queue: WriteQueue;
  readonly #paths = new Map<number, string[]>();
  #count = 0;

  /** @param folder  of the scratch disk; this job's alone */
  constructor(spec: IngestionSpec, disk: Disk, folder: string, queue: WriteQueue) {
    this.#spec = spec;
    this.#queue = queue;
    this.#disk = disk;
    this.#folder = folder;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Has all rows of an index written, one file a chunk; they are there once the queue is drained. */
  async spill(index: IncrementalIndex): Promise<void> {
    const dimensions = index.dimensions.map(({ schema }) => schema);
    for (const chunk of finishIndex(index, this.#spec.dimensions.timePosition)) {
      const path = `${this.#folder}/run-${this.#count++}.arrow`;
      const input = runInput(this.#spec, dimensions, chunk);
      await this.#queue.add(input, { compression: 'none' }, ({ bytes }) =>
        this.#disk.writeAtomic(path, bytes),
      );
      const paths = this.#paths.get(chunk.chunkStart);
      if (paths === undefined) this.#paths.set(chunk.chunkStart, [path]);
      else paths.push(path);
    }
  }

  /** Merged rows, one chunk after the other in the order of time; removes the runs that are read. */
  async *merge(dimensions: readonly DimensionSchema[]): AsyncGenerator<ChunkRows> {
    const { metrics, granularity } = this.#spec;
    await this.#queue.drain();
    for (const chunkStart of [...this.#paths.keys()].sort((a, b) => a - b)) {
      const index = new IncrementalIndex(dimensions, metrics, granularity.rollup);
      for (const path of this.#paths.get(chunkStart) ?? []) {
        const run = await openSegment(memorySource(await this.#disk.read(path)));
        await run.load(run.columnNames);
        index.add(runRows(run, index, chunkStart));
        await this.#disk.remove(path);
      }
      yield* finishIndex(index, this.#spec.dimensions.timePosition);
    }
  }
}

const lowSuffix = '\0low';

function runInput(
  spec: IngestionSpec,
  dimensions: readonly DimensionSchema[],
  chunk: ChunkRows,
): SegmentInput {
  const columns = new Map<string, ColumnInput>(chunk.columns);
  const metrics: MetricSchema[] = [];
  for (const { schema } of spec.metrics) {
    const { name, aggregator } = schema;
    const column = columns.get(name);
    if (column?.type === 'float') columns.set(name, { ...column, type: 'double' });
    metrics.push({ name, type: schema.type === 'float' ? 'double' : schema.type, aggregator });
    const values = chunk.errors.get(name);
    if (values === undefined) continue;
    columns.set(name + lowSuffix, { type: 'double', values, nulls: null });
    metrics.push({ name: name + lowSuffix, type: 'double', aggregator });
  }
  const schema: SegmentSchema = {
    dataSource: spec.dataSource,
    namespace: spec.namespace,
    interval: { start: chunk.chunkStart, end: chunk.chunkStart },
    dimensions,
    metrics,
    sortOrder: [],
    rollup: spec.granularity.rollup,
    queryGranularity: null,
    timestampSpec: null,
  };
  return { schema, rowCount: chunk.rowCount, time: chunk.time, columns };
}

function runRows(run: Segment, index: IncrementalIndex, chunkStart: number): EncodedRows {
  const { rowCount } = run;
  const { distinct, ids } = run.time();
  return {
    rows: Uint32Array.from({ length: rowCount }, (_, row) => row),
    times: Float64Array.from(ids, (id) => distinct[id]),
    chunkStarts: new Float64Array(rowCount).fill(chunkStart),
    ids: index.dimensions.map((dimension) => {
      const column = run.column(dimension.schema.name);
      const found = new Uint32Array(rowCount);
      if (column === null) return found;
      if (dimension.type === 'text') addTexts(column, dimension.column, found);
      else encodeNumbers(numbersOf(column), dimension.dictionary, new Uint8Array(rowCount), found);
      return found;
    }),
    metrics: index.metrics.map(({ schema }) => runMetric(run, schema.name)),
  };
}

function runMetric(run: Segment, name: string): MetricInput {
  const column = run.column(name);
  if (column === null) throw new InvariantError(`A run lacks metric "${name}".`);
  if (column.type === 'hyperUnique') {
    const { offsets, bytes } = column;
    return {
      type: 'images',
      images: Array.from({ length: run.rowCount }, (_, row) =>
        bytes.subarray(offsets[row], offsets[row + 1]),
      ),
    };
  }
  const low = run.column(name + lowSuffix);
  return {
    type: 'numbers',
    numbers: numbersOf(column),
    errors: low?.type === 'double' ? Float64Array.from(low.values) : null,
  };
}

/** Each text of the run's dictionary is looked up once. */
function addTexts(column: Column, target: TextColumn, ids: Uint32Array): void {
  if (column.type !== 'string' && column.type !== 'strings') {
    throw new InvariantError(`A run has the type ${column.type} for a text dimension.`);
  }
  const { dictionary } = column;
  const texts = Array.from({ length: dictionary.size }, (_, id) => dictionary.valueAt(id));
  const newIds = Uint32Array.from(texts, (text) =>
    text === null ? 0 : target.dictionary.idOfText(text),
  );
  for (let row = 0; row < ids.length; row++) {
    if (column.type === 'string') ids[row] = newIds[column.ids[row]];
    else {
      const values = Array.from(
        column.ids.subarray(column.offsets[row], column.offsets[row + 1]),
        (id) => texts[id],
      );
      ids[row] = target.idOfList(values);
    }
  }
}

function numbersOf(column: Column): NumberRows {
  if (column.type !== 'long' && column.type !== 'double' && column.type !== 'float') {
    throw new InvariantError(`A run has the type ${column.type} for a column of numbers.`);
  }
  const { validity } = column;
  const values = new Float64Array(column.values.length);
  let wide: Map<number, bigint> | null = null;
  for (let row = 0; row < values.length; row++) {
    const value = column.values[row];
    values[row] = Number(value);
    if (typeof value === 'bigint' && !Number.isSafeInteger(values[row])) {
      wide ??= new Map();
      wide.set(row, value);
    }
  }
  if (validity === null) return { values, wide, nulls: null };
  const nulls = Uint8Array.from(values, (_, row) => ((validity[row >> 3] >> (row & 7)) & 1) ^ 1);
  return { values, wide, nulls };
}
