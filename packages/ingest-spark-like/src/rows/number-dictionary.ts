/**
 * Gives each distinct number an id, in order of arrival; id 0 is null. Doubles and longs up to 2^53 are
 * kept as doubles; longer longs as bigints in a map of their own. -0 is 0.
 */
const bits = new Float64Array(1);
const halves = new Int32Array(bits.buffer);

/** State with a lifetime: filled until the index is spilled, then forgotten. */
export class NumberDictionary {
  #values = new Float64Array(1 << 8);
  #slots = new Int32Array(1 << 9);
  #wide: Map<bigint, number> | null = null;
  #wideValues: Map<number, bigint> | null = null;
  #size = 1;
  #lastValue = Number.NaN;
  #lastId = 0;

  /** Number of ids, null's included. */
  get size(): number {
    return this.#size;
  }

  /** Bytes that the dictionary uses. */
  get memoryBytes(): number {
    return 20 * this.#size + 100 * (this.#wide?.size ?? 0);
  }

  /** Forgets all numbers; keeps the room. */
  clear(): void {
    this.#slots.fill(0);
    this.#wide = null;
    this.#wideValues = null;
    this.#size = 1;
    this.#lastValue = Number.NaN;
  }

  /** Id of a number that is not NaN. */
  idOf(value: number): number {
    if (value === this.#lastValue) return this.#lastId;
    bits[0] = value + 0;
    const mask = this.#slots.length - 1;
    let slot = hashOf() & mask;
    let id = this.#slots[slot];
    while (id !== 0 && this.#values[id] !== value) {
      slot = (slot + 1) & mask;
      id = this.#slots[slot];
    }
    if (id === 0) id = this.#add(value + 0, slot);
    this.#lastValue = value;
    this.#lastId = id;
    return id;
  }

  /** Id of a long beyond ±2^53. */
  idOfWide(value: bigint): number {
    this.#wide ??= new Map();
    this.#wideValues ??= new Map();
    let id = this.#wide.get(value);
    if (id === undefined) {
      id = this.#take(Number(value));
      this.#wide.set(value, id);
      this.#wideValues.set(id, value);
    }
    return id;
  }

  /** The number; null for id 0. */
  valueOf(id: number): number | bigint | null {
    if (id === 0) return null;
    return this.#wideValues?.get(id) ?? this.#values[id];
  }

  /** The number as a double, rounded when it is a longer long. */
  doubleOf(id: number): number {
    return this.#values[id];
  }

  #add(value: number, slot: number): number {
    const id = this.#take(value);
    this.#slots[slot] = id;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return id;
  }

  #take(value: number): number {
    const id = this.#size++;
    if (id >= this.#values.length) {
      const values = this.#values;
      this.#values = new Float64Array(values.length * 2);
      this.#values.set(values);
    }
    this.#values[id] = value;
    return id;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let id = 1; id < this.#size; id++) {
      if (this.#wideValues?.has(id) === true) continue;
      bits[0] = this.#values[id];
      let slot = hashOf() & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.#slots = slots;
  }
}

/** Of the double in `bits`. */
function hashOf(): number {
  let hash = Math.imul(halves[0] ^ Math.imul(halves[1], 0x85ebca6b), 0xc2b2ae35);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x27d4eb2f);
  return hash ^ (hash >>> 13);
}
