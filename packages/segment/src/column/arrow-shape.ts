/**
 * What a column looks like to Arrow, from its layout alone: the field of the schema, and which of our
 * blocks are the buffers of its dictionary batch and of the record batch. A buffer without a role is
 * one that Arrow's layout asks for and that holds nothing.
 */
import type { ArrowField } from '../arrow/metadata.ts';
import type { BlockRole, ColumnLayout } from '../format.ts';
import { indexBits } from '../typed-arrays.ts';

type Roles = readonly (BlockRole | null)[];

/** The buffers of a column in Arrow's order. */
interface ArrowShape {
  readonly field: ArrowField;
  readonly dictionary: Roles | null;
  readonly batch: Roles;
}

const arrowInteger = {
  int8: { type: 'int', bits: 8, signed: true },
  uint8: { type: 'int', bits: 8, signed: false },
  int16: { type: 'int', bits: 16, signed: true },
  uint16: { type: 'int', bits: 16, signed: false },
  int32: { type: 'int', bits: 32, signed: true },
  uint32: { type: 'int', bits: 32, signed: false },
  int64: { type: 'int', bits: 64, signed: true },
} as const;

const textDictionary: Roles = [null, 'dictionaryOffsets', 'dictionaryValues'];
const plainValues: Roles = ['validity', 'values'];

/** Describes a column. @param id number of its dictionary, if it has one */
export function arrowShape(name: string, layout: ColumnLayout, id: number): ArrowShape {
  const { type } = layout;
  const metadata = [['isotherm.type', type]] as const;
  const plain = { name, nullable: true, dictionary: null, metadata };
  switch (type) {
    case 'time':
      return {
        field: {
          name,
          nullable: false,
          type: { type: 'timestamp' },
          dictionary: { id, indexBits: indexBits(layout.distinctCount) },
          metadata,
        },
        dictionary: [null, 'dictionaryValues'],
        batch: [null, 'values'],
      };
    case 'string':
      return {
        field: { ...plain, ...textType(layout.dictionarySize, id) },
        dictionary: textDictionary,
        batch: plainValues,
      };
    case 'strings': {
      const text = textType(layout.dictionarySize, id);
      const item = { name: 'item', nullable: true, ...text, metadata: [] };
      return {
        field: { ...plain, type: { type: 'list', item } },
        dictionary: textDictionary,
        batch: [null, 'offsets', 'itemValidity', 'values'],
      };
    }
    case 'long':
      return {
        field: { ...plain, type: arrowInteger[layout.width] },
        dictionary: null,
        batch: plainValues,
      };
    case 'double':
    case 'float':
      return {
        field: { ...plain, type: { type: 'floating', bits: type === 'float' ? 32 : 64 } },
        dictionary: null,
        batch: plainValues,
      };
    case 'hyperUnique':
      return {
        field: { ...plain, type: { type: 'binary' } },
        dictionary: null,
        batch: ['validity', 'offsets', 'values'],
      };
  }
}

function textType(dictionarySize: number, id: number): Pick<ArrowField, 'type' | 'dictionary'> {
  return { type: { type: 'utf8' }, dictionary: { id, indexBits: indexBits(dictionarySize) } };
}
