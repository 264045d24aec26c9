/**
 * The bytes of a hyperUnique sketch: version 1 of Druid's HyperLogLogCollector, big-endian.
 *
 *   0      version            1
 *   1      registerOffset     subtracted from every register
 *   2 … 3  nonZeroRegisters   nibbles that are not 0
 *   4      maxOverflowValue   the greatest register that does not fit, 0 if all fit
 *   5 … 6  maxOverflowRegister
 *   7 …    dense:  1024 bytes, register 2i in the upper nibble of byte i, 2i + 1 in the lower
 *          sparse: (u16 place, u8 byte) for every byte that is not 0, where place = 7 + i
 *
 * Sparse is used below 128 nibbles. Its length is always 7 + 3 * nonZeroRegisters: where two nibbles
 * share a byte, zeros fill the rest. An image of 1031 bytes is dense. One of a length divisible by 3
 * is version 0, which Druid wrote before 2013 and nothing here reads.
 *
 * Lossy in one way that Druid has too: of several registers above registerOffset + 15 only the
 * greatest (the first of equals) is kept in full, the others are cut to that limit (Druid drops them).
 */
import { CorruptSegmentError } from '@isotherm/errors';
import { hyperUniqueRange, hyperUniqueRegisterCount } from './hyper-unique.ts';

const headerBytes = 7;
const denseBytes = headerBytes + hyperUniqueRegisterCount / 2;
const denseThreshold = 128;
const nibbles = new Uint8Array(hyperUniqueRegisterCount / 2);

/** Encodes the sketch at registers[offset] as Druid does; a new array, 7 bytes for an empty sketch. */
export function encodeHyperUnique(registers: Uint8Array, offset: number): Uint8Array {
  let least = 255;
  let greatest = 0;
  let overflowRegister = 0;
  for (let index = 0; index < hyperUniqueRegisterCount; index++) {
    const value = registers[offset + index];
    if (value < least) least = value;
    if (value > greatest) {
      greatest = value;
      overflowRegister = index;
    }
  }
  const overflows = greatest > least + hyperUniqueRange;
  const nonZero = fillNibbles(registers, offset, least, overflows ? overflowRegister : -1);
  const sparse = nonZero < denseThreshold;
  const image = new Uint8Array(sparse ? headerBytes + nonZero * 3 : denseBytes);
  image[0] = 1;
  image[1] = least;
  image[2] = nonZero >> 8;
  image[3] = nonZero & 0xff;
  if (overflows) {
    image[4] = greatest;
    image[5] = overflowRegister >> 8;
    image[6] = overflowRegister & 0xff;
  }
  if (sparse) writeSparse(image);
  else image.set(nibbles, headerBytes);
  return image;
}

/** Packs the registers into `nibbles`, leaving out the one that overflows; returns how many are not 0. */
function fillNibbles(
  registers: Uint8Array,
  offset: number,
  least: number,
  overflowRegister: number,
): number {
  let nonZero = 0;
  nibbles.fill(0);
  for (let index = 0; index < hyperUniqueRegisterCount; index++) {
    if (index === overflowRegister) continue;
    const nibble = Math.min(registers[offset + index] - least, hyperUniqueRange);
    if (nibble === 0) continue;
    nonZero++;
    nibbles[index >> 1] |= (index & 1) === 0 ? nibble << 4 : nibble;
  }
  return nonZero;
}

function writeSparse(image: Uint8Array): void {
  let at = headerBytes;
  for (let index = 0; index < nibbles.length; index++) {
    if (nibbles[index] === 0) continue;
    const place = headerBytes + index;
    image[at++] = place >> 8;
    image[at++] = place & 0xff;
    image[at++] = nibbles[index];
  }
}

/**
 * Decodes an image and folds it into the sketch at registers[offset]. An empty image is a null and
 * changes nothing.
 *
 * @param image      read in place, never kept
 * @param registers  changed in place
 * @throws CorruptSegmentError if the image is not one of version 1
 */
export function foldHyperUnique(image: Uint8Array, registers: Uint8Array, offset: number): void {
  foldHyperUniqueAt(image, 0, image.length, registers, offset);
}

/** The same for the image at bytes[start, end), without a view of its own. @throws CorruptSegmentError as above */
export function foldHyperUniqueAt(
  bytes: Uint8Array,
  start: number,
  end: number,
  registers: Uint8Array,
  offset: number,
): void {
  const length = end - start;
  if (length === 0) return;
  if (length < headerBytes || bytes[start] !== 1) {
    throw new CorruptSegmentError(
      `A hyperUnique sketch of ${length} bytes is not of version 1. Expected Druid's HyperLogLogCollector image.`,
    );
  }
  const least = bytes[start + 1];
  const overflowValue = bytes[start + 4];
  const overflowRegister = (bytes[start + 5] << 8) | bytes[start + 6];
  if (least > 64 || overflowValue > 64 || overflowRegister >= hyperUniqueRegisterCount) {
    throw new CorruptSegmentError('A hyperUnique sketch has a register out of range.');
  }
  if (least > 0) raiseAll(registers, offset, least);
  if (length === denseBytes) foldDense(bytes, start + headerBytes, least, registers, offset);
  else foldSparse(bytes, start + headerBytes, end, least, registers, offset);
  if (overflowValue > 0) raise(registers, offset + overflowRegister, overflowValue);
}

function foldDense(
  bytes: Uint8Array,
  start: number,
  least: number,
  registers: Uint8Array,
  offset: number,
): void {
  for (let index = 0; index < hyperUniqueRegisterCount / 2; index++) {
    const pair = bytes[start + index];
    if (pair === 0) continue;
    if (pair >> 4 !== 0) raise(registers, offset + index * 2, least + (pair >> 4));
    if ((pair & 15) !== 0) raise(registers, offset + index * 2 + 1, least + (pair & 15));
  }
}

function foldSparse(
  bytes: Uint8Array,
  start: number,
  end: number,
  least: number,
  registers: Uint8Array,
  offset: number,
): void {
  if ((end - start) % 3 !== 0 || end - start > denseThreshold * 3) {
    throw new CorruptSegmentError(
      `A hyperUnique sketch has ${end - start} bytes after its header. Expected 1024, or at most 384 in threes.`,
    );
  }
  for (let at = start; at < end; at += 3) {
    const pair = bytes[at + 2];
    if (pair === 0) continue;
    const place = ((bytes[at] << 8) | bytes[at + 1]) - headerBytes;
    if (place < 0 || place >= hyperUniqueRegisterCount / 2) {
      throw new CorruptSegmentError('A hyperUnique sketch has a register out of range.');
    }
    if (pair >> 4 !== 0) raise(registers, offset + place * 2, least + (pair >> 4));
    if ((pair & 15) !== 0) raise(registers, offset + place * 2 + 1, least + (pair & 15));
  }
}

function raiseAll(registers: Uint8Array, offset: number, least: number): void {
  for (let index = 0; index < hyperUniqueRegisterCount; index++) {
    raise(registers, offset + index, least);
  }
}

function raise(registers: Uint8Array, at: number, value: number): void {
  if (registers[at] < value) registers[at] = value;
}
