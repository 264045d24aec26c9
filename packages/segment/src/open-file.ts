/**
 * Finds the directory of a segment file: footer length and magic at the very end, the Arrow footer
 * before them, in its custom metadata the format version and the place of the directory.
 */
import { CorruptSegmentError } from '@isotherm/errors';
import { FlatReader } from './arrow/flatbuffer.ts';
import { openBlock } from './block.ts';
import { readExactly } from './byte-source.ts';
import { timeName } from './column/time.ts';
import { decodeDirectory } from './directory.ts';
import {
  arrowMagic,
  type BlockPlace,
  type Directory,
  directoryKey,
  formatKey,
  type FormatVersion,
  formatVersion,
} from './format.ts';
import { Json } from './json.ts';
import type { ByteSource } from './segment.ts';

/** Read from the end at once: footer and directory of most segments. */
const tailBytes = 64 * 1024;
const trailerBytes = 4 + arrowMagic.length;
const leastFileBytes = 8 + trailerBytes;
/** Slot of the custom metadata in the footer, and of key and value in a pair. */
const footerMetadataSlot = 4;
const keySlot = 0;
const valueSlot = 1;
const directoryLimit = 2 ** 28;

/** Reads and checks the directory. @throws CorruptSegmentError if the file is no segment, damaged, or of a newer format */
export async function readDirectory(source: ByteSource): Promise<Directory> {
  const tail = await readTail(source);
  const metadata = readFooterMetadata(tail.footer);
  const version = readFormat(metadata.get(formatKey));
  const place = directoryPlace(metadata.get(directoryKey), source.byteLength);
  const start = place.start - tail.start;
  const stored =
    start >= 0 && start + place.length <= tail.bytes.length
      ? tail.bytes.subarray(start, start + place.length)
      : await readExactly(source, place.start, place.start + place.length);
  const text = new TextDecoder().decode(openBlock(stored, place, 'zstd', 'directory'));
  const file = { formatVersion: version, bytes: source.byteLength };
  const directory = decodeDirectory(text, file);
  checkColumns(directory);
  return directory;
}

/** Makes sure that the directory has the columns that its schema promises, of fitting kinds. */
function checkColumns({ schema, columns }: Directory): void {
  const expected = [{ name: timeName, type: 'time' }, ...schema.dimensions, ...schema.metrics];
  const matches =
    columns.length === expected.length &&
    columns.every(({ name, layout }, index) => {
      const type = layout.type === 'strings' ? 'string' : layout.type;
      return name === expected[index].name && type === expected[index].type;
    });
  if (!matches) {
    throw new CorruptSegmentError('The directory does not have the columns that its schema names.');
  }
}

async function readTail(
  source: ByteSource,
): Promise<{ bytes: Uint8Array; start: number; footer: Uint8Array }> {
  const { byteLength } = source;
  if (byteLength < leastFileBytes) {
    throw new CorruptSegmentError(
      `The file has ${byteLength} bytes, too few for a segment. Fetch it again.`,
    );
  }
  const start = Math.max(0, byteLength - tailBytes);
  const bytes = await readExactly(source, start, byteLength);
  const trailer = Buffer.from(bytes.subarray(bytes.length - trailerBytes));
  if (trailer.toString('latin1', 4) !== arrowMagic) {
    throw new CorruptSegmentError('The file does not end as an Arrow file does. Fetch it again.');
  }
  const footerBytes = trailer.readInt32LE(0);
  const footerStart = byteLength - trailerBytes - footerBytes;
  if (footerBytes <= 0 || footerStart < 8) {
    throw new CorruptSegmentError(`The footer cannot be ${footerBytes} bytes long.`);
  }
  const footer =
    footerStart >= start
      ? bytes.subarray(footerStart - start, bytes.length - trailerBytes)
      : await readExactly(source, footerStart, byteLength - trailerBytes);
  return { bytes, start, footer };
}

/** Reads the pairs of the footer's custom metadata. */
function readFooterMetadata(footer: Uint8Array): Map<string, string> {
  try {
    const reader = new FlatReader(footer);
    const pairs = new Map<string, string>();
    const place = reader.field(reader.root(), footerMetadataSlot);
    if (place === null) return pairs;
    for (const pair of reader.references(reader.follow(place))) {
      const key = reader.field(pair, keySlot);
      const value = reader.field(pair, valueSlot);
      if (key === null || value === null) continue;
      pairs.set(reader.text(reader.follow(key)), reader.text(reader.follow(value)));
    }
    return pairs;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new CorruptSegmentError('The footer of the segment file is damaged.', { cause });
  }
}

function readFormat(version: string | undefined): FormatVersion {
  if (version === '1') return 1;
  if (version === '2') return 2;
  if (version === undefined) {
    throw new CorruptSegmentError(
      `The file is an Arrow file but no segment: its footer has no "${formatKey}".`,
    );
  }
  throw new CorruptSegmentError(
    `The segment file has format "${version}". This version reads formats 1 to ${formatVersion}. Update Isotherm on this node.`,
    { code: 'UNSUPPORTED_SEGMENT_FORMAT' },
  );
}

function directoryPlace(value: string | undefined, fileBytes: number): BlockPlace {
  if (value === undefined) {
    throw new CorruptSegmentError(`The footer of the segment file has no "${directoryKey}".`);
  }
  const json = Json.parse(value, 'footer');
  return {
    start: json.field('start').integer(fileBytes),
    length: json.field('length').integer(fileBytes),
    bytes: json.field('bytes').integer(directoryLimit),
    crc32: json.field('crc32').integer(2 ** 32 - 1),
  };
}
