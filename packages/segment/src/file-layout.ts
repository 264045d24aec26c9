/**
 * Lays a segment file out from encoded columns: Arrow's messages and buffers, our own blocks, the
 * directory and the footer. The same for columns that were just encoded and for those of a file that
 * is stored with another compression.
 */
import {
  encodeDictionaryMessage,
  encodeFooter,
  encodeRecordBatchMessage,
  encodeSchemaMessage,
  type KeyValue,
  type MessageBlock,
} from './arrow/metadata.ts';
import { arrowShape } from './column/arrow-shape.ts';
import type { EncodedColumn } from './column/encoded.ts';
import { encodeDirectory } from './directory.ts';
import { FileBuilder, type RoleBytes } from './file-builder.ts';
import {
  alignmentBytes,
  arrowMagic,
  type BlockPlace,
  type BlockRole,
  type ColumnEntry,
  type Directory,
  directoryKey,
  formatKey,
} from './format.ts';

/** A file before its blocks have places. */
export type FileParts = Omit<Directory, 'columns'> & { readonly columns: readonly EncodedColumn[] };

/** A column on its way into the file. */
interface PlacedColumn extends EncodedColumn {
  readonly shape: ReturnType<typeof arrowShape>;
  readonly places: Partial<Record<BlockRole, BlockPlace>>;
}

const indexRoles: readonly BlockRole[] = ['zones', 'indexOffsets', 'indexRows'];
/** Next to each other for all columns, since they are read together. */
const timeRoles: readonly BlockRole[] = ['timeCounts', 'timeSums'];
const noBytes = new Uint8Array(0);

/** Writes all bytes of a file, and tells where each block went. */
export function layOutFile(parts: FileParts): {
  readonly bytes: Uint8Array;
  readonly columns: readonly ColumnEntry[];
} {
  const columns = parts.columns.map((column, id): PlacedColumn => {
    return { ...column, shape: arrowShape(column.name, column.layout, id), places: {} };
  });
  const builder = new FileBuilder(parts.compression);
  const schemaMetadata: readonly KeyValue[] = [[formatKey, String(parts.formatVersion)]];
  const fields = columns.map(({ shape }) => shape.field);
  builder.append(Buffer.from(`${arrowMagic}\0\0`));
  builder.appendMessage(encodeSchemaMessage(fields, schemaMetadata));
  const dictionaries = writeDictionaries(builder, columns, parts);
  const recordBatches = [writeRecordBatch(builder, columns, parts)];
  builder.append(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0));
  builder.pad(alignmentBytes);
  for (const roles of [indexRoles, timeRoles]) writeOwnBlocks(builder, columns, roles);

  const entries = columns.map(({ name, layout, statistics, places }): ColumnEntry => ({
    name,
    layout,
    statistics,
    blocks: places,
  }));
  const text = encodeDirectory({ ...parts, columns: entries });
  const directory = builder.appendBlock(Buffer.from(text), 'zstd');
  const footer = encodeFooter(fields, schemaMetadata, { dictionaries, recordBatches }, [
    ...schemaMetadata,
    [directoryKey, JSON.stringify(directory)],
  ]);
  builder.append(footer);
  builder.append(new Uint8Array(Int32Array.of(footer.length).buffer));
  builder.append(Buffer.from(arrowMagic));
  return { bytes: builder.finish(), columns: entries };
}

function writeDictionaries(
  builder: FileBuilder,
  columns: readonly PlacedColumn[],
  { compression }: FileParts,
): MessageBlock[] {
  const written: MessageBlock[] = [];
  for (const [id, { shape, layout, blocks, places }] of columns.entries()) {
    if (shape.dictionary === null) continue;
    const length = dictionaryLength(layout);
    const node = { length, nullCount: 0 };
    written.push(
      builder.appendBatch(
        shape.dictionary.map((role) => bufferOf(blocks, role)),
        (buffers, bodyBytes) =>
          encodeDictionaryMessage(
            id,
            { length, nodes: [node], buffers, compressed: compression !== 'none' },
            bodyBytes,
          ),
        (_index, role, place) => {
          places[role] = place;
        },
      ),
    );
  }
  return written;
}

function writeRecordBatch(
  builder: FileBuilder,
  columns: readonly PlacedColumn[],
  { rowCount, compression }: FileParts,
): MessageBlock {
  const owners = columns.flatMap((column) => column.shape.batch.map(() => column));
  return builder.appendBatch(
    columns.flatMap(({ shape, blocks }) => shape.batch.map((role) => bufferOf(blocks, role))),
    (buffers, bodyBytes) =>
      encodeRecordBatchMessage(
        {
          length: rowCount,
          nodes: columns.flatMap((column) => nodesOf(column, rowCount)),
          buffers,
          compressed: compression !== 'none',
        },
        bodyBytes,
      ),
    (index, role, place) => {
      owners[index].places[role] = place;
    },
  );
}

function writeOwnBlocks(
  builder: FileBuilder,
  columns: readonly PlacedColumn[],
  roles: readonly BlockRole[],
): void {
  for (const { blocks, places } of columns) {
    for (const role of roles) {
      const bytes = blocks.get(role);
      if (bytes !== undefined) places[role] = builder.appendBlock(bytes);
    }
  }
}

/** An absent buffer has no role, so that the directory does not name it. */
function bufferOf(blocks: EncodedColumn['blocks'], role: BlockRole | null): RoleBytes {
  const bytes = role === null ? undefined : blocks.get(role);
  return bytes === undefined ? [null, noBytes] : [role, bytes];
}

function dictionaryLength(layout: EncodedColumn['layout']): number {
  if ('dictionarySize' in layout) return layout.dictionarySize;
  return 'distinctCount' in layout ? layout.distinctCount : 0;
}

/** Arrow's arrays of a column, depth first. A list is never null itself. */
function nodesOf(
  { layout, statistics, blocks }: EncodedColumn,
  rowCount: number,
): { readonly length: number; readonly nullCount: number }[] {
  if (layout.type !== 'strings') return [{ length: rowCount, nullCount: statistics.nullCount }];
  const { itemCount } = layout;
  const validity = blocks.get('itemValidity');
  const nullCount = validity === undefined ? 0 : itemCount - countBits(validity);
  return [
    { length: rowCount, nullCount: 0 },
    { length: itemCount, nullCount },
  ];
}

function countBits(bits: Uint8Array): number {
  let count = 0;
  for (const byte of bits) for (let left = byte; left !== 0; left &= left - 1) count++;
  return count;
}
