/** Keys of a few columns of one byte in one pass: most dimensions have less than 257 values. */
import type { Batch, IdArray } from './batch.ts';
import { addDenseKeys } from './group-key.ts';
import { readIds } from './read-columns.ts';
import { kernelsFor } from './wasm/module.ts';

/** Lanes of 16 bits hold the keys of the kernel. */
const joinedLimit = 1 << 16;

/** A column of a key in mixed radix. */
export interface JoinedIds {
  readonly ids: IdArray;
  readonly stride: number;
}

/**
 * Writes `keys[i] = ids0[row i] + ids1[row i] * stride1 + …`.
 *
 * @param columns  one or more; the first one's stride is 1
 * @param keyCount all keys are below it; at most 2^32
 */
export function joinIds(
  columns: readonly JoinedIds[],
  keyCount: number,
  batch: Batch,
  keys: Uint32Array,
): void {
  let joined = 1;
  if (batch.rows === null && keyCount <= joinedLimit) joined = joinBytes(columns, batch, keys);
  else readIds(columns[0].ids, batch, keys);
  for (let i = joined; i < columns.length; i++) {
    addDenseKeys(columns[i].ids, batch, columns[i].stride, keys);
  }
}

/** Joins the first two or three columns if they are bytes, else takes the first; returns how many it took. */
function joinBytes(columns: readonly JoinedIds[], batch: Batch, keys: Uint32Array): number {
  const { start, count } = batch;
  const [a, b, c] = columns;
  const isByte = (column: JoinedIds | undefined): boolean => column?.ids.BYTES_PER_ELEMENT === 1;
  const kernels = isByte(a) && isByte(b) ? kernelsFor(keys, a.ids, b.ids) : null;
  if (kernels === null) {
    readIds(a.ids, batch, keys);
    return 1;
  }
  const hasThird = isByte(c) && kernelsFor(c.ids) !== null;
  // A stride of 0 leaves a column out.
  const third = hasThird ? c : { ids: a.ids, stride: 0 };
  kernels.joinByteIds(
    a.ids.byteOffset + start,
    b.ids.byteOffset + start,
    b.stride,
    third.ids.byteOffset + start,
    third.stride,
    count,
    keys.byteOffset,
  );
  return hasThird ? 3 : 2;
}
