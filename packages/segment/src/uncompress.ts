/**
 * Turns a compressed segment file into the same file without compression, byte for byte what the
 * writer would have made: nodes that hold all in memory keep such copies, whose blocks are read
 * straight to where they stay.
 */
import { openBlockAside } from './block.ts';
import { memorySource, readExactly } from './byte-source.ts';
import type { EncodedColumn } from './column/encoded.ts';
import { layOutFile } from './file-layout.ts';
import type { BlockRole, ColumnEntry } from './format.ts';
import { readDirectory } from './open-file.ts';
import type { ByteSource } from './segment.ts';

/**
 * Writes a file anew without compression; a file without any is returned as it is. Frames are
 * uncompressed on other threads, one after the other.
 *
 * @param bytes  the whole file; must not change meanwhile
 * @throws CorruptSegmentError if a checksum or a length is wrong, or the file is no segment
 */
export async function uncompressSegment(bytes: Uint8Array): Promise<Uint8Array> {
  const source = memorySource(bytes);
  const directory = await readDirectory(source);
  if (directory.compression === 'none') return bytes;
  const columns: EncodedColumn[] = [];
  for (const entry of directory.columns) columns.push(await readColumn(source, entry));
  return layOutFile({ ...directory, compression: 'none', columns }).bytes;
}

async function readColumn(
  source: ByteSource,
  { name, layout, statistics, blocks: places }: ColumnEntry,
): Promise<EncodedColumn> {
  const blocks = new Map<BlockRole, Uint8Array>();
  for (const [role, place] of Object.entries(places)) {
    const stored = await readExactly(source, place.start, place.start + place.length);
    // The directory was decoded with these names only.
    blocks.set(role as BlockRole, await openBlockAside(stored, place, `${name}/${role}`));
  }
  return { name, layout, statistics, blocks };
}
