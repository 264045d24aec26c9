import type { ColumnInput } from '@isotherm/segment';
import type { Accumulator, MetricInput } from './accumulators.ts';
import { NumberSlots } from './number-slots.ts';

/** Least or greatest value. */
export class Extreme implements Accumulator {
  readonly #type: 'long' | 'float' | 'double';
  readonly #sign: 1 | -1;
  readonly #slots = new NumberSlots();

  /** @param sign  1 keeps the greatest, -1 the least */
  constructor(type: 'long' | 'float' | 'double', sign: 1 | -1) {
    this.#type = type;
    this.#sign = sign;
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

  take(slots: Uint32Array): MetricInput {
    return { type: 'numbers', numbers: this.#slots.numbers(slots), errors: null };
  }
}
