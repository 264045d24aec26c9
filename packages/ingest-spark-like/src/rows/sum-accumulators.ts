/** Sums: of longs exactly, of doubles as an unevaluated pair of high and low part. */
import { InvalidInputError } from '@isotherm/errors';
import type { ColumnInput } from '@isotherm/segment';
import type { Accumulator, MetricInput } from './accumulators.ts';
import { grown, NumberSlots } from './number-slots.ts';

/** count and longSum. */
export class LongSum implements Accumulator {
  readonly #name: string;
  readonly #slots = new NumberSlots();

  constructor(name: string) {
    this.#name = name;
  }

  memoryBytes(slotCount: number): number {
    return this.#slots.memoryBytes(slotCount);
  }

  clear(): void {
    this.#slots.clear();
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

  take(slots: Uint32Array): MetricInput {
    return { type: 'numbers', numbers: this.#slots.numbers(slots), errors: null };
  }
}

/** doubleSum and floatSum; floats are rounded when they are written. */
export class DoubleSum implements Accumulator {
  readonly #type: 'float' | 'double';
  readonly #slots = new NumberSlots();
  #errors = new Float64Array(0);

  constructor(type: 'float' | 'double') {
    this.#type = type;
  }

  memoryBytes(slotCount: number): number {
    return this.#slots.memoryBytes(slotCount) + 8 * slotCount;
  }

  clear(): void {
    this.#slots.clear();
    this.#errors.fill(0);
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

  take(slots: Uint32Array): MetricInput {
    const errors = new Float64Array(slots.length);
    for (let row = 0; row < slots.length; row++) errors[row] = this.#errors[slots[row]];
    return { type: 'numbers', numbers: this.#slots.numbers(slots), errors };
  }
}
