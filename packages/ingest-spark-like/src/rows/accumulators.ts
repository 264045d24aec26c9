/**
 * Metrics of the rows of an index, by slot (the row's place in the index). Sums of doubles are kept as an
 * unevaluated pair, so that a sum does not hang on the order of rows nor on spills in between; sums of
 * longs are exact, and one that leaves 64 bits is an error.
 */
import { InvalidInputError } from '@isotherm/errors';
import type { ColumnInput } from '@isotherm/segment';
import type { Metric } from '../spec/ingestion-spec.ts';
import type { NumberRows } from './number-column.ts';
import { SketchAccumulator } from './sketch-accumulator.ts';
import type { TextColumn } from './text-column.ts';

/** What a metric takes from a batch. */
export type MetricInput =
  /** count: one for each row. */
  | { readonly type: 'none' }
  /** `errors` are the low parts of sums that were summed before; null for input rows. */
  | {
      readonly type: 'numbers';
      readonly numbers: NumberRows;
      readonly errors: Float64Array | null;
    }
  /** hyperUnique over texts. */
  | { readonly type: 'texts'; readonly ids: Uint32Array; readonly column: TextColumn }
  /** hyperUnique over sketches of a run; an empty image is none. */
  | { readonly type: 'images'; readonly images: readonly Uint8Array[] };

/** One metric of an index. */
export interface Accumulator {
  readonly memoryBytes: number;
  /** Makes room for so many slots. */
  grow(capacity: number): void;
  /** Adds row rows[i] of the input to slot slots[i]. */
  add(slots: Uint32Array, rows: Uint32Array, input: MetricInput): void;
  /** Orders two slots by their values; for rows that nothing else tells apart. */
  compare(a: number, b: number): number;
  /** Values of slots[i], as a column of a segment. */
  column(slots: Uint32Array): ColumnInput;
  /** Low parts of sums; null for metrics that have none. */
  errors(slots: Uint32Array): Float64Array | null;
}

/** Makes the accumulator of a metric. */
export function makeAccumulator(metric: Metric): Accumulator {
  const { type, schema } = metric;
  switch (type) {
    case 'count':
    case 'longSum':
      return new LongSum(schema.name);
    case 'longMin':
    case 'longMax':
      return new Extreme('long', type === 'longMax' ? 1 : -1);
    case 'floatSum':
      return new DoubleSum('float');
    case 'doubleSum':
      return new DoubleSum('double');
    case 'floatMin':
    case 'floatMax':
      return new Extreme('float', type === 'floatMax' ? 1 : -1);
    case 'doubleMin':
    case 'doubleMax':
      return new Extreme('double', type === 'doubleMax' ? 1 : -1);
    case 'hyperUnique':
      return new SketchAccumulator();
  }
}

/** Values and the flags of those that were set; longs beyond ±2^53 in a map beside. */
class NumberSlots {
  values = new Float64Array(0);
  /** 1 where a value other than null came. */
  isSet = new Uint8Array(0);
  wide: Map<number, bigint> | null = null;
  /** A null came; as long as none did, every slot is set. */
  sawNull = false;

  get memoryBytes(): number {
    return 9 * this.values.length + 100 * (this.wide?.size ?? 0);
  }

  grow(capacity: number): void {
    this.values = grown(this.values, new Float64Array(capacity));
    this.isSet = grown(this.isSet, new Uint8Array(capacity));
  }

  exact(slot: number): bigint {
    return this.wide?.get(slot) ?? BigInt(this.values[slot]);
  }

  setWide(slot: number, value: bigint): void {
    this.wide ??= new Map();
    if (value >= -maxSafe && value <= maxSafe) this.wide.delete(slot);
    else this.wide.set(slot, value);
    this.values[slot] = Number(value);
    this.isSet[slot] = 1;
  }

  /** Nulls first, then by value. */
  compare(a: number, b: number): number {
    if (this.isSet[a] !== this.isSet[b]) return this.isSet[a] - this.isSet[b];
    const order = this.values[a] - this.values[b];
    if (order !== 0 || this.wide === null) return order;
    const [left, right] = [this.exact(a), this.exact(b)];
    return left < right ? -1 : left > right ? 1 : 0;
  }

  nulls(slots: Uint32Array): Uint8Array | null {
    if (!this.sawNull) return null;
    let nulls: Uint8Array | null = null;
    for (let row = 0; row < slots.length; row++) {
      if (this.isSet[slots[row]] === 1) continue;
      nulls ??= new Uint8Array(slots.length);
      nulls[row] = 1;
    }
    return nulls;
  }

  longs(slots: Uint32Array): ColumnInput {
    const values = new BigInt64Array(slots.length);
    // Halves of 32 bits (little-endian, as all our platforms are) spare a bigint a row.
    const halves = new Int32Array(values.buffer);
    for (let row = 0; row < slots.length; row++) {
      const value = this.values[slots[row]];
      halves[2 * row] = value;
      halves[2 * row + 1] = Math.floor(value / 0x1_0000_0000);
    }
    if (this.wide !== null) {
      slots.forEach((slot, row) => {
        values[row] = this.exact(slot);
      });
    }
    return { type: 'long', values, nulls: this.nulls(slots) };
  }
}

const maxSafe = BigInt(Number.MAX_SAFE_INTEGER);

class LongSum implements Accumulator {
  readonly #name: string;
  readonly #slots = new NumberSlots();

  constructor(name: string) {
    this.#name = name;
  }

  get memoryBytes(): number {
    return this.#slots.memoryBytes;
  }

  grow(capacity: number): void {
    this.#slots.grow(capacity);
  }

  add(slots: Uint32Array, rows: Uint32Array, input: MetricInput): void {
    const { values, isSet } = this.#slots;
    if (input.type !== 'numbers') {
      for (let i = 0; i < slots.length; i++) {
        values[slots[i]]++;
        isSet[slots[i]] = 1;
      }
      return;
    }
    const { values: added, wide, nulls } = input.numbers;
    const hasWide = wide !== null || this.#slots.wide !== null;
    for (let i = 0; i < slots.length; i++) {
      const row = rows[i];
      if (nulls !== null && nulls[row] === 1) {
        this.#slots.sawNull = true;
        continue;
      }
      const slot = slots[i];
      const sum = values[slot] + added[row];
      if (hasWide || sum > Number.MAX_SAFE_INTEGER || sum < -Number.MAX_SAFE_INTEGER) {
        this.#addExactly(slot, wide?.get(row) ?? BigInt(added[row]));
      } else {
        values[slot] = sum;
        isSet[slot] = 1;
      }
    }
  }

  #addExactly(slot: number, value: bigint): void {
    const sum = this.#slots.exact(slot) + value;
    if (BigInt.asIntN(64, sum) !== sum) {
      throw new InvalidInputError(
        `The sum of metric "${this.#name}" leaves 64 bits. Use doubleSum, or a smaller unit.`,
        { code: 'LONG_OVERFLOW' },
      );
    }
    this.#slots.setWide(slot, sum);
  }

  compare(a: number, b: number): number {
    return this.#slots.compare(a, b);
  }

  column(slots: Uint32Array): ColumnInput {
    return this.#slots.longs(slots);
  }

  errors(): null {
    return null;
  }
}

class DoubleSum implements Accumulator {
  readonly #type: 'float' | 'double';
  readonly #slots = new NumberSlots();
  #errors = new Float64Array(0);

  constructor(type: 'float' | 'double') {
    this.#type = type;
  }

  get memoryBytes(): number {
    return this.#slots.memoryBytes + 8 * this.#errors.length;
  }

  grow(capacity: number): void {
    this.#slots.grow(capacity);
    this.#errors = grown(this.#errors, new Float64Array(capacity));
  }

  add(slots: Uint32Array, rows: Uint32Array, input: MetricInput): void {
    if (input.type !== 'numbers') return;
    const { values, isSet } = this.#slots;
    const errors = this.#errors;
    const { values: added, nulls } = input.numbers;
    for (let i = 0; i < slots.length; i++) {
      const row = rows[i];
      if (nulls !== null && nulls[row] === 1) {
        this.#slots.sawNull = true;
        continue;
      }
      const slot = slots[i];
      const high = values[slot];
      const value = added[row];
      // Knuth's two-sum: `sum` and `lost` together are exactly high + value.
      const sum = high + value;
      const part = sum - high;
      const lost = high - (sum - part) + (value - part);
      isSet[slot] = 1;
      if (!Number.isFinite(sum)) {
        values[slot] = sum;
        errors[slot] = 0;
        continue;
      }
      const low = errors[slot] + lost + (input.errors === null ? 0 : input.errors[row]);
      values[slot] = sum + low;
      errors[slot] = low - (values[slot] - sum);
    }
  }

  compare(a: number, b: number): number {
    return this.#slots.compare(a, b);
  }

  column(slots: Uint32Array): ColumnInput {
    const values = new Float64Array(slots.length);
    for (let row = 0; row < slots.length; row++) values[row] = this.#slots.values[slots[row]];
    return { type: this.#type, values, nulls: this.#slots.nulls(slots) };
  }

  errors(slots: Uint32Array): Float64Array {
    const errors = new Float64Array(slots.length);
    for (let row = 0; row < slots.length; row++) errors[row] = this.#errors[slots[row]];
    return errors;
  }
}

class Extreme implements Accumulator {
  readonly #type: 'long' | 'float' | 'double';
  readonly #sign: 1 | -1;
  readonly #slots = new NumberSlots();

  /** @param sign  1 keeps the greatest, -1 the least */
  constructor(type: 'long' | 'float' | 'double', sign: 1 | -1) {
    this.#type = type;
    this.#sign = sign;
  }

  get memoryBytes(): number {
    return this.#slots.memoryBytes;
  }

  grow(capacity: number): void {
    this.#slots.grow(capacity);
  }

  add(slots: Uint32Array, rows: Uint32Array, input: MetricInput): void {
    if (input.type !== 'numbers') return;
    const { values, isSet } = this.#slots;
    const { values: added, wide, nulls } = input.numbers;
    const hasWide = wide !== null || this.#slots.wide !== null;
    for (let i = 0; i < slots.length; i++) {
      const row = rows[i];
      if (nulls !== null && nulls[row] === 1) {
        this.#slots.sawNull = true;
        continue;
      }
      const slot = slots[i];
      if (hasWide) this.#keepExactly(slot, wide?.get(row) ?? BigInt(added[row]));
      else if (isSet[slot] === 0 || (added[row] - values[slot]) * this.#sign > 0) {
        values[slot] = added[row];
        isSet[slot] = 1;
      }
    }
  }

  #keepExactly(slot: number, value: bigint): void {
    const slots = this.#slots;
    const order = value - slots.exact(slot);
    const isBetter = this.#sign === 1 ? order > 0n : order < 0n;
    if (slots.isSet[slot] === 0 || isBetter) slots.setWide(slot, value);
  }

  compare(a: number, b: number): number {
    return this.#slots.compare(a, b);
  }

  column(slots: Uint32Array): ColumnInput {
    if (this.#type === 'long') return this.#slots.longs(slots);
    const values = new Float64Array(slots.length);
    for (let row = 0; row < slots.length; row++) values[row] = this.#slots.values[slots[row]];
    return { type: this.#type, values, nulls: this.#slots.nulls(slots) };
  }

  errors(): null {
    return null;
  }
}

function grown<Values extends Float64Array | Uint8Array>(from: Values, to: Values): Values {
  to.set(from);
  return to;
}
