/** Walks over the rows of a run in one chunk, block by block, as ranks of the whole job. */
import type { Accumulator, MetricInput } from '../rows/accumulators.ts';
import type { BlockPlace } from './run.ts';
import { readMetric } from './run-metrics.ts';

/** Rows whose keys are mapped at once. */
const mappedRows = 1 << 10;

/** Where the keys of a run's rows go. */
export interface KeyMap {
  /** Keys of one row in the run. */
  readonly runWidth: number;
  /** Keys of one row in the job. */
  readonly width: number;
  /** For each place in the job: the place in the run and the ranks in the job; null where the run has none. */
  readonly places: readonly ({ readonly from: number; readonly table: Uint32Array } | null)[];
}

/** State with a lifetime: one pass over a chunk. */
export class RunCursor {
  /** Keys of the block's rows, shape [rows × width] and more behind. */
  keys: Uint32Array;
  /** Row of the block that is next. */
  row = 0;
  /** Rows of the block. */
  rowCount = 0;
  metrics: readonly MetricInput[] = [];
  readonly #read: (block: BlockPlace) => Promise<Uint8Array>;
  readonly #map: KeyMap;
  readonly #blocks: readonly BlockPlace[];
  readonly #hasMetrics: boolean;
  #nextBlock = 0;
  /** Rows of the block that were taken, and the slots that they go to; not yet added. */
  readonly #takenRows: Uint32Array;
  readonly #slots: Uint32Array;
  #takenCount = 0;

  constructor(
    blocks: readonly BlockPlace[],
    read: (block: BlockPlace) => Promise<Uint8Array>,
    map: KeyMap,
    hasMetrics: boolean,
  ) {
    this.#blocks = blocks;
    this.#read = read;
    this.#map = map;
    this.#hasMetrics = hasMetrics;
    const rows = blocks.reduce((most, block) => Math.max(most, block.rowCount), 0);
    this.keys = new Uint32Array(rows * map.width);
    this.#takenRows = new Uint32Array(hasMetrics ? rows : 0);
    this.#slots = new Uint32Array(hasMetrics ? rows : 0);
  }

  /** Reads the next block. @returns false when there is none */
  async load(): Promise<boolean> {
    const block = this.#blocks[this.#nextBlock++];
    if (block === undefined) return false;
    const bytes = aligned(await this.#read(block));
    const { runWidth } = this.#map;
    this.row = 0;
    this.rowCount = block.rowCount;
    this.#mapKeys(new Uint32Array(bytes.buffer, bytes.byteOffset, block.rowCount * runWidth));
    if (!this.#hasMetrics) return true;
    let at = Math.ceil((block.rowCount * runWidth * 4) / 8) * 8;
    this.metrics = block.metrics.map((place) => {
      const { input, end } = readMetric(place, bytes, at, block.rowCount);
      at = end;
      return input;
    });
    return true;
  }

  /** Takes the next row; its metrics go to a slot. */
  take(slot: number): void {
    this.#takenRows[this.#takenCount] = this.row++;
    this.#slots[this.#takenCount++] = slot;
  }

  /** Adds the metrics of the rows that were taken; to be done before another block is read. */
  addTaken(accumulators: readonly Accumulator[]): void {
    if (this.#takenCount === 0) return;
    const rows = this.#takenRows.subarray(0, this.#takenCount);
    const slots = this.#slots.subarray(0, this.#takenCount);
    accumulators.forEach((accumulator, place) => {
      accumulator.add(slots, rows, this.metrics[place]);
    });
    this.#takenCount = 0;
  }

  #mapKeys(source: Uint32Array): void {
    const { runWidth, width, places } = this.#map;
    // Some rows at a time, so that they are still in the cache for the next column.
    for (let start = 0; start < this.rowCount; start += mappedRows) {
      const end = Math.min(start + mappedRows, this.rowCount);
      for (let place = 0; place < width; place++) {
        const found = places[place];
        if (found === null) {
          for (let row = start, to = start * width + place; row < end; row++, to += width) {
            this.keys[to] = 0;
          }
        } else mapColumn(source, runWidth, found, this.keys, width, place, start, end);
      }
    }
  }
}

function mapColumn(
  source: Uint32Array,
  runWidth: number,
  { from, table }: NonNullable<KeyMap['places'][number]>,
  keys: Uint32Array,
  width: number,
  place: number,
  start: number,
  end: number,
): void {
  let at = start * runWidth + from;
  let to = start * width + place;
  for (let row = start; row < end; row++, at += runWidth, to += width) keys[to] = table[source[at]];
}

/** Typed arrays need starts at multiples of their width. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
}
