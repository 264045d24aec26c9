/**
 * Step 3. The incremental index: rows of all open chunks, rolled up by a hash of their dictionary ids.
 * Spilled and begun anew when it holds as many rows or bytes as the spec allows, so its dictionaries
 * never outgrow the memory either.
 *
 *   keys   [rows × width]   u32: time id, then one id a dimension       row-major: one row, one cache line
 *   slots  hash table of rows, open addressing, 0 = free
 *   one accumulator a metric, by row
 */
import type { DimensionSchema } from '@isotherm/segment';
import type { Accumulator, MetricInput } from './rows/accumulators.ts';
import { makeAccumulator } from './rows/accumulators.ts';
import { NumberDictionary } from './rows/number-dictionary.ts';
import { TextColumn } from './rows/text-column.ts';
import type { Metric } from './spec/ingestion-spec.ts';

/** Hash and slots of a row. */
const slotBytesPerRow = 16;

/** Ids of one dimension. */
export type DimensionIds =
  | { readonly schema: DimensionSchema; readonly type: 'text'; readonly column: TextColumn }
  | {
      readonly schema: DimensionSchema;
      readonly type: 'number';
      readonly dictionary: NumberDictionary;
    };

/** Rows that were read, filtered and put into chunks, as ids of an index. Shapes are `[rowCount]`. */
export interface EncodedRows {
  /** Rows that are kept, ascending. */
  readonly rows: Uint32Array;
  /** Cut to the query granularity. */
  readonly times: Float64Array;
  /** Start of each row's chunk. */
  readonly chunkStarts: Float64Array;
  /** One a dimension of the index. */
  readonly ids: readonly Uint32Array[];
  /** One a metric. */
  readonly metrics: readonly MetricInput[];
}

/** State with a lifetime: from one spill to the next. */
export class IncrementalIndex {
  readonly dimensions: readonly DimensionIds[];
  readonly metrics: readonly Metric[];
  readonly rollup: boolean;
  readonly times = new NumberDictionary();
  readonly accumulators: readonly Accumulator[];
  /** Texts that hyperUnique metrics count, hashed once each; null for other metrics. */
  readonly metricTexts: readonly (TextColumn | null)[];
  /** Ids of a row: time, then dimensions. */
  readonly width: number;
  #keys: Uint32Array;
  #hashes = new Int32Array(0);
  #slots = new Int32Array(1 << 11);
  #chunkOfTime = new Float64Array(1 << 8);
  #rowCount = 0;
  #capacity = 0;

  constructor(dimensions: readonly DimensionSchema[], metrics: readonly Metric[], rollup: boolean) {
    this.dimensions = dimensions.map(makeDimension);
    this.metrics = metrics;
    this.rollup = rollup;
    this.accumulators = metrics.map(makeAccumulator);
    this.metricTexts = metrics.map(({ type }) =>
      type === 'hyperUnique' ? new TextColumn('ARRAY') : null,
    );
    this.width = dimensions.length + 1;
    this.#keys = new Uint32Array(0);
    this.#grow(1 << 10);
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** Bytes in use, dictionaries included; what stands by for more rows may double that. */
  get memoryBytes(): number {
    let bytes = this.#rowCount * (4 * this.width + slotBytesPerRow);
    bytes += this.times.memoryBytes;
    for (const dimension of this.dimensions) {
      bytes +=
        dimension.type === 'text' ? dimension.column.memoryBytes : dimension.dictionary.memoryBytes;
    }
    for (const accumulator of this.accumulators) bytes += accumulator.memoryBytes(this.#rowCount);
    for (const texts of this.metricTexts) bytes += texts?.memoryBytes ?? 0;
    return bytes;
  }

  /** Forgets all rows and values; keeps the room, for the next ones will need as much. */
  clear(): void {
    this.times.clear();
    for (const dimension of this.dimensions) {
      if (dimension.type === 'text') dimension.column.clear();
      else dimension.dictionary.clear();
    }
    for (const accumulator of this.accumulators) accumulator.clear();
    for (const texts of this.metricTexts) texts?.clear();
    this.#slots.fill(0);
    this.#rowCount = 0;
  }

  /** Adds rows; equal ones become one when the spec rolls up. */
  add(encoded: EncodedRows): void {
    const { rows } = encoded;
    this.#grow(this.#rowCount + rows.length);
    const timeIds = this.#encodeTimes(encoded);
    const targets = new Uint32Array(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const candidate = this.#rowCount;
      const hash = this.#writeKey(candidate, timeIds[i], encoded.ids, rows[i]);
      targets[i] = this.rollup ? this.#findOrAdd(candidate, hash) : this.#rowCount++;
    }
    this.accumulators.forEach((accumulator, index) => {
      accumulator.add(targets, rows, encoded.metrics[index]);
    });
  }

  /** Ids of all rows: time, then dimensions; shape [rowCount × width] and more behind. Read in place. */
  get keys(): Uint32Array {
    return this.#keys;
  }

  /** Start of the chunk of a time id. */
  chunkOf(timeId: number): number {
    return this.#chunkOfTime[timeId];
  }

  /** True when two rows have the same time and dimensions. */
  haveEqualKeys(a: number, b: number): boolean {
    const keys = this.#keys;
    const [left, right] = [a * this.width, b * this.width];
    for (let place = 0; place < this.width; place++) {
      if (keys[left + place] !== keys[right + place]) return false;
    }
    return true;
  }

  #encodeTimes({ rows, times, chunkStarts }: EncodedRows): Uint32Array {
    const ids = new Uint32Array(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const id = this.times.idOf(times[rows[i]]);
      if (id >= this.#chunkOfTime.length) {
        const longer = new Float64Array(this.#chunkOfTime.length * 2);
        longer.set(this.#chunkOfTime);
        this.#chunkOfTime = longer;
      }
      this.#chunkOfTime[id] = chunkStarts[rows[i]];
      ids[i] = id;
    }
    return ids;
  }

  /** Writes the key of a row that may be added, and hashes it. */
  #writeKey(row: number, timeId: number, ids: readonly Uint32Array[], source: number): number {
    const keys = this.#keys;
    let at = row * this.width;
    keys[at++] = timeId;
    let hash = Math.imul(timeId, 0x85ebca6b);
    for (let place = 0; place < ids.length; place++) {
      const id = ids[place][source];
      keys[at++] = id;
      hash = Math.imul(hash ^ id, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  #findOrAdd(candidate: number, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const row = this.#slots[slot] - 1;
      if (row < 0) {
        this.#slots[slot] = candidate + 1;
        this.#hashes[candidate] = hash;
        this.#rowCount++;
        return candidate;
      }
      if (this.#hashes[row] === hash && this.haveEqualKeys(row, candidate)) return row;
      slot = (slot + 1) & mask;
    }
  }

  /** Room for so many rows, and a hash table that is at most half full. */
  #grow(rowCount: number): void {
    if (rowCount < this.#capacity) return;
    this.#capacity = Math.max(rowCount + 1, this.#capacity * 2);
    const keys = new Uint32Array(this.#capacity * this.width);
    keys.set(this.#keys.subarray(0, this.#rowCount * this.width));
    this.#keys = keys;
    for (const accumulator of this.accumulators) accumulator.grow(this.#capacity);
    if (!this.rollup) return;
    const hashes = new Int32Array(this.#capacity);
    hashes.set(this.#hashes.subarray(0, this.#rowCount));
    this.#hashes = hashes;
    let size = this.#slots.length;
    while (size < this.#capacity * 2) size *= 2;
    if (size > this.#slots.length) this.#rehash(size);
  }

  #rehash(size: number): void {
    const slots = new Int32Array(size);
    for (let row = 0; row < this.#rowCount; row++) {
      let slot = this.#hashes[row] & (size - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (size - 1);
      slots[slot] = row + 1;
    }
    this.#slots = slots;
  }
}

/** Ids for the values of a dimension, none yet. */
export function makeDimension(schema: DimensionSchema): DimensionIds {
  if (schema.type === 'string') {
    return { schema, type: 'text', column: new TextColumn(schema.multiValueHandling) };
  }
  return { schema, type: 'number', dictionary: new NumberDictionary() };
}
