/**
 * Reads the blocks of a file to where queries use them. Blocks of an uncompressed file are read
 * straight there and checked in place; compressed ones are read near ones together, and uncompressed
 * one after the other.
 */
import { CorruptSegmentError } from '@isotherm/errors';
import { checkBlock, openBlock } from './block.ts';
import { readExactly } from './byte-source.ts';
import type { BlockPlace, Compression } from './format.ts';
import type { ByteSource } from './segment.ts';

/** A block that is wanted. */
export interface WantedBlock {
  readonly place: BlockPlace;
  /** For messages: the column and the role. */
  readonly name: string;
  /** Room for the block, which must be filled whole or not be used. */
  readonly allocate: (byteLength: number) => Uint8Array;
}

/** Blocks nearer to each other than this are read together. */
const gapBytes = 64 * 1024;

/**
 * Reads blocks, verified and uncompressed, in the order of `wanted`.
 *
 * @throws CorruptSegmentError if a place is not in the file, or a checksum or a length is wrong
 */
export async function readBlocks(
  source: ByteSource,
  wanted: readonly WantedBlock[],
  compression: Compression,
): Promise<Uint8Array[]> {
  for (const { place, name } of wanted) {
    if (place.start + place.length <= source.byteLength) continue;
    throw new CorruptSegmentError(`Block "${name}" ends behind the segment file.`);
  }
  return compression === 'none' && source.readInto !== undefined
    ? readStraight(source, wanted)
    : readTogether(source, wanted, compression);
}

async function readStraight(
  source: ByteSource,
  wanted: readonly WantedBlock[],
): Promise<Uint8Array[]> {
  for (const { place, name } of wanted) {
    if (place.length === place.bytes) continue;
    throw new CorruptSegmentError(
      `Block "${name}" holds ${place.length} bytes, the directory says ${place.bytes}.`,
    );
  }
  const rooms = wanted.map(({ place, allocate }) => allocate(place.bytes));
  const parts = wanted
    .map(({ place }, index) => ({ start: place.start, target: rooms[index] }))
    .filter(({ target }) => target.length > 0);
  await source.readInto?.(parts.sort((a, b) => a.start - b.start));
  for (const [index, { place, name }] of wanted.entries()) checkBlock(rooms[index], place, name);
  return rooms;
}

async function readTogether(
  source: ByteSource,
  wanted: readonly WantedBlock[],
  compression: Compression,
): Promise<Uint8Array[]> {
  const stored = await readPlaces(
    source,
    wanted.flatMap(({ place }) => (place.length > 0 ? [place] : [])),
  );
  return wanted.map(({ place, name, allocate }) => {
    const bytes = stored.get(place) ?? new Uint8Array(0);
    const opened = openBlock(bytes, place, compression, name);
    const room = allocate(opened.length);
    room.set(opened);
    return room;
  });
}

/** Reads stored blocks, near ones together. The results are views of what was read. */
async function readPlaces(
  source: ByteSource,
  places: readonly BlockPlace[],
): Promise<Map<BlockPlace, Uint8Array>> {
  const sorted = places.toSorted((a, b) => a.start - b.start);
  const groups: BlockPlace[][] = [];
  let end = -Infinity;
  for (const place of sorted) {
    if (place.start - end > gapBytes) groups.push([]);
    groups.at(-1)?.push(place);
    end = Math.max(end, place.start + place.length);
  }
  const found = new Map<BlockPlace, Uint8Array>();
  await Promise.all(
    groups.map(async (group) => {
      const [first] = group;
      const last = Math.max(...group.map((place) => place.start + place.length));
      const bytes = await readExactly(source, first.start, last);
      for (const place of group) {
        const start = place.start - first.start;
        found.set(place, bytes.subarray(start, start + place.length));
      }
    }),
  );
  return found;
}
