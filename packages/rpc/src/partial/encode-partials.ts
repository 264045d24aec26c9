/** Writes partial results for another node; the layout is in layout.ts and PROTOCOL.md. */
import { crc32 } from 'node:zlib';
import { InvariantError } from '@isotherm/errors';
import type { PartialColumn, PartialResult } from '@isotherm/query';
import { encodeDictionary } from './dictionary-codec.ts';
import { columnCodes, kindCodes, magic, prefixBytes, registersPerState } from './layout.ts';
import { PartsWriter } from './parts-writer.ts';

/**
 * Encodes partial results, in order.
 *
 * @returns a fresh buffer; the partials are not kept
 * @throws InvariantError if a column has another length than its partial
 */
export function encodePartials(partials: readonly PartialResult[]): Uint8Array {
  const writer = new PartsWriter();
  for (const partial of partials) encodePartial(writer, partial);
  const bytes = writer.finish(prefixBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(8, bytes.length, true);
  view.setUint32(12, partials.length, true);
  view.setUint32(4, crc32(bytes.subarray(8)), true);
  return bytes;
}

/** A partial taken apart: what goes into JSON and what into columns. */
interface Shape {
  readonly json: unknown;
  readonly times: Float64Array;
  readonly columns: readonly PartialColumn[];
  readonly states: readonly PartialColumn[];
}

const noTimes = new Float64Array(0);

function takeApart(partial: PartialResult): Shape {
  switch (partial.kind) {
    case 'grouped':
      return {
        json: null,
        times: partial.times,
        columns: partial.dimensions,
        states: partial.states,
      };
    case 'scan':
      return {
        json: {
          segmentId: partial.segmentId,
          names: partial.columns.map(({ name }) => name),
          // 0 = the column tells its type itself; null means that the segment lacks it.
          types: partial.columns.map(({ typeName }) => (typeName === undefined ? 0 : typeName)),
        },
        times: partial.times,
        columns: partial.columns.map(({ column }) => column),
        states: [],
      };
    case 'timeBoundary':
      return {
        json: { minMs: partial.minMs, maxMs: partial.maxMs },
        times: noTimes,
        columns: [],
        states: [],
      };
    case 'segmentMetadata': {
      const { kind: _kind, scannedRows: _scannedRows, ...json } = partial;
      return { json, times: noTimes, columns: [], states: [] };
    }
  }
}

function encodePartial(writer: PartsWriter, partial: PartialResult): void {
  const shape = takeApart(partial);
  const rowCount = shape.times.length;
  if ((partial.kind === 'grouped' || partial.kind === 'scan') && partial.rowCount !== rowCount) {
    throw new InvariantError(`A partial of ${partial.rowCount} rows holds ${rowCount} times.`);
  }
  const json = Buffer.from(JSON.stringify(shape.json), 'utf8');
  const { columns, states } = shape;
  writer.words(kindCodes[partial.kind], rowCount, columns.length, states.length);
  writer.block(Float64Array.of(partial.scannedRows));
  writer.words(json.length, 0);
  writer.block(json);
  writer.block(shape.times);
  for (const column of columns) encodeColumn(writer, column, rowCount);
  for (const state of states) encodeColumn(writer, state, rowCount);
}

function encodeColumn(writer: PartsWriter, column: PartialColumn, rowCount: number): void {
  const nulls = 'nulls' in column ? column.nulls : null;
  writer.words(columnCodes[column.type], nulls === null ? 0 : 1);
  switch (column.type) {
    case 'long':
    case 'double':
    case 'float':
      writer.block(sized(column.values, rowCount));
      break;
    case 'doubleSum':
    case 'floatSum':
      writer.block(sized(column.values, rowCount));
      writer.block(sized(column.errors, rowCount));
      break;
    case 'string':
      encodeDictionary(writer, column.dictionary);
      writer.block(sized(column.ids, rowCount));
      break;
    case 'strings':
      encodeDictionary(writer, column.dictionary);
      writer.words(column.ids.length, 0);
      writer.block(sized(column.offsets, rowCount + 1));
      writer.block(column.ids);
      break;
    case 'hyperUnique':
      writer.block(sized(column.registers, rowCount * registersPerState));
      break;
  }
  if (nulls !== null) writer.block(sized(nulls, rowCount));
}

function sized<View extends ArrayBufferView & { readonly length: number }>(
  view: View,
  length: number,
): View {
  if (view.length === length) return view;
  throw new InvariantError(`A column of a partial holds ${view.length} values, not ${length}.`);
}
