/**
 * Integers in the narrowest width, and typed arrays over bytes that may lie at any offset.
 * The bytes are little-endian, as those of all machines that Node 26 is built for here.
 */
import { CorruptSegmentError } from '@isotherm/errors';
import type { NarrowInteger, NarrowUnsigned } from './columns.ts';
import type { IdWidth, IntegerWidth } from './format.ts';

type ArrayOf = {
  readonly int8: Int8Array;
  readonly uint8: Uint8Array;
  readonly int16: Int16Array;
  readonly uint16: Uint16Array;
  readonly int32: Int32Array;
  readonly uint32: Uint32Array;
  readonly int64: BigInt64Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
};

const constructors: {
  readonly [K in keyof ArrayOf]: {
    readonly BYTES_PER_ELEMENT: number;
    new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayOf[K];
  };
} = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** Bytes of one value. */
export function widthBytes(width: keyof ArrayOf): number {
  return constructors[width].BYTES_PER_ELEMENT;
}

/**
 * Maps bytes to a typed array of `length` values: in place when they are aligned, else a copy.
 * @throws CorruptSegmentError if the bytes are not exactly that many values
 */
export function mapArray<K extends keyof ArrayOf>(
  bytes: Uint8Array,
  width: K,
  length: number,
  name: string,
): ArrayOf[K] {
  const make = constructors[width];
  if (bytes.length !== length * make.BYTES_PER_ELEMENT) {
    throw new CorruptSegmentError(
      `Block "${name}" holds ${bytes.length} bytes. Expected ${length} values of type ${width}.`,
    );
  }
  const aligned = bytes.byteOffset % make.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new make(aligned.buffer, aligned.byteOffset, length);
}

/** The bytes of a typed array, in place. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** The narrowest width for ids below `size`. */
export function idWidth(size: number): IdWidth {
  if (size <= 0x100) return 'uint8';
  return size <= 0x10000 ? 'uint16' : 'uint32';
}

/** Bits of an Arrow index type for a dictionary of `size`. */
export function indexBits(size: number): 8 | 16 | 32 {
  const bytes = widthBytes(idWidth(size));
  return bytes === 1 ? 8 : bytes === 2 ? 16 : 32;
}

/** Copies ids into the narrowest width for ids below `size`. */
export function narrowIds(ids: ArrayLike<number>, size: number): NarrowUnsigned {
  switch (idWidth(size)) {
    case 'uint8':
      return new Uint8Array(ids);
    case 'uint16':
      return new Uint16Array(ids);
    case 'uint32':
      return new Uint32Array(ids);
  }
}

/** Names the width of an array. */
export function widthOf(array: NarrowInteger): IntegerWidth {
  if (array instanceof Int8Array) return 'int8';
  if (array instanceof Uint8Array) return 'uint8';
  if (array instanceof Int16Array) return 'int16';
  if (array instanceof Uint16Array) return 'uint16';
  if (array instanceof Int32Array) return 'int32';
  if (array instanceof Uint32Array) return 'uint32';
  return 'int64';
}

/** Packs nulls (1 = null) into a validity bitmap (1 = value), least significant bit first; zeros behind the last row. */
export function packValidity(nulls: Uint8Array): Uint8Array {
  const bits = new Uint8Array((nulls.length + 7) >> 3);
  for (let row = 0; row < nulls.length; row++) {
    if (nulls[row] === 0) bits[row >> 3] |= 1 << (row & 7);
  }
  return bits;
}
