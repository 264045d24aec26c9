/**
 * Sketches of few values, without their 2,048 registers: each value is one number, its mark,
 *
 *   register (11 bits) << 8 | position (8 bits)
 *
 * It pays where most sketches hold a handful of values, as the rows of an ingestion do: an image is
 * made in as many steps as there are marks. The layout is that of hyper-unique-image.ts, sparse.
 */
import { InvariantError } from '@isotherm/errors';
import { hyperUniqueRange } from './hyper-unique.ts';

const headerBytes = 7;
/** Marks of one sketch that this form takes; from 128 registers on an image is dense. */
export const maxHyperUniqueMarks = 127;

/**
 * Encodes the sketch of the values with these marks, as `encodeHyperUnique` does with registers.
 *
 * @param marks marks[start, end), at least one and at most `maxHyperUniqueMarks`; sorted in place
 */
export function encodeHyperUniqueMarks(marks: Uint32Array, start: number, end: number): Uint8Array {
  if (end <= start || end - start > maxHyperUniqueMarks) {
    throw new InvariantError(`A sketch of ${end - start} marks cannot be encoded from them.`);
  }
  sortMarks(marks, start, end);
  const last = keepGreatest(marks, start, end);
  let greatest = 0;
  let overflowRegister = 0;
  for (let at = start; at < last; at++) {
    const value = marks[at] & 0xff;
    if (value > greatest) [greatest, overflowRegister] = [value, marks[at] >>> 8];
  }
  // At most 127 of 2,048 registers are set, so the common offset is 0.
  const overflows = greatest > hyperUniqueRange;
  const nonZero = last - start - (overflows ? 1 : 0);
  const image = new Uint8Array(headerBytes + nonZero * 3);
  image[0] = 1;
  image[3] = nonZero;
  if (overflows) {
    image[4] = greatest;
    image[5] = overflowRegister >> 8;
    image[6] = overflowRegister & 0xff;
  }
  let filled = headerBytes;
  let lastPlace = -1;
  for (let at = start; at < last; at++) {
    const register = marks[at] >>> 8;
    if (overflows && register === overflowRegister) continue;
    const place = headerBytes + (register >> 1);
    if (place !== lastPlace) {
      image[filled] = place >> 8;
      image[filled + 1] = place & 0xff;
      filled += 3;
      lastPlace = place;
    }
    const nibble = Math.min(marks[at] & 0xff, hyperUniqueRange);
    image[filled - 1] |= (register & 1) === 0 ? nibble << 4 : nibble;
  }
  return image;
}

/** Insertion sort: there are few, and mostly one. */
function sortMarks(marks: Uint32Array, start: number, end: number): void {
  for (let next = start + 1; next < end; next++) {
    const mark = marks[next];
    let at = next;
    for (; at > start && marks[at - 1] > mark; at--) marks[at] = marks[at - 1];
    marks[at] = mark;
  }
}

/**
 * Leaves one mark a register, the one of the greatest position, in front. What it takes away is
 * overwritten by copies of the last one kept, which as marks say nothing new.
 *
 * @returns the end of those that are distinct
 */
function keepGreatest(marks: Uint32Array, start: number, end: number): number {
  let kept = start;
  for (let at = start; at < end; at++) {
    const isLast = at + 1 === end || marks[at + 1] >>> 8 !== marks[at] >>> 8;
    if (isLast) marks[kept++] = marks[at];
  }
  marks.fill(marks[kept - 1], kept, end);
  return kept;
}
