/**
 * Step 4. Runs: what the index held whenever it was full, in the scratch folder. They are merged chunk by
 * chunk, in the order of the rows, and cut into segments on the way where the partitionsSpec lets that be
 * done: then never more than one segment's rows are in memory.
 */
import type { Disk } from '@isotherm/platform';
import type { DimensionSchema } from '@isotherm/segment';
import { divideChunk, takeRows } from './divide-chunk.ts';
import {
  type ChunkColumn,
  type ChunkRows,
  dimensionColumn,
  timesOf,
  turnKeys,
} from './runs/chunk-columns.ts';
import { JobValues, type RankedValues } from './runs/job-values.ts';
import { ChunkMerge, type Cut, type MergedRows } from './runs/merge-chunk.ts';
import { type KeyMap, RunCursor } from './runs/run-cursor.ts';
import type { BlockPlace, Run, RunChunk, RunHeader } from './runs/run.ts';
import type { IngestionSpec } from './spec/ingestion-spec.ts';

/** Rows of one segment. */
export interface SegmentRows {
  readonly chunkStart: number;
  /** From 0 in each chunk. */
  readonly partition: number;
  readonly rows: ChunkRows;
}

interface StoredRun {
  readonly chunks: readonly RunChunk[];
  readonly dimensions: readonly DimensionSchema[];
  /** The rows, as long as they are in memory. */
  readonly bytes: Uint8Array | null;
  readonly path: string;
}

/** Rows that are merged at once when they are only counted. */
const countedRows = 1 << 16;

/** The runs of one job. */
export class Runs {
  readonly #spec: IngestionSpec;
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #values = new JobValues();
  readonly #runs: StoredRun[] = [];

  /** @param folder  of the scratch disk; this job's alone */
  constructor(spec: IngestionSpec, disk: Disk, folder: string) {
    this.#spec = spec;
    this.#disk = disk;
    this.#folder = folder;
  }

  /** Takes a run; its rows go to the disk. */
  async add({ header, bytes }: Run): Promise<void> {
    const path = `${this.#folder}/run-${this.#runs.length}`;
    this.#note(header, null, path);
    await this.#disk.writeAtomic(path, bytes);
  }

  /** Takes a run whose rows stay in memory. */
  keep({ header, bytes }: Run): void {
    this.#note(header, bytes, '');
  }

  /** Merged rows, segment by segment in the order of time; to be called once. */
  async *segments(dimensions: readonly DimensionSchema[]): AsyncGenerator<SegmentRows> {
    const values = this.#values.rank(dimensions);
    const starts = new Set(
      this.#runs.flatMap(({ chunks }) => chunks.map(({ chunkStart }) => chunkStart)),
    );
    for (const chunkStart of [...starts].sort((a, b) => a - b)) {
      yield* this.#segmentsOf(chunkStart, dimensions, values);
    }
  }

  #note(header: RunHeader, bytes: Uint8Array | null, path: string): void {
    this.#values.add(header);
    const { chunks, dimensions } = header;
    this.#runs.push({ chunks, dimensions, bytes, path });
  }

  async *#segmentsOf(
    chunkStart: number,
    dimensions: readonly DimensionSchema[],
    values: RankedValues,
  ): AsyncGenerator<SegmentRows> {
    const { metrics, granularity, partitions } = this.#spec;
    const { rollup } = granularity;
    const width = dimensions.length + 1;
    const cut = await this.#cutOf(chunkStart, dimensions, values);
    const cursors = this.#cursorsOf(chunkStart, dimensions, true);
    const isWhole = cut === null;
    const merge = new ChunkMerge(cursors, { width, rollup, metrics, cut: cut ?? { type: 'none' } });
    let partition = 0;
    for await (const part of merge.parts()) {
      const rows = this.#columnsOf(chunkStart, part, dimensions, values);
      if (!isWhole) {
        yield { chunkStart, partition: partition++, rows };
        continue;
      }
      const names = dimensions.map(({ name }) => name);
      for (const places of divideChunk(rows, partitions, names)) {
        yield { chunkStart, partition: partition++, rows: takeRows(rows, places) };
      }
    }
  }

  /** Where merging can cut the chunk; null when its rows must all be there first. */
  async #cutOf(
    chunkStart: number,
    dimensions: readonly DimensionSchema[],
    values: RankedValues,
  ): Promise<Cut | null> {
    const { partitions } = this.#spec;
    switch (partitions.type) {
      case 'hashed':
        return null;
      case 'dynamic': {
        const rowCount = await this.#rowCountOf(
          chunkStart,
          dimensions,
          partitions.maxRowsPerSegment,
        );
        const count = Math.max(1, Math.ceil(rowCount / partitions.maxRowsPerSegment));
        const ends = Array.from({ length: count - 1 }, (_, part) =>
          Math.floor(((part + 1) * rowCount) / count),
        );
        return { type: 'rows', ends };
      }
      case 'range': {
        const keyCount = partitions.dimensions.length;
        const leading = this.#keyNames(dimensions).slice(0, keyCount);
        const isLeading = partitions.dimensions.every((name, place) => {
          const found = values.dimensions[dimensions.findIndex((one) => one.name === name)];
          const isSingle = found?.type === 'text' && found.ranks.values === null;
          return isSingle && leading[place] === name;
        });
        if (!isLeading) return null;
        return { type: 'keys', leastRows: partitions.targetRowsPerSegment, keyCount };
      }
    }
  }

  /** Rows of a chunk after roll-up; more than that where they are not more than `enough`. */
  async #rowCountOf(
    chunkStart: number,
    dimensions: readonly DimensionSchema[],
    enough: number,
  ): Promise<number> {
    const { rollup } = this.#spec.granularity;
    const chunks = this.#runs.flatMap((run) => chunkOf(run, chunkStart) ?? []);
    const rowCount = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
    if (!rollup || chunks.length === 1 || rowCount <= enough) return rowCount;
    const width = dimensions.length + 1;
    const cut: Cut = { type: 'keys', leastRows: countedRows, keyCount: width };
    const cursors = this.#cursorsOf(chunkStart, dimensions, false);
    return new ChunkMerge(cursors, { width, rollup, metrics: [], cut }).count();
  }

  #cursorsOf(
    chunkStart: number,
    dimensions: readonly DimensionSchema[],
    hasMetrics: boolean,
  ): RunCursor[] {
    return this.#runs.flatMap((run, place) => {
      const chunk = chunkOf(run, chunkStart);
      if (chunk === undefined) return [];
      const read = (block: BlockPlace): Promise<Uint8Array> => this.#readBlock(run, block);
      const map = this.#keyMap(run, place, dimensions);
      return [new RunCursor(chunk.blocks, read, map, hasMetrics)];
    });
  }

  async #readBlock({ bytes, path }: StoredRun, { start, end }: BlockPlace): Promise<Uint8Array> {
    return bytes === null ? this.#disk.read(path, { start, end }) : bytes.subarray(start, end);
  }

  #keyMap(run: StoredRun, place: number, dimensions: readonly DimensionSchema[]): KeyMap {
    const own = this.#keyNames(run.dimensions);
    const names = this.#keyNames(dimensions);
    return {
      runWidth: own.length,
      width: names.length,
      places: names.map((name) => {
        const from = own.indexOf(name);
        if (name === timeName) return { from, table: this.#values.timeTableOf(place) };
        const table = this.#values.tableOf(place, name);
        return table === null ? null : { from, table };
      }),
    };
  }

  /** Names of the keys in the order of the sort. */
  #keyNames(dimensions: readonly DimensionSchema[]): string[] {
    const names = dimensions.map(({ name }) => name);
    names.splice(this.#spec.dimensions.timePosition ?? names.length, 0, timeName);
    return names;
  }

  #columnsOf(
    chunkStart: number,
    { rowCount, keys, accumulators }: MergedRows,
    dimensions: readonly DimensionSchema[],
    values: RankedValues,
  ): ChunkRows {
    const names = this.#keyNames(dimensions);
    const turned = turnKeys(keys, names.length, rowCount);
    const idsOf = (name: string): Uint32Array => turned[names.indexOf(name)];
    const columns = new Map<string, ChunkColumn>();
    dimensions.forEach(({ name }, place) => {
      columns.set(name, dimensionColumn(values.dimensions[place], idsOf(name)));
    });
    const slots = new Uint32Array(rowCount);
    for (let row = 0; row < rowCount; row++) slots[row] = row;
    this.#spec.metrics.forEach(({ schema }, place) => {
      columns.set(schema.name, accumulators[place].column(slots));
    });
    return { chunkStart, rowCount, time: timesOf(idsOf(timeName), values.times), columns };
  }
}

const timeName = '__time';

function chunkOf(run: StoredRun, chunkStart: number): RunChunk | undefined {
  return run.chunks.find((chunk) => chunk.chunkStart === chunkStart);
}
