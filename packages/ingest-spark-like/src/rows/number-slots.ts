import type { ColumnInput } from '@isotherm/segment';
import type { NumberRows } from './number-column.ts';

/** Values and the flags of those that were set; longs beyond ±2^53 in a map beside. */
export class NumberSlots {
  values = new Float64Array(0);
  /** 1 where a value other than null came. */
  isSet = new Uint8Array(0);
  wide: Map<number, bigint> | null = null;
  /** A null came; as long as none did, every slot is set. */
  sawNull = false;

  memoryBytes(slotCount: number): number {
    return 9 * slotCount + 100 * (this.wide?.size ?? 0);
  }

  /** Forgets all values; keeps the room. */
  clear(): void {
    this.values.fill(0);
    this.isSet.fill(0);
    this.wide = null;
    this.sawNull = false;
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

  /** Values of slots[i], as a run keeps them. */
  numbers(slots: Uint32Array): NumberRows {
    const values = new Float64Array(slots.length);
    let wide: Map<number, bigint> | null = null;
    for (let row = 0; row < slots.length; row++) values[row] = this.values[slots[row]];
    if (this.wide !== null) {
      for (let row = 0; row < slots.length; row++) {
        const long = this.wide.get(slots[row]);
        if (long === undefined) continue;
        wide ??= new Map();
        wide.set(row, long);
      }
    }
    return { values, wide, nulls: this.nulls(slots) };
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

/** Copies what there is into a longer array. */
export function grown<Values extends Float64Array | Uint8Array>(from: Values, to: Values): Values {
  to.set(from);
  return to;
}
