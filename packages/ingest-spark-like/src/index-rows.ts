/**
 * Steps 1 to 3 over some inputs: reads them into one index and hands on a run whenever that is full or a
 * batch brings new dimensions. It runs in the job's own thread or in several beside it.
 */
import type { DimensionSchema } from '@isotherm/segment';
import { IncrementalIndex } from './incremental-index.ts';
import type { Chunks } from './partition-rows.ts';
import { dimensionsWith, RowReader } from './read-rows.ts';
import type { BadRowSink, ReadProgress } from './read/input-batch.ts';
import type { Input } from './read/open-batches.ts';
import { buildRun } from './runs/build-run.ts';
import type { Run } from './runs/run.ts';
import type { IngestionLimits, IngestionSpec } from './spec/ingestion-spec.ts';

/** What became of the rows of a batch: all of them, those filtered, those that failed. */
export interface BatchCounts {
  readonly rowCount: number;
  readonly filteredCount: number;
  readonly failedCount: number;
}

/** Where rows and news of them go. */
export interface IndexSink extends ReadProgress {
  readonly bad: BadRowSink;
  /** Called for every batch. */
  onBatch(counts: BatchCounts): void;
  /** Takes a run; reading goes on when it resolves. */
  onRun(run: Run): Promise<void>;
}

/** State with a lifetime: the inputs that one thread reads. */
export class RowIndexer {
  readonly #spec: IngestionSpec;
  readonly #limits: IngestionLimits;
  readonly #sink: IndexSink;
  readonly #reader: RowReader;
  readonly #found = new Set<string>();
  #dimensions: readonly DimensionSchema[];
  #index: IncrementalIndex;

  /** @param readThreads  threads that a reader of Parquet may use itself */
  constructor(
    spec: IngestionSpec,
    limits: IngestionLimits,
    chunks: Chunks,
    sink: IndexSink,
    readThreads: number,
  ) {
    this.#spec = spec;
    this.#limits = limits;
    this.#sink = sink;
    this.#reader = new RowReader(spec, chunks, sink.bad, readThreads);
    this.#dimensions = dimensionsWith(spec, this.#found);
    this.#index = this.#emptyIndex();
  }

  /** Columns that batches had. */
  get seenColumns(): ReadonlySet<string> {
    return this.#reader.seenColumns;
  }

  /** Columns that may become dimensions, those of transforms included. */
  get foundColumns(): ReadonlySet<string> {
    return this.#found;
  }

  /** Reads an input from end to end. @throws as `RowReader.read` */
  async add(input: Input): Promise<void> {
    const { maxRowsInMemory, maxBytesInMemory } = this.#limits;
    for await (const batch of this.#reader.read(input, this.#sink)) {
      for (const name of batch.columnNames) this.#found.add(name);
      const wider = dimensionsWith(this.#spec, this.#found);
      if (wider.length > this.#dimensions.length) {
        this.#dimensions = wider;
        await this.#handOn();
        this.#index = this.#emptyIndex();
      }
      const index = this.#index;
      index.add(batch.encode(index));
      this.#sink.onBatch(batch);
      if (index.rowCount >= maxRowsInMemory || index.memoryBytes >= maxBytesInMemory) {
        await this.#handOn();
      }
    }
  }

  /** The rows that no run has yet; null when there are none. */
  rest(): Run | null {
    return this.#index.rowCount === 0 ? null : this.#run();
  }

  async #handOn(): Promise<void> {
    if (this.#index.rowCount === 0) return;
    await this.#sink.onRun(this.#run());
    this.#index.clear();
  }

  #run(): Run {
    return buildRun(this.#index, this.#spec.dimensions.timePosition);
  }

  #emptyIndex(): IncrementalIndex {
    const { metrics, granularity } = this.#spec;
    return new IncrementalIndex(this.#dimensions, metrics, granularity.rollup);
  }
}
