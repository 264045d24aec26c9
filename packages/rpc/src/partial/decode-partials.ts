/** Reads partial results of another node; the layout is in layout.ts and PROTOCOL.md. */
import { crc32 } from 'node:zlib';
import type { PartialColumn, PartialResult, SegmentMetadataPartial } from '@isotherm/query';
import { checkOffsets, decodeDictionary } from './dictionary-codec.ts';
import { columnCodes, kindCodes, magic, prefixBytes, registersPerState } from './layout.ts';
import { PartsReader, corruptAnswer } from './parts-reader.ts';

/**
 * Decodes partial results. Columns are views of `bytes` when it starts at a multiple of 8 in its
 * buffer, as attachments of rpc messages do; else of one copy.
 *
 * @throws CorruptSegmentError code CORRUPT_ANSWER if the bytes are not exactly what was encoded
 */
export function decodePartials(given: Uint8Array): PartialResult[] {
  const bytes = alignedBytes(given);
  if (bytes.length < prefixBytes) throw corruptAnswer('they are cut short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== magic) throw corruptAnswer('they do not start as such');
  if (view.getUint32(8, true) !== bytes.length) throw corruptAnswer('they have another length');
  if (view.getUint32(4, true) !== crc32(bytes.subarray(8))) {
    throw corruptAnswer('the checksum does not match');
  }
  const reader = new PartsReader(bytes, prefixBytes);
  const count = view.getUint32(12, true);
  const partials: PartialResult[] = [];
  for (let index = 0; index < count; index++) partials.push(decodePartial(reader));
  if (!reader.isAtEnd) throw corruptAnswer('bytes are left over');
  return partials;
}

function alignedBytes(given: Uint8Array): Uint8Array<ArrayBuffer> {
  const isInPlace = given.byteOffset % 8 === 0 && given.buffer instanceof ArrayBuffer;
  // The buffer was just seen to be an ArrayBuffer, which the type cannot say.
  return isInPlace ? (given as Uint8Array<ArrayBuffer>) : Uint8Array.from(given);
}

function decodePartial(reader: PartsReader): PartialResult {
  const [kind = 0, rowCount = 0, columnCount = 0, stateCount = 0] = reader.u32(4);
  const [scannedRows = 0] = reader.f64(1);
  const [jsonBytes = 0] = reader.u32(2);
  const json = parseObject(reader.u8(jsonBytes));
  const times = reader.f64(rowCount);
  const columns = decodeColumns(reader, columnCount, rowCount);
  const states = decodeColumns(reader, stateCount, rowCount);
  switch (kind) {
    case kindCodes.grouped:
      return { kind: 'grouped', rowCount, times, dimensions: columns, states, scannedRows };
    case kindCodes.scan: {
      const names = Array.isArray(json['names']) ? json['names'] : [];
      const types = Array.isArray(json['types']) ? json['types'] : [];
      if (names.length !== columnCount) throw corruptAnswer('columns and names differ in number');
      return {
        kind: 'scan',
        rowCount,
        segmentId: String(json['segmentId']),
        columns: columns.map((column, index) => {
          const name = String(names[index]);
          const typeName: unknown = types[index];
          const isNamed = typeof typeName === 'string' || typeName === null;
          return isNamed ? { name, column, typeName } : { name, column };
        }),
        times,
        scannedRows,
      };
    }
    case kindCodes.timeBoundary:
      return {
        kind: 'timeBoundary',
        minMs: numberOrNull(json['minMs']),
        maxMs: numberOrNull(json['maxMs']),
        scannedRows,
      };
    case kindCodes.segmentMetadata:
      // Under the checksum: this is what the peer's encodePartials took apart.
      return { ...json, kind: 'segmentMetadata', scannedRows } as SegmentMetadataPartial;
    default:
      throw corruptAnswer(`partial kind ${kind} is unknown`);
  }
}

function decodeColumns(reader: PartsReader, count: number, rowCount: number): PartialColumn[] {
  const columns: PartialColumn[] = [];
  for (let index = 0; index < count; index++) columns.push(decodeColumn(reader, rowCount));
  return columns;
}

function decodeColumn(reader: PartsReader, rowCount: number): PartialColumn {
  const [type = 0, hasNulls = 0] = reader.u32(2);
  const readNulls = (): Uint8Array | null => (hasNulls === 1 ? reader.u8(rowCount) : null);
  switch (type) {
    case columnCodes.long:
      return { type: 'long', values: reader.i64(rowCount), nulls: readNulls() };
    case columnCodes.double:
    case columnCodes.float:
      return {
        type: type === columnCodes.double ? 'double' : 'float',
        values: reader.f64(rowCount),
        nulls: readNulls(),
      };
    case columnCodes.string: {
      const dictionary = decodeDictionary(reader);
      return { type: 'string', dictionary, ids: decodeIds(reader, rowCount, dictionary.size) };
    }
    case columnCodes.strings: {
      const dictionary = decodeDictionary(reader);
      const [idCount = 0] = reader.u32(2);
      const offsets = reader.u32(rowCount + 1);
      checkOffsets(offsets, idCount);
      const ids = decodeIds(reader, idCount, dictionary.size);
      return { type: 'strings', dictionary, offsets, ids };
    }
    case columnCodes.doubleSum:
    case columnCodes.floatSum:
      return {
        type: type === columnCodes.doubleSum ? 'doubleSum' : 'floatSum',
        values: reader.f64(rowCount),
        errors: reader.f64(rowCount),
        nulls: readNulls(),
      };
    case columnCodes.hyperUnique:
      return { type: 'hyperUnique', registers: reader.u8(rowCount * registersPerState) };
    default:
      throw corruptAnswer(`column type ${type} is unknown`);
  }
}

function decodeIds(reader: PartsReader, count: number, size: number): Uint32Array {
  const ids = reader.u32(count);
  let largest = -1;
  for (let row = 0; row < ids.length; row++) largest = Math.max(largest, ids[row] ?? 0);
  if (largest >= size) throw corruptAnswer('an id lies outside its dictionary');
  return ids;
}

function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (json === null) return {};
    // A JSON value that is an object has text keys; its values are checked where they are used.
    if (typeof json === 'object') return json as Readonly<Record<string, unknown>>;
  } catch {
    // Falls through: both ways the text is not what was encoded.
  }
  throw corruptAnswer('their JSON cannot be read');
}

function numberOrNull(value: unknown): number | null {
  if (value === null || typeof value === 'number') return value;
  throw corruptAnswer('a time is no number');
}
