/**
 * Metrics of a block of a run.
 *
 *   numbers  values u32 or f64 [rows] · nulls u8 [rows] if any · low parts of sums f64 [rows] if any
 *   images   the bytes of all sketches, one behind the other
 *
 * Every array starts at a multiple of 8. Longs beyond ±2^53 stand in the header.
 */
import type { MetricInput } from '../rows/accumulators.ts';

/** What a block holds of one metric. */
export type MetricPlace =
  | {
      readonly type: 'numbers';
      readonly width: 4 | 8;
      readonly hasNulls: boolean;
      readonly hasErrors: boolean;
      readonly wide: Map<number, bigint> | null;
    }
  /** Image r ends at ends[r]. */
  | { readonly type: 'images'; readonly ends: Float64Array };

/** A metric that is to be written. */
export interface PlacedMetric {
  readonly place: MetricPlace;
  /** In the order of the block. */
  readonly parts: readonly Uint8Array[];
}

/** Bytes rounded up to a multiple of 8. */
export function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

/** Chooses how a metric is written. @throws RangeError never for what accumulators give */
export function placeMetric(input: MetricInput): PlacedMetric {
  if (input.type === 'images') {
    let end = 0;
    const ends = Float64Array.from(input.images, (image) => (end += image.length));
    const bytes = new Uint8Array(end);
    input.images.forEach((image, row) => bytes.set(image, ends[row] - image.length));
    return { place: { type: 'images', ends }, parts: [bytes] };
  }
  if (input.type !== 'numbers') throw new RangeError('An accumulator gives numbers or images.');
  const { numbers, errors } = input;
  const { values, wide, nulls } = numbers;
  const narrow = wide === null ? narrowed(values) : null;
  const lows = errors !== null && errors.some((error) => error !== 0) ? errors : null;
  const arrays = [narrow ?? values, nulls, lows];
  return {
    place: {
      type: 'numbers',
      width: narrow === null ? 8 : 4,
      hasNulls: nulls !== null,
      hasErrors: lows !== null,
      wide,
    },
    parts: arrays
      .filter((array) => array !== null)
      .map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)),
  };
}

/** The values in 32 bits each; null where one does not fit. */
function narrowed(values: Float64Array): Uint32Array | null {
  const narrow = new Uint32Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    narrow[row] = value;
    // A zero may have a sign.
    if (narrow[row] !== value || (value === 0 && 1 / value < 0)) return null;
  }
  return narrow;
}

/** Reads a metric back. @param start  offset of its first part in `bytes` @returns where the next one starts */
export function readMetric(
  place: MetricPlace,
  bytes: Uint8Array,
  start: number,
  rowCount: number,
): { readonly input: MetricInput; readonly end: number } {
  let at = bytes.byteOffset + start;
  if (place.type === 'images') {
    const { ends } = place;
    const images = Array.from(ends, (end, row) =>
      bytes.subarray(start + (row === 0 ? 0 : ends[row - 1]), start + end),
    );
    return { input: { type: 'images', images }, end: start + padded(ends.at(-1) ?? 0) };
  }
  const { width, hasNulls, hasErrors, wide } = place;
  const values =
    width === 4
      ? new Float64Array(new Uint32Array(bytes.buffer, at, rowCount))
      : new Float64Array(bytes.buffer, at, rowCount);
  at += padded(rowCount * width);
  const nulls = hasNulls ? new Uint8Array(bytes.buffer, at, rowCount) : null;
  if (hasNulls) at += padded(rowCount);
  const errors = hasErrors ? new Float64Array(bytes.buffer, at, rowCount) : null;
  if (hasErrors) at += rowCount * 8;
  return {
    input: { type: 'numbers', numbers: { values, wide, nulls }, errors },
    end: at - bytes.byteOffset,
  };
}
