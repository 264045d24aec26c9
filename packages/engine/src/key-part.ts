/**
 * One part of a group key: turns rows into small ids, and ids back into values of the type that
 * the dimension is asked for. Text and time bring their dictionary; numbers get ids in
 * number-part.ts; a missing column is one null.
 */
import type { Batch, IdArray } from '@isotherm/kernels';
import { lookUpIds, readIds, scratchIds } from '@isotherm/kernels';
import { InvalidQueryError } from '@isotherm/errors';
import { type DimensionSpec, type PartialColumn, TextDictionary } from '@isotherm/query';
import type { MultiStringColumn, Segment, StringDictionary } from '@isotherm/segment';
import { parseDouble, parseExactLong } from './number-text.ts';
import { numberPart } from './number-part.ts';

/** A value in the type of the dimension: text, bigint for LONG, number for FLOAT and DOUBLE. */
export type DimensionValue = string | bigint | number | null;

/** How a dimension is answered. */
export type OutputType = DimensionSpec['outputType'];

/** A part of a group key. Different ids have different values. */
export interface KeyPart {
  /** Ids are below it. */
  readonly size: number;
  /** Ids of a batch into `ids`, shape [≥ batch.count]. Unused by a part with `lists`. */
  read(batch: Batch, ids: Uint32Array): void;
  readonly lists: KeyLists | null;
  /** Given where ids lie in a column as they are, or are looked up in a table: `read` without a copy. */
  readonly column?: { readonly ids: IdArray; readonly remap: Uint32Array | null };
  readonly valueOf: (id: number) => DimensionValue;
}

/** Rows that hold lists: each value is a group of its own. */
export interface KeyLists {
  readonly column: MultiStringColumn;
  /** Id of a row without values, among those that `remap` reads. */
  readonly emptyId: number;
  /** From dictionary ids to ids of the part; null where they are the same. */
  readonly remap: Uint32Array | null;
}

/**
 * The part of a dimension.
 *
 * @throws InvalidQueryError for a column of sketches
 */
export function dimensionPart(spec: DimensionSpec, segment: Segment): KeyPart {
  const column = segment.column(spec.dimension);
  if (column === null) return nullPart;
  switch (column.type) {
    case 'string': {
      const { dictionary } = column;
      const { size, remap, valueOf } = textValues(dictionary, spec.outputType);
      return dictionaryPart({ size, ids: column.ids, remap, valueOf });
    }
    case 'strings': {
      const emptyId = column.dictionary.size;
      // Null is an entry of its own, so that a row without values has an id whatever the dictionary.
      const { size, remap, valueOf } = textValues(
        withNullAtEnd(column.dictionary),
        spec.outputType,
      );
      return { size, read: () => undefined, lists: { column, emptyId, remap }, valueOf };
    }
    case 'time': {
      const values = Array.from(column.distinct, (ms) => timeValue(ms, spec.outputType));
      return dictionaryPart({ ids: column.ids, ...merged(values) });
    }
    case 'long':
    case 'float':
    case 'double':
      return numberPart(column, spec, segment);
    case 'hyperUnique':
      throw new InvalidQueryError(
        `Dimension "${spec.dimension}" holds sketches, which cannot be grouped by. ` +
          'Use the aggregator "hyperUnique" for it.',
        { details: { column: spec.dimension } },
      );
  }
}

/** The part of the time bucket: an id a bucket. */
export function bucketPart(bucketOf: Uint32Array, bucketCount: number, timeIds: IdArray): KeyPart {
  const valueOf = (id: number): number => id;
  return dictionaryPart({ size: bucketCount, ids: timeIds, remap: bucketOf, valueOf });
}

const nullPart: KeyPart = {
  size: 1,
  read: (batch, ids) => void ids.fill(0, 0, batch.count),
  lists: null,
  valueOf: () => null,
};

function dictionaryPart(part: {
  readonly size: number;
  readonly ids: IdArray;
  readonly remap: Uint32Array | null;
  readonly valueOf: (id: number) => DimensionValue;
}): KeyPart {
  const { remap } = part;
  return {
    size: part.size,
    read(batch, ids) {
      readIds(part.ids, batch, ids);
      if (remap !== null) lookUpIds(ids, batch.count, remap, ids);
    },
    lists: null,
    column: part,
    valueOf: part.valueOf,
  };
}

interface EntryValues {
  readonly size: number;
  readonly remap: Uint32Array | null;
  readonly valueOf: (id: number) => DimensionValue;
}

type Entries = Pick<StringDictionary, 'size' | 'valueAt'>;

function withNullAtEnd(dictionary: StringDictionary): Entries & { readonly hasTwoNulls: boolean } {
  const { size } = dictionary;
  return {
    size: size + 1,
    valueAt: (id) => (id < size ? dictionary.valueAt(id) : null),
    hasTwoNulls: dictionary.hasNull,
  };
}

function textValues(
  entries: Entries & { readonly hasTwoNulls?: boolean },
  outputType: OutputType,
): EntryValues {
  if (outputType === 'STRING') {
    if (entries.hasTwoNulls !== true) {
      return { size: entries.size, remap: null, valueOf: (id) => entries.valueAt(id) };
    }
    // The null at the end means the same as entry 0.
    const remap = scratchIds(entries.size);
    for (let id = 0; id < entries.size; id++) remap[id] = id;
    remap[entries.size - 1] = 0;
    return { size: entries.size, remap, valueOf: (id) => entries.valueAt(id) };
  }
  const parse = outputType === 'LONG' ? parseExactLong : parseDouble;
  const values: DimensionValue[] = [];
  for (let id = 0; id < entries.size; id++) {
    const text = entries.valueAt(id);
    const value = text === null ? null : parse(text);
    values.push(outputType === 'FLOAT' && value !== null ? Math.fround(Number(value)) : value);
  }
  return merged(values);
}

function timeValue(ms: number, outputType: OutputType): DimensionValue {
  switch (outputType) {
    case 'STRING':
      return String(ms);
    case 'LONG':
      return BigInt(ms);
    case 'FLOAT':
      return Math.fround(ms);
    case 'DOUBLE':
      return ms;
  }
}

/** Gives entries with equal values one id. */
function merged(values: readonly DimensionValue[]): EntryValues {
  const idOf = new Map<DimensionValue, number>();
  const remap = scratchIds(values.length);
  for (const [entry, value] of values.entries()) {
    // A map tells not-a-number and both zeros as numbers should be told.
    const id = idOf.get(value) ?? idOf.size;
    idOf.set(value, id);
    remap[entry] = id;
  }
  const distinct = [...idOf.keys()];
  return { size: distinct.length, remap, valueOf: (id) => distinct[id] ?? null };
}

/** A partial column of the values of ids. */
export function dimensionColumn(
  part: Pick<KeyPart, 'size' | 'valueOf'>,
  outputType: OutputType,
  ids: Float64Array,
): PartialColumn {
  if (outputType === 'STRING') return textColumn(part, ids);
  const nulls = new Uint8Array(ids.length);
  const longs = new BigInt64Array(outputType === 'LONG' ? ids.length : 0);
  const doubles = new Float64Array(outputType === 'LONG' ? 0 : ids.length);
  for (const [row, id] of ids.entries()) {
    const value = part.valueOf(id);
    if (value === null) nulls[row] = 1;
    else if (typeof value === 'bigint') longs[row] = value;
    else doubles[row] = Number(value);
  }
  const someNulls = nulls.includes(1) ? nulls : null;
  if (outputType === 'LONG') return { type: 'long', values: longs, nulls: someNulls };
  const type = outputType === 'FLOAT' ? 'float' : 'double';
  return { type, values: doubles, nulls: someNulls };
}

function textColumn(part: Pick<KeyPart, 'size' | 'valueOf'>, ids: Float64Array): PartialColumn {
  const dictionary: (string | null)[] = [];
  // Place + 1 of each id, by array where that is not much larger than the answer.
  const known =
    part.size <= ids.length * 16 + 1024 ? scratchIds(part.size) : new Map<number, number>();
  const places = new Uint32Array(ids.length);
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row];
    let place = (known instanceof Map ? known.get(id) : known[id]) ?? 0;
    if (place === 0) {
      const value = part.valueOf(id);
      place = dictionary.push(value === null ? null : String(value));
      if (known instanceof Map) known.set(id, place);
      else known[id] = place;
    }
    places[row] = place - 1;
  }
  return { type: 'string', dictionary: TextDictionary.fromTexts(dictionary), ids: places };
}
