/**
 * The little of FlatBuffers that Arrow's metadata needs, written back to front as the format asks:
 * what is referred to is written before what refers to it. An offset here is the distance of an
 * object from the END of the buffer, which does not change while the buffer grows at its front.
 *
 *   table   i32 distance to its vtable, then the fields, each aligned to its size
 *   vtable  u16 bytes of the vtable, u16 bytes of the table, u16 place of each field (0 = absent)
 *   vector  u32 count, then the elements;  string: the same, UTF-8 and a zero byte
 *
 * Source: the FlatBuffers internals page. Deterministic: vtables are not shared.
 */

/** One field of a table; null leaves it out, which means its default. */
type FlatField =
  | { readonly type: 'i8' | 'i16' | 'i32' | 'offset'; readonly value: number }
  | { readonly type: 'i64'; readonly value: number }
  | null;

const fieldBytes = { i8: 1, i16: 2, i32: 4, offset: 4, i64: 8 };

/** Builds one FlatBuffer. Numbers are little-endian. */
export class FlatBuilder {
  private bytes = new Uint8Array(1024);
  private view = new DataView(this.bytes.buffer);
  /** First used byte; everything before it is free. */
  private head = 1024;

  /** Writes a table whose n-th field stands in slot n. */
  table(fields: readonly FlatField[]): number {
    this.prepare(8, 0);
    const end = this.size;
    const places: number[] = fields.map(() => 0);
    for (const [slot, field] of fields.entries()) {
      if (field === null) continue;
      this.writeField(field);
      places[slot] = this.size;
    }
    this.prepare(4, 0);
    this.writeI32(0);
    const table = this.size;
    let count = fields.length;
    while (count > 0 && places[count - 1] === 0) count--;
    this.prepare(2, (count + 2) * 2);
    for (let slot = count - 1; slot >= 0; slot--) {
      this.writeI16(places[slot] === 0 ? 0 : table - places[slot]);
    }
    this.writeI16(table - end);
    this.writeI16((count + 2) * 2);
    this.view.setInt32(this.bytes.length - table, this.size - table, true);
    return table;
  }

  /** Writes a vector of references to objects that are already written. */
  offsetVector(offsets: readonly number[]): number {
    this.prepare(4, offsets.length * 4);
    for (let index = offsets.length - 1; index >= 0; index--) {
      this.writeI32(this.size + 4 - offsets[index]);
    }
    this.writeI32(offsets.length);
    return this.size;
  }

  /** Writes a vector of structs that are aligned to 8 bytes, given as their bytes. */
  structVector(count: number, structs: Uint8Array): number {
    this.prepare(4, structs.length);
    this.prepare(8, structs.length);
    this.head -= structs.length;
    this.bytes.set(structs, this.head);
    this.writeI32(count);
    return this.size;
  }

  /** Writes a text as UTF-8. */
  string(text: string): number {
    const encoded = Buffer.from(text);
    this.prepare(4, encoded.length + 1);
    this.head -= encoded.length + 1;
    this.bytes.set(encoded, this.head);
    this.bytes[this.head + encoded.length] = 0;
    this.writeI32(encoded.length);
    return this.size;
  }

  /** Writes the reference to the root table and returns all bytes. */
  finish(root: number): Uint8Array {
    this.prepare(8, 4);
    this.writeI32(this.size + 4 - root);
    return this.bytes.slice(this.head);
  }

  private get size(): number {
    return this.bytes.length - this.head;
  }

  /** Pads so that after `more` bytes the size is a multiple of `alignment`, and makes room. */
  private prepare(alignment: number, more: number): void {
    const padding = -(this.size + more) & (alignment - 1);
    const needed = padding + more + 16;
    if (this.head < needed) this.grow(needed);
    this.bytes.fill(0, this.head - padding, this.head);
    this.head -= padding;
  }

  private grow(needed: number): void {
    const used = this.bytes.subarray(this.head);
    const larger = new Uint8Array(this.bytes.length * 2 + needed);
    larger.set(used, larger.length - used.length);
    this.head = larger.length - used.length;
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }

  private writeField(field: NonNullable<FlatField>): void {
    const bytes = fieldBytes[field.type];
    this.prepare(bytes, bytes);
    switch (field.type) {
      case 'i8':
        this.head -= 1;
        this.view.setInt8(this.head, field.value);
        return;
      case 'i16':
        this.writeI16(field.value);
        return;
      case 'i32':
        this.writeI32(field.value);
        return;
      case 'offset':
        this.writeI32(this.size + 4 - field.value);
        return;
      case 'i64':
        this.head -= 8;
        this.view.setBigInt64(this.head, BigInt(field.value), true);
    }
  }

  private writeI16(value: number): void {
    this.head -= 2;
    this.view.setInt16(this.head, value, true);
  }

  private writeI32(value: number): void {
    if (this.head < 4) this.grow(16);
    this.head -= 4;
    this.view.setInt32(this.head, value, true);
  }
}

/**
 * Reads tables of a FlatBuffer that may be damaged: every place is checked before it is used.
 * A null stands for an absent field; `RangeError` is thrown for anything that lies outside.
 */
export class FlatReader {
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Place of the root table. */
  root(): number {
    return this.view.getUint32(0, true);
  }

  /** Place of the field in `slot` of the table at `table`, or null. */
  field(table: number, slot: number): number | null {
    const vtable = table - this.view.getInt32(table, true);
    if (4 + slot * 2 + 2 > this.view.getUint16(vtable, true)) return null;
    const place = this.view.getUint16(vtable + 4 + slot * 2, true);
    return place === 0 ? null : table + place;
  }

  /** Follows the reference at `place`. */
  follow(place: number): number {
    return place + this.view.getUint32(place, true);
  }

  /** Elements of the vector of references at `vector`. */
  *references(vector: number): Generator<number> {
    const count = this.view.getUint32(vector, true);
    for (let index = 0; index < count; index++) yield this.follow(vector + 4 + index * 4);
  }

  /** The string at `place`. */
  text(place: number): string {
    const length = this.view.getUint32(place, true);
    if (place + 4 + length > this.view.byteLength) throw new RangeError('text outside the buffer');
    const bytes = new Uint8Array(this.view.buffer, this.view.byteOffset + place + 4, length);
    return new TextDecoder().decode(bytes);
  }
}
