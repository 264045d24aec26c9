/** What passes between a job and the threads that write its segments. */
import type { ColumnInput, SegmentInput, WriteOptions, WrittenSegment } from '@isotherm/segment';
import { narrowLists, narrowTexts } from './rows/narrow-texts.ts';
import type { ChunkColumn } from './runs/chunk-columns.ts';

/** Images of a sketch column behind each other, for a thousand small arrays are slow to pass on. */
type PackedColumn =
  | Exclude<ChunkColumn, { type: 'hyperUnique' }>
  | {
      readonly type: 'hyperUnique';
      /** Image r is bytes[offsets[r], offsets[r + 1]). */
      readonly offsets: Float64Array;
      readonly bytes: Uint8Array;
    };

/** A segment before it is written: text may still be ranks of the whole job. */
export interface SegmentSource extends Omit<SegmentInput, 'columns'> {
  readonly columns: ReadonlyMap<string, ChunkColumn>;
}

/** A segment's input as it is passed on. */
export interface PackedInput extends Omit<SegmentInput, 'columns'> {
  readonly columns: ReadonlyMap<string, PackedColumn>;
}

/** Asks for one file. */
export interface WriteRequest {
  readonly id: number;
  readonly input: PackedInput;
  readonly options: WriteOptions;
}

/** Answers one request. */
export type WriteReply =
  | { readonly type: 'written'; readonly id: number; readonly written: WrittenSegment }
  | {
      readonly type: 'failed';
      readonly id: number;
      readonly kind: string;
      readonly code: string;
      readonly message: string;
    };

/** Packs an input; its arrays move to whoever the buffers of `transfer` are sent to. */
export function packInput(input: SegmentSource): {
  readonly packed: PackedInput;
  readonly transfer: ArrayBuffer[];
} {
  const columns = new Map<string, PackedColumn>();
  const buffers = new Set<ArrayBuffer>();
  const move = (array: ArrayBufferView | null): void => {
    // A view of a part is copied: the rest of its buffer may be in use.
    if (array?.buffer instanceof ArrayBuffer && array.byteLength === array.buffer.byteLength) {
      buffers.add(array.buffer);
    }
  };
  move(input.time);
  for (const [name, column] of input.columns) {
    const packed = column.type === 'hyperUnique' ? packImages(column.images) : column;
    columns.set(name, packed);
    switch (packed.type) {
      case 'string':
      case 'ranked':
        move(packed.ids);
        break;
      case 'strings':
      case 'rankedLists':
        move(packed.offsets);
        move(packed.ids);
        break;
      case 'hyperUnique':
        move(packed.offsets);
        move(packed.bytes);
        break;
      default:
        move(packed.values);
        move(packed.nulls);
    }
  }
  const { schema, rowCount, time } = input;
  return { packed: { schema, rowCount, time, columns }, transfer: [...buffers] };
}

/** What the segment writer takes: ranks become places in the segment's own dictionaries. */
export function unpackInput(packed: PackedInput): SegmentInput {
  const columns = new Map<string, ColumnInput>();
  for (const [name, column] of packed.columns) columns.set(name, unpackColumn(column));
  return { ...packed, columns };
}

function unpackColumn(column: PackedColumn): ColumnInput {
  switch (column.type) {
    case 'hyperUnique':
      return unpackImages(column);
    case 'ranked':
      return { type: 'string', ...narrowTexts(column.texts, column.ids) };
    case 'rankedLists':
      return {
        type: 'strings',
        offsets: column.offsets,
        ...narrowLists(column.texts, column.ids),
      };
    default:
      return column;
  }
}

function packImages(images: readonly Uint8Array[]): Extract<PackedColumn, { type: 'hyperUnique' }> {
  const offsets = new Float64Array(images.length + 1);
  for (let row = 0; row < images.length; row++)
    offsets[row + 1] = offsets[row] + images[row].length;
  const bytes = new Uint8Array(offsets[images.length]);
  for (let row = 0; row < images.length; row++) bytes.set(images[row], offsets[row]);
  return { type: 'hyperUnique', offsets, bytes };
}

function unpackImages({
  offsets,
  bytes,
}: Extract<PackedColumn, { type: 'hyperUnique' }>): ColumnInput {
  const images = Array.from({ length: offsets.length - 1 }, (_, row) =>
    bytes.subarray(offsets[row], offsets[row + 1]),
  );
  return { type: 'hyperUnique', images };
}
