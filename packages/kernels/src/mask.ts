/**
 * Three-valued truth, one byte a row: 0 false, 1 unknown, 2 true. In this order `and` is the
 * smaller, `or` the larger and `not` the mirror of its operands, without a branch.
 */
import type { Batch } from './batch.ts';
import { addressOf, kernelsFor } from './wasm/module.ts';

/** A condition that does not hold. */
export const maskFalse = 0;
/** A condition over a null. */
export const maskUnknown = 1;
/** A condition that holds. */
export const maskTrue = 2;

/** `mask[i] = mask[i] and other[i]`. Masks in kernel memory may change behind `count`. */
export function andMask(mask: Uint8Array, other: Uint8Array, count: number): void {
  const kernels = kernelsFor(mask, other);
  if (kernels !== null) {
    kernels.andMask(mask.byteOffset, other.byteOffset, count);
    return;
  }
  for (let i = 0; i < count; i++) mask[i] = Math.min(mask[i], other[i]);
}

/** `mask[i] = mask[i] or other[i]`. */
export function orMask(mask: Uint8Array, other: Uint8Array, count: number): void {
  const kernels = kernelsFor(mask, other);
  if (kernels !== null) {
    kernels.orMask(mask.byteOffset, other.byteOffset, count);
    return;
  }
  for (let i = 0; i < count; i++) mask[i] = Math.max(mask[i], other[i]);
}

/** `mask[i] = not mask[i]`; unknown stays unknown. */
export function notMask(mask: Uint8Array, count: number): void {
  const kernels = kernelsFor(mask);
  if (kernels !== null) {
    kernels.notMask(mask.byteOffset, count);
    return;
  }
  for (let i = 0; i < count; i++) mask[i] = 2 - mask[i];
}

/** Writes the row numbers of `batch` whose mask is true to `out` in order; returns how many. `out` may be `batch.rows`. */
export function selectTrue(mask: Uint8Array, batch: Batch, out: Uint32Array): number {
  const { rows, start, count } = batch;
  const kernels = kernelsFor(mask, out, rows ?? out);
  if (kernels !== null) {
    return kernels.selectTrue(mask.byteOffset, addressOf(rows), start, count, out.byteOffset);
  }
  return rows === null
    ? selectConsecutive(mask, start, count, out)
    : selectAmong(mask, rows, count, out);
}

// Branch-free: every row is written, and only a true one moves the write position on.
function selectConsecutive(
  mask: Uint8Array,
  start: number,
  count: number,
  out: Uint32Array,
): number {
  let found = 0;
  for (let i = 0; i < count; i++) {
    out[found] = start + i;
    found += mask[i] >> 1;
  }
  return found;
}

function selectAmong(mask: Uint8Array, rows: Uint32Array, count: number, out: Uint32Array): number {
  let found = 0;
  for (let i = 0; i < count; i++) {
    out[found] = rows[i];
    found += mask[i] >> 1;
  }
  return found;
}

/** First place from `from` on that is true; the length if there is none. */
export function nextTrue(mask: Uint8Array, from: number): number {
  const kernels = kernelsFor(mask);
  if (kernels !== null) return kernels.findTruth(mask.byteOffset, from, mask.length, 1);
  let at = from;
  while (at < mask.length && mask[at] !== maskTrue) at += 1;
  return at;
}

/** First place from `from` on that is false or unknown; the length if there is none. */
export function nextNotTrue(mask: Uint8Array, from: number): number {
  const kernels = kernelsFor(mask);
  if (kernels !== null) return kernels.findTruth(mask.byteOffset, from, mask.length, 0);
  let at = from;
  while (at < mask.length && mask[at] === maskTrue) at += 1;
  return at;
}
