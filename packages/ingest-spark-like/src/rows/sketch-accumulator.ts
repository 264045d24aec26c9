/**
 * hyperUnique sketches of the rows of an index. A sketch of 2,048 registers a row would fill the memory,
 * so the index keeps what each value does to its row's sketch, one number of 32 bits,
 *
 *   register (11 bits) << 8 | position (8 bits)
 *
 * and makes each sketch only when its row is written.
 */
import {
  encodeHyperUnique,
  encodeHyperUniqueMarks,
  foldHyperUnique,
  hyperUniqueMark,
  hyperUniqueRegisterCount,
  maxHyperUniqueMarks,
} from '@isotherm/kernels';
import type { ColumnInput } from '@isotherm/segment';
import type { Accumulator, MetricInput } from './accumulators.ts';
import type { TextDictionary } from './text-dictionary.ts';

/** One hyperUnique metric. */
export class SketchAccumulator implements Accumulator {
  #slots = new Uint32Array(1 << 10);
  #marks = new Uint32Array(1 << 10);
  #count = 0;
  #capacity = 0;
  readonly #registers = new Uint8Array(hyperUniqueRegisterCount);
  #marksOfTexts = new Uint32Array(0);
  #sorted: { readonly starts: Uint32Array; readonly marks: Uint32Array } | null = null;

  memoryBytes(): number {
    return 8 * this.#count + 4 * this.#marksOfTexts.length;
  }

  clear(): void {
    this.#count = 0;
    this.#marksOfTexts = new Uint32Array(0);
    this.#sorted = null;
  }

  grow(capacity: number): void {
    this.#capacity = capacity;
  }

  add(slots: Uint32Array, rows: Uint32Array, input: MetricInput): void {
    this.#sorted = null;
    if (input.type === 'texts') {
      for (let i = 0; i < slots.length; i++) {
        for (const id of input.column.valuesOf(input.ids[rows[i]])) {
          if (id !== 0) this.#push(slots[i], this.#markOfText(id, input.column.dictionary));
        }
      }
    } else if (input.type === 'images') {
      for (let i = 0; i < slots.length; i++) this.#addImage(slots[i], input.images[rows[i]]);
    }
  }

  compare(a: number, b: number): number {
    const [left, right] = [this.#marksOf(a), this.#marksOf(b)];
    for (let at = 0; at < Math.min(left.length, right.length); at++) {
      if (left[at] !== right[at]) return left[at] - right[at];
    }
    return left.length - right.length;
  }

  /** Ascending, the last one of each register: what the sketch will hold. */
  #marksOf(slot: number): Uint32Array {
    const { starts, marks } = this.#bySlot();
    const sorted = marks.slice(starts[slot], starts[slot + 1]).sort();
    return sorted.filter(
      (mark, at) => at + 1 === sorted.length || mark >>> 8 !== sorted[at + 1] >>> 8,
    );
  }

  column(slots: Uint32Array): ColumnInput {
    return { type: 'hyperUnique', images: this.#images(slots) };
  }

  take(slots: Uint32Array): MetricInput {
    return { type: 'images', images: this.#images(slots) };
  }

  #images(slots: Uint32Array): Uint8Array[] {
    const { starts, marks } = this.#bySlot();
    const registers = this.#registers;
    const images: Uint8Array[] = [];
    for (const slot of slots) {
      const [start, end] = [starts[slot], starts[slot + 1]];
      if (start === end) {
        images.push(new Uint8Array());
        continue;
      }
      if (end - start <= maxHyperUniqueMarks) {
        images.push(encodeHyperUniqueMarks(marks, start, end));
        continue;
      }
      for (let at = start; at < end; at++) {
        const register = marks[at] >>> 8;
        registers[register] = Math.max(registers[register], marks[at] & 0xff);
      }
      images.push(encodeHyperUnique(registers, 0));
      for (let at = start; at < end; at++) registers[marks[at] >>> 8] = 0;
    }
    return images;
  }

  #push(slot: number, mark: number): void {
    if (this.#count === this.#slots.length) {
      const [slots, marks] = [this.#slots, this.#marks];
      this.#slots = new Uint32Array(slots.length * 2);
      this.#slots.set(slots);
      this.#marks = new Uint32Array(marks.length * 2);
      this.#marks.set(marks);
    }
    this.#slots[this.#count] = slot;
    this.#marks[this.#count++] = mark;
  }

  /** A text is hashed once, however many rows have it. */
  #markOfText(id: number, dictionary: TextDictionary): number {
    if (id >= this.#marksOfTexts.length) {
      const marks = new Uint32Array(Math.max(id + 1, this.#marksOfTexts.length * 2, 256));
      marks.set(this.#marksOfTexts);
      this.#marksOfTexts = marks;
    }
    let mark = this.#marksOfTexts[id];
    if (mark === 0) {
      const bytes = dictionary.bytesOf(id);
      mark = hyperUniqueMark(bytes, 0, bytes.length);
      this.#marksOfTexts[id] = mark;
    }
    return mark;
  }

  #addImage(slot: number, image: Uint8Array): void {
    if (image.length === 0) return;
    const registers = this.#registers;
    foldHyperUnique(image, registers, 0);
    for (let register = 0; register < registers.length; register++) {
      if (registers[register] === 0) continue;
      this.#push(slot, (register << 8) | registers[register]);
      registers[register] = 0;
    }
  }

  /** Marks grouped by slot: those of slot s are marks[starts[s], starts[s + 1]). */
  #bySlot(): { readonly starts: Uint32Array; readonly marks: Uint32Array } {
    if (this.#sorted !== null) return this.#sorted;
    const starts = new Uint32Array(this.#capacity + 2);
    for (let at = 0; at < this.#count; at++) starts[this.#slots[at] + 1]++;
    for (let slot = 1; slot < starts.length; slot++) starts[slot] += starts[slot - 1];
    const next = starts.slice();
    const marks = new Uint32Array(this.#count);
    for (let at = 0; at < this.#count; at++) marks[next[this.#slots[at]]++] = this.#marks[at];
    this.#sorted = { starts, marks };
    return this.#sorted;
  }
}
