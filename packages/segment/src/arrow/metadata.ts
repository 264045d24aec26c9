/**
 * The metadata of an Arrow IPC file as FlatBuffers: schema, dictionary batch, record batch, footer
 * (format/Schema.fbs, Message.fbs, File.fbs of Apache Arrow, metadata version 5). Slot numbers in
 * the tables below are the order of the fields there.
 */
import { FlatBuilder } from './flatbuffer.ts';

/** The Arrow types that a segment uses. */
type ArrowType =
  | { readonly type: 'int'; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  | { readonly type: 'floating'; readonly bits: 32 | 64 }
  | { readonly type: 'utf8' }
  | { readonly type: 'binary' }
  /** Milliseconds, UTC. */
  | { readonly type: 'timestamp' }
  | { readonly type: 'list'; readonly item: ArrowField };

/** One column of the schema. */
export interface ArrowField {
  readonly name: string;
  readonly nullable: boolean;
  /** The type of the values; with a dictionary, that of its entries. */
  readonly type: ArrowType;
  readonly dictionary: { readonly id: number; readonly indexBits: 8 | 16 | 32 } | null;
  readonly metadata: readonly KeyValue[];
}

/** A pair of custom metadata. */
export type KeyValue = readonly [key: string, value: string];

/** Where a message lies in the file. */
export interface MessageBlock {
  readonly offset: number;
  /** With the eight bytes of marker and length before the FlatBuffer. */
  readonly metadataBytes: number;
  readonly bodyBytes: number;
}

/** What a batch says of its arrays: one node an array, depth first, and their buffers. */
export interface BatchShape {
  readonly length: number;
  readonly nodes: readonly { readonly length: number; readonly nullCount: number }[];
  /** Relative to the start of the body; `length` without padding. */
  readonly buffers: readonly { readonly offset: number; readonly length: number }[];
  readonly compressed: boolean;
}

const metadataVersion5 = 4;
const codecZstd = 1;
const typeCodes = { int: 2, floating: 3, binary: 4, utf8: 5, timestamp: 10, list: 12 };
const headerCodes = { schema: 1, dictionaryBatch: 2, recordBatch: 3 };

/** Encodes the message that opens the file. */
export function encodeSchemaMessage(
  fields: readonly ArrowField[],
  metadata: readonly KeyValue[],
): Uint8Array {
  const builder = new FlatBuilder();
  return finishMessage(builder, 'schema', writeSchema(builder, fields, metadata), 0);
}

/** Encodes the message before the body of a record batch. */
export function encodeRecordBatchMessage(shape: BatchShape, bodyBytes: number): Uint8Array {
  const builder = new FlatBuilder();
  return finishMessage(builder, 'recordBatch', writeRecordBatch(builder, shape), bodyBytes);
}

/** Encodes the message before the body of a dictionary batch. */
export function encodeDictionaryMessage(
  id: number,
  shape: BatchShape,
  bodyBytes: number,
): Uint8Array {
  const builder = new FlatBuilder();
  const batch = writeRecordBatch(builder, shape);
  const header = builder.table([
    { type: 'i64', value: id },
    { type: 'offset', value: batch },
  ]);
  return finishMessage(builder, 'dictionaryBatch', header, bodyBytes);
}

/** Encodes the footer, without its length and the closing magic. */
export function encodeFooter(
  fields: readonly ArrowField[],
  schemaMetadata: readonly KeyValue[],
  blocks: {
    readonly dictionaries: readonly MessageBlock[];
    readonly recordBatches: readonly MessageBlock[];
  },
  footerMetadata: readonly KeyValue[],
): Uint8Array {
  const builder = new FlatBuilder();
  const schema = writeSchema(builder, fields, schemaMetadata);
  const dictionaries = writeBlocks(builder, blocks.dictionaries);
  const recordBatches = writeBlocks(builder, blocks.recordBatches);
  const metadata = writeKeyValues(builder, footerMetadata);
  return builder.finish(
    builder.table([
      { type: 'i16', value: metadataVersion5 },
      { type: 'offset', value: schema },
      { type: 'offset', value: dictionaries },
      { type: 'offset', value: recordBatches },
      { type: 'offset', value: metadata },
    ]),
  );
}

function finishMessage(
  builder: FlatBuilder,
  type: keyof typeof headerCodes,
  header: number,
  bodyBytes: number,
): Uint8Array {
  return builder.finish(
    builder.table([
      { type: 'i16', value: metadataVersion5 },
      { type: 'i8', value: headerCodes[type] },
      { type: 'offset', value: header },
      { type: 'i64', value: bodyBytes },
    ]),
  );
}

function writeSchema(
  builder: FlatBuilder,
  fields: readonly ArrowField[],
  metadata: readonly KeyValue[],
): number {
  const written = builder.offsetVector(fields.map((field) => writeField(builder, field)));
  const pairs = writeKeyValues(builder, metadata);
  return builder.table([
    null, // little-endian
    { type: 'offset', value: written },
    { type: 'offset', value: pairs },
  ]);
}

function writeField(builder: FlatBuilder, field: ArrowField): number {
  const name = builder.string(field.name);
  const children = field.type.type === 'list' ? [writeField(builder, field.type.item)] : [];
  const childVector = builder.offsetVector(children);
  const type = writeType(builder, field.type);
  const dictionary = field.dictionary === null ? null : writeDictionary(builder, field.dictionary);
  const metadata = field.metadata.length === 0 ? null : writeKeyValues(builder, field.metadata);
  return builder.table([
    { type: 'offset', value: name },
    field.nullable ? { type: 'i8', value: 1 } : null,
    { type: 'i8', value: typeCodes[field.type.type] },
    { type: 'offset', value: type },
    dictionary === null ? null : { type: 'offset', value: dictionary },
    { type: 'offset', value: childVector },
    metadata === null ? null : { type: 'offset', value: metadata },
  ]);
}

function writeType(builder: FlatBuilder, type: ArrowType): number {
  switch (type.type) {
    case 'int':
      return builder.table([
        { type: 'i32', value: type.bits },
        type.signed ? { type: 'i8', value: 1 } : null,
      ]);
    case 'floating':
      return builder.table([{ type: 'i16', value: type.bits === 32 ? 1 : 2 }]);
    case 'timestamp': {
      const zone = builder.string('UTC');
      return builder.table([
        { type: 'i16', value: 1 },
        { type: 'offset', value: zone },
      ]);
    }
    case 'utf8':
    case 'binary':
    case 'list':
      return builder.table([]);
  }
}

function writeDictionary(
  builder: FlatBuilder,
  dictionary: NonNullable<ArrowField['dictionary']>,
): number {
  const indexType = builder.table([{ type: 'i32', value: dictionary.indexBits }]);
  return builder.table([
    { type: 'i64', value: dictionary.id },
    { type: 'offset', value: indexType },
  ]);
}

function writeRecordBatch(builder: FlatBuilder, shape: BatchShape): number {
  const nodes = builder.structVector(
    shape.nodes.length,
    int64Pairs(shape.nodes.map((node) => [node.length, node.nullCount])),
  );
  const buffers = builder.structVector(
    shape.buffers.length,
    int64Pairs(shape.buffers.map((buffer) => [buffer.offset, buffer.length])),
  );
  const compression = shape.compressed ? builder.table([{ type: 'i8', value: codecZstd }]) : null;
  return builder.table([
    { type: 'i64', value: shape.length },
    { type: 'offset', value: nodes },
    { type: 'offset', value: buffers },
    compression === null ? null : { type: 'offset', value: compression },
  ]);
}

function writeBlocks(builder: FlatBuilder, blocks: readonly MessageBlock[]): number {
  const structs = new DataView(new ArrayBuffer(blocks.length * 24));
  for (const [index, block] of blocks.entries()) {
    structs.setBigInt64(index * 24, BigInt(block.offset), true);
    structs.setInt32(index * 24 + 8, block.metadataBytes, true);
    structs.setBigInt64(index * 24 + 16, BigInt(block.bodyBytes), true);
  }
  return builder.structVector(blocks.length, new Uint8Array(structs.buffer));
}

function writeKeyValues(builder: FlatBuilder, pairs: readonly KeyValue[]): number {
  const tables = pairs.map(([key, value]) => {
    const keyText = builder.string(key);
    const valueText = builder.string(value);
    return builder.table([
      { type: 'offset', value: keyText },
      { type: 'offset', value: valueText },
    ]);
  });
  return builder.offsetVector(tables);
}

function int64Pairs(pairs: readonly (readonly [number, number])[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(pairs.flat(), BigInt).buffer);
}
