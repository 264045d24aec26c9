/** Copies of arrays in kernel memory, at places that no vector is aligned to. */
import { scratchBytes } from '../src/index.ts';

/** Arrays that kernels read and write. */
export type AnyArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array;

/** Gives the array that a kernel is to work on: the array itself, or a copy of it. */
export type Place = <T extends AnyArray>(array: T) => T;

/** Leaves arrays where they are: then the twin runs. */
export const inPlace: Place = (array) => array;

/** Copies into kernel memory, one element behind the aligned address. Only within `withScratch`. */
export const inKernelMemory: Place = (array) => {
  const bytes = array.BYTES_PER_ELEMENT;
  const room = scratchBytes(array.byteLength + bytes);
  // A typed array's constructor makes arrays of its own kind.
  const make = array.constructor as new (
    buffer: ArrayBufferLike,
    start: number,
    length: number,
  ) => typeof array;
  const copy = new make(room.buffer, room.byteOffset + bytes, array.length);
  new Uint8Array(copy.buffer, copy.byteOffset, copy.byteLength).set(
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
  );
  return copy;
};
