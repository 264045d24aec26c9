/**
 * Writes a segment: encode each column, lay the Arrow file out, put our own blocks before the footer.
 * Equal input gives equal bytes, on any machine with the same Node.
 */
import { createHash } from 'node:crypto';
import {
  type ArrowField,
  encodeDictionaryMessage,
  encodeFooter,
  encodeRecordBatchMessage,
  encodeSchemaMessage,
  type KeyValue,
  type MessageBlock,
} from './arrow/metadata.ts';
import { checkInput, requireColumn } from './check-input.ts';
import type { EncodedColumn } from './column/encoded.ts';
import { encodeFloating } from './column/floating.ts';
import { encodeHyperUniques } from './column/hyper-unique.ts';
import { encodeLong } from './column/long.ts';
import { encodeMultiStrings } from './column/multi-string.ts';
import { encodeStrings } from './column/string.ts';
import { encodeTime } from './column/time.ts';
import { encodeDirectory, loadedColumnBytes } from './directory.ts';
import { FileBuilder } from './file-builder.ts';
import {
  alignmentBytes,
  arrowMagic,
  type BlockPlace,
  type BlockRole,
  type ColumnEntry,
  type Compression,
  directoryKey,
  formatKey,
  formatVersion,
} from './format.ts';
import type { ColumnInput, SegmentInput, WriteOptions, WrittenSegment } from './input.ts';

const hashStepBytes = 2 ** 28;
const schemaMetadata: readonly KeyValue[] = [[formatKey, String(formatVersion)]];

type ColumnBlocks = Partial<Record<BlockRole, BlockPlace>>;

/**
 * Writes a segment file into memory.
 *
 * @throws InvalidInputError if a column is too large for one file or a text is no Unicode
 * @throws InvariantError if the columns do not fit the schema or each other
 */
export function writeSegment(input: SegmentInput, options: WriteOptions = {}): WrittenSegment {
  const compression = options.compression ?? 'zstd';
  checkInput(input);
  const { schema, rowCount } = input;
  const columns = [
    encodeTime(input.time),
    ...[...schema.dimensions, ...schema.metrics].map(({ name }) =>
      encodeColumn(name, requireColumn(input, name)),
    ),
  ];
  const builder = new FileBuilder(compression);
  const blocks: ColumnBlocks[] = columns.map(() => ({}));
  const arrow = writeArrowPart(builder, columns, blocks, { rowCount, compression });
  writeOwnBlocks(builder, columns, blocks);
  const entries = columns.map(({ name, layout, statistics }, index): ColumnEntry => ({
    name,
    layout,
    statistics,
    blocks: blocks[index],
  }));
  const timeRange = timeRangeOf(entries[0]);
  const directory = { schema, rowCount, compression, timeRange, columns: entries };
  const place = builder.appendBlock(Buffer.from(encodeDirectory(directory)), 'zstd');
  writeFooter(builder, arrow, place);
  const bytes = builder.finish();
  return {
    bytes,
    sha256: digestOf(bytes),
    memoryBytes: entries.reduce((sum, entry) => sum + loadedColumnBytes(entry), 0),
    rowCount,
    timeRange,
  };
}

/** What the footer repeats of the Arrow part. */
interface ArrowPart {
  readonly fields: readonly ArrowField[];
  readonly dictionaries: readonly MessageBlock[];
  readonly recordBatches: readonly MessageBlock[];
}

/** Writes magic, schema, dictionaries, the one batch and the end-of-stream mark; notes where buffers lie. */
function writeArrowPart(
  builder: FileBuilder,
  columns: readonly EncodedColumn[],
  blocks: readonly ColumnBlocks[],
  file: { readonly rowCount: number; readonly compression: Compression },
): ArrowPart {
  const fields = columns.map((column, id) => withDictionaryId(column.field, id));
  builder.append(Buffer.from(`${arrowMagic}\0\0`));
  builder.appendMessage(encodeSchemaMessage(fields, schemaMetadata));
  const dictionaries = writeDictionaries(builder, columns, blocks, file.compression);
  const batch = writeRecordBatch(builder, columns, blocks, file.rowCount, file.compression);
  builder.append(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0));
  builder.pad(alignmentBytes);
  return { fields, dictionaries, recordBatches: [batch] };
}

function writeOwnBlocks(
  builder: FileBuilder,
  columns: readonly EncodedColumn[],
  blocks: readonly ColumnBlocks[],
): void {
  for (const [index, column] of columns.entries()) {
    for (const [role, bytes] of column.own) {
      if (role !== null) blocks[index][role] = builder.appendBlock(bytes);
    }
  }
}

function writeFooter(builder: FileBuilder, arrow: ArrowPart, directory: BlockPlace): void {
  const footer = encodeFooter(arrow.fields, schemaMetadata, arrow, [
    ...schemaMetadata,
    [directoryKey, JSON.stringify(directory)],
  ]);
  builder.append(footer);
  builder.append(new Uint8Array(Int32Array.of(footer.length).buffer));
  builder.append(Buffer.from(arrowMagic));
}

/** SHA-256 in hexadecimal; a hash takes less than 2 GiB at once. */
function digestOf(bytes: Uint8Array): string {
  const hash = createHash('sha256');
  for (let start = 0; start < bytes.length; start += hashStepBytes) {
    hash.update(bytes.subarray(start, start + hashStepBytes));
  }
  return hash.digest('hex');
}

function encodeColumn(name: string, column: ColumnInput): EncodedColumn {
  switch (column.type) {
    case 'string':
      return encodeStrings(name, column);
    case 'strings':
      return encodeMultiStrings(name, column);
    case 'long':
      return encodeLong(name, column);
    case 'double':
    case 'float':
      return encodeFloating(name, column);
    case 'hyperUnique':
      return encodeHyperUniques(name, column);
  }
}

function writeDictionaries(
  builder: FileBuilder,
  columns: readonly EncodedColumn[],
  blocks: readonly ColumnBlocks[],
  compression: Compression,
): MessageBlock[] {
  const written: MessageBlock[] = [];
  for (const [id, { dictionary }] of columns.entries()) {
    if (dictionary === null) continue;
    const { length } = dictionary;
    written.push(
      builder.appendBatch(
        dictionary.buffers,
        (buffers, bodyBytes) =>
          encodeDictionaryMessage(
            id,
            {
              length,
              nodes: [{ length, nullCount: 0 }],
              buffers,
              compressed: compression !== 'none',
            },
            bodyBytes,
          ),
        (_index, role, place) => {
          blocks[id][role] = place;
        },
      ),
    );
  }
  return written;
}

function writeRecordBatch(
  builder: FileBuilder,
  columns: readonly EncodedColumn[],
  blocks: readonly ColumnBlocks[],
  rowCount: number,
  compression: Compression,
): MessageBlock {
  const owners = columns.flatMap((column, id) => column.buffers.map(() => id));
  return builder.appendBatch(
    columns.flatMap((column) => column.buffers),
    (buffers, bodyBytes) =>
      encodeRecordBatchMessage(
        {
          length: rowCount,
          nodes: columns.flatMap((column) => column.nodes),
          buffers,
          compressed: compression !== 'none',
        },
        bodyBytes,
      ),
    (index, role, place) => {
      blocks[owners[index]][role] = place;
    },
  );
}

function withDictionaryId(field: ArrowField, id: number): ArrowField {
  if (field.type.type === 'list') {
    return { ...field, type: { type: 'list', item: withDictionaryId(field.type.item, id) } };
  }
  return field.dictionary === null
    ? field
    : { ...field, dictionary: { id, indexBits: field.dictionary.indexBits } };
}

function timeRangeOf(time: ColumnEntry): WrittenSegment['timeRange'] {
  const { min, max } = time.statistics;
  if (typeof min !== 'number' || typeof max !== 'number') return null;
  return { minMs: min, maxMs: max };
}
